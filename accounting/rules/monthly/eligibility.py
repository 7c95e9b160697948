"""Whether premium allocation may be used: asked of the contracts that a month adds to a group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from accounting.rules.assumptions import EXPENSE, Allocation
from accounting.rules.flows import OUTFLOWS, Kind
from accounting.rules.ifrs17 import gmm, paa
from accounting.rules.ifrs17.paa import Eligibility
from accounting.rules.ifrs17.records import Period, balance
from accounting.rules.projection import Floats
from core.errors import DomainError

_YEAR = 12
_RATE_SHOCK = 0.01
"""Annual rates rise and fall by this in two of the scenarios."""
_SIGN = np.array([-1.0, 1.0, 1.0, 1.0, 1.0])
_OUT = list(OUTFLOWS)


class NotAllocable(DomainError):
    """The standard does not allow premium allocation for the contracts of a group."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a group and answered.

    Args:
        months: longest cover of the contracts added.
        answer: the engine's.
    """

    months: int
    answer: Eligibility


def ask(months: int, flows: Floats, rate: float, options: Allocation) -> Asked:
    """Ask whether premium allocation approximates the general model for new contracts.

    Args:
        months: longest cover of any of them.
        flows: (KINDS, n) expected from the month of issue on, positive.
        rate: annual effective rate locked in.
        options: tolerance, and the change of claims that is reasonably expected.

    Source: IFRS 17.53–54: scenarios are claims as expected, above and below, and rates above and
    below; what changes is known at the end of the month of issue.
    """
    if months <= _YEAR:
        return Asked(months, paa.eligible(coverage_months=months))
    general, allocation = liabilities(flows, rate, options.shock)
    answer = paa.eligible(
        coverage_months=months,
        general=general,
        allocation=allocation,
        tolerance=options.tolerance,
    )
    return Asked(months, answer)


def require(group: str, asked: Asked, options: Allocation) -> None:
    """Refuse a group that premium allocation must not measure.

    Raises:
        NotAllocable: it differs materially from the general model (53(a)), or acquisition cash
            flows are expensed although cover is longer than a year (59(a)).
    """
    if not asked.answer.eligible:
        raise NotAllocable(
            _(
                "%(group)s covers %(months)s months, and premium allocation misses the general"
                " model by %(gap)s of the liability (allowed: %(limit)s). Measure the product by"
                " the general model."
            )
            % {
                "group": group,
                "months": asked.months,
                "gap": f"{asked.answer.difference:.1%}",
                "limit": f"{options.tolerance:.1%}",
            }
        )
    if options.acquisition == EXPENSE and asked.months > _YEAR:
        raise NotAllocable(
            _(
                "%(group)s covers %(months)s months: acquisition cash flows may be expensed only"
                " where no contract covers more than a year. Defer them."
            )
            % {"group": group, "months": asked.months}
        )


def liabilities(flows: Floats, rate: float, shock: float) -> tuple[Floats, Floats]:
    """Project the liability for remaining coverage by both models, (scenarios, month ends) each.

    Args:
        flows: (KINDS, n) expected from the month of issue on.
        rate: annual effective rate locked in.
        shock: share by which claims (and their risk) rise and fall.
    """
    scenarios = np.array([(0, 0), (shock, 0), (-shock, 0), (0, _RATE_SHOCK), (0, -_RATE_SHOCK)])
    changed = np.repeat(flows[None], len(scenarios), axis=0)
    for kind in (Kind.CLAIMS, Kind.RISK):
        changed[:, kind, 1:] *= 1.0 + scenarios[:, :1]
    rates = (1.0 + rate + scenarios[:, 1]) ** (1.0 / 12.0) - 1.0
    locked = (1.0 + rate) ** (1.0 / 12.0) - 1.0
    base = np.repeat(flows[None], len(scenarios), axis=0)
    return _general(base, changed, rates, locked), _allocation(base, changed, rates, locked)


def _worth(flows: Floats, rates: Floats) -> Floats:
    """Return the value of rows at month starts 0 … n, flows in mid month, (scenarios, n + 1)."""
    months = flows.shape[-1]
    found = np.zeros((len(flows), months + 1))
    v = 1.0 / (1.0 + rates)
    for t in range(months - 1, -1, -1):
        found[:, t] = flows[:, t] * np.sqrt(v) + found[:, t + 1] * v
    return found


def _signed(flows: Floats) -> Floats:
    return np.asarray(np.einsum("skn,k->sn", flows[:, :5], _SIGN))


def _general(base: Floats, changed: Floats, rates: Floats, locked: float) -> Floats:
    at_locked = np.full(len(rates), locked)
    first = _worth(_signed(base), at_locked)
    then, known = _worth(_signed(changed), at_locked), _worth(_signed(changed), rates)
    risk_first, risk = _worth(base[:, Kind.RISK], at_locked), _worth(changed[:, Kind.RISK], rates)
    out = _worth(changed[:, _OUT].sum(axis=1), rates)
    units = base[:, Kind.UNITS]
    count, months = len(rates), base.shape[-1]
    state = balance(count)
    found = np.zeros((count, months))
    for t in range(months):
        flows, opening = (base, first) if t == 0 else (changed, known)
        claims = flows[:, Kind.CLAIMS, t] + flows[:, Kind.EXPENSES, t]
        before = np.zeros(count) if t == 0 else opening[:, t]
        net = _signed(flows)[:, t]
        unchanged = first[:, t + 1] if t == 0 else known[:, t + 1]
        risk_before = risk_first[:, t] if t == 0 else risk[:, t]
        released = flows[:, Kind.RISK, t]
        period = Period(
            new_pvfcf=first[:, 0] if t == 0 else 0.0,
            new_ra=risk_first[:, 0] if t == 0 else 0.0,
            new_outflows=_worth(base[:, _OUT].sum(axis=1), at_locked)[:, 0] if t == 0 else 0.0,
            premiums=flows[:, Kind.PREMIUM, t],
            acquisition=flows[:, Kind.COMMISSION, t],
            claims=claims,
            claims_expected=claims,
            investment=flows[:, Kind.REPAID, t],
            finance_pvfcf=unchanged + net - (first[:, 0] if t == 0 else before),
            finance_ra=(risk_first if t == 0 else risk)[:, t + 1] + released - risk_before,
            future_locked=then[:, 1] - first[:, 1] if t == 0 else 0.0,
            financial=known[:, 1] - then[:, 1] if t == 0 else 0.0,
            future_ra=risk[:, 1] - risk_first[:, 1] if t == 0 else 0.0,
            release_ra=released,
            locked=locked,
            units=units[:, t],
            units_future=units[:, t + 1 :].sum(axis=1),
            closing_outflows=np.maximum(out[:, t + 1], 0.0),
        )
        result = gmm.roll(state, period)
        state = result.closing
        found[:, t] = state.total
    return found


def _allocation(base: Floats, changed: Floats, rates: Floats, locked: float) -> Floats:
    count, months = len(rates), base.shape[-1]
    needed = _worth(_signed(changed), rates) + _worth(changed[:, Kind.RISK], rates)
    units = base[:, Kind.UNITS]
    total = base[:, Kind.PREMIUM].sum(axis=1) - base[:, Kind.REPAID].sum(axis=1)
    recognised = np.zeros(count)
    state = paa.unearned(count)
    found = np.zeros((count, months))
    for t in range(months):
        passed, left = units[:, : t + 1].sum(axis=1), units[:, t + 1 :].sum(axis=1)
        revenue = paa.earned(total, passed=passed, left=left, recognised=recognised)
        recognised = recognised + revenue
        result = paa.roll_allocation(
            state,
            paa.AllocationPeriod(
                premiums=base[:, Kind.PREMIUM, t],
                revenue=revenue,
                acquisition=base[:, Kind.COMMISSION, t],
                acquisition_share=paa.earned(1.0, passed=units[:, t], left=left),
                investment=base[:, Kind.REPAID, t],
                fcf=needed[:, t + 1],
            ),
        )
        state = result.closing
        found[:, t] = state.total
    return found
