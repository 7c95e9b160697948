"""Groups measured by the general model: one month in whole won, by the engine of IFRS 17.

The engine works in float64; its results are rounded here, each movement to the won. What that
leaves between the measured liability and the movements stands in a row of its own.
"""

from __future__ import annotations

import numpy as np

from accounting.rules.assumptions import OCI, UNITS
from accounting.rules.flows import MONEY, OUTFLOWS, SIGN, Kind
from accounting.rules.ifrs17.gmm import roll
from accounting.rules.ifrs17.margin import LossAllocation
from accounting.rules.ifrs17.records import Balance, Period, Result
from accounting.rules.monthly.facts import Facts, Won, rolled
from accounting.rules.monthly.state import (
    KIND_NAMES,
    Cash,
    Measured,
    Opening,
    Policy,
    Valued,
    expectations,
)
from accounting.rules.projection import Floats
from core.money import round_won_array

_OUT = list(OUTFLOWS)
_BEL = list(MONEY)
_STEP = {Kind.PREMIUM: "PREMIUMS", Kind.REPAID: "REFUNDS", Kind.COMMISSION: "ACQUISITION"}


def gmm(opening: Opening, cash: Cash, now: Valued, policy: Policy) -> Measured:
    """Measure groups of one policy by the general model.

    Args:
        opening: balances and expectations of the run before.
        cash: what was booked in the month.
        now: present values at the month end.
        policy: loss component and finance income or expense.

    Returns:
        Facts PVFCF and RA (by amount type, at locked-in and current rates), CSM, LC, ACQ, LRC,
        EXPECTED; movements for the ledger.

    Source: IFRS 17.38, .44, .47–52, .88(b), B96–B97, B119, B121–B125, B131.
    """
    steps = _present_values(opening, cash, now)
    result = _rolled(opening, cash, now, steps, policy)
    facts: Facts = {}
    for kind, by_step in steps.items():
        name, estimate = (KIND_NAMES[kind], "PVFCF") if kind != Kind.RISK else ("", "RA")
        of_rates = by_step["RATES"]
        locked = {k: v for k, v in by_step.items() if k != "RATES"}
        rolled(facts, estimate, locked, amount_type=name, basis="L")
        current = {**locked, "OPENING": opening.current[:, kind], "RATES": of_rates}
        rolled(facts, estimate, current, amount_type=name, basis="C")
    moves = _moves(opening, cash.acquisition, now, steps, result)
    _balances(facts, opening, cash, moves)
    _coverage(facts, opening, cash, now, moves)
    expectations(facts, now)
    _split_finance(moves, policy)
    return Measured(facts, moves)


def _present_values(opening: Opening, cash: Cash, now: Valued) -> dict[Kind, dict[str, Won]]:
    """Roll each kind of cash flow forward at locked-in rates, and add the effect of rates.

    While contracts join a group, its locked-in rates are averaged anew: what that does to the
    present value stands by itself (AVERAGE) and never reaches the margin (B73).
    """
    half, own = halves(now)
    expected = opening.coming + round_won_array(now.first)
    flows = {
        Kind.PREMIUM: cash.premiums,
        Kind.CLAIMS: -expected[:, Kind.CLAIMS],
        Kind.EXPENSES: -expected[:, Kind.EXPENSES],
        Kind.REPAID: -cash.refunds,
        Kind.COMMISSION: -cash.acquisition,
        Kind.RISK: -expected[:, Kind.RISK],
    }
    found = {}
    for kind, flow in flows.items():
        before = opening.locked[:, kind]
        new = round_won_array(now.new[:, kind])
        begun = -SIGN[kind] * now.first[:, kind]  # of the new contracts, at their own rate
        finance = round_won_array(now.month * before + half * (flow - begun) + own * (new + begun))
        kept = round_won_array(now.kept[:, kind])
        closing = round_won_array(now.locked[:, kind])
        current = round_won_array(now.current[:, kind])
        found[kind] = {
            "OPENING": before,
            "NEW": new,
            "FINANCE": finance,
            _STEP.get(kind, "RELEASE"): flow,
            "ESTIMATES": kept - before - new - finance - flow,
            "AVERAGE": closing - kept,
            "RATES": (current - closing) - (opening.current[:, kind] - before),
        }
    return found


