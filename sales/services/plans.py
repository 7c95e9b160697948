"""Commission plans: tried, refused by name before anything is written, checked by a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from core import acting, numbering
from core.errors import DomainError, NotAllowed, NotFound
from core.status import transition
from sales import rules
from sales.models import Agent, CommissionPlan, SalesRecord
from sales.selectors import plans
from sales.services import commissions, trials

SERIES = "PLN"
_CHUNK = 5_000
Status = CommissionPlan.Status


class MalformedPlan(DomainError):
    """A plan's steps, rates or bands cannot be read, overlap, or are finer than a hundredth."""


class NoRegime(DomainError):
    """The cohort lies before every regime, or spans two of them."""


class PlanAboveCap(DomainError):
    """The plan pays more in a contract's first year than the 1,200 % rule allows."""


class PlanAboveCost(DomainError):
    """The plan pays more up front, or longer, than its share of the acquisition cost allows."""


class PlanAllowsArbitrage(DomainError):
    """Under the plan, commission kept and surrender value exceed the premiums paid."""


class PlansOverlap(DomainError):
    """Another active plan of the product rules some of these contract dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan to draft.

    Args:
        product_code: the product.
        starts: first contract date.
        ends: first contract date after it; None: open.
        value: schedule, maintenance, overrides, advance, clawback.
        note: why.
    """

    product_code: str
    starts: date
    ends: date | None
    value: Mapping[str, Any]
    note: str = ""


@transaction.atomic
def draft(proposal: Proposal, *, business_date: date) -> CommissionPlan:
    """Try a plan against its regime and keep it as a draft.

    Args:
        proposal: the plan.
        business_date: decides the year of its number and the product version it is tried on.

    Raises:
        MalformedPlan, NoRegime, PlanAboveCap, PlanAboveCost, PlanAllowsArbitrage, NotFound.

    Source: 보험업감독규정 제4-32조.
    """
    scheme = read(proposal.value)
    regime = _regime(proposal)
    trial = trials.trial(proposal.product_code, scheme, regime, proposal.starts)
    _refuse(trial)
    last = CommissionPlan.objects.filter(product_id=proposal.product_code).aggregate(
        n=Max("version", default=0)
    )
    return CommissionPlan.objects.create(
        plan_id=numbering.take_one(SERIES, business_date.year),
        product_id=proposal.product_code,
        version=last["n"] + 1,
        period=DateRange(proposal.starts, proposal.ends),
        regime=regime.code,
        value=dict(proposal.value),
        note=proposal.note,
        trial=trial.stored(),
        made_by=acting.current().actor,
    )


def read(value: Mapping[str, Any]) -> rules.Scheme:
    """Read a plan's JSON.

    Raises:
        MalformedPlan: a key is missing, steps overlap or run backwards, a rate is too fine.
    """
    try:
        scheme = rules.scheme_of(value)
        _sound(value)
    except (KeyError, TypeError, ValueError) as fault:
        raise MalformedPlan(
            _("The plan cannot be read: %(fault)s. Mend it and draft it again.")
            % {"fault": fault or type(fault).__name__}
        ) from fault
    if not np.any(scheme.rates[:, :, 1:]):
        raise MalformedPlan(_("The plan pays nothing; give it a rate."))
    return scheme


def _sound(value: Mapping[str, Any]) -> None:
    for entry in value["schedule"]:
        _ordered([*entry["steps"]], f"{entry['tier']}/{entry['rank']}")
    _ordered([*value.get("maintenance", [])], "maintenance")
    bands = [int(band["to"]) for band in value.get("clawback", {}).get("table", [])]
    if bands != sorted(set(bands)):
        raise ValueError("clawback bands overlap")
    for band in value.get("clawback", {}).get("table", []):
        if not 0 <= float(band["percent"]) <= 100:
            raise ValueError(f"clawback of {band['percent']} %")
    for override in value.get("overrides", []):
        if override["rank"] not in Agent.Rank.values:
            raise ValueError(f"override of rank {override['rank']}")
        if not 0 < float(override["percent"]) <= 100:
            raise ValueError(f"override of {override['percent']} %")
    _advance(value)


def _advance(value: Mapping[str, Any]) -> None:
    advance = value.get("advance")
    if not advance:
        return
    if not 0 < float(advance["percent"]) <= 100:
        raise ValueError(f"advance of {advance['percent']} %")
    known = {n for e in value["schedule"] for s in e["steps"] for n in _span(s)}
    for number in advance["instalments"]:
        if number == 1 or number not in known:
            raise ValueError(f"advance on instalment {number}, which earns nothing later")


def _span(step: Mapping[str, Any]) -> range:
    return range(int(step["from"]), int(step["to"]) + 1)


def _ordered(steps: list[Mapping[str, Any]], where: str) -> None:
    last = 0
    for step in sorted(steps, key=lambda one: int(one["from"])):
        if int(step["from"]) <= last or int(step["to"]) < int(step["from"]):
            raise ValueError(f"{where}: steps overlap at instalment {step['from']}")
        if float(step["rate"]) < 0:
            raise ValueError(f"{where}: rate of {step['rate']} %")
        last = int(step["to"])


