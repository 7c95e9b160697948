"""Load the shipped commission plans of products that are sold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.clock import business_date
from sales.services import shipped


class Command(BaseCommand):
    """Load what is shipped; running it again changes nothing."""

    help = "Load the shipped commission plans, by product and contract cohort."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many plans were added."""
        self.stdout.write(f"plans: {shipped.load(business_date=business_date())} added")