def _rolled(
    opening: Opening,
    cash: Cash,
    now: Valued,
    steps: dict[Kind, dict[str, Won]],
    policy: Policy,
) -> Result:
    """Let the engine measure the month."""
    _half, own = halves(now)
    expected = opening.coming + round_won_array(now.first)

    def total(step: str, kinds: list[Kind]) -> Won:
        return np.sum([steps[kind][step] for kind in kinds], axis=0, dtype=np.int64)

    variance = (
        (cash.acquisition - expected[:, Kind.COMMISSION])
        - (cash.premiums - expected[:, Kind.PREMIUM])
        + (cash.refunds - expected[:, Kind.REPAID])
    )
    services = expected[:, Kind.CLAIMS] + expected[:, Kind.EXPENSES]
    risk = steps[Kind.RISK]
    period = Period(
        new_pvfcf=total("NEW", _BEL),
        new_ra=risk["NEW"],
        new_outflows=total("NEW", _OUT),
        premiums=cash.premiums,
        premiums_expected=expected[:, Kind.PREMIUM],
        acquisition=cash.acquisition,
        acquisition_expected=expected[:, Kind.COMMISSION],
        claims=services,
        claims_expected=services,
        investment=cash.refunds,
        investment_expected=expected[:, Kind.REPAID],
        finance_pvfcf=total("FINANCE", _BEL) + total("AVERAGE", _BEL),
        finance_outflows=total("FINANCE", _OUT) + total("AVERAGE", _OUT),
        finance_ra=risk["FINANCE"] + risk["AVERAGE"] + risk["RATES"],
        financial=total("RATES", _BEL),
        future_locked=total("ESTIMATES", _BEL) - variance,
        future_ra=risk["ESTIMATES"],
        release_ra=expected[:, Kind.RISK],
        locked=now.month,
        locked_new=own,
        units=np.maximum(expected[:, Kind.UNITS], 0),
        units_future=np.where(now.units < 0.5, 0.0, now.units),
        closing_outflows=np.maximum(now.current[:, _OUT].sum(axis=1), 0.0),
    )
    before = Balance(
        pvfcf=opening.current[:, _BEL].sum(axis=1).astype(np.float64),
        ra=opening.current[:, Kind.RISK].astype(np.float64),
        csm=opening.csm.astype(np.float64),
        lc=opening.lc.astype(np.float64),
        outflows=np.maximum(opening.current[:, _OUT].sum(axis=1), 0).astype(np.float64),
        acquisition=opening.acq.astype(np.float64),
    )
    allocation = LossAllocation.UNITS if policy.loss == UNITS else LossAllocation.RATIO
    return roll(before, period, allocation=allocation)


def _moves(
    opening: Opening, paid: Won, now: Valued, steps: dict[Kind, dict[str, Won]], result: Result
) -> dict[str, Won]:
    """Round what the engine found to movements in whole won that foot."""
    csm, loss, revenue = result.components["CSM"], result.loss, result.revenue
    closing = result.closing
    expected = opening.coming + round_won_array(now.first)
    csm_new, csm_finance = round_won_array(csm["NEW"]), round_won_array(csm["FINANCE"])
    csm_future = round_won_array(csm["FUTURE"])
    loss_new, loss_finance = round_won_array(loss["NEW"]), round_won_array(loss["FINANCE"])
    loss_future = round_won_array(loss["LOSS"] + loss["REVERSAL"])
    services = round_won_array(revenue["CLAIMS"])
    claims = round_won_array(
        revenue["CLAIMS"]
        * _part(expected[:, Kind.CLAIMS], expected[:, Kind.CLAIMS] + expected[:, Kind.EXPENSES])
    )
    risk = round_won_array(revenue["RA"])
    amortised = opening.acq + paid - round_won_array(closing.acquisition)
    bel = np.sum(
        [steps[kind]["FINANCE"] + steps[kind]["AVERAGE"] for kind in _BEL], axis=0, dtype=np.int64
    )
    risk_finance = steps[Kind.RISK]["FINANCE"] + steps[Kind.RISK]["AVERAGE"]
    return {
        "REVENUE_CLAIMS": claims,
        "REVENUE_EXPENSES": services - claims,
        "REVENUE_RISK": risk,
        "REVENUE_CSM": opening.csm
        + csm_new
        + csm_finance
        + csm_future
        - round_won_array(closing.csm),
        "REVENUE_ACQUISITION": amortised,
        "ACQUISITION_AMORTISED": amortised,
        "FINANCE_BEL": bel - loss_finance,
        "FINANCE_LOSS": loss_finance,
        "FINANCE_RISK": risk_finance,
        "FINANCE_CSM": csm_finance,
        "RATES_BEL": np.sum([steps[kind]["RATES"] for kind in _BEL], axis=0, dtype=np.int64),
        "RATES_RISK": steps[Kind.RISK]["RATES"],
        "CSM_NEW": csm_new,
        "CSM_FUTURE": csm_future,
        "RISK_NEW": steps[Kind.RISK]["NEW"],
        "RISK_FUTURE": steps[Kind.RISK]["ESTIMATES"],
        "LOSS_NEW": loss_new,
        "LOSS_FUTURE": loss_future,
        "LOSS_RELEASED": opening.lc
        + loss_new
        + loss_finance
        + loss_future
        - round_won_array(closing.lc),
        "LOSS_RISK": expected[:, Kind.RISK] - risk,
    }


