"""Reinsurance contracts held, treaty by treaty: one month in whole won.

Signs as in the engine: what will be received is negative, an asset is negative. The movements for
the ledger are named as assets grow: positive debits the asset. The engine works in float64; each
movement is rounded to the won here, and what that leaves stands in a row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from accounting.rules.ifrs17.ceded import CededPeriod, ceded, roll_ceded
from accounting.rules.ifrs17.reinsurance import HeldBalance, HeldPeriod, HeldResult, roll_held
from accounting.rules.monthly.facts import Facts, Won, rolled
from accounting.rules.monthly.state import Measured
from accounting.rules.projection import Floats
from core.money import round_won_array

VALUE, RISK = 0, 1
"""Columns of present values: expected cash flows, risk adjustment."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOpening:
    """Closing balances of the run before; won, (treaties,) each.

    Args:
        locked, current: (treaties, 2) present value and risk adjustment at both rates.
        csm: margin, either sign.
        recovery: loss-recovery component, ≥ 0.
        prepaid: premiums paid less premiums allocated, asset positive (premium allocation).
        case, ibnr, discount, risk, default: parts of what is recoverable of incurred claims, ≥ 0.
    """

    locked: Won
    current: Won
    csm: Won
    recovery: Won
    prepaid: Won
    case: Won
    ibnr: Won
    discount: Won
    risk: Won
    default: Won


@dataclass(frozen=True, slots=True, eq=False)
class HeldNow:
    """Treaties at a month end, (treaties,) each; amounts positive but where signed.

    Args:
        begins: recognised in this month.
        paid: premium less commission booked this month, signed.
        paid_expected, recovered_expected, risk_expected: expected of the month.
        locked, current: (treaties, 2) present values after it, signed.
        non_performance: signed; part of ``current`` that comes of a changed risk that the
            reinsurer does not pay, worse positive.
        month: rate locked in for the month, effective a month.
        units, units_future: coverage units received, and expected.
        share: of the underlying claims to come that the treaty pays.
        loss_change: losses recognised (+) or reversed (−) on the underlying groups outside the
            systematic release.
        loss_left: their loss component.
        to_come: premium less commission still expected.
        left: months of cover left.
        case, ibnr: recoverable of incurred claims, undiscounted, won.
        factor: present value of one won of them.
        unwind: interest of the month.
        risk: risk adjustment per won of their present value.
        default: part of them that is expected not to be paid.
    """

    begins: np.ndarray
    paid: Won
    paid_expected: Won
    recovered_expected: Won
    risk_expected: Won
    locked: Floats
    current: Floats
    non_performance: Floats
    month: Floats
    units: Floats
    units_future: Floats
    share: Floats
    loss_change: Won
    loss_left: Won
    to_come: Floats
    left: np.ndarray
    case: Won
    ibnr: Won
    factor: Floats
    unwind: Floats
    risk: Floats
    default: Floats


def cut_held(columns: HeldNow, rows: np.ndarray) -> HeldNow:
    """Return some treaties."""
    return HeldNow(**{f.name: getattr(columns, f.name)[rows] for f in fields(columns)})


def held_general(opening: HeldOpening, now: HeldNow) -> Measured:
    """Measure treaties by the general model.

    Args:
        opening: balances of the run before.
        now: the month end.

    Returns:
        Facts RI_PVFCF and RI_RA (both rates), RI_CSM, RI_LR, RI_ARC; movements for the ledger.

    Source: IFRS 17.63–68, .66A–66B, .86, B119C–B119F.
    """
    steps = _present_values(opening, now)
    result = _engine(opening, now, steps)
    facts: Facts = {}
    for column, estimate in ((VALUE, "RI_PVFCF"), (RISK, "RI_RA")):
        locked = {k: v for k, v in steps[column].items() if k != "RATES"}
        rolled(facts, estimate, locked, basis="L")
        rolled(facts, estimate, {**steps[column], "OPENING": opening.current[:, column]})
    moves = _moves(opening, now, steps, result)
    csm = {
        "OPENING": opening.csm,
        "NEW": moves["RI_CSM_NEW"],
        "FINANCE": moves["RI_FINANCE_CSM"],
        "ESTIMATES": moves["RI_CSM_FUTURE"],
        "RELEASE": moves["RI_ALLOCATED_CSM"],
    }
    rolled(facts, "RI_CSM", csm)
    _recovery(facts, opening, moves)
    wanted = (
        facts_closing(facts, "RI_PVFCF") + facts_closing(facts, "RI_RA")
        + facts_closing(facts, "RI_CSM")
    )  # fmt: skip
    arc = {
        "OPENING": opening.current.sum(axis=1) + opening.csm,
        "PREMIUMS": -now.paid,
        "ALLOCATION": moves["RI_ALLOCATED"]
        + moves["RI_ALLOCATED_RISK"]
        + moves["RI_ALLOCATED_CSM"]
        - moves["RI_LOSSES_RELEASED"],
        "LOSS": -(moves["RI_LOSSES"] - moves["RI_LOSSES_RELEASED"]),
        "FINANCE": moves["RI_FINANCE"] + moves["RI_FINANCE_RISK"] + moves["RI_FINANCE_CSM"],
        "DEFAULT": moves["RI_DEFAULT"],
    }
    moves["RI_ROUNDING"] = wanted - np.sum(list(arc.values()), axis=0, dtype=np.int64)
    rolled(facts, "RI_ARC", {**arc, "ROUNDING": moves["RI_ROUNDING"]})
    return Measured(facts, moves)


