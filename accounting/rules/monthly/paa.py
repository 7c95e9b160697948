"""Groups measured by premium allocation: one month in whole won, by the engine of IFRS 17."""

from __future__ import annotations

import numpy as np

from accounting.rules.assumptions import EXPENSE
from accounting.rules.flows import MONEY, Kind
from accounting.rules.ifrs17 import paa as engine
from accounting.rules.monthly.facts import Facts, Won, rolled
from accounting.rules.monthly.state import Cash, Measured, Opening, Policy, Valued, expectations
from core.money import round_won_array


def paa(opening: Opening, cash: Cash, now: Valued, policy: Policy) -> Measured:
    """Measure groups of one policy by premium allocation.

    Args:
        opening: balances of the run before.
        cash: what was booked in the month.
        now: present values (for the onerous test, at current rates) and premium earned by service.
        policy: acquisition cash flows deferred or expensed, financing component or none.

    Returns:
        Facts UPR, ACQ, LC, LRC, PVFCF and RA (closing, as the onerous test saw them), EXPECTED;
        movements for the ledger. The onerous test is made each month.

    Source: IFRS 17.53–59, B125–B127.
    """
    received = cash.premiums - cash.refunds
    finance = _finance(opening, cash, now, policy)
    earned = _revenue(opening, received, finance, now, policy)
    ended = now.units < 0.5
    share = np.where(ended, 1.0, engine.earned(1.0, passed=_passed(now), left=_left(now)))
    result = engine.roll_allocation(
        engine.unearned(
            len(ended),
            premium=opening.upr,
            acquisition=opening.acq,
            lc=opening.lc,
        ),
        engine.AllocationPeriod(
            premiums=received,
            revenue=earned,
            acquisition=cash.acquisition,
            acquisition_share=share,
            acquisition_expensed=policy.acquisition == EXPENSE,
            finance=finance,
            fcf=np.where(ended, 0.0, now.current.sum(axis=1)),
        ),
    )
    amortised = round_won_array(result.expense["ACQUISITION"])
    carrying = round_won_array(result.closing.premium) - (
        opening.acq + cash.acquisition - amortised
    )
    needed = round_won_array(now.current.sum(axis=1))
    lc = np.where(ended, 0, round_won_array(engine.onerous(needed, carrying)))
    moves = {
        "REVENUE_PAA": earned,
        "ACQUISITION_AMORTISED": amortised,
        "FINANCE_PAA": finance,
        "LOSS_FUTURE": lc - opening.lc,
    }
    return Measured(_facts(opening, cash, now, moves), moves)


def _passed(now: Valued) -> np.ndarray:
    return np.maximum(now.earned, 0.0)


def _left(now: Valued) -> np.ndarray:
    return np.maximum(now.left, 0.0)


def _finance(opening: Opening, cash: Cash, now: Valued, policy: Policy) -> Won:
    """Return interest for a significant financing component; booked in the middle of the month."""
    month = now.month
    return round_won_array(
        engine.financing(
            opening.upr - opening.acq,
            cash.premiums - cash.refunds - cash.acquisition,
            month,
            received_share=0.5,
            significant=policy.financing,
        )
    )


def _revenue(opening: Opening, received: Won, finance: Won, now: Valued, policy: Policy) -> Won:
    """Return what the service of the month earns.

    Without a financing component each contract keeps what it has not earned. With one, receipts
    and their interest are earned by the service of the group.
    """
    if not policy.financing:
        return opening.upr + received - round_won_array(now.unearned)
    to_come = np.maximum(now.left - now.unearned, 0.0)
    expected = opening.upr + received + finance + to_come
    earned = engine.earned(expected, passed=_passed(now), left=_left(now))
    return np.minimum(round_won_array(earned), opening.upr + received + finance)


def _facts(opening: Opening, cash: Cash, now: Valued, moves: dict[str, Won]) -> Facts:
    facts: Facts = {}
    interest_steps = {"FINANCE": moves["FINANCE_PAA"]} if moves["FINANCE_PAA"].any() else {}
    rolled(
        facts,
        "UPR",
        {
            "OPENING": opening.upr,
            "PREMIUMS": cash.premiums,
            "REFUNDS": -cash.refunds,
            **interest_steps,
            "EARNED": -moves["REVENUE_PAA"],
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
    rolled(facts, "LC", {"OPENING": opening.lc, "ESTIMATES": moves["LOSS_FUTURE"]})
    rolled(
        facts,
        "LRC",
        {
            "OPENING": opening.upr - opening.acq + opening.lc,
            "PREMIUMS": cash.premiums,
            "ACQUISITION": -cash.acquisition,
            "REFUNDS": -cash.refunds,
            **interest_steps,
            "REVENUE": -moves["REVENUE_PAA"],
            "AMORTISED": moves["ACQUISITION_AMORTISED"],
            "LOSS": moves["LOSS_FUTURE"],
        },
    )
    for kind in (*MONEY, Kind.RISK):
        name, estimate = (kind.name, "PVFCF") if kind != Kind.RISK else ("", "RA")
        for basis, then, values in (
            ("L", opening.locked, now.locked),
            ("C", opening.current, now.current),
        ):
            was, closing = then[:, kind], round_won_array(values[:, kind])
            steps = {"OPENING": was, "CHANGE": closing - was}
            rolled(facts, estimate, steps, amount_type=name, basis=basis)
    expectations(facts, now)
    return facts