def _balances(facts: Facts, opening: Opening, cash: Cash, moves: dict[str, Won]) -> None:
    rolled(
        facts,
        "CSM",
        {
            "OPENING": opening.csm,
            "NEW": moves["CSM_NEW"],
            "FINANCE": moves["FINANCE_CSM"],
            "ESTIMATES": moves["CSM_FUTURE"],
            "RELEASE": -moves["REVENUE_CSM"],
        },
    )
    rolled(
        facts,
        "LC",
        {
            "OPENING": opening.lc,
            "NEW": moves["LOSS_NEW"],
            "FINANCE": moves["FINANCE_LOSS"],
            "ESTIMATES": moves["LOSS_FUTURE"],
            "RELEASE": -moves["LOSS_RELEASED"],
        },
    )
    rolled(
        facts,
        "ACQ",
        {
            "OPENING": opening.acq,
            "PAID": cash.acquisition,
            "AMORTISED": -moves["ACQUISITION_AMORTISED"],
        },
    )


def _coverage(
    facts: Facts, opening: Opening, cash: Cash, now: Valued, moves: dict[str, Won]
) -> None:
    """Add the liability for remaining coverage; rounding is what its movements miss."""
    wanted = np.sum(
        [round_won_array(now.current[:, kind]) for kind in (*MONEY, Kind.RISK)],
        axis=0,
        dtype=np.int64,
    ) + _closing(facts, "CSM")
    steps = {
        "OPENING": opening.current.sum(axis=1) + opening.csm,
        "PREMIUMS": cash.premiums,
        "ACQUISITION": -cash.acquisition,
        "REFUNDS": -cash.refunds,
        "REVENUE": -(
            moves["REVENUE_CLAIMS"]
            + moves["REVENUE_EXPENSES"]
            + moves["REVENUE_RISK"]
            + moves["REVENUE_CSM"]
        ),
        "LOSS": moves["LOSS_NEW"] + moves["LOSS_FUTURE"] - moves["LOSS_RELEASED"],
        "FINANCE": moves["FINANCE_BEL"]
        + moves["FINANCE_LOSS"]
        + moves["FINANCE_RISK"]
        + moves["FINANCE_CSM"],
        "RATES": moves["RATES_BEL"] + moves["RATES_RISK"],
    }
    moves["ROUNDING"] = wanted - np.sum(list(steps.values()), axis=0, dtype=np.int64)
    rolled(facts, "LRC", {**steps, "ROUNDING": moves["ROUNDING"]})


def _closing(facts: Facts, estimate: str) -> Won:
    return next(v for f, v in facts.items() if f.estimate == estimate and f.step == "CLOSING")


def _split_finance(moves: dict[str, Won], policy: Policy) -> None:
    """Send the effect of changed rates to profit or loss or to OCI (88, B131)."""
    place = "OCI" if policy.finance == OCI else "PL"
    for name in ("RATES_BEL", "RATES_RISK"):
        moves[f"{name}_{place}"] = moves.pop(name)


def _part(part: Won, whole: Won) -> Floats:
    safe = np.where(whole == 0, 1, whole)
    return np.where(whole == 0, 1.0, part / safe)


def halves(now: Valued) -> tuple[Floats, Floats]:
    """Return interest of half a month on what was there, and on new contracts at their own rate."""
    return np.sqrt(1.0 + now.month) - 1.0, np.sqrt(1.0 + now.own) - 1.0
