"""Measure all groups at a month end, keep the facts, and announce what the ledger must move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounting.events import GroupsMeasured, YearsClosed
from accounting.models import (
    AssumptionSet,
    ContractGroup,
    FiscalPeriod,
    MeasurementFact,
    MeasurementRun,
)
from accounting.rules import assumptions, measurement
from accounting.rules.measurement import Cash, Measured, Opening, Present, Steps, Won
from accounting.selectors import balances, book
from contracts.events import ContractsEnded
from core.acting import current
from core.bulk import copy_rows, read_columns
from core.errors import DomainError
from core.events import publish

LRC = {"GMM": ("2110", "2120", "2130", "2140"), "PAA": ("2150", "2160", "2140")}
_CLOSINGS = {
    "pvfcf": ("PVFCF", "CLOSING"),
    "csm": ("CSM", "CLOSING"),
    "lc": ("LC", "CLOSING"),
    "acq": ("ACQ", "CLOSING"),
    "upr": ("UPR", "CLOSING"),
    "ibnr": ("IBNR", "CLOSING"),
    "outflows": ("EXPECTED", "OUTFLOWS"),
    "services": ("EXPECTED", "SERVICES"),
    "claims": ("EXPECTED", "CLAIMS"),
    "units": ("EXPECTED", "UNITS"),
}
T = TypeVar("T")
Facts = Mapping[tuple[str, str, str], int]
"""(group, component, step) → won."""


class NoAssumptions(DomainError):
    """No checked assumptions are in force at the month end."""


class LedgerDiffers(DomainError):
    """After posting, the ledger's liability is not the measured one."""


@transaction.atomic
def measure(period: FiscalPeriod) -> MeasurementRun | None:
    """Measure all groups at the end of an open period and post what follows.

    Returns:
        The run; None while there is no group of contracts.

    Raises:
        NoAssumptions: nothing is in force at the month end.
        LedgerDiffers: the ledger does not come out at the measured liability.
    """
    groups = list(ContractGroup.objects.order_by("group_code"))
    if not groups:
        return None
    chosen = AssumptionSet.objects.filter(status="ACTIVE", period__contains=period.ends_on).first()
    if chosen is None:
        raise NoAssumptions(
            _("No assumptions are in force at %(day)s: draft a set and have it checked.")
            % {"day": period.ends_on}
        )
    assumed = assumptions.read(chosen.values)
    last = _last_run(period)
    known = dict(last.assumptions["rates"]) if last else {}
    rates = {g.pk: known.get(g.pk, assumed.rate(g.cohort_year)) for g in groups}
    codes = [g.pk for g in groups]
    valued = book.value(period.ends_on, codes, rates, assumed)
    facts_before = _facts(last)
    opening = _opening(codes, facts_before)
    cash = _cash(period, codes)
    ibnr, month_claims = _ibnr(period, groups, opening, valued.present, assumed)
    measured = _by_model(groups, opening, cash, valued.present, ibnr)
    measured.facts["EXPECTED"]["MONTH_CLAIMS"] = month_claims
    measured.facts["EXPECTED"]["CONTRACTS"] = valued.contracts
    event = GroupsMeasured.of(
        business_date=period.ends_on,
        rows=[
            {
                "group_code": g.pk,
                "measurement": g.measurement,
                **{name: int(values[row]) for name, values in measured.movements.items()},
            }
            for row, g in enumerate(groups)
        ],
    )
    run = MeasurementRun.objects.create(
        period=period,
        number=MeasurementRun.objects.filter(period=period).count() + 1,
        assumptions={
            "set": chosen.version,
            "values": chosen.values,
            "rates": rates,
            "cells": valued.cells,
            "contracts": int(valued.contracts.sum()),
        },
        made_by=current().actor,
        event_id=event.event_id,
    )
    _keep(run, codes, measured)
    publish(event)
    _tie(period, groups, measured)
    return run


def _by_model(
    groups: list[ContractGroup], opening: Opening, cash: Cash, now: Present, ibnr: Won
) -> Measured:
    """Measure GMM and PAA groups each by their model and put them together in order."""
    facts: dict[str, Steps] = {}
    movements: Steps = {}
    n = len(groups)
    for model, engine in (("GMM", measurement.gmm), ("PAA", measurement.paa)):
        here = np.flatnonzero([g.measurement == model for g in groups])
        if not len(here):
            continue
        part = engine(_cut(opening, here), _cut(cash, here), _cut(now, here), ibnr[here])
        for component, steps in part.facts.items():
            for step, values in steps.items():
                into = facts.setdefault(component, {}).setdefault(step, np.zeros(n, np.int64))
                into[here] = values
        for name, values in part.movements.items():
            movements.setdefault(name, np.zeros(n, np.int64))[here] = values
    return Measured(facts, movements)


def _cut(columns: T, rows: NDArray[np.int64]) -> T:
    """Return the rows of a dataclass of arrays (or of such dataclasses)."""
    parts = {}
    for field in fields(columns):  # type: ignore[arg-type]
        value = getattr(columns, field.name)
        parts[field.name] = value[rows] if isinstance(value, np.ndarray) else _cut(value, rows)
    return type(columns)(**parts)


