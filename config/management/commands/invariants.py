"""Check that nothing happened that must never happen."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.invariants import prove, report


class Command(BaseCommand):
    """Print the invariant report; exit with an error if one is broken."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report."""
        findings, seconds = prove()
        self.stdout.write(report(findings, seconds))
        if any(f.breaches for f in findings):
            raise CommandError("An invariant is broken.")
