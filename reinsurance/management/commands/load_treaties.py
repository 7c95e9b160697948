"""``manage.py load_treaties``: the reinsurance programme that ships, drafted and signed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.acting import acting
from core.clock import business_date
from reinsurance import services
from reinsurance.models import Treaty

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "treaties.json"
MAKER, CHECKER = "system:treaty-drafter", "system:treaty-signer"
_AMOUNTS = (
    "cession_percent",
    "commission_percent",
    "retention",
    "layer_limit",
    "aggregate_limit",
    "premium_percent",
    "surplus_lines",
    "profit_percent",
    "profit_expense_percent",
    "layer_premium",
    "deposit_premium",
    "minimum_premium",
)


def load(path: Path = SHIPPED, *, first_year: int, years: int = 1) -> list[str]:
    """Draft and sign the treaties of a file for each year; those that are signed stay as they are.

    Args:
        path: JSON list of treaties without codes' years and periods.
        first_year: calendar year of the first losses covered.
        years: how many years; each has its own treaties.

    Returns:
        The codes that were signed now.
    """
    terms = json.loads(path.read_text(encoding="utf-8"))
    signed = []
    for year in range(first_year, first_year + years):
        drafts = [_draft_of(row, year) for row in terms]
        known = Treaty.objects.exclude(status="DRAFT").filter(
            pk__in=[draft.treaty_code for draft in drafts]
        )
        done = set(known.values_list("pk", flat=True))
        for draft in drafts:
            if draft.treaty_code in done:
                continue
            with acting(MAKER, cause="load_treaties"):
                services.draft(draft)
            with acting(CHECKER, cause="load_treaties"):
                services.sign(draft.treaty_code)
            signed.append(draft.treaty_code)
    return signed


def _draft_of(row: dict[str, Any], year: int) -> services.Draft:
    return services.Draft(
        treaty_code=f"{row['code']}-{year}",
        treaty_name=f"{year} {row['name']}",
        kind=row["kind"],
        reinsurer_name=row["reinsurer"],
        line=row["line"],
        start=date(year, 1, 1),
        end=date(year + 1, 1, 1),
        position=row.get("position", 1),
        net_premium_base=row.get("net_premium_base", False),
        scale=tuple((Decimal(r), Decimal(c)) for r, c in row.get("scale", ())),
        reinstatements=tuple(Decimal(percent) for percent in row.get("reinstatements", ())),
        reinstatement_time=row.get("reinstatement_time", False),
        hours=row.get("hours", 0),
        panel=tuple((name, Decimal(percent)) for name, percent in row.get("panel", ())),
        deposit_instalments=row.get("deposit_instalments", 0),
        **{name: Decimal(row.get(name, 0)) for name in _AMOUNTS},
    )


class Command(BaseCommand):
    """Sign the shipped treaties; may be run again."""

    help = "Draft and sign the reinsurance treaties that ship, year by year."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the years."""
        parser.add_argument("--file", type=Path, default=SHIPPED)
        parser.add_argument("--year", type=int, help="first year of losses; the business year")
        parser.add_argument("--years", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what was signed."""
        year = options["year"] or business_date().year
        signed = load(options["file"], first_year=year, years=options["years"])
        self.stdout.write(f"{len(signed)} treaties signed: {', '.join(signed) or '-'}")