def _regime(proposal: Proposal) -> rules.Regime:
    regime = plans.regime_on(proposal.starts)
    if proposal.ends is not None and proposal.ends <= proposal.starts:
        raise NoRegime(_("The cohort ends before it starts."))
    if regime is None:
        raise NoRegime(_("No regime of law is kept for %s.") % proposal.starts)
    if regime.ends is not None and (proposal.ends is None or proposal.ends > regime.ends):
        raise NoRegime(
            _("The regime %(regime)s ends on %(ends)s; end the plan there and draft the next one.")
            % {"regime": regime.code, "ends": regime.ends}
        )
    return regime


_REFUSALS: Mapping[str, type[DomainError]] = {"CAP": PlanAboveCap}


def _refuse(trial: trials.Trial) -> None:
    if trial.problems:
        problem = trial.problems[0]
        raise _REFUSALS.get(problem.code, PlanAboveCost)(said(problem))
    if trial.breaches:
        first = trial.breaches[0]
        raise PlanAllowsArbitrage(
            _(
                "Payable for %(pay)s months: after instalment %(month)s the commission kept "
                "(%(kept)s won) and the surrender value (%(value)s won) exceed the premiums paid "
                "(%(premiums)s won). Pay less early, or take more back."
            )
            % {
                "pay": first.pay_months,
                "month": first.month,
                "kept": f"{first.kept:,}",
                "value": f"{first.value:,}",
                "premiums": f"{first.premiums:,}",
            }
        )


def said(problem: rules.Problem) -> str:
    """Say a problem in words, with what to mend."""
    texts = {
        "CAP": _(
            "%(where)s: the first year pays %(figure)s %% of the monthly premium; the law allows "
            "%(limit)s %%. Lower the rates of the first twelve instalments."
        ),
        "UPFRONT": _(
            "Payable for %(where)s months: the first year pays %(figure)s %% of the acquisition "
            "cost; %(limit)s %% is allowed."
        ),
        "MAINTENANCE": _(
            "Payable for %(where)s months: a maintenance fee is %(figure)s %% of the acquisition "
            "cost a month; %(limit)s %% is allowed."
        ),
        "MAINTENANCE_TOO_LONG": _(
            "Maintenance fees run to instalment %(figure)s; they are spread over %(limit)s months."
        ),
        "MAINTENANCE_MISSING": _(
            "The plan has no maintenance fee; this regime spreads one over %(limit)s months."
        ),
    }
    shown = {
        "where": problem.where,
        "figure": f"{problem.figure:,.2f}".rstrip("0").rstrip("."),
        "limit": f"{problem.limit:,.2f}".rstrip("0").rstrip("."),
    }
    return texts[problem.code] % shown


@transaction.atomic
def activate(plan_id: str, *, business_date: date) -> CommissionPlan:
    """Activate a draft; a second person does.

    An active plan of the same product and cohort is retired: its contracts go on by the new
    version, and what was recovered from contracts that ended early moves to the new targets.

    Raises:
        NotFound: there is no such plan.
        NotAllowed: whoever checks has made it.
        PlansOverlap: another active plan rules some of these contract dates.
        core.status.IllegalTransition: it is no draft.
    """
    row = CommissionPlan.objects.select_for_update().filter(plan_id=plan_id).first()
    if row is None:
        raise NotFound(_("There is no commission plan %s.") % plan_id)
    checker = acting.current().actor
    if checker == row.made_by:
        raise NotAllowed(_("%s was made by you; another person activates it.") % plan_id)
    _refuse(trials.trial(row.product_id, read(row.value), _of(row), row.period.lower))
    same = CommissionPlan.objects.filter(
        product_id=row.product_id, status=Status.ACTIVE, period=row.period
    )
    for old in same:
        transition(old, Status.RETIRED, reason=_("Replaced by %s.") % plan_id)
    try:
        with transaction.atomic():
            transition(row, Status.ACTIVE, checked_by=checker, checked_on=business_date)
    except IntegrityError as clash:
        raise PlansOverlap(
            _("An active plan of %s rules some of these contract dates; retire it first.")
            % row.product_id
        ) from clash
    _true_up(row, business_date)
    return row


def _true_up(plan: CommissionPlan, business_date: date) -> None:
    """Bring recoveries of the cohort's contracts that ended early to the targets of today."""
    ended = SalesRecord.objects.filter(
        product_code=plan.product_id,
        issued_on__gte=plan.period.lower,
        ended_kind__in=rules.CLAWBACK_KINDS,
    )
    if plan.period.upper:
        ended = ended.filter(issued_on__lt=plan.period.upper)
    keys = list(ended.order_by("contract_id").values_list("contract_id", flat=True))
    for start in range(0, len(keys), _CHUNK):
        commissions.true_up(keys[start : start + _CHUNK], business_date=business_date)


def _of(row: CommissionPlan) -> rules.Regime:
    return next(one for one in plans.regimes() if one.code == row.regime)


@transaction.atomic
def retire(plan_id: str, *, reason: str, business_date: date) -> None:
    """Retire a plan: its contracts go on by the product's own rule, recoveries included.

    Raises:
        NotFound: there is no such plan.
        core.status.IllegalTransition: it is retired already.
    """
    row = CommissionPlan.objects.select_for_update().filter(plan_id=plan_id).first()
    if row is None:
        raise NotFound(_("There is no commission plan %s.") % plan_id)
    was = row.status
    transition(row, Status.RETIRED, reason=reason)
    if was == Status.ACTIVE:
        _true_up(row, business_date)
