"""Live through business days of an insurer by the ordinary services, then prove the books."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.invariants import prove, report
from config.simulation.activities import ACTIVITIES
from config.simulation.engine import live
from config.simulation.plan import Plan
from contracts.models import Contract
from core.models import BusinessClock


def _month(text: str) -> date:
    day = date.fromisoformat(text)
    if day.day != 1:
        raise argparse.ArgumentTypeError("The first day of a month, such as 2025-11-01.")
    return day


class Command(BaseCommand):
    """Simulate; the same plan gives the same life, an interrupted one is resumed."""

    help = __doc__ or ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the plan."""
        parser.add_argument("--contracts", type=int, default=5000, help="contracts to sell, about")
        parser.add_argument("--months", type=int, default=12, help="calendar months to live")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--start", type=_month, default=date(2025, 11, 1))
        parser.add_argument(
            "--resume", action="store_true", help="go on with an interrupted run of the same plan"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Live, then check every invariant.

        Raises:
            CommandError: there is other data, or an invariant is broken.
        """
        plan = Plan(options["contracts"], options["months"], options["seed"], options["start"])
        if BusinessClock.objects.exists() and not options["resume"]:
            raise CommandError(
                "This database has a business date already. Use --resume to go on with the same"
                " plan, or an empty database."
            )
        with tqdm(total=len(plan.days), unit="day", dynamic_ncols=True, mininterval=0.5) as bar:
            for progress in live(plan, ACTIVITIES):
                bar.update(progress.number - bar.n)
                if progress.day.day % 7 == 0:
                    bar.set_postfix_str(
                        f"{progress.day} contracts={Contract.objects.count():,}", refresh=False
                    )
        findings, seconds = prove()
        self.stdout.write(report(findings, seconds))
        if any(f.breaches for f in findings):
            raise CommandError("An invariant is broken.")
