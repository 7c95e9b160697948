"""Load what is shipped: chart of accounts, posting rules, assumptions, yield curves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounting.services import loading


class Command(BaseCommand):
    """Load what is shipped; running it again changes nothing."""

    help = "Load the shipped chart of accounts, posting rules, assumptions and yield curves."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how much was added."""
        for what, count in loading.load().items():
            self.stdout.write(f"{what}: {count} added")
