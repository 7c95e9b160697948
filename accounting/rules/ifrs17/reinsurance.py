"""Reinsurance contracts held: cost or gain deferred, recovery of losses, non-performance.

Signs as everywhere: amounts to be received are negative. An asset is therefore negative; a margin
of −25 is a net cost still to be recognised, one of +28 a net gain.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, Steps, Table, closed, column, floats, share
from accounting.rules.ifrs17.discount import Timing, present_value
from accounting.rules.ifrs17.errors import NegativeBalance
from accounting.rules.ifrs17.margin import released_share


@dataclass(frozen=True, slots=True, eq=False)
class HeldRecognition:
    """Reinsurance on the day it is recognised.

    Args:
        recoveries: present value of recoveries, ≤ 0, after non-performance risk.
        premium: present value of premiums, ≥ 0.
        pvfcf, ra, fcf: fulfilment cash flows; ra ≤ 0, the risk transferred.
        csm: margin of either sign.
        recovery: loss-recovery component, ≥ 0: income recognised at once.
        past_cost: cost of cover of events before the purchase: expense at once.
        asset: fcf + csm, negative: an asset.
    """

    recoveries: Floats
    premium: Floats
    pvfcf: Floats
    ra: Floats
    fcf: Floats
    csm: Floats
    recovery: Floats
    past_cost: Floats
    asset: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HeldBalance:
    """Reinsurance held at a period end, (groups,) each.

    Args:
        pvfcf, ra: present value and risk adjustment, asset negative.
        csm: margin, either sign.
        recovery: loss-recovery component, ≥ 0 (memorandum: a part of the asset).
    """

    pvfcf: Floats
    ra: Floats
    csm: Floats
    recovery: Floats

    @property
    def total(self) -> Floats:
        """The carrying amount, asset negative."""
        return self.pvfcf + self.ra + self.csm


@dataclass(frozen=True, slots=True, eq=False)
class HeldPeriod:
    """What happened in a period, (groups,) or one number each.

    Args:
        new_pvfcf, new_ra: signed; reinsurance added, at recognition.
        new_recovery: loss recovered at its recognition (66A), ≥ 0.
        premiums, premiums_expected: paid to the reinsurer.
        recoveries, recoveries_expected: claims recovered of the period, without amounts that are
            repaid whatever happens.
        fixed, fixed_expected: such amounts (profit commission and the like), received or due.
        finance_pvfcf, finance_ra, financial: signed; interest and changed discount rates.
        non_performance: signed; change of the risk that the reinsurer does not pay, worse
            positive: profit or loss, never the margin (67).
        future_locked, future_current, future_ra: signed; changes for future service.
        underlying_loss: change of the underlying loss component that comes with them: losses
            recognised (+) or reversed (−) outside the systematic release.
        recovered: share of underlying claims that the reinsurance pays.
        recovery_share: share of the loss-recovery component released with the underlying loss
            component (None: by coverage units).
        recovery_limit: underlying loss component at the period end (None: no limit asked).
        release_ra: risk adjustment released, as a positive amount of risk passed.
        locked: rate locked in, effective for the period.
        units, units_future: coverage units received, and expected.
    """

    new_pvfcf: ArrayLike = 0.0
    new_ra: ArrayLike = 0.0
    new_recovery: ArrayLike = 0.0
    premiums: ArrayLike = 0.0
    premiums_expected: ArrayLike | None = None
    recoveries: ArrayLike = 0.0
    recoveries_expected: ArrayLike | None = None
    fixed: ArrayLike = 0.0
    fixed_expected: ArrayLike | None = None
    finance_pvfcf: ArrayLike = 0.0
    finance_ra: ArrayLike = 0.0
    financial: ArrayLike = 0.0
    non_performance: ArrayLike = 0.0
    future_locked: ArrayLike = 0.0
    future_current: ArrayLike | None = None
    future_ra: ArrayLike = 0.0
    underlying_loss: ArrayLike = 0.0
    recovered: ArrayLike = 0.0
    recovery_share: ArrayLike | None = None
    recovery_limit: ArrayLike | None = None
    release_ra: ArrayLike = 0.0
    locked: ArrayLike = 0.0
    units: ArrayLike = 0.0
    units_future: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class HeldResult:
    """One period of reinsurance held.

    Args:
        components: PVFCF, RA, CSM, TOTAL by step OPENING, NEW, PREMIUMS (paid), FINANCE,
            NON_PERFORMANCE, FUTURE, CURRENT, RECOVERIES (become due), CLOSING.
        recovery: loss-recovery component: OPENING, NEW, CHANGE, RELEASE, CLOSING, ≥ 0.
        income: CLAIMS recovered, LOSSES (change of the loss-recovery component),
            NON_PERFORMANCE (worse: negative).
        allocation: premiums allocated to the period as an expense (86).
        finance: finance expense positive.
        coverage: asset for remaining coverage without recovery of losses (ARC: OPENING, PREMIUMS,
            ALLOCATION, FIXED, FINANCE, NON_PERFORMANCE, CLOSING) and the recovery itself (LR:
            OPENING, INCOME, CLOSING), assets negative (100).
        closing: balances for the next period.
    """

    components: Table
    recovery: Steps
    income: Steps
    allocation: Floats
    finance: Floats
    coverage: Table
    closing: HeldBalance

    @property
    def profit(self) -> Floats:
        """Income from reinsurance less premiums allocated and finance expense."""
        earned = np.sum(list(self.income.values()), axis=0)
        return np.asarray(earned - self.allocation - self.finance)


def recognise_held(
    *,
    recoveries: ArrayLike,
    premium: ArrayLike,
    ra: ArrayLike = 0.0,
    underlying_loss: ArrayLike = 0.0,
    recovered: ArrayLike = 0.0,
    onerous_share: ArrayLike = 1.0,
    default_loss: ArrayLike = 0.0,
    past_cost: ArrayLike = 0.0,
    assets_derecognised: ArrayLike = 0.0,
) -> HeldRecognition:
    """Recognise reinsurance held.

    Args:
        recoveries: present value of what the reinsurer will pay, positive.
        premium: present value of what it will be paid, positive.
        ra: risk transferred, positive.
        underlying_loss: loss recognised on the underlying group at the same time or after the
            reinsurance was entered into.
        recovered: share of underlying claims that the reinsurance pays.
        onerous_share: part of ``underlying_loss`` that belongs to contracts the reinsurance
            covers, where the group also holds others (B119E).
        default_loss: expected loss from the reinsurer's non-performance, positive.
        past_cost: part of the net cost that covers events before the purchase (65A).
        assets_derecognised: assets for cash flows of the reinsurance recognised before.

    Returns:
        csm = −(fcf + assets) − recovery + past cost: neither gain nor cost at once but these.

    Raises:
        BadShare: a share is not between 0 and 1.

    Source: IFRS 17.63 (non-performance), .64 (risk transferred), .65–65A, .66A–66B, B119C–E.
    """
    inflow = -(floats(recoveries, "recoveries") - floats(default_loss, "default loss"))
    cost = floats(premium, "premium")
    pvfcf, adjustment = inflow + cost, -floats(ra, "ra")
    fcf = pvfcf + adjustment
    loss = np.maximum(0.0, floats(underlying_loss, "underlying loss"))
    recovery = loss * share(recovered, "recovered") * share(onerous_share, "onerous share")
    past = floats(past_cost, "past cost")
    csm = -(fcf + floats(assets_derecognised, "assets")) - recovery + past
    return HeldRecognition(inflow, cost, pvfcf, adjustment, fcf, csm, recovery, past, fcf + csm)


def default_loss(
    recoveries: ArrayLike,
    rates: ArrayLike,
    *,
    default_rate: ArrayLike,
    loss_given_default: float = 1.0,
    timing: Timing = Timing.END,
) -> Floats:
    """Return the expected loss from a reinsurer's failing to pay, disputes included.

    Args:
        recoveries: (periods,) or (periods, groups) expected, positive.
        rates: current rates by period.
        default_rate: probability of default a period, one number or (groups,).
        loss_given_default: part that is then not paid.
        timing: where in the period recoveries fall.

    Returns:
        Σ value × (1 − (1 − default rate)^periods) × loss given default.

    Raises:
        BadShare: a probability is not between 0 and 1.

    Source: IFRS 17.63.
    """
    amounts = floats(recoveries, "recoveries")
    failing = share(default_rate, "default rate")
    lost = float(share(loss_given_default, "loss given default"))
    periods = np.arange(1.0, len(amounts) + 1.0).reshape(-1, *[1] * (amounts.ndim - 1))
    return present_value(amounts * (1.0 - (1.0 - failing) ** periods) * lost, rates, timing=timing)


def held(groups: int = 1, **amounts: ArrayLike) -> HeldBalance:
    """Make a balance; what is not given is 0.

    Args:
        groups: how many.
        amounts: fields of `HeldBalance`, (groups,) or one number each.

    Raises:
        TypeError: a field that a balance does not have.
        LengthMismatch: a column fits neither one nor all groups.
    """
    known = {f.name for f in fields(HeldBalance)}
    if unknown := set(amounts) - known:
        raise TypeError(f"unknown balance: {', '.join(sorted(unknown))}")
    return HeldBalance(**{name: column(amounts.get(name, 0.0), groups, name) for name in known})


def roll_held(opening: HeldBalance, period: HeldPeriod) -> HeldResult:
    """Measure one period of reinsurance held.

    Changes for future service adjust the margin, except as far as they answer to a change of the
    underlying group that did not adjust its margin: that part is income, and moves the
    loss-recovery component.

    Args:
        opening: balances at the period start, (groups,).
        period: what happened.

    Raises:
        NegativeBalance: the opening loss-recovery component is below zero.
        BadShare, LengthMismatch, NegativeUnits: see ``arrays``.

    Source: IFRS 17.66, .66A–66B, .67, .68, .86, B119F; Illustrative Examples 12A–12C.
    """
    groups = len(opening.pvfcf)
    if (opening.recovery < 0).any():
        raise NegativeBalance("A loss-recovery component is never below 0.")
    p = _columns(period, groups)
    share(p["recovered"], "recovered")
    units_share = released_share(p["units"], p["units_future"])
    recovery = _recovery(opening, p, units_share)
    table = _components(opening, p, recovery, units_share)
    released = -table["CSM"]["CURRENT"]
    return HeldResult(
        components=table,
        recovery=recovery,
        income={
            "CLAIMS": p["recoveries"],
            "LOSSES": recovery["NEW"] + recovery["CHANGE"] + recovery["RELEASE"],
            "NON_PERFORMANCE": -p["non_performance"],
        },
        allocation=p["recoveries_expected"] + p["release_ra"] - released + recovery["RELEASE"],
        finance=table["TOTAL"]["FINANCE"],
        coverage=_coverage(opening, p, recovery, table, released),
        closing=HeldBalance(
            pvfcf=table["PVFCF"]["CLOSING"],
            ra=table["RA"]["CLOSING"],
            csm=table["CSM"]["CLOSING"],
            recovery=recovery["CLOSING"],
        ),
    )


def _components(opening: HeldBalance, p: Steps, recovery: Steps, units_share: Floats) -> Table:
    """Return present value, risk adjustment, margin and their total by step."""
    new_csm = -(p["new_pvfcf"] + p["new_ra"]) - p["new_recovery"]
    accreted = (opening.csm + new_csm) * p["locked"]
    future = -(p["future_locked"] + p["future_ra"] + _variance(p)) - recovery["CHANGE"]
    rates = p["financial"] + p["future_current"] - p["future_locked"]
    steps = {
        "PVFCF": {
            "OPENING": opening.pvfcf,
            "NEW": p["new_pvfcf"],
            "PREMIUMS": -p["premiums"],
            "FINANCE": p["finance_pvfcf"] + rates,
            "NON_PERFORMANCE": p["non_performance"],
            "FUTURE": p["future_locked"] + _variance(p),
            "CURRENT": p["recoveries_expected"] - p["recoveries"],
            "RECOVERIES": p["recoveries"] + p["fixed"],
        },
        "RA": {
            "OPENING": opening.ra,
            "NEW": p["new_ra"],
            "FINANCE": p["finance_ra"],
            "FUTURE": p["future_ra"],
            "CURRENT": p["release_ra"],
        },
        "CSM": {
            "OPENING": opening.csm,
            "NEW": new_csm,
            "FINANCE": accreted,
            "FUTURE": future,
            "CURRENT": -units_share * (opening.csm + new_csm + accreted + future),
        },
    }
    groups = len(opening.pvfcf)
    table: Table = {
        name: closed({step: own.get(step, 0.0) for step in steps["PVFCF"]}, groups)
        for name, own in steps.items()
    }
    table["TOTAL"] = {s: np.sum([t[s] for t in table.values()], 0) for s in table["PVFCF"]}
    return table


def _coverage(
    opening: HeldBalance, p: Steps, recovery: Steps, table: Table, released: Floats
) -> Table:
    """Return the asset for remaining coverage without and of the recovery of losses (100)."""
    groups = len(opening.pvfcf)
    allocated = p["recoveries_expected"] + p["release_ra"] - released + recovery["RELEASE"]
    income = recovery["NEW"] + recovery["CHANGE"] + recovery["RELEASE"]
    return {
        "ARC": closed(
            {
                "OPENING": opening.total + opening.recovery,
                "PREMIUMS": -p["premiums"],
                "ALLOCATION": allocated,
                "FIXED": p["fixed"],
                "FINANCE": table["TOTAL"]["FINANCE"],
                "NON_PERFORMANCE": p["non_performance"],
            },
            groups,
        ),
        "LR": closed({"OPENING": -opening.recovery, "INCOME": -income}, groups),
    }


def _recovery(opening: HeldBalance, p: Steps, units_share: Floats) -> Steps:
    """Roll the loss-recovery component: released with the underlying loss, then changed."""
    groups = len(opening.recovery)
    held_back = opening.recovery + p["new_recovery"]
    released = np.where(np.isnan(p["recovery_share"]), units_share, p["recovery_share"])
    left = held_back * (1.0 - share(released, "recovery share"))
    limit = np.where(np.isnan(p["recovery_limit"]), np.inf, p["recovered"] * p["recovery_limit"])
    after = np.maximum(0.0, left + p["recovered"] * p["underlying_loss"])
    after = np.minimum(after, np.maximum(limit, 0.0))
    return closed(
        {
            "OPENING": opening.recovery,
            "NEW": p["new_recovery"],
            "RELEASE": left - held_back,
            "CHANGE": after - left,
        },
        groups,
    )


def _columns(period: HeldPeriod, groups: int) -> Steps:
    same = {
        "premiums_expected": period.premiums,
        "recoveries_expected": period.recoveries,
        "fixed_expected": period.fixed,
        "future_current": period.future_locked,
    }
    filled = replace(period, **{k: v for k, v in same.items() if getattr(period, k) is None})
    return {
        f.name: np.full(groups, np.nan)
        if getattr(filled, f.name) is None
        else column(getattr(filled, f.name), groups, f.name)
        for f in fields(HeldPeriod)
    }


def _variance(p: Steps) -> Floats:
    """Return premium and fixed-amount experience, all of it future service (increase positive)."""
    return (p["premiums"] - p["premiums_expected"]) - (p["fixed"] - p["fixed_expected"])
