"""Make the demonstration's logins; only in demo mode."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from config import demo
from core.acting import acting


class Command(BaseCommand):
    """Make one login for each role and write their list beside the data."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them.

        Raises:
            CommandError: this is no demonstration.
        """
        if not settings.DEMO:
            raise CommandError("Demo logins exist in demo mode only: set MULGIL_DEMO=1.")
        with acting("set-up", "demonstration"):
            made = demo.make_people()
        with translation.override("ko"):
            (settings.VAR_DIR / "demo-logins.txt").write_text(demo.logins())
        self.stdout.write(f"{made} logins made.")