def held_allocated(opening: HeldOpening, now: HeldNow) -> Measured:
    """Measure treaties by premium allocation.

    Premiums paid and still expected are spread over the months of cover that are left, this one
    included.

    Args:
        opening: balances of the run before.
        now: the month end.

    Returns:
        Facts RI_UPR, RI_LR, RI_ARC; movements for the ledger.

    Source: IFRS 17.69–70A, .86, B119D, B119F, B126(a).
    """
    whole = opening.prepaid + now.paid + now.to_come
    allocated = round_won_array(whole / (now.left + 1.0))
    recovered = np.where(now.left > 0, now.share, 0.0)
    result = roll_ceded(
        ceded(len(now.paid), prepaid=-opening.prepaid, recovery=opening.recovery),
        CededPeriod(
            premiums=now.paid,
            allocated=allocated,
            recovered=recovered,
            underlying_lc=now.loss_left,
        ),
    )
    losses = round_won_array(result.closing.recovery) - opening.recovery
    facts: Facts = {}
    rolled(
        facts,
        "RI_UPR",
        {"OPENING": -opening.prepaid, "PREMIUMS": -now.paid, "ALLOCATION": allocated},
    )
    rolled(facts, "RI_LR", {"OPENING": opening.recovery, "ESTIMATES": losses})
    rolled(
        facts,
        "RI_ARC",
        {
            "OPENING": -opening.prepaid - opening.recovery,
            "PREMIUMS": -now.paid,
            "ALLOCATION": allocated,
            "LOSS": -losses,
        },
    )
    return Measured(facts, {"RI_ALLOCATED": allocated, "RI_LOSSES": losses})


def held_incurred(opening: HeldOpening, now: HeldNow) -> Measured:
    """Measure what is recoverable of incurred claims, consistent with the underlying claims.

    Args:
        opening: balances of the run before.
        now: the month end.

    Returns:
        Fact RI_LIC by CASE, IBNR, DISCOUNT, RISK, DEFAULT and in total (asset negative);
        movements. The reinsurers' share of case reserves is booked as claims are handled.

    Source: IFRS 17.63 (consistent assumptions, non-performance), .64, .40(b) by .63.
    """
    undiscounted = now.case + now.ibnr
    discount = round_won_array(undiscounted * (1.0 - now.factor))
    worth = undiscounted - discount
    risk, default = round_won_array(worth * now.risk), round_won_array(worth * now.default)
    before = opening.case + opening.ibnr - opening.discount
    unwound = np.minimum(round_won_array(before * now.unwind), opening.discount)
    discounted = discount - (opening.discount - unwound)
    ibnr = now.ibnr - opening.ibnr
    facts: Facts = {}
    parts = {
        "CASE": {"OPENING": opening.case, "CASE": now.case - opening.case},
        "IBNR": {"OPENING": opening.ibnr, "CHANGE": ibnr},
        "DISCOUNT": {"OPENING": opening.discount, "UNWIND": -unwound, "DISCOUNT": discounted},
        "RISK": {"OPENING": opening.risk, "RISK": risk - opening.risk},
        "DEFAULT": {"OPENING": opening.default, "DEFAULT": default - opening.default},
    }
    for name, own in parts.items():
        rolled(facts, "RI_LIC", own, amount_type=name)
    rolled(
        facts,
        "RI_LIC",
        {
            "OPENING": -(before + opening.risk - opening.default),
            "CASE": -parts["CASE"]["CASE"],
            "CHANGE": -ibnr,
            "UNWIND": -unwound,
            "DISCOUNT": discounted,
            "RISK": -parts["RISK"]["RISK"],
            "DEFAULT": parts["DEFAULT"]["DEFAULT"],
        },
    )
    return Measured(
        facts,
        {
            "RI_IBNR": ibnr,
            "RI_UNWOUND": unwound,
            "RI_DISCOUNTED": discounted,
            "RI_INCURRED_RISK": parts["RISK"]["RISK"],
            "RI_INCURRED_DEFAULT": parts["DEFAULT"]["DEFAULT"],
        },
    )


