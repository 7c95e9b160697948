"""Everything that a measurement of a month end is calculated from, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounting.events import LiabilitiesMeasured, YearsClosed
from accounting.models import (
    AssumptionSet,
    ContractGroup,
    FiscalPeriod,
    MeasurementFact,
    MeasurementRun,
    YieldCurve,
)
from accounting.rules import archive, assumptions, triangles
from accounting.rules.locked import FLAT, Recognised
from accounting.rules.monthly import Cash, Fact, Opening, opening_of
from accounting.selectors import balances, book, curves, held, members
from accounting.selectors.book import Group
from accounting.selectors.held import HeldInputs
from claims import api as claims
from contracts.events import ContractsEnded, SurrenderValuesPaid
from core.bulk import read_columns

Locks = dict[str, list[Recognised]]
ENGINE = "2026.12.3"
"""Version of the calculation; it changes whenever a result may."""
COVERAGE = ("2110", "2120", "2130", "2140", "2150", "2160", "2170")
CASE = "2210"


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What a run is calculated from.

    Args:
        period: ``YYYY-MM``.
        day: the month end.
        groups: all groups in the order of every array.
        rates: group → annual rate for contracts that were recognised without a curve.
        locks: group → what joined it on which curve.
        known: the same as the run before knew it.
        curves: version → what the curve of a lock is drawn from.
        version: of the set of assumptions.
        values: its values.
        curve: what the discount curve is drawn from.
        opening: balances and expectations of the run before.
        cash: what the ledger booked in the month.
        case: (groups,) case reserves at the month end, won.
        claims: (months, groups) claims expected in the months before this one, latest first.
        contracts: columns of the contracts.
        seen: how claims developed: line, origin (number of its month), month, amount (reported).
        held: reinsurance contracts held.
    """

    period: str
    day: date
    groups: list[Group]
    rates: dict[str, float]
    locks: Locks
    known: Locks
    curves: dict[int, dict[str, Any]]
    version: int
    values: dict[str, Any]
    curve: dict[str, Any]
    opening: Opening
    cash: Cash
    case: NDArray[np.int64]
    claims: NDArray[np.int64]
    contracts: Mapping[str, NDArray[Any]]
    seen: Mapping[str, NDArray[Any]]
    held: HeldInputs

    @property
    def codes(self) -> list[str]:
        """Codes of the groups."""
        return [group[0] for group in self.groups]


_OPENING = [
    "locked",
    "current",
    "csm",
    "lc",
    "acq",
    "upr",
    "ibnr",
    "discount",
    "risk_incurred",
    "case",
    "cost",
    "unwind",
    "discount_locked",
    "coming",
]
_SINCE = ("unwind", "discount_locked")
"""What older archives do not have."""
_CASH = ["premiums", "acquisition", "refunds"]


def gather(period: FiscalPeriod, chosen: AssumptionSet, curve: YieldCurve) -> Inputs:
    """Read what a run of a month is calculated from.

    Args:
        period: the month.
        chosen: the assumptions.
        curve: the yields of the month end.

    Raises:
        accounting.rules.assumptions.MissingPortfolio: a group's portfolio is not assumed.
    """
    groups: list[Group] = [
        (g.pk, g.line, g.cohort_year, g.measurement)
        for g in ContractGroup.objects.filter(kind="ISSUED").order_by("group_code")
    ]
    codes = [group[0] for group in groups]
    assumptions.require(chosen.values, {group[1] for group in groups})
    assumed = assumptions.read(chosen.values)
    last = last_posted(period)
    before = last.assumptions if last else {}
    flat = dict(before.get("flat", before.get("rates", {})))
    locks = members.recognised(period.ends_on)
    facts = _facts(last)
    case = balances.closing_at(period.ends_on)
    return Inputs(
        period=period.pk,
        day=period.ends_on,
        groups=groups,
        rates={g[0]: flat.get(g[0], assumed.rate(g[2])) for g in groups},
        locks={code: locks.get(code, []) for code in codes},
        known={
            code: [Recognised(*part) for part in parts]
            for code, parts in before.get("locked", {}).items()
        },
        curves=_curves(locks),
        version=chosen.version,
        values=chosen.values,
        curve=curves.inputs(curve),
        opening=opening_of(codes, lambda group, fact: facts.get((group, fact), 0)),
        cash=_cash(period, codes),
        case=np.array([-case.get((CASE, code), 0) for code in codes], np.int64),
        claims=_claims(period, codes, triangles.MONTHS),
        contracts=book.columns_at(period.ends_on),
        seen=developed(period.ends_on),
        held=held.gather(period, last, facts, curve),
    )


def _curves(locks: Locks) -> dict[int, dict[str, Any]]:
    wanted = {part.curve for parts in locks.values() for part in parts} - {FLAT}
    found = YieldCurve.objects.filter(version__in=wanted).order_by("version")
    return {one.version: curves.inputs(one) for one in found}


def developed(day: date, amount: str = "reported") -> dict[str, NDArray[Any]]:
    """Return how claims developed by a day; ``amount``: reported or paid."""
    found = claims.developments(day)
    return {
        "line": found.line,
        "origin": found.origin.astype("datetime64[M]").astype(np.int64) + 12 * 1970,
        "month": found.month,
        "amount": getattr(found, amount),
    }


