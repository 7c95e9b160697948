"""Groups measured by premium allocation: one month in whole won."""

from __future__ import annotations

import numpy as np

from accounting.rules.flows import MONEY, Kind
from accounting.rules.monthly.facts import Facts, rolled
from accounting.rules.monthly.state import Cash, Measured, Opening, Valued, expectations
from accounting.rules.projection import Floats
from core.money import round_won_array


def paa(opening: Opening, cash: Cash, now: Valued) -> Measured:
    """Measure groups by premium allocation.

    Args:
        opening: balances of the run before.
        cash: what was booked in the month.
        now: present values (for the onerous test, at current rates) and premium earned by time.

    Returns:
        Facts UPR, ACQ, LC, LRC, PVFCF and RA (closing, as the onerous test saw them), EXPECTED;
        movements for the ledger.

    Source: IFRS 17.53–58 (premium allocation), .55(b) (acquisition cash flows), .57 (onerous
    groups: fulfilment cash flows above the carrying amount), B126 (revenue by time).
    """
    facts: Facts = {}
    unearned = round_won_array(now.unearned)
    earned = opening.upr + cash.premiums - cash.refunds - unearned
    rolled(
        facts,
        "UPR",
        {
            "OPENING": opening.upr,
            "PREMIUMS": cash.premiums,
            "REFUNDS": -cash.refunds,
            "EARNED": -earned,
        },
    )
    before = opening.acq + cash.acquisition
    passed = np.maximum(now.earned, 0.0)
    whole = passed + np.maximum(now.unearned, 0.0) + np.maximum(_premiums_to_come(now), 0.0)
    share = np.where(whole > 0.5, passed / np.where(whole > 0.5, whole, 1.0), 1.0)
    ended = now.units < 0.5
    amortised = np.where(ended, before, round_won_array(np.clip(share, 0, 1) * before))
    acq = rolled(
        facts, "ACQ", {"OPENING": opening.acq, "PAID": cash.acquisition, "AMORTISED": -amortised}
    )
    needed = round_won_array(now.current.sum(axis=1))
    lc = np.where(ended, 0, np.maximum(0, needed - (unearned - acq)))
    loss = lc - opening.lc
    rolled(facts, "LC", {"OPENING": opening.lc, "ESTIMATES": loss})
    rolled(
        facts,
        "LRC",
        {
            "OPENING": opening.upr - opening.acq + opening.lc,
            "PREMIUMS": cash.premiums,
            "ACQUISITION": -cash.acquisition,
            "REFUNDS": -cash.refunds,
            "REVENUE": -earned,
            "AMORTISED": amortised,
            "LOSS": loss,
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
    return Measured(
        facts, {"REVENUE_PAA": earned, "ACQUISITION_AMORTISED": amortised, "LOSS_FUTURE": loss}
    )


def _premiums_to_come(now: Valued) -> Floats:
    return -now.locked[:, Kind.PREMIUM]