def _present_values(opening: HeldOpening, now: HeldNow) -> list[dict[str, Won]]:
    """Roll present value and risk adjustment forward; new treaties as if a month had passed."""
    half = np.sqrt(1.0 + now.month) - 1.0
    expected = np.stack([now.recovered_expected - now.paid_expected, now.risk_expected], axis=1)
    booked = np.stack([now.recovered_expected - now.paid, now.risk_expected], axis=1)
    names = ("PREMIUMS", "RELEASE")
    found = []
    for column in (VALUE, RISK):
        before, closing = opening.locked[:, column], round_won_array(now.locked[:, column])
        current = round_won_array(now.current[:, column])
        flow = expected[:, column]
        at_once = (now.locked[:, column] - flow * (1.0 + half)) / (1.0 + now.month)
        new = round_won_array(np.where(now.begins, at_once, 0.0))
        moved = booked[:, column]
        finance = round_won_array(now.month * (before + new) + half * moved)
        steps = {"OPENING": before, "NEW": new, "FINANCE": finance}
        if column == VALUE:
            steps |= {"PREMIUMS": -now.paid, "RELEASE": now.recovered_expected}
        else:
            steps |= {names[1]: moved}
        steps["ESTIMATES"] = closing - np.sum(list(steps.values()), axis=0, dtype=np.int64)
        steps["DEFAULT"] = np.zeros_like(closing)
        rates = (current - closing) - (opening.current[:, column] - before)
        if column == VALUE:
            default = round_won_array(now.non_performance)
            steps["ESTIMATES"], steps["DEFAULT"] = steps["ESTIMATES"] - default, default
        steps["RATES"] = rates
        found.append(steps)
    return found


def _engine(opening: HeldOpening, now: HeldNow, steps: list[dict[str, Won]]) -> HeldResult:
    value, risk = steps
    variance = now.paid - now.paid_expected
    return roll_held(
        HeldBalance(
            pvfcf=opening.current[:, VALUE].astype(np.float64),
            ra=opening.current[:, RISK].astype(np.float64),
            csm=opening.csm.astype(np.float64),
            recovery=opening.recovery.astype(np.float64),
        ),
        HeldPeriod(
            new_pvfcf=value["NEW"],
            new_ra=risk["NEW"],
            premiums=now.paid,
            premiums_expected=now.paid_expected,
            recoveries=now.recovered_expected,
            finance_pvfcf=value["FINANCE"],
            finance_ra=risk["FINANCE"] + risk["RATES"],
            financial=value["RATES"],
            non_performance=value["DEFAULT"],
            future_locked=value["ESTIMATES"] - variance,
            future_ra=risk["ESTIMATES"],
            underlying_loss=now.loss_change,
            recovered=now.share,
            recovery_limit=now.loss_left,
            release_ra=now.risk_expected,
            locked=now.month,
            units=np.maximum(now.units, 0.0),
            units_future=np.where(now.units_future < 0.5, 0.0, now.units_future),
        ),
    )


def _moves(
    opening: HeldOpening, now: HeldNow, steps: list[dict[str, Won]], result: HeldResult
) -> dict[str, Won]:
    """Round what the engine found to movements in whole won that foot."""
    csm, recovery = result.components["CSM"], result.recovery
    new, finance = round_won_array(csm["NEW"]), round_won_array(csm["FINANCE"])
    future = round_won_array(csm["FUTURE"])
    closing = round_won_array(result.closing.csm)
    losses = round_won_array(recovery["NEW"] + recovery["CHANGE"])
    left = round_won_array(result.closing.recovery)
    value, risk = steps
    return {
        "RI_ALLOCATED": now.recovered_expected,
        "RI_ALLOCATED_RISK": now.risk_expected,
        "RI_ALLOCATED_CSM": closing - opening.csm - new - finance - future,
        "RI_CSM_NEW": new,
        "RI_CSM_FUTURE": future,
        "RI_RISK": risk["NEW"] + risk["ESTIMATES"],
        "RI_LOSSES": losses,
        "RI_LOSSES_RELEASED": opening.recovery + losses - left,
        "RI_FINANCE": value["FINANCE"] + value["RATES"],
        "RI_FINANCE_RISK": risk["FINANCE"] + risk["RATES"],
        "RI_FINANCE_CSM": finance,
        "RI_DEFAULT": value["DEFAULT"],
    }


def _recovery(facts: Facts, opening: HeldOpening, moves: dict[str, Won]) -> None:
    rolled(
        facts,
        "RI_LR",
        {
            "OPENING": opening.recovery,
            "ESTIMATES": moves["RI_LOSSES"],
            "RELEASE": -moves["RI_LOSSES_RELEASED"],
        },
    )


def facts_closing(facts: Facts, estimate: str) -> Won:
    """Return the closing of an estimate at current rates."""
    return next(v for f, v in facts.items() if f[:3] == (estimate, "", "C") and f.step == "CLOSING")