def last_posted(period: FiscalPeriod) -> MeasurementRun | None:
    """Return the run that the close of the last month before posted."""
    runs = MeasurementRun.objects.filter(period__period__lt=period.pk, event_id__isnull=False)
    return runs.order_by("-period").first()


def _facts(run: MeasurementRun | None) -> dict[tuple[str, Fact], int]:
    if run is None:
        return {}
    rows = run.facts.filter(step__in=["CLOSING", "COMING"]).values_list(
        "group_id", "estimate", "amount_type", "basis", "step", "amount"
    )
    return {(group, Fact(*fact)): int(amount) for group, *fact, amount in rows}


def _cash(period: FiscalPeriod, codes: list[str]) -> Cash:
    """Read from the ledger what was booked on the liability for remaining coverage."""
    found = read_columns(
        """
        SELECT l.group_code, CASE WHEN l.account_code IN ('2120', '2160') THEN 'acquisition'
                WHEN e.event_name = ANY(%(ended)s) THEN 'refunds' ELSE 'premiums' END,
            sum(l.credit_amount - l.debit_amount)::bigint
        FROM general_ledger l JOIN journal_entries e ON e.entry_id = l.entry_id
        WHERE l.transaction_date BETWEEN %(start)s AND %(end)s
            AND l.account_code = ANY(%(accounts)s)
            AND e.event_name NOT IN (%(measured)s, %(carried)s)
        GROUP BY 1, 2
        """,
        {
            "start": period.starts_on,
            "end": period.ends_on,
            "accounts": list(COVERAGE),
            "ended": [ContractsEnded.name, SurrenderValuesPaid.name],
            "measured": LiabilitiesMeasured.name,
            "carried": YearsClosed.name,
        },
        group="keys",
        kind="keys",
        amount="won",
    )
    rows = zip(*(column.tolist() for column in found.values()), strict=True)
    booked = {(group, kind): int(amount) for group, kind, amount in rows}

    def column(kind: str, sign: int) -> NDArray[np.int64]:
        return np.array([sign * booked.get((code, kind), 0) for code in codes], np.int64)

    return Cash(
        premiums=column("premiums", 1),
        acquisition=column("acquisition", -1),
        refunds=column("refunds", -1),
    )


def _claims(period: FiscalPeriod, codes: list[str], months: int) -> NDArray[np.int64]:
    """Return the claims expected in the months before, latest first, (months − 1, groups)."""
    runs = MeasurementRun.objects.filter(
        period__period__lt=period.pk, event_id__isnull=False
    ).order_by("-period")
    rows = MeasurementFact.objects.filter(
        run__in=list(runs[: months - 1]), estimate="EXPECTED", step="MONTH"
    ).values_list("run__period_id", "group_id", "amount")
    history: dict[str, dict[str, int]] = {}
    for name, group, amount in rows:
        history.setdefault(name, {})[group] = int(amount)
    found = np.zeros((months - 1, len(codes)), np.int64)
    for back, name in enumerate(sorted(history, reverse=True)):
        found[back] = [history[name].get(code, 0) for code in codes]
    return found


def pack(inputs: Inputs) -> bytes:
    """Return the inputs as canonical bytes."""
    document = {
        "engine": ENGINE,
        "period": inputs.period,
        "day": str(inputs.day),
        "groups": [list(group) for group in inputs.groups],
        "rates": inputs.rates,
        "locks": inputs.locks,
        "known": inputs.known,
        "curves": {str(version): given for version, given in inputs.curves.items()},
        "version": inputs.version,
        "values": inputs.values,
        "curve": inputs.curve,
        "held": held.document(inputs.held),
    }
    columns: dict[str, NDArray[Any]] = {"case": inputs.case, "claims": inputs.claims}
    columns |= {f"opening.{name}": getattr(inputs.opening, name) for name in _OPENING}
    columns |= {f"cash.{name}": getattr(inputs.cash, name) for name in _CASH}
    columns |= {f"contracts.{name}": column for name, column in inputs.contracts.items()}
    columns |= {f"seen.{name}": column for name, column in inputs.seen.items()}
    columns |= {f"held.{name}": column for name, column in held.columns(inputs.held).items()}
    return archive.pack(document, columns)


def unpack(raw: bytes) -> Inputs:
    """Return the inputs that ``pack`` kept."""
    document, columns = archive.unpack(raw)

    def of(part: str) -> dict[str, NDArray[Any]]:
        start = f"{part}."
        return {k.removeprefix(start): v for k, v in columns.items() if k.startswith(start)}

    opening = of("opening")
    since = dict.fromkeys(_SINCE, np.zeros_like(opening["cost"]))
    return Inputs(
        period=document["period"],
        day=date.fromisoformat(document["day"]),
        groups=[(a, b, int(c), d) for a, b, c, d in document["groups"]],
        rates=document["rates"],
        locks=_locks(document.get("locks", {})),
        known=_locks(document.get("known", {})),
        curves={int(version): given for version, given in document.get("curves", {}).items()},
        version=document["version"],
        values=document["values"],
        curve=document["curve"],
        opening=Opening(**since | opening),
        cash=Cash(**of("cash")),
        case=columns["case"],
        claims=columns["claims"],
        contracts=of("contracts"),
        seen=of("seen"),
        held=held.unpack(document["held"], of("held")) if "held" in document else held.NONE,
    )


def _locks(given: Mapping[str, Any]) -> Locks:
    return {code: [Recognised(*part) for part in parts] for code, parts in given.items()}
