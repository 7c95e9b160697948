"""A month of groups by the general model: it foots, ties to the ledger and follows the standard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules.monthly import (
    Policy,
    gmm,
)

from .months import GMM, booked, cash, check, opening, positive, row, steps, valued


class TestGeneralModel:
    @given(
        before=st.lists(positive, min_size=6, max_size=6),
        rates=st.lists(st.floats(0.8, 1.2), min_size=6, max_size=6),
        balance=positive,
        onerous=st.booleans(),
        new=st.lists(positive, min_size=6, max_size=6),
        closing=st.lists(positive, min_size=6, max_size=6),
        coming=st.lists(positive, min_size=6, max_size=6),
        flows=st.tuples(positive, positive, positive),
        left=st.sampled_from([0.0, 1.0, 1e9]),
        policy=st.sampled_from([GMM, Policy("GMM", "PL", "UNITS")]),
    )
    @settings(max_examples=300, deadline=None)
    def test_everything_foots_and_the_ledger_ties(
        self, before, rates, balance, onerous, new, closing, coming, flows, left, policy
    ):
        sign = np.array([-1, 1, 1, 1, 1, 1])
        start = opening(
            locked=np.array([before]) * sign,
            current=np.rint(np.array([before]) * sign * np.array(rates)).astype(np.int64),
            csm=0 if onerous else balance,
            lc=balance if onerous else 0,
            acq=flows[1],
            coming=np.array([[*coming, 10**9]]),
        )
        now = valued(
            locked=np.array([closing]) * sign * 1.0,
            current=np.array([closing]) * sign * np.array(rates[::-1]),
            new=np.array([new]) * sign * 1.0,
            units=np.array([left]),
        )
        measured = gmm(start, cash(*flows), now, policy)
        check(measured)
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        held = booked(start, cash(*flows), moves)
        lrc = steps(measured, "LRC")["CLOSING"]
        assert sum(held.values()) == lrc
        assert held["2130"] == steps(measured, "CSM")["CLOSING"]
        assert held["2140"] == steps(measured, "LC")["CLOSING"]
        assert held["2170"] == steps(measured, "RA")["CLOSING"]
        assert held["2120"] == -steps(measured, "ACQ")["CLOSING"]
        assert abs(moves["ROUNDING"]) <= 10

    def test_profitable_contracts_earn_nothing_at_issue(self):
        new = row(premium=-10_000, claims=8_000, risk=500).astype(float)
        measured = gmm(opening(), cash(), valued(new=new, locked=new), GMM)
        assert steps(measured, "CSM")["NEW"] == 1_500
        assert steps(measured, "RA")["NEW"] == 500
        assert steps(measured, "LC")["CLOSING"] == 0

    def test_onerous_contracts_lose_at_once(self):
        new = row(premium=-10_000, claims=10_300, risk=500).astype(float)
        measured = gmm(opening(), cash(), valued(new=new, locked=new), GMM)
        assert int(measured.moves["LOSS_NEW"][0]) == 800
        assert steps(measured, "CSM")["CLOSING"] == 0

    def test_bad_news_takes_the_margin_before_it_costs(self):
        start = opening(csm=1_000)
        mild = gmm(start, cash(), valued(locked=row(claims=300) * 1.0, rate=[0.0]), GMM)
        assert steps(mild, "CSM")["ESTIMATES"] == -300
        assert steps(mild, "LC")["CLOSING"] == 0
        worse = gmm(start, cash(), valued(locked=row(claims=1_500) * 1.0, rate=[0.0]), GMM)
        assert steps(worse, "CSM")["CLOSING"] == 0
        assert steps(worse, "LC")["CLOSING"] == 500

    def test_good_news_takes_back_the_loss_before_it_is_margin(self):
        start = opening(locked=row(claims=400), lc=400)
        better = valued(locked=row(claims=300, premium=-500) * 1.0, rate=[0.0])
        measured = gmm(start, cash(), better, GMM)
        assert steps(measured, "LC")["ESTIMATES"] == -400
        assert steps(measured, "CSM")["ESTIMATES"] == 200

    def test_margin_is_released_by_service(self):
        coming = np.array([[0, 0, 0, 0, 0, 0, 100]])
        measured = gmm(
            opening(csm=1_200, coming=coming),
            cash(),
            valued(units=np.array([1_100.0]), rate=[0.0]),
            GMM,
        )
        assert steps(measured, "CSM")["RELEASE"] == -100

    def test_interest_accretes_before_release_at_the_locked_in_rate(self):
        measured = gmm(opening(csm=1_000_000), cash(), valued(), GMM)
        assert steps(measured, "CSM")["FINANCE"] == round(1_000_000 * (1.03 ** (1 / 12) - 1))

    @pytest.mark.parametrize(
        ("policy", "moved"), [("OCI", "RATES_BEL_OCI"), ("PL", "RATES_BEL_PL")]
    )
    def test_changed_rates_go_where_the_policy_says_and_not_to_the_margin(self, policy, moved):
        start = opening(locked=row(claims=10_000), csm=500)
        now = valued(locked=row(claims=10_000) * 1.0, current=row(claims=10_700) * 1.0, rate=[0.0])
        measured = gmm(start, cash(), now, Policy("GMM", policy, "RATIO"))
        assert int(measured.moves[moved][0]) == 700
        assert steps(measured, "CSM")["ESTIMATES"] == 0
        assert steps(measured, "PVFCF", "CLAIMS", "L")["CLOSING"] == 10_000
        assert steps(measured, "PVFCF", "CLAIMS", "C")["CLOSING"] == 10_700

    def test_the_loss_component_takes_its_share_of_claims_and_risk(self):
        """40 % of outflows and risk are loss: so much of what is released is no revenue."""
        coming = np.array([[0, 900, 0, 0, 0, 100, 10]])
        start = opening(locked=row(claims=9_000, risk=1_000), lc=4_000, coming=coming)
        now = valued(locked=row(claims=8_100, risk=900) * 1.0, rate=[0.0], units=np.array([90.0]))
        measured = gmm(start, cash(), now, GMM)
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert moves["LOSS_RELEASED"] == 400
        assert moves["REVENUE_CLAIMS"] == 540
        assert moves["REVENUE_RISK"] == 60
        assert moves["LOSS_RISK"] == 40
        assert steps(measured, "LC")["CLOSING"] == 3_600

    def test_the_last_contract_takes_margin_loss_and_cost_with_it(self):
        gone = valued(units=np.zeros(1))
        measured = gmm(opening(csm=500, acq=300), cash(), gone, GMM)
        assert steps(measured, "CSM")["CLOSING"] == steps(measured, "ACQ")["CLOSING"] == 0
        assert steps(gmm(opening(lc=500), cash(), gone, GMM), "LC")["CLOSING"] == 0
