"""Reinsurance contracts held: what treaties take, how they are measured, what the ledger holds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.models import ContractGroup, LedgerLine, MeasurementRun
from accounting.rules.held import (
    EXCESS,
    GMM,
    PAA,
    QUOTA_SHARE,
    SURPLUS,
    Cover,
    covers_month,
    default_factors,
    measured_by,
    months_left,
    packed,
    parts,
    unpacked,
)
from accounting.rules.monthly import footing
from accounting.rules.monthly.held import (
    HeldNow,
    HeldOpening,
    held_allocated,
    held_general,
    held_incurred,
)
from accounting.selectors import controls, held, measured, notes
from accounting.services import measuring
from tests.factories.sales import person

from .world import DECEMBER, NOVEMBER, insurer, live

YEAR = (dt.date(2026, 1, 1), dt.date(2027, 1, 1))
LINES = {"general": held_general, "allocated": held_allocated}


def cover(kind: str, **given: Any) -> Cover:
    values: dict[str, Any] = {
        "code": kind,
        "kind": kind,
        "line": "TERM",
        "start": YEAR[0],
        "end": YEAR[1],
        "position": 1,
        "percent": 0.0,
        "commission": 0.0,
        "retention": 0,
        "limit": 0,
        "premium_rate": 0.0,
        "net_base": False,
        "inures": True,
        "contract": "",
        "measurement": GMM,
    }
    return Cover(**{**values, **given})


SUMS, PREMIUMS = np.array([100.0, 300.0, 600.0]), np.array([1.0, 2.0, 7.0])


def shares(*covers: Cover, **ratios: float) -> dict[str, Any]:
    return parts(list(covers), SUMS, PREMIUMS, ["A", "B", "C"], ratios)


class TestWhatTreatiesTake:
    def test_a_quota_share_takes_its_percent_less_commission(self):
        found = shares(cover(QUOTA_SHARE, percent=0.3, commission=0.25))
        assert found[QUOTA_SHARE] == pytest.approx((0.225, 0.3, 0.0))

    def test_a_surplus_takes_each_risk_by_its_sum(self):
        """Retained line 200: 0, 1/3 and 2/3 of the three risks."""
        found = shares(cover(SURPLUS, retention=200, limit=1_000))
        assert found[SURPLUS].premium == pytest.approx((2 / 3 + 7 * 2 / 3) / 10)
        assert found[SURPLUS].claims == pytest.approx((100 + 400) / 1_000)

    def test_an_excess_layer_sees_what_the_quota_share_leaves(self):
        """Half of 300 and 600 is 150 and 300: above 100 there are 50 and 150 of 1,000."""
        found = shares(
            cover(QUOTA_SHARE, percent=0.5),
            cover(EXCESS, retention=100, limit=150, premium_rate=0.04),
        )
        assert found[EXCESS] == pytest.approx((0.04, 0.2, 0.0))

    def test_layers_over_claims_that_are_no_sums_pay_by_their_loss_ratio(self):
        found = shares(cover(EXCESS, line="MOTOR", limit=1, premium_rate=0.05), EXCESS=0.6)
        assert found[EXCESS] == pytest.approx((0.05, 0.0, 0.03))

    def test_premium_of_what_is_left_is_asked_of_what_is_left(self):
        found = shares(
            cover(QUOTA_SHARE, percent=0.3),
            cover("CATASTROPHE", premium_rate=0.01, net_base=True),
        )
        assert found["CATASTROPHE"].premium == pytest.approx(0.007)

    def test_cover_of_a_year_is_allocated_but_for_excess(self):
        assert measured_by(QUOTA_SHARE, *YEAR) == PAA
        assert measured_by(EXCESS, *YEAR) == GMM
        assert measured_by(QUOTA_SHARE, YEAR[0], dt.date(2027, 2, 1)) == GMM

    def test_months_of_cover(self):
        one = cover(EXCESS)
        assert [months_left(one, d) for d in (NOVEMBER, DECEMBER)] == [1, 0]
        assert months_left(cover(EXCESS, end=dt.date(2027, 1, 16)), NOVEMBER) == 2
        assert covers_month(one, DECEMBER)
        assert not covers_month(one, dt.date(2027, 1, 31))
        assert unpacked(packed(one)) == one

    def test_default_grows_with_time(self):
        found = default_factors(0.1, 0.5, 2, first=12.0)
        assert found[0] == pytest.approx(0.05)
        assert found[1] > found[0]


ZERO = np.zeros(1, np.int64)


def opening(**given: Any) -> HeldOpening:
    values: dict[str, Any] = dict.fromkeys(HeldOpening.__slots__, ZERO)
    values |= {"locked": np.zeros((1, 2), np.int64), "current": np.zeros((1, 2), np.int64)}
    return HeldOpening(**{**values, **{k: np.atleast_1d(v) for k, v in given.items()}})


def now(**given: Any) -> HeldNow:
    values: dict[str, Any] = {name: np.zeros(1) for name in HeldNow.__slots__}
    for name in ("paid", "paid_expected", "recovered_expected", "risk_expected", "case", "ibnr"):
        values[name] = ZERO
    values |= {"loss_change": ZERO, "loss_left": ZERO, "begins": np.array([False])}
    values |= {"locked": np.zeros((1, 2)), "left": np.array([5]), "factor": np.ones(1)}
    values |= {"units": np.ones(1), "units_future": np.full(1, 5.0)}
    values |= {k: np.atleast_1d(v) for k, v in given.items()}
    values["locked"] = np.reshape(values["locked"], (1, 2)).astype(float)
    values["current"] = np.reshape(given.get("current", values["locked"]), (1, 2)).astype(float)
    return HeldNow(**values)


def booked(before: HeldOpening, month: HeldNow, moves: dict[str, np.ndarray]) -> dict[str, int]:
    """Return what the posting rules make of it, assets positive."""
    m = {name: int(values[0]) for name, values in moves.items()}
    get = m.get
    recovery = int(before.recovery[0])
    value = -int(before.current[0, 0]) - recovery + int(before.prepaid[0])
    return {
        "1340": value
        + int(month.paid[0])
        - get("RI_ALLOCATED", 0)
        + get("RI_CSM_NEW", 0)
        + get("RI_CSM_FUTURE", 0)
        + get("RI_RISK", 0)
        + get("RI_LOSSES_RELEASED", 0)
        - get("RI_FINANCE", 0)
        - get("RI_DEFAULT", 0)
        - get("RI_ROUNDING", 0),
        "1342": -int(before.current[0, 1])
        - get("RI_RISK", 0)
        - get("RI_ALLOCATED_RISK", 0)
        - get("RI_FINANCE_RISK", 0),
        "1343": -int(before.csm[0])
        - get("RI_CSM_NEW", 0)
        - get("RI_CSM_FUTURE", 0)
        - get("RI_ALLOCATED_CSM", 0)
        - get("RI_FINANCE_CSM", 0),
        "1344": recovery + get("RI_LOSSES", 0) - get("RI_LOSSES_RELEASED", 0),
    }


def closing(found: Any, estimate: str) -> int:
    return next(
        int(v[0])
        for f, v in found.facts.items()
        if f[:3] == (estimate, "", "C") and f.step == "CLOSING"
    )


won = st.integers(-(10**9), 10**9)
more = st.integers(0, 10**9)


class TestTheMonth:
    @given(
        before=st.tuples(won, st.integers(-(10**8), 0), won, st.integers(0, 10**6)),
        after=st.tuples(won, st.integers(-(10**8), 0)),
        drift=st.tuples(st.floats(0.9, 1.1), st.floats(0.9, 1.1)),
        flows=st.tuples(more, more, more, st.integers(0, 10**7)),
        loss=st.tuples(won, more, st.floats(0, 1)),
        begins=st.booleans(),
        units=st.tuples(more, st.sampled_from([0.0, 3.0, 1e8])),
        rate=st.floats(-0.001, 0.005),
        default=st.integers(-(10**6), 10**6),
    )
    @settings(max_examples=200, deadline=None)
    def test_foots_and_the_ledger_ties(
        self, before, after, drift, flows, loss, begins, units, rate, default
    ):
        pair = np.array([before[:2]])
        start = (
            opening()
            if begins
            else opening(
                locked=pair,
                current=np.rint(pair * drift[0]).astype(np.int64),
                csm=before[2],
                recovery=before[3],
            )
        )
        month = now(
            begins=begins,
            paid=flows[0],
            paid_expected=flows[1],
            recovered_expected=flows[2],
            risk_expected=flows[3],
            locked=after,
            current=np.array([after]) * drift[1],
            non_performance=float(default),
            month=rate,
            units=units[0],
            units_future=units[1],
            share=loss[2],
            loss_change=loss[0],
            loss_left=loss[1],
        )
        found = held_general(start, month)
        for key, miss in footing(found.facts).items():
            assert not miss.any(), key
        ledger = booked(start, month, found.moves)
        assert sum(ledger.values()) == -closing(found, "RI_ARC")
        assert ledger["1342"] == -closing(found, "RI_RA")
        assert ledger["1343"] == -closing(found, "RI_CSM")
        assert ledger["1344"] == closing(found, "RI_LR") >= 0
        assert closing(found, "RI_LR") <= loss[2] * loss[1] + 1
        assert abs(int(found.moves["RI_ROUNDING"][0])) <= 6

    def test_a_net_cost_is_deferred_at_recognition(self):
        """Premiums of 700, recoveries of 500, risk of 60 passed on: a cost of 140 to come."""
        month = now(begins=True, locked=[200, -60])
        found = held_general(opening(), month)
        assert int(found.moves["RI_CSM_NEW"][0]) == -140
        assert closing(found, "RI_ARC") == pytest.approx(0, abs=24)  # a month is released
        assert "RI_LOSSES" not in {n for n, v in found.moves.items() if v.any()}

    def test_all_of_the_cost_is_recognised_by_the_end(self):
        """Three months: premiums 30 each, recoveries 20 each: 30 of cost, evenly."""
        balance, spent = opening(), []
        for left in (2, 1, 0):
            month = now(
                begins=left == 2,
                paid=30,
                paid_expected=30,
                recovered_expected=20,
                locked=[10.0 * left, 0.0],
                units=10,
                units_future=10.0 * left,
            )
            found = held_general(balance, month)
            moves = {name: int(v[0]) for name, v in found.moves.items()}
            spent.append(moves["RI_ALLOCATED"] + moves["RI_ALLOCATED_CSM"])
            balance = opening(
                locked=[[closing(found, "RI_PVFCF"), 0]],
                current=[[closing(found, "RI_PVFCF"), 0]],
                csm=closing(found, "RI_CSM"),
            )
        assert spent == [30, 30, 30]
        assert closing(found, "RI_ARC") == 0

    def test_losses_of_the_underlying_are_recovered_by_share(self):
        """The underlying loses 1,000; 30 % of its claims come back: 300 of income at once."""
        month = now(share=0.3, loss_change=1_000, loss_left=1_000)
        found = held_general(opening(), month)
        assert int(found.moves["RI_LOSSES"][0]) == 300
        assert closing(found, "RI_LR") == 300
        allocated = held_allocated(opening(), month)
        assert int(allocated.moves["RI_LOSSES"][0]) == 300

    def test_premiums_are_allocated_over_the_months_left(self):
        found = held_allocated(opening(), now(paid=600, left=5))
        assert int(found.moves["RI_ALLOCATED"][0]) == 100
        assert closing(found, "RI_ARC") == -500
        last = held_allocated(opening(prepaid=500), now(paid=0, left=0))
        assert closing(last, "RI_ARC") == 0

    def test_incurred_claims_are_recovered_less_what_is_not_paid(self):
        month = now(case=900, ibnr=100, factor=0.99, risk=0.1, default=0.01)
        found = held_incurred(opening(case=800), month)
        for key, miss in footing(found.facts).items():
            assert not miss.any(), key
        assert closing(found, "RI_LIC") == -(1_000 - 10 + 99 - 10)
        moves = {name: int(v[0]) for name, v in found.moves.items()}
        assert moves == {
            "RI_IBNR": 100,
            "RI_UNWOUND": 0,
            "RI_DISCOUNTED": 10,
            "RI_INCURRED_RISK": 99,
            "RI_INCURRED_DEFAULT": 10,
        }


@pytest.mark.django_db
class TestTheChain:
    @pytest.fixture
    def closed(self) -> MeasurementRun:
        """Two months with the shipped treaties, both closed."""
        insurer()
        call_command("load_treaties", verbosity=0)
        live(DECEMBER)
        return MeasurementRun.objects.order_by("-period").first()

    def test_treaties_are_groups_measured_beside_those_issued(self, closed):
        groups = ContractGroup.objects.filter(kind="HELD")
        by_kind = {g.pk: g.measurement for g in groups}
        assert by_kind["QS-ACC-2026"] == PAA
        assert by_kind["XL-TERM-1-2026"] == GMM
        facts = measured.facts(closed)
        assert ("RI_CSM", "CLOSING", "XL-TERM-1-2026") in facts
        assert facts["RI_ARC", "CLOSING", "XL-TERM-1-2026"] == 0  # the year is over
        november = measured.facts(measured.run_of("2026-11"))
        assert november["RI_CSM", "NEW", "XL-TERM-1-2026"] < 0  # a net cost, deferred
        assert november["RI_PVFCF", "CLOSING", "XL-TERM-1-2026"] > 0

    def test_run_ledger_and_notes_tie(self, closed):
        for month in ("2026-11", "2026-12"):
            run = measured.run_of(month)
            for name in ("reinsurance", "reinsurance_components"):
                tied = notes.table(name, run.period.starts_on, run.period.ends_on, run=run)
                for column in tied.note.columns:
                    assert tied.note.miss(column) == 0
                    assert tied.gap(column) == 0
        assert all(breaches == 0 for _name, breaches, _first in controls.findings())

    def test_every_line_of_a_treaty_carries_its_group(self, closed):
        lines = LedgerLine.objects.filter(account_id__in=["1330", "1340", "1350", "5210", "4210"])
        carried = lines.filter(entry__event_name="accounting.years_closed.v1")
        codes = set(lines.exclude(pk__in=carried.values("pk")).values_list("group_code", flat=True))
        assert "" not in codes
        assert codes <= set(ContractGroup.objects.filter(kind="HELD").values_list("pk", flat=True))

    def test_is_reproduced_from_its_inputs(self, closed):
        assert measuring.reproduce(closed) == closed.facts_hash

    def test_what_is_ceded_stands_apart_on_the_page(self, closed):
        client = Client()
        client.force_login(person("alice", "accountant"))
        page = client.get(reverse("accounting:run_held", args=[closed.key])).content.decode()
        assert "XL-TERM-1-2026" in page
        page = client.get(reverse("accounting:notes", args=["2026-12"])).content.decode()
        assert "17.98" in page

    def test_begins_once(self, closed):
        given = held.treaties(DECEMBER)
        assert {c.code for c in given} == set(closed.assumptions["treaties"])
