"""A month of groups in whole won: it foots, ties to the ledger and follows the standard."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules.assumptions import Allocation
from accounting.rules.flows import Kind
from accounting.rules.monthly import (
    Cash,
    Claims,
    Fact,
    Measured,
    NotAllocable,
    Opening,
    Policy,
    Valued,
    allocated,
    ask,
    footing,
    gmm,
    incurred,
    paa,
    present_value_of_payments,
    require,
    unreported,
)
from accounting.rules.monthly.eligibility import liabilities

amount = st.integers(-(10**11), 10**11)
positive = st.integers(0, 10**11)
GMM = Policy("GMM", "OCI", "RATIO")
PAA = Policy("PAA", "PL", "RATIO")


def row(**given: int) -> np.ndarray:
    """Make one group's present values by kind, PREMIUM negative as in the liability."""
    return np.array([[given.get(kind.name.lower(), 0) for kind in list(Kind)[:6]]])


def opening(**given: Any) -> Opening:
    values: dict[str, Any] = {f.name: np.zeros(1, np.int64) for f in dataclasses.fields(Opening)}
    values |= {"locked": row(), "current": row(), "coming": np.zeros((1, 7), np.int64)}
    for name, value in given.items():
        values[name] = value if isinstance(value, np.ndarray) else np.array([value])
    if "current" not in given and "locked" in given:
        values["current"] = values["locked"]
    return Opening(**values)


def cash(premiums: int = 0, acquisition: int = 0, refunds: int = 0) -> Cash:
    return Cash(np.array([premiums]), np.array([acquisition]), np.array([refunds]))


def valued(**given: Any) -> Valued:
    values: dict[str, Any] = {
        "locked": row().astype(float),
        "new": row().astype(float),
        "coming": np.zeros((1, 7)),
        "first": np.zeros((1, 7)),
        "units": np.array([1e9]),
        "unearned": np.zeros(1),
        "earned": np.zeros(1),
        "left": np.zeros(1),
        "rate": np.array([0.03]),
        "contracts": np.array([1]),
    }
    values |= given
    values.setdefault("current", values["locked"])
    values.setdefault("kept", values["locked"])
    values["month"] = (1 + np.asarray(values.pop("rate"))) ** (1 / 12) - 1
    values.setdefault("own", values["month"])
    return Valued(**{k: np.asarray(v) for k, v in values.items()})


def steps(measured: Measured, estimate: str, kind: str = "", basis: str = "C") -> dict[str, int]:
    return {
        fact.step: int(values[0])
        for fact, values in measured.facts.items()
        if fact[:3] == (estimate, kind, basis)
    }


def check(measured: Measured) -> None:
    for key, miss in footing(measured.facts).items():
        assert not miss.any(), key
    csm, lc = steps(measured, "CSM"), steps(measured, "LC")
    assert lc["CLOSING"] >= 0
    if csm:
        assert csm["CLOSING"] >= 0
        assert not (csm["CLOSING"] and lc["CLOSING"])


def booked(start: Opening, flows: Cash, moves: dict[str, int]) -> dict[str, int]:
    """Return the balances that the posting rules make, by account (credit positive)."""
    m = {name: moves.get(name, 0) for name in ALL}
    lc, csm, ra = int(start.lc[0]), int(start.csm[0]), int(start.current[0, Kind.RISK])
    acq = int(start.acq[0])
    bel = int(start.current[0, :5].sum()) - lc + acq
    paid, refunds = int(flows.acquisition[0]), int(flows.refunds[0])
    return {
        "2110": bel
        + int(flows.premiums[0])
        - refunds
        - m["REVENUE_CLAIMS"]
        - m["REVENUE_EXPENSES"]
        - m["REVENUE_ACQUISITION"]
        + m["FINANCE_BEL"]
        + m["RATES_BEL_PL"]
        + m["RATES_BEL_OCI"]
        - m["CSM_NEW"]
        - m["CSM_FUTURE"]
        - m["RISK_NEW"]
        - m["RISK_FUTURE"]
        + m["LOSS_RISK"]
        + m["ROUNDING"],
        "2120": -acq - paid + m["ACQUISITION_AMORTISED"],
        "2130": csm + m["CSM_NEW"] + m["CSM_FUTURE"] + m["FINANCE_CSM"] - m["REVENUE_CSM"],
        "2140": lc + m["LOSS_NEW"] + m["LOSS_FUTURE"] + m["FINANCE_LOSS"] - m["LOSS_RELEASED"],
        "2170": ra
        + m["RISK_NEW"]
        + m["RISK_FUTURE"]
        + m["FINANCE_RISK"]
        + m["RATES_RISK_PL"]
        + m["RATES_RISK_OCI"]
        - m["REVENUE_RISK"]
        - m["LOSS_RISK"],
    }