def _last_run(period: FiscalPeriod) -> MeasurementRun | None:
    runs = MeasurementRun.objects.filter(period__period__lt=period.pk)
    return runs.order_by("-period", "-number").first()


def _facts(run: MeasurementRun | None) -> Facts:
    if run is None:
        return {}
    rows = run.facts.values_list("group_id", "component", "step", "amount")
    return {(group, component, step): int(amount) for group, component, step, amount in rows}


def _opening(codes: list[str], facts: Facts) -> Opening:
    return Opening(
        **{
            name: np.array([facts.get((code, *where), 0) for code in codes], np.int64)
            for name, where in _CLOSINGS.items()
        }
    )


def _cash(period: FiscalPeriod, codes: list[str]) -> Cash:
    """Read from the ledger what was booked on the liability for remaining coverage."""
    found = read_columns(
        """
        SELECT l.group_code, CASE WHEN l.account_code IN ('2120', '2160') THEN 'acquisition'
                WHEN e.event_name = %(ended)s THEN 'refunds' ELSE 'premiums' END,
            sum(l.credit_amount - l.debit_amount)::bigint
        FROM general_ledger l JOIN journal_entries e ON e.entry_id = l.entry_id
        WHERE l.transaction_date BETWEEN %(start)s AND %(end)s
            AND l.account_code IN ('2110', '2120', '2130', '2140', '2150', '2160')
            AND e.event_name NOT IN (%(measured)s, %(carried)s)
        GROUP BY 1, 2
        """,
        {
            "start": period.starts_on,
            "end": period.ends_on,
            "ended": ContractsEnded.name,
            "measured": GroupsMeasured.name,
            "carried": YearsClosed.name,
        },
        group="keys",
        kind="keys",
        amount="won",
    )
    rows = zip(*(column.tolist() for column in found.values()), strict=True)
    booked = {(group, kind): int(amount) for group, kind, amount in rows}

    def column(kind: str, sign: int) -> Won:
        return np.array([sign * booked.get((code, kind), 0) for code in codes], np.int64)

    return Cash(
        premiums=column("premiums", 1),
        acquisition=column("acquisition", -1),
        refunds=column("refunds", -1),
    )


def _ibnr(
    period: FiscalPeriod,
    groups: list[ContractGroup],
    opening: Opening,
    now: Present,
    assumed: assumptions.Assumptions,
) -> tuple[Won, Won]:
    """Estimate IBNR; return it and the claims expected in this month."""
    codes = [g.pk for g in groups]
    current_month = opening.claims + np.rint(now.first.claims).astype(np.int64)
    delays = [assumed.line(g.line).reported for g in groups]
    months = max(len(d) for d in delays)
    runs = MeasurementRun.objects.filter(period__period__lt=period.pk).order_by("-period")
    rows = MeasurementFact.objects.filter(
        run__in=list(runs[: months - 1]), component="EXPECTED", step="MONTH_CLAIMS"
    ).values_list("run__period_id", "group_id", "amount")
    history: dict[str, dict[str, int]] = {}
    for name, group, amount in rows:
        history.setdefault(name, {})[group] = int(amount)
    claims = np.zeros((months, len(codes)))
    claims[0] = current_month
    for back, name in enumerate(sorted(history, reverse=True), 1):
        claims[back] = [history[name].get(code, 0) for code in codes]
    reported = np.ones((months, len(codes)))
    for number, delay in enumerate(delays):
        reported[: len(delay), number] = delay
    return measurement.ibnr(claims, reported), current_month


def _keep(run: MeasurementRun, codes: list[str], measured: Measured) -> None:
    rows = [
        (code, component, step, int(values[number]))
        for component, steps in measured.facts.items()
        for step, values in steps.items()
        for number, code in enumerate(codes)
    ]
    group, component, step, amount = (list(column) for column in zip(*rows, strict=True))
    copy_rows(
        MeasurementFact,
        {
            "run": run.pk,
            "group": group,
            "component": component,
            "step": step,
            "amount": np.array(amount, np.int64),
        },
    )


def _tie(period: FiscalPeriod, groups: list[ContractGroup], measured: Measured) -> None:
    """Compare the ledger's LRC of every group with the measured one, to the won."""
    held = balances.closing_at(period.ends_on)
    for number, group in enumerate(groups):
        booked = -sum(held.get((code, group.pk), 0) for code in LRC[group.measurement])
        wanted = int(measured.facts["LRC"]["CLOSING"][number])
        if booked != wanted:
            raise LedgerDiffers(
                _(
                    "%(group)s: the ledger's liability for remaining coverage is %(booked)s won,"
                    " the measured one %(wanted)s won. Someone posted it by another way than its"
                    " events."
                )
                % {"group": group, "booked": f"{booked:,}", "wanted": f"{wanted:,}"}
            )
