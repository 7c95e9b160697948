"""Commission plans and the regimes of law, by contract cohort."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.columns import Days, Ints, Keys
from core.errors import NotFound
from sales import rules
from sales.models import CommissionPlan

_REGIMES = Path(__file__).resolve().parent.parent / "data" / "regimes.json"
_FAR = date(9999, 12, 31)


@cache
def _kept() -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(_REGIMES.read_text(encoding="utf-8")))


@cache
def regimes() -> tuple[rules.Regime, ...]:
    """Return the regimes of law, the earliest first."""
    found = [rules.regime_of(value) for value in _kept()]
    return tuple(sorted(found, key=lambda regime: regime.starts))


def regime_words(code: str) -> tuple[str, str]:
    """Return a regime's title in the reader's language, and its source."""
    value = next((one for one in _kept() if one["code"] == code), None)
    if value is None:
        return code, ""
    language = (get_language() or "ko")[:2]
    return value["title"].get(language, value["title"]["ko"]), value["source"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a figure of a regime comes from.

    Args:
        figure: its name in the data.
        value: as the data has it.
        source: where it was read.
        state: STATUTE (read in the regulation), PRESS, or WEAK (one unofficial source).
    """

    figure: str
    value: Any
    source: str
    state: str


def evidence(code: str) -> list[Evidence]:
    """Return where each figure of a regime comes from and whether the regulation confirms it."""
    value = next((one for one in _kept() if one["code"] == code), {})
    return [
        Evidence(one["figure"], value.get(one["figure"]), one["source"], one["state"])
        for one in value.get("evidence", [])
    ]


def regime_on(day: date) -> rules.Regime | None:
    """Return the regime of contracts concluded on a day, None before the first one."""
    found = [one for one in regimes() if one.starts <= day]
    return found[-1] if found else None


def caps(contract_date: Days, channel: Keys) -> Ints:
    """Return each contract's cap of the first year, hundredths of a premium; −1 without one.

    Args:
        contract_date: (n,) datetime64[D].
        channel: (n,) of the seller.
    """
    out = np.full(len(contract_date), -1, np.int64)
    for regime in regimes():
        start = np.datetime64(regime.starts, "D")
        end = np.datetime64(regime.ends or _FAR, "D")
        inside = (contract_date >= start) & (contract_date < end)
        for name in np.unique(channel[inside].astype(str)):
            if regime.counted(str(name)):
                out[inside & (channel == name)] = regime.multiple(str(name))
    return out


@dataclass(frozen=True, slots=True, eq=False)
class ActivePlan:
    """A plan in use: its contract dates are [starts, ends)."""

    plan_id: str
    starts: date
    ends: date
    regime: rules.Regime
    scheme: rules.Scheme


def active(product_codes: Iterable[str]) -> dict[str, list[ActivePlan]]:
    """Return the active plans of products, by product."""
    rows = CommissionPlan.objects.filter(
        status=CommissionPlan.Status.ACTIVE, product_id__in=list(product_codes)
    ).only("plan_id", "product_id", "period", "regime", "value")
    found: dict[str, list[ActivePlan]] = {}
    for row in rows:
        found.setdefault(row.product_id, []).append(_plan(row))
    return found


def _plan(row: CommissionPlan) -> ActivePlan:
    return ActivePlan(
        plan_id=row.plan_id,
        starts=row.period.lower,
        ends=row.period.upper or _FAR,
        regime=next(one for one in regimes() if one.code == row.regime),
        scheme=_scheme(row.plan_id, json.dumps(row.value, sort_keys=True)),
    )


@lru_cache(maxsize=256)
def _scheme(plan_id: str, value: str) -> rules.Scheme:
    return rules.scheme_of(json.loads(value))


def plan_list() -> QuerySet[CommissionPlan]:
    """Return all plans, the newest cohort first."""
    return CommissionPlan.objects.select_related("product").order_by(
        "product_id", "-period", "-version"
    )


def plan(plan_id: str) -> CommissionPlan:
    """Return one plan.

    Raises:
        NotFound: there is none.
    """
    found = plan_list().filter(plan_id=plan_id).first()
    if found is None:
        raise NotFound(_("There is no commission plan %s.") % plan_id)
    return found


def before(row: CommissionPlan) -> CommissionPlan | None:
    """Return the plan that a plan follows: the version before it of the same product."""
    earlier = plan_list().filter(product_id=row.product_id, version__lt=row.version)
    return earlier.order_by("-version").first()
