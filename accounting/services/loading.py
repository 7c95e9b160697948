"""The shipped chart, rules and assumptions, loaded by two system users: one makes, one checks."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from accounting.models import Account, AssumptionSet, PostingRule, YieldCurve
from accounting.services import assumptions, curves, rulebook
from core.acting import acting
from core.errors import DomainError

DATA = Path(__file__).resolve().parent.parent / "data"
MAKER = "system:accounting-maker"
CHECKER = "system:accounting-checker"


class ShippedRuleChanged(DomainError):
    """A shipped rule was changed without a new version."""


@transaction.atomic
def load() -> dict[str, int]:
    """Load what is shipped and not there yet; running it again changes nothing.

    Accounts that an installation renamed keep their names; rules that it replaced by own versions
    stay replaced.

    Returns:
        How many accounts, rules, assumption sets and curves were added.

    Raises:
        ShippedRuleChanged: a rule of the same version has other content.
    """
    return {
        "accounts": _accounts(),
        "rules": _rules(),
        "assumptions": _assumptions(),
        "curves": _curves(),
    }


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def _accounts() -> int:
    have = set(Account.objects.values_list("account_code", flat=True))
    new = [
        Account(
            account_code=row["code"],
            account_name=row["name"],
            name_en=row["name_en"],
            account_type=row["type"],
            statement_line=row["line"],
            is_ifrs17_relevant=row["ifrs17"],
            is_memorandum=row["memorandum"],
            is_control=row["control"],
            position=position,
        )
        for position, row in enumerate(_read("chart.json"), 1)
        if row["code"] not in have
    ]
    with acting(MAKER, cause="load_accounting"):
        Account.objects.bulk_create(new)
    return len(new)


def _rules() -> int:
    have = {(r.rule_code, r.version): r for r in PostingRule.objects.all()}
    added = 0
    for row in _read("posting_rules.json"):
        old = have.get((row["code"], row["version"]))
        if old is not None:
            if (old.event_name, old.keys, old.lines) != (row["event"], row["keys"], row["lines"]):
                raise ShippedRuleChanged(f"{old} differs from what is shipped: give it a version.")
            continue
        if any(code == row["code"] and version > row["version"] for code, version in have):
            continue
        start = date.fromisoformat(row["start"])
        with acting(MAKER, cause="load_accounting"):
            draft = rulebook.draft_rule(
                rulebook.RuleDraft(
                    code=row["code"],
                    event_name=row["event"],
                    description=row["description"],
                    description_en=row["description_en"],
                    keys=row["keys"],
                    lines=row["lines"],
                    start=start,
                )
            )
        with acting(CHECKER, cause="load_accounting"):
            rulebook.activate_rule(draft.pk, business_date=start)
        added += 1
    return added


def _assumptions() -> int:
    have = set(AssumptionSet.objects.values_list("version", flat=True))
    added = 0
    for row in _read("assumptions.json"):
        if row["version"] in have:
            continue
        with acting(MAKER, cause="load_accounting"):
            made = assumptions.draft(
                values=row["values"],
                start=date.fromisoformat(row["start"]),
                note=row["note"],
                provenance=row["provenance"],
            )
        with acting(CHECKER, cause="load_accounting"):
            assumptions.activate(made.pk)
        added += 1
    return added


def _curves() -> int:
    have = set(YieldCurve.objects.filter(status="ACTIVE").values_list("base_date", flat=True))
    added = 0
    for row in _read("curves.json"):
        day = date.fromisoformat(row["base_date"])
        if day in have:
            continue
        given = curves.CurveDraft(
            base_date=day,
            tenors=[Decimal(t) for t in row["tenors"]],
            yields=[Decimal(y) for y in row["yields"]],
            ltfr=Decimal(row["ltfr"]),
            last_liquid_point=Decimal(row["last_liquid_point"]),
            convergence_point=Decimal(row["convergence_point"]),
            liquidity_premium=Decimal(row["liquidity_premium"]),
            coupons_per_year=row["coupons_per_year"],
            first_alpha=Decimal(row["first_alpha"]),
            tolerance=Decimal(row["tolerance"]),
            lowest_alpha=Decimal(row["lowest_alpha"]),
            provenance=row["provenance"],
        )
        with acting(MAKER, cause="load_accounting"):
            made = curves.draft(given)
        with acting(CHECKER, cause="load_accounting"):
            curves.activate(made.pk)
        added += 1
    return added