ALL = [
    "REVENUE_CLAIMS",
    "REVENUE_EXPENSES",
    "REVENUE_ACQUISITION",
    "REVENUE_CSM",
    "REVENUE_RISK",
    "FINANCE_BEL",
    "FINANCE_CSM",
    "FINANCE_LOSS",
    "FINANCE_RISK",
    "RATES_BEL_PL",
    "RATES_BEL_OCI",
    "RATES_RISK_PL",
    "RATES_RISK_OCI",
    "CSM_NEW",
    "CSM_FUTURE",
    "RISK_NEW",
    "RISK_FUTURE",
    "LOSS_NEW",
    "LOSS_FUTURE",
    "LOSS_RELEASED",
    "LOSS_RISK",
    "ROUNDING",
    "ACQUISITION_AMORTISED",
]


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


class TestPremiumAllocation:
    def test_premium_is_earned_by_time(self):
        """Twelve months of cover, paid at once in the middle of a month: 1/24 earned at its end."""
        now = valued(unearned=[2_300.0], earned=[100.0], left=[2_300.0])
        measured = paa(opening(), cash(premiums=2_400, acquisition=240), now, PAA)
        check(measured)
        assert int(measured.moves["REVENUE_PAA"][0]) == 100
        assert int(measured.moves["ACQUISITION_AMORTISED"][0]) == 10
        assert steps(measured, "LRC")["CLOSING"] == 2_300 - 230

    def test_premiums_to_come_carry_their_part_of_acquisition(self):
        """Monthly payer: 200 of 2,400 due, 100 earned; acquisition follows service, not cash."""
        now = valued(unearned=[100.0], earned=[100.0], left=[2_300.0])
        measured = paa(opening(), cash(premiums=200, acquisition=240), now, PAA)
        assert int(measured.moves["ACQUISITION_AMORTISED"][0]) == 10

    def test_acquisition_may_be_expensed(self):
        """59(a): 240 are expense at once; what an earlier policy deferred runs off as before."""
        policy = dataclasses.replace(PAA, acquisition="EXPENSE")
        now = valued(unearned=[2_300.0], earned=[100.0], left=[2_300.0])
        measured = paa(opening(), cash(premiums=2_400, acquisition=240), now, policy)
        check(measured)
        assert int(measured.moves["ACQUISITION_AMORTISED"][0]) == 240
        assert steps(measured, "LRC")["CLOSING"] == 2_300
        later = paa(opening(upr=2_400, acq=48), cash(), now, policy)
        assert int(later.moves["ACQUISITION_AMORTISED"][0]) == 2

    def test_a_financing_component_bears_interest_that_service_earns(self):
        """56: 12,000 stand for a month at 1 %; half of the service earns half of both."""
        policy = dataclasses.replace(PAA, financing=True)
        now = valued(unearned=[6_000.0], earned=[6_000.0], left=[6_000.0], rate=[1.01**12 - 1.0])
        measured = paa(opening(upr=12_000), cash(), now, policy)
        check(measured)
        assert int(measured.moves["FINANCE_PAA"][0]) == 120
        assert int(measured.moves["REVENUE_PAA"][0]) == 6_060
        assert steps(measured, "LRC")["CLOSING"] == 6_060
        last = valued(earned=[6_000.0], rate=[1.01**12 - 1.0])
        done = paa(opening(upr=6_060), cash(), last, policy)
        assert int(done.moves["REVENUE_PAA"][0]) == 6_060 + 61
        assert steps(done, "LRC")["CLOSING"] == 0

    def test_an_onerous_group_books_its_loss(self):
        now = valued(
            locked=row(claims=1_250, risk=50) * 1.0,
            unearned=[900.0],
            earned=[100.0],
            left=[900.0],
        )
        measured = paa(opening(), cash(premiums=1_000), now, PAA)
        check(measured)
        assert int(measured.moves["LOSS_FUTURE"][0]) == 400

    @given(
        upr=positive,
        premiums=positive,
        refunds=positive,
        unearned=positive,
        need=positive,
        left=positive,
        policy=st.sampled_from(
            [
                PAA,
                Policy("PAA", "PL", "RATIO", "EXPENSE"),
                Policy("PAA", "PL", "RATIO", "DEFER", True),
            ]
        ),
    )
    def test_everything_foots(self, upr, premiums, refunds, unearned, need, left, policy):
        start = opening(upr=upr, acq=upr // 10, lc=5)
        now = valued(
            locked=row(claims=need) * 1.0,
            unearned=[float(unearned)],
            earned=[premiums / 12],
            left=[float(left)],
        )
        measured = paa(start, cash(premiums, premiums // 10, refunds), now, policy)
        check(measured)
        moves = {k: int(v[0]) for k, v in measured.moves.items()}
        lrc = (
            upr
            - upr // 10
            + 5
            + premiums
            - premiums // 10
            - refunds
            - moves["REVENUE_PAA"]
            + moves["FINANCE_PAA"]
            + moves["ACQUISITION_AMORTISED"]
            + moves["LOSS_FUTURE"]
        )
        assert lrc == steps(measured, "LRC")["CLOSING"]
        lc = steps(measured, "LC")["CLOSING"]
        carrying = lrc - lc
        assert lc == max(0, need - carrying)


class TestEligibility:
    """53–54: longer cover is asked by projecting both liabilities."""

    def flows(self, months: int, **kinds: float) -> np.ndarray:
        """Level claims and service; premiums at issue."""
        found = np.zeros((7, months))
        found[Kind.UNITS] = 1.0
        found[Kind.CLAIMS] = kinds.get("claims", 0.0)
        found[Kind.RISK] = kinds.get("risk", 0.0)
        found[Kind.PREMIUM, 0] = kinds.get("premium", 0.0)
        found[Kind.COMMISSION, 0] = kinds.get("commission", 0.0)
        return found

    def test_a_year_is_not_asked(self):
        asked = ask(12, self.flows(12, premium=1_200, claims=80), 0.03, Allocation())
        assert (asked.answer.eligible, asked.answer.short) == (True, True)

    def test_level_cover_without_interest_and_change_is_the_same_in_both(self):
        """Rate 0 and claims as expected: both carry premium less service passed (property 7)."""
        general, allocation = liabilities(self.flows(24, premium=2_400, claims=60), 0.0, 0.0)
        assert general[0] == pytest.approx(allocation[0])
        assert general[0, 11] == pytest.approx(1_200)

    def test_two_years_may_be_allocated_and_ten_at_high_rates_not(self):
        short = ask(24, self.flows(24, premium=2_400, claims=60), 0.02, Allocation())
        assert (short.answer.eligible, short.answer.short) == (True, False)
        assert 0 < short.answer.difference < 0.05
        long = ask(120, self.flows(120, premium=12_000, claims=60), 0.06, Allocation())
        assert not long.answer.eligible
        with pytest.raises(NotAllocable, match=r"120 months.*general model by"):
            require("MOTOR-2026", long, Allocation())

    def test_expensing_acquisition_of_longer_cover_is_refused(self):
        asked = ask(24, self.flows(24, premium=2_400, claims=60), 0.02, Allocation())
        require("MOTOR-2026", asked, Allocation())
        with pytest.raises(NotAllocable, match="Defer them"):
            require("MOTOR-2026", asked, Allocation(acquisition="EXPENSE"))


class TestIncurredClaims:
    def claims(
        self, case: int, ibnr: int, factor: float = 1.0, risk: float = 0.0, **given: Any
    ) -> Claims:
        values: dict[str, Any] = {
            "case": case,
            "ibnr_month": ibnr - ibnr // 3,
            "ibnr_earlier": ibnr // 3,
            "factor": factor,
            "factor_locked": factor,
            "interest": 0.002,
            "interest_locked": 0.002,
            "risk": risk,
            "oci": False,
        }
        return Claims(**{k: np.array([v]) for k, v in (values | given).items()})

    def test_discount_and_risk_are_their_own(self):
        measured = incurred(opening(), self.claims(8_000, 2_000, 0.98, 0.05))
        assert steps(measured, "LIC", "DISCOUNT")["CLOSING"] == 200
        assert steps(measured, "LIC", "RISK")["CLOSING"] == 490
        assert steps(measured, "LIC")["CLOSING"] == 10_290
        assert not any(miss.any() for miss in footing(measured.facts).values())

    def test_what_the_next_month_bears_is_kept(self):
        measured = incurred(opening(), self.claims(8_000, 2_000, 0.98))
        assert steps(measured, "EXPECTED", "LIC_INTEREST", "N") == {"COMING": 20}

    def test_interest_is_finance_and_the_rest_is_service(self):
        start = opening(case=8_000, ibnr=2_000, discount=200, unwind=20)
        measured = incurred(start, self.claims(8_000, 2_000, 0.98))
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert moves["LIC_UNWOUND"] == 20
        assert moves["LIC_DISCOUNTED"] == 20
        assert moves["LIC_RATES_PL"] == 0

    def test_changed_rates_are_finance_not_service(self):
        """87: 10,000 were worth 9,800; at the rates of today 9,700: 100 of finance income."""
        start = opening(case=8_000, ibnr=2_000, discount=200, unwind=20)
        measured = incurred(start, self.claims(8_000, 2_000, 0.97))
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert (moves["LIC_RATES_PL"], moves["LIC_RATES_OCI"]) == (-100, 0)
        assert moves["LIC_DISCOUNTED"] == 20
        assert steps(measured, "LIC")["CLOSING"] == 9_700

    def test_with_oci_interest_is_at_locked_in_rates_and_the_difference_comes_back(self):
        """B131: OCI holds current less locked in; when the claims are paid it is nothing again."""
        first = self.claims(8_000, 2_000, 0.97, oci=True, factor_locked=0.98)
        measured = incurred(opening(), first)
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert moves["LIC_RATES_OCI"] == 200 - 300
        start = opening(case=8_000, ibnr=2_000, discount=300, discount_locked=200, unwind=35)
        paid = incurred(start, self.claims(0, 0, 0.97, oci=True, factor_locked=0.98))
        then = {name: int(values[0]) for name, values in paid.moves.items()}
        assert then["LIC_UNWOUND"] == round(9_800 * 0.002)
        assert moves["LIC_RATES_OCI"] + then["LIC_RATES_OCI"] == 0
        assert then["LIC_RATES_PL"] == 0
        assert steps(paid, "LIC")["CLOSING"] == 0

    @given(
        case=positive,
        ibnr=positive,
        was=positive,
        factor=st.floats(0.5, 1.1),
        locked=st.floats(0.5, 1.1),
        oci=st.booleans(),
    )
    def test_everything_foots(self, case, ibnr, was, factor, locked, oci):
        start = opening(
            case=was,
            ibnr=was // 3,
            discount=was // 50,
            discount_locked=was // 40,
            unwind=was // 300,
            risk_incurred=was // 20,
        )
        given = self.claims(case, ibnr, factor, 0.08, oci=oci, factor_locked=locked)
        measured = incurred(start, given)
        assert not any(miss.any() for miss in footing(measured.facts).values())
        m = {name: int(values[0]) for name, values in measured.moves.items()}
        before = was + was // 3 - was // 50 + was // 20
        booked = m["IBNR_MOVED"] + m["LIC_UNWOUND"] + m["LIC_RATES_PL"] + m["LIC_RATES_OCI"]
        booked += m["LIC_RISK"] - m["LIC_DISCOUNTED"] + case - was
        assert before + booked == steps(measured, "LIC")["CLOSING"]

    def test_payments_are_discounted_as_they_come(self):
        """Half after half a month, half after one and a half, at 1 % and 2 % a month."""
        rates = np.array([0.01, 0.02, 0.03])
        by_hand = 0.5 / 1.01**0.5 + 0.5 / (1.01 * 1.02**0.5)
        assert present_value_of_payments((0.5, 1.0), rates) == pytest.approx(by_hand)
        assert present_value_of_payments((0.5,), rates) == pytest.approx(by_hand)


class TestUnreported:
    """Three months of two groups; the latest month is the last row."""

    TRIANGLE = np.array([[500.0, 800.0, 1_000.0], [700.0, 1_100.0, np.nan], [300.0] + [np.nan] * 2])
    EXPECTED = np.array([[1_000.0, 0.0], [900.0, 100.0], [600.0, 400.0]])
    REPORTED = np.array([0.5, 0.8, 1.0])

    def estimate(self, method: str) -> tuple[list[list[float]], str]:
        found, used = unreported(self.EXPECTED, self.TRIANGLE, self.REPORTED, method)
        return found.round(6).tolist(), used

    def test_by_expected_claims(self):
        """0 of the oldest, 20 % of 1,000, 50 % of 1,000, split as expected."""
        assert self.estimate("BF") == ([[0, 0], [180, 20], [300, 200]], "BF")

    def test_by_what_has_emerged(self):
        """Chain ladder: 1,100 × (1/0.8 − 1) = 275; 300 × (1/0.5 − 1) = 300."""
        assert self.estimate("CHAIN") == ([[0, 0], [247.5, 27.5], [180, 120]], "CHAIN")

    def test_by_the_prior_that_has_emerged(self):
        """Cape Cod: 2,400 seen of 1,000 + 800 + 500 expected by now: 104.3 % of the prior."""
        found, used = self.estimate("CAPE_COD")
        assert used == "CAPE_COD"
        assert found[1] == pytest.approx([180 * 24 / 23, 20 * 24 / 23])

    def test_between_the_two(self):
        """Benktander: BF's ultimates 1,300 and 800 are the next prior."""
        found, used = self.estimate("BENKTANDER")
        assert used == "BENKTANDER"
        assert sum(found[1]) == pytest.approx(0.2 * 1_300)
        assert sum(found[2]) == pytest.approx(0.5 * 800)

    @pytest.mark.parametrize("method", ["BF", "CAPE_COD", "CHAIN", "BENKTANDER"])
    def test_before_any_claim_only_the_expectation_speaks(self, method):
        nothing = np.where(np.isfinite(self.TRIANGLE), 0.0, np.nan)
        found, used = unreported(self.EXPECTED, nothing, self.REPORTED, method)
        assert used == "BF"
        assert found[1] == pytest.approx([180, 20])

    def test_a_month_in_which_nothing_is_reported_yet(self):
        found, _used = unreported(self.EXPECTED, self.TRIANGLE, np.array([0.0, 0.8, 1.0]), "BF")
        assert found[2].tolist() == pytest.approx([600, 400])


def test_expenses_of_a_month_are_paid_in_the_next():
    measured = allocated(opening(cost=700), np.array([900]))
    assert steps(measured, "COST") == {
        "OPENING": 700,
        "INCURRED": 900,
        "PAID": -700,
        "CLOSING": 900,
    }
    assert measured.facts[Fact("COST", "", "C", "CLOSING")].tolist() == [900]
