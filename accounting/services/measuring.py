"""Measure all groups at a month end, keep inputs and facts, and let the close post what moved."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.events import LiabilitiesMeasured
from accounting.models import (
    AssumptionSet,
    ContractGroup,
    FiscalPeriod,
    MeasurementFact,
    MeasurementFlow,
    MeasurementInput,
    MeasurementRun,
    YieldCurve,
)
from accounting.rules import archive
from accounting.rules.flows import Kind
from accounting.rules.monthly import Facts
from accounting.selectors import calculation, curves, inputs, ties
from accounting.selectors.calculation import Outcome, Progress
from accounting.selectors.inputs import Inputs
from accounting.services import groups
from core.acting import current
from core.bulk import copy_rows
from core.errors import DomainError
from core.events import MAX_ROWS, publish

Purpose = MeasurementRun.Purpose


class NoAssumptions(DomainError):
    """No checked assumptions are in force at the month end."""


class PeriodNotOver(DomainError):
    """The month is not over: there is nothing to measure yet."""


class PeriodIsLocked(DomainError):
    """The month is closed: a run for its books would change nothing."""


class NothingToMeasure(DomainError):
    """There is no group of contracts."""


class LedgerDiffers(DomainError):
    """After posting, the ledger's liability is not the measured one."""


class NotReproduced(DomainError):
    """The stored inputs give other figures than the stored facts."""


@transaction.atomic
def measure(
    period: FiscalPeriod,
    *,
    business_date: date,
    purpose: str = Purpose.BOOKS,
    chosen: AssumptionSet | None = None,
    curve: YieldCurve | None = None,
    progress: Progress = lambda _what: None,
) -> MeasurementRun | None:
    """Measure all groups at a month end and keep the run; nothing is posted.

    Args:
        period: the month.
        business_date: today.
        purpose: BOOKS, or WHATIF with other assumptions or another curve; also of closed months.
        chosen: assumptions; by default those in force at the month end.
        curve: yields; by default the latest checked ones by the month end.
        progress: told of each stage.

    Returns:
        The run; None while there is no group of contracts.

    Raises:
        PeriodNotOver, PeriodIsLocked: the month cannot be measured (any more).
        NoAssumptions: nothing is in force at the month end.
        accounting.selectors.curves.NoCurve: no curve is known by then.
        accounting.rules.assumptions.MissingPortfolio: the set lacks a portfolio with contracts.
    """
    may_run(period, business_date, purpose)
    if not ContractGroup.objects.filter(kind="ISSUED").exists():
        return None
    groups.ensure_held(period.ends_on)
    chosen = chosen or _in_force(period)
    curve = curve or curves.for_day(period.ends_on)
    began = time.perf_counter()
    progress("READ")
    given = inputs.gather(period, chosen, curve)
    outcome = calculation.calculate(given, progress)
    progress("KEEP")
    return keep(period, purpose, given, outcome, began=began)


@transaction.atomic
def measure_and_post(period: FiscalPeriod, *, business_date: date) -> MeasurementRun | None:
    """Measure a month for its close, post the movements and compare the ledger with the run.

    Returns:
        The run; None while there is no group of contracts.

    Raises:
        PeriodNotOver, PeriodIsLocked, NoAssumptions, NoCurve, MissingPortfolio: see ``measure``.
        LedgerDiffers: the ledger does not come out at the measured liabilities.
    """
    may_run(period, business_date, Purpose.BOOKS)
    if not ContractGroup.objects.filter(kind="ISSUED").exists():
        return None
    groups.ensure_held(period.ends_on)
    began = time.perf_counter()
    given = inputs.gather(period, _in_force(period), curves.for_day(period.ends_on))
    outcome = calculation.calculate(given)
    events = _events(given, outcome)
    run = keep(period, Purpose.BOOKS, given, outcome, began=began, event=events[0])
    for event in events:
        publish(event)
    tie(run)
    return run


def reproduce(run: MeasurementRun) -> str:
    """Calculate a run again from its stored inputs and return the hash of the facts.

    Raises:
        NotReproduced: the archive was changed, or the figures differ from the stored ones.
    """
    if run.inputs is None:
        raise NotReproduced(_("%(run)s was made before inputs were kept.") % {"run": run})
    raw = archive.restored(run.inputs.data)
    if archive.sha256(raw) != run.inputs.pk:
        raise NotReproduced(_("The inputs of %(run)s are not those that it kept.") % {"run": run})
    given = inputs.unpack(raw)
    found = calculation.facts_hash(given, calculation.calculate(given))
    if found != run.facts_hash:
        raise NotReproduced(
            _("The inputs of %(run)s give other figures than it has (engine %(engine)s).")
            % {"run": run, "engine": run.engine}
        )
    return found


def may_run(period: FiscalPeriod, business_date: date, purpose: str) -> None:
    """Refuse a month that cannot be measured.

    Raises:
        PeriodNotOver: it is still running.
        PeriodIsLocked: it is closed and the run would be for the books.
    """
    if business_date < period.ends_on:
        raise PeriodNotOver(
            _("%(period)s is not over: it can be measured from %(day)s on.")
            % {"period": period, "day": period.ends_on}
        )
    if purpose == Purpose.BOOKS and period.status == FiscalPeriod.Status.CLOSED:
        raise PeriodIsLocked(
            _("The books of %(period)s are closed; ask “what if” instead, or measure this month.")
            % {"period": period}
        )


