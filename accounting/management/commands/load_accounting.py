"""Load the chart of accounts, the posting rules and the measurement assumptions."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounting.services import loading


class Command(BaseCommand):
    """Load what is shipped; running it again changes nothing."""

    help = "Load the shipped chart of accounts, posting rules and measurement assumptions."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how much was added."""
        for what, count in loading.load().items():
            self.stdout.write(f"{what}: {count} added")
