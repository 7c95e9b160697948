"""Open the sandbox: reference data and the business date, once; never on live books."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate

from core.clock import advance
from core.models import BusinessClock
from partners.models import Installation


class Command(BaseCommand):
    """Load what an insurer needs before its first contract, and set the business date."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it.

        Raises:
            CommandError: the process or the database keeps live books.
        """
        if settings.PARTNER_MODE != "sandbox":
            raise CommandError("Set PARTNER_MODE=sandbox and a DATABASE_URL of its own.")
        found, _made = Installation.objects.get_or_create(id=1, defaults={"mode": "sandbox"})
        if found.mode != "sandbox":
            raise CommandError("This database keeps live books.")
        if not BusinessClock.objects.exists():
            advance(localdate())
        for command in ("load_products", "load_accounting", "load_treaties"):
            call_command(command, verbosity=0)
        self.stdout.write("The sandbox is open.")