def _in_force(period: FiscalPeriod) -> AssumptionSet:
    chosen = AssumptionSet.objects.filter(status="ACTIVE", period__contains=period.ends_on).first()
    if chosen is None:
        raise NoAssumptions(
            _("No assumptions are in force at %(day)s: draft a set and have it checked.")
            % {"day": period.ends_on}
        )
    return chosen


def _events(given: Inputs, outcome: Outcome) -> list[LiabilitiesMeasured]:
    """Announce every movement that is not zero, in batches."""
    measurement = {group[0]: group[3] for group in given.groups}
    measurement |= {cover.code: cover.measurement for cover in given.held.covers}
    rows = [
        (code, measurement[code], name, int(values[number]))
        for codes, moves in ((given.codes, outcome.moves), (given.held.codes, outcome.held.moves))
        for number, code in enumerate(codes)
        for name, values in sorted(moves.items())
        if values[number]
    ] or [(given.codes[0], given.groups[0][3], "ROUNDING", 0)]
    found = []
    for at in range(0, len(rows), MAX_ROWS):
        group, model, movement, amount = zip(*rows[at : at + MAX_ROWS], strict=True)
        found.append(
            LiabilitiesMeasured(
                business_date=given.day,
                group_code=np.array(group, object),
                measurement=np.array(model, object),
                movement=np.array(movement, object),
                amount=np.array(amount, np.int64),
            )
        )
    return found


def keep(
    period: FiscalPeriod,
    purpose: str,
    given: Inputs,
    outcome: Outcome,
    *,
    began: float,
    event: LiabilitiesMeasured | None = None,
) -> MeasurementRun:
    """Write the archive of a run, the run, its facts and its flows.

    Args:
        period: the month.
        purpose: BOOKS or WHATIF.
        given: what it was calculated from.
        outcome: what it found.
        began: when it began, as ``time.perf_counter`` told.
        event: its posting; None: not posted.
    """
    raw = inputs.pack(given)
    name = archive.sha256(raw)
    if not MeasurementInput.objects.filter(pk=name).exists():
        MeasurementInput.objects.create(sha256=name, data=archive.compressed(raw), size=len(raw))
    runs = MeasurementRun.objects.filter(period=period)
    before = runs.filter(purpose=Purpose.BOOKS).order_by("-number").first()
    run = MeasurementRun.objects.create(
        period=period,
        number=runs.count() + 1,
        purpose=purpose,
        assumptions={
            "set": given.version,
            "rates": dict(zip(given.codes, np.round(outcome.rates, 8).tolist(), strict=True)),
            "flat": given.rates,
            "locked": given.locks,
            "treaties": given.held.codes,
            "cells": outcome.cells,
            "contracts": int(outcome.contracts.sum()),
            "surrender": int(outcome.surrender.sum()),
            **outcome.evidence,
        },
        assumption_set=AssumptionSet.objects.get(version=given.version),
        curve=YieldCurve.objects.get(version=given.curve["version"]),
        inputs_id=name,
        facts_hash=calculation.facts_hash(given, outcome),
        engine=inputs.ENGINE,
        seconds=round(time.perf_counter() - began, 3),
        supersedes=before if purpose == Purpose.BOOKS else None,
        made_by=current().actor,
        event_id=event.event_id if event else None,
    )
    _keep_facts(run, given.codes, outcome.facts)
    _keep_facts(run, given.held.codes, outcome.held.facts)
    _keep_flows(run, given.codes, outcome)
    return run


def _keep_facts(run: MeasurementRun, codes: Sequence[str], found: Facts) -> None:
    facts = list(found.items())
    groups = len(codes)
    if not groups or not facts:
        return
    columns: dict[str, object] = {"run": run.pk, "group": list(codes) * len(facts)}
    for name in ("estimate", "amount_type", "basis", "step", "novelty"):
        columns[name] = np.repeat(
            np.array([getattr(fact, name) for fact, _values in facts], object), groups
        )
    columns["amount"] = np.concatenate([values for _fact, values in facts])
    copy_rows(MeasurementFact, columns)


def _keep_flows(run: MeasurementRun, codes: Sequence[str], outcome: Outcome) -> None:
    """Keep the expected flows, trailing zeros cut."""
    rows = []
    for number, code in enumerate(codes):
        ends = np.flatnonzero(outcome.flows.coming[number].any(axis=0))
        months = int(ends[-1]) + 1 if len(ends) else 0
        for kind in Kind:
            values = outcome.flows.coming[number, kind, :months]
            text = "{" + ",".join(f"{value:.2f}" for value in values.tolist()) + "}"
            rows.append((code, kind.name, text))
    group, kind_name, amounts = (list(column) for column in zip(*rows, strict=True))
    copy_rows(
        MeasurementFlow,
        {"run": run.pk, "group": group, "amount_type": kind_name, "amounts": amounts},
    )


def tie(run: MeasurementRun) -> None:
    """Compare the ledger's balances of every group with the run, to the won.

    Raises:
        LedgerDiffers: they are not the measured ones.
    """
    for group, estimate, booked, wanted in ties.differences(run):
        raise LedgerDiffers(
            _(
                "%(group)s %(estimate)s: the ledger holds %(booked)s won, the measurement"
                " %(wanted)s won. Someone posted it by another way than its events."
            )
            % {
                "group": group,
                "estimate": estimate,
                "booked": f"{booked:,}",
                "wanted": f"{wanted:,}",
            }
        )
