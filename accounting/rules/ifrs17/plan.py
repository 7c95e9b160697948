"""A group walked from recognition to its end: expected flows in, every period's tables out.

The driver for one group whose flows are known by period. It values them at each period end, rolls
the general model forward period by period, and lets estimates, risk adjustment and current rates
be revised at any period end. Large books use ``gmm.roll`` directly, all groups at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, series, units
from accounting.rules.ifrs17.discount import Timing, present_value
from accounting.rules.ifrs17.errors import BadMeasurement, LengthMismatch
from accounting.rules.ifrs17.gmm import roll
from accounting.rules.ifrs17.initial import Recognition, recognise
from accounting.rules.ifrs17.margin import LossAllocation
from accounting.rules.ifrs17.records import Period, Result, balance


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What was expected of a group when it was recognised; n periods.

    Args:
        claims: (n,) claims and expenses, without investment components.
        premiums: (n,); one number: a single premium in the first period.
        ra: (n + 1,) risk adjustment at recognition and at the period ends.
        rate: locked-in rate, one number or (n,) forward rates.
        coverage_units: (n,), default one each period.
        investment: (n,) investment components payable.
        acquisition: (n,) acquisition cash flows; one number: in the first period.
        assets: asset for acquisition cash flows paid before recognition (28C).
        ra_interest: the change of the risk adjustment is disaggregated (81): it accretes at the
            current rate as finance, and what is released is so much more.
        outflow_timing: where in their period claims and investment components fall.
        inflow_timing: where premiums and acquisition cash flows fall.
    """

    claims: ArrayLike
    premiums: ArrayLike = 0.0
    ra: ArrayLike = 0.0
    rate: ArrayLike = 0.0
    coverage_units: ArrayLike | None = None
    investment: ArrayLike = 0.0
    acquisition: ArrayLike = 0.0
    assets: float = 0.0
    ra_interest: bool = False
    outflow_timing: Timing = Timing.END
    inflow_timing: Timing = Timing.BEGIN


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """New expectations at a period end, for the m periods after it; None: unchanged.

    Args:
        claims, premiums, investment, acquisition, coverage_units: (m,).
        ra: (m + 1,), the first at this very period end; one number: as released before, scaled.
        rate: current rate from now on, one number or (m,); the locked-in rate stays.
    """

    claims: ArrayLike | None = None
    premiums: ArrayLike | None = None
    investment: ArrayLike | None = None
    acquisition: ArrayLike | None = None
    coverage_units: ArrayLike | None = None
    ra: ArrayLike | None = None
    rate: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Actual:
    """What really happened, (n,) by period; None: as expected.

    Args:
        claims, premiums, investment, acquisition: amounts, positive.
        premiums_future: share of premium variances that belongs to future service.
    """

    claims: ArrayLike | None = None
    premiums: ArrayLike | None = None
    investment: ArrayLike | None = None
    acquisition: ArrayLike | None = None
    premiums_future: float = 1.0


@dataclass(slots=True, eq=False)
class _State:
    """Expectations still standing, by name, (periods left,) each; ra has one more."""

    flows: dict[str, Floats]
    ra: Floats
    locked: Floats
    current: Floats
    timing: tuple[Timing, Timing]
    ra_interest: bool = False
    values: dict[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """A group from recognition to its end.

    Args:
        recognition: the day it was recognised.
        periods: results period by period, one group each.
        at_locked: present value of future cash flows at locked-in rates at each period end.
    """

    recognition: Recognition
    periods: tuple[Result, ...]
    at_locked: tuple[float, ...]

    def column(self, table: str, component: str, step: str) -> Floats:
        """Return one step of one component over the periods, for example of ``components``."""
        return np.array([float(getattr(r, table)[component][step][0]) for r in self.periods])

    def line(self, table: str, name: str) -> Floats:
        """Return one line of ``revenue``, ``expense``, ``finance`` or ``loss`` over the periods."""
        return np.array([float(getattr(r, table)[name][0]) for r in self.periods])

    def sums(self, table: str) -> Floats:
        """Return the sum of ``revenue``, ``expense`` or ``finance`` period by period."""
        return np.array(
            [float(sum(v[0] for v in getattr(r, table).values())) for r in self.periods]
        )

    @property
    def profit(self) -> Floats:
        """Profit by period, all finance in profit or loss."""
        return np.array([float(r.profit[0]) for r in self.periods])

    @property
    def accumulated_oci(self) -> Floats:
        """Expense accumulated in OCI at each period end where the portfolio chose it (B131)."""
        current = np.array([float(r.closing.pvfcf[0]) for r in self.periods])
        return current - np.array(self.at_locked)

    @property
    def oci(self) -> Floats:
        """Finance expense of each period in OCI where the portfolio chose it: sums to zero."""
        return np.diff(self.accumulated_oci, prepend=0.0)


FLOWS = ("claims", "investment", "premiums", "acquisition", "coverage_units")


def recognise_plan(plan: Plan) -> Recognition:
    """Recognise a plan's group (IFRS 17.32, .38, .47).

    Args:
        plan: what was expected at recognition.

    Raises:
        LengthMismatch, BadRate, CurveTooShort: see ``walk``.
    """
    state = _start(plan)
    values = _values(state, state.locked)
    return recognise(
        inflows=values["premiums"],
        outflows=values["outflows"] + values["acquisition"],
        ra=state.ra[0],
        assets_derecognised=plan.assets,
    )


def walk(
    plan: Plan,
    *,
    actual: Actual | None = None,
    revisions: Mapping[int, Revision] | None = None,
    allocation: LossAllocation = LossAllocation.RATIO,
) -> Walk:
    """Walk a group through all its periods.

    Args:
        plan: what was expected at recognition.
        actual: what happened.
        revisions: new expectations by the period at whose end they were made, 1 … n.
        allocation: how the loss component is released.

    Returns:
        The recognition and every period's tables; the last closes at zero.

    Raises:
        LengthMismatch: a column does not fit the periods (left).
        BadMeasurement: a revision names no period of the plan.
        NegativeUnits, BadRate, CurveTooShort: see ``discount`` and ``margin``.

    Source: IFRS 17.38–46, .50–52, B96–B100, B119–B125; Illustrative Examples 1–3, 6–8.
    """
    actual, revisions = actual or Actual(), revisions or {}
    state = _start(plan)
    periods = len(state.ra) - 1
    if wrong := [k for k in revisions if not 1 <= k <= periods]:
        raise BadMeasurement(f"Revisions at the end of periods {wrong}: there are {periods}.")
    recognition = recognise_plan(plan)
    happened = {
        name: None
        if getattr(actual, name) is None
        else series(getattr(actual, name), periods, name)
        for name in FLOWS[:4]
    }
    opening, results, at_locked = balance(), [], []
    for k in range(1, periods + 1):
        period = _period(state, k, happened, actual.premiums_future)
        if k == 1:
            period.update(_new(state, plan))
        interest = float(np.asarray(period["finance_outflows"]))
        revised = _revise(state, revisions.get(k), k)
        revised["finance_outflows"] = interest + revised.pop("rate_outflows")
        period.update(revised)
        result = roll(opening, Period(**period), allocation=allocation)
        results.append(result)
        opening = result.closing
        at_locked.append(float(_values(state, state.locked)["pvfcf"]))
    return Walk(recognition, tuple(results), tuple(at_locked))


def _start(plan: Plan) -> _State:
    claims = np.atleast_1d(series(plan.claims, np.size(plan.claims), "claims"))
    n = len(claims)
    if n == 0:
        raise LengthMismatch("claims: a plan has at least one period.")
    flows = {
        "claims": claims,
        "investment": series(plan.investment, n, "investment"),
        "premiums": _at_start(plan.premiums, n, "premiums"),
        "acquisition": _at_start(plan.acquisition, n, "acquisition"),
        "coverage_units": np.ones(n)
        if plan.coverage_units is None
        else units(series(plan.coverage_units, n, "coverage units")),
    }
    rate = series(plan.rate, n, "rate")
    timing = (plan.outflow_timing, plan.inflow_timing)
    return _State(flows, _adjustment(plan.ra, n), rate, rate.copy(), timing, plan.ra_interest)


def _at_start(values: ArrayLike, n: int, name: str) -> Floats:
    if np.ndim(values) == 0:
        return np.concatenate(([float(np.asarray(values))], np.zeros(n - 1)))
    return series(values, n, name)


def _adjustment(values: ArrayLike, n: int) -> Floats:
    """Return the risk adjustment at the n + 1 points; one number runs off evenly."""
    if np.ndim(values) == 0:
        return float(np.asarray(values)) * np.linspace(1.0, 0.0, n + 1)
    return series(values, n + 1, "risk adjustment")


def _values(state: _State, rates: Floats) -> dict[str, Floats]:
    """Return present values of what is left, 0-d each."""
    flows, (outgo, income) = state.flows, state.timing
    outflows = flows["claims"] + flows["investment"]
    values = {"outflows": present_value(outflows, rates, timing=outgo)}
    for name in ("premiums", "acquisition"):
        values[name] = present_value(flows[name], rates, timing=income)
    values["pvfcf"] = values["outflows"] + values["acquisition"] - values["premiums"]
    return values


def _new(state: _State, plan: Plan) -> dict[str, ArrayLike]:
    """Return the additions of the first period, valued before it has passed."""
    return {
        "new_pvfcf": state.values["pvfcf"],
        "new_ra": state.values["ra"],
        "new_outflows": state.values["outflows"],
        "new_assets": plan.assets,
    }


def _period(
    state: _State, k: int, happened: Mapping[str, Floats | None], future: float
) -> dict[str, ArrayLike]:
    """Let one period pass: its flows, its interest at current rates, its service."""
    before = _values(state, state.current)
    before["ra"] = np.asarray(state.ra[0])
    state.values = before
    expected = {name: float(state.flows[name][0]) for name in FLOWS}
    accreted = float(state.ra[0] * state.current[0]) if state.ra_interest else 0.0
    release, locked = state.ra[0] + accreted - state.ra[1], float(state.locked[0])
    for name in FLOWS:
        state.flows[name] = state.flows[name][1:]
    state.ra, state.locked, state.current = state.ra[1:], state.locked[1:], state.current[1:]
    after = _values(state, state.current)
    outgo = expected["claims"] + expected["investment"]
    net = outgo + expected["acquisition"] - expected["premiums"]
    period: dict[str, ArrayLike] = {
        "finance_pvfcf": after["pvfcf"] - before["pvfcf"] + net,
        "finance_outflows": after["outflows"] - before["outflows"] + outgo,
        "finance_ra": accreted,
        "release_ra": release,
        "locked": locked,
        "units": expected["coverage_units"],
        "premiums_future": future,
    }
    for name in FLOWS[:4]:
        given = happened[name]
        period[name] = expected[name] if given is None else given[k - 1]
        period[f"{name}_expected"] = expected[name]
    return period


def _revise(state: _State, revision: Revision | None, k: int) -> dict[str, float]:
    """Change expectations at a period end; what it does to present values and risk adjustment."""
    left = len(state.locked)
    old_current = _values(state, state.current)
    if revision is None:
        nothing = dict.fromkeys(
            ("future_locked", "future_current", "financial", "rate_outflows", "future_ra"), 0.0
        )
        return {
            **nothing,
            "units_future": float(state.flows["coverage_units"].sum()),
            "closing_outflows": float(old_current["outflows"]),
        }
    old_locked, old_ra = _values(state, state.locked), float(state.ra[0])
    for name in FLOWS:
        if (given := getattr(revision, name)) is not None:
            state.flows[name] = series(given, left, f"{name} revised after period {k}")
    if (state.flows["coverage_units"] < 0).any():
        units(state.flows["coverage_units"])
    if revision.ra is not None:
        state.ra = _revised_adjustment(revision.ra, state.ra)
    at_old_rate, locked = _values(state, state.current), _values(state, state.locked)
    if revision.rate is not None:
        state.current = series(revision.rate, left, "rate")
    now = _values(state, state.current)
    return {
        "future_locked": float(locked["pvfcf"] - old_locked["pvfcf"]),
        "future_current": float(at_old_rate["pvfcf"] - old_current["pvfcf"]),
        "financial": float(now["pvfcf"] - at_old_rate["pvfcf"]),
        "rate_outflows": float(now["outflows"] - at_old_rate["outflows"]),
        "future_ra": float(state.ra[0]) - old_ra,
        "units_future": float(state.flows["coverage_units"].sum()),
        "closing_outflows": float(now["outflows"]),
    }


def _revised_adjustment(values: ArrayLike, old: Floats) -> Floats:
    if np.ndim(values) == 0:
        given = float(np.asarray(values))
        return old * (given / old[0]) if old[0] else given * np.linspace(1.0, 0.0, len(old))
    if np.shape(values) != old.shape:
        raise LengthMismatch(f"risk adjustment: {np.shape(values)} for {old.shape[0]} points.")
    return np.asarray(values, np.float64)
