"""Clocks, interest, adjustment and file types."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.rules import adjustment, clock, interest, sniff

RATES = [
    interest.Rate(
        date(2020, 1, 1),
        None,
        Decimal("4.5"),
        ((1, Decimal(0)), (31, Decimal(4)), (61, Decimal(6)), (91, Decimal(8))),
    )
]


def days(*text: str) -> np.ndarray:
    return np.asarray(text, dtype="datetime64[D]")


def test_three_working_days_skip_weekends_and_holidays():
    # Friday before the Seollal weekend of 2026 (16 to 18 February are holidays)
    found = clock.due(date(2026, 2, 13), days=3, clock="PERSON")
    assert found.day == date(2026, 2, 23)
    assert found.trace["skipped"] == [
        "2026-02-14", "2026-02-15", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-21",
        "2026-02-22",
    ]  # fmt: skip


def test_the_day_of_reception_is_not_counted():
    assert clock.due(date(2026, 3, 23), days=3, clock="PERSON").day == date(2026, 3, 26)
    assert clock.due(date(2026, 3, 23), days=10, clock="INVESTIGATED").day == date(2026, 4, 6)


def test_property_waits_for_the_adjustment_and_then_has_seven_days():
    due, traces = clock.due_column(days("2026-03-23", "2026-03-23"), np.asarray([True, False]))
    assert due.astype(str).tolist() == ["2026-03-26", "2026-04-06"]
    assert [t["clock"] for t in traces] == ["PERSON", "ADJUSTMENT"]
    assert clock.due_after_decision(date(2026, 3, 24)).day == date(2026, 3, 31)


def test_interest_runs_from_the_day_after_the_due_date_and_not_while_the_claimant_refuses():
    counts, runs = clock.days_late(
        days("2026-03-26", "2026-03-26", "2026-04-30"),
        date(2026, 4, 5),
        [(), ((date(2026, 3, 30), date(2026, 4, 2)),), ()],
    )
    assert counts.tolist() == [10, 7, 0]
    assert runs[1] == [
        (date(2026, 3, 27), date(2026, 3, 30)),
        (date(2026, 4, 2), date(2026, 4, 6)),
    ]


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (0, 0),
        (30, 10_000_000 * 30 * 45_000 // 365_000_000),
        (31, 10_000_000 * (30 * 45_000 + 85_000) // 365_000_000),
        (
            100,
            10_000_000 * (30 * 45_000 + 30 * 85_000 + 30 * 105_000 + 10 * 125_000) // 365_000_000,
        ),
    ],
)
def test_late_interest_climbs_by_the_day_of_delay(late, expected):
    start = date(2026, 1, 1)
    runs = [(start, date.fromordinal(start.toordinal() + late))] if late else []
    assert interest.late_interest(10_000_000, runs, RATES).amount == expected


def test_the_trace_of_interest_adds_up():
    found = interest.late_interest(7_777_777, [(date(2026, 1, 1), date(2026, 4, 11))], RATES)
    total = sum(
        found.trace["principal"] * line["days"] * Decimal(line["rate"]) / 100 / 365
        for line in found.trace["lines"]
    )
    assert [line["days"] for line in found.trace["lines"]] == [30, 30, 30, 10]
    assert found.amount == int(total)


def test_a_change_of_the_base_rate_counts_from_its_day():
    rates = [
        interest.Rate(date(2020, 1, 1), date(2026, 1, 6), Decimal(4), ((1, Decimal(0)),)),
        interest.Rate(date(2026, 1, 6), None, Decimal(5), ((1, Decimal(0)),)),
    ]
    found = interest.late_interest(36_500_000, [(date(2026, 1, 1), date(2026, 1, 11))], rates)
    assert found.amount == 36_500_000 * (5 * 40_000 + 5 * 50_000) // 365_000_000


def test_a_day_without_a_rate_is_a_fault_not_a_zero():
    with pytest.raises(LookupError):
        interest.late_interest(1_000, [(date(2019, 1, 1), date(2019, 1, 2))], RATES)


CANCER = adjustment.Coverage("CANCER", "암", "DIAGNOSIS", 1_000_000, 0, 90, 50, True, True, 7)


@pytest.mark.parametrize(
    ("covered", "paid", "expected"),
    [(89, 0, 0), (90, 0, 25_000_000), (364, 0, 25_000_000), (365, 0, 50_000_000),
     (400, 20_000_000, 30_000_000), (400, 60_000_000, 0)],
)  # fmt: skip
def test_waiting_days_first_year_and_what_was_given_before(covered, paid, expected):
    limit = adjustment.limit(CANCER, sum_assured=50_000_000, days_covered=covered, paid_before=paid)
    assert limit.amount == expected


def test_a_fixed_sum_is_given_less_what_was_granted_out_of_it():
    each = adjustment.Coverage("COST", "치료비", "EXPENSE", 0, 5_000_000, 0, 100, False, False, 7)
    limit = adjustment.limit(each, sum_assured=1, days_covered=0, paid_before=3_000_000)
    assert (limit.amount, limit.granted) == (2_000_000, 5_000_000)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    loss=st.integers(0, 10**12),
    fault=st.integers(0, 10_000),
    deductible=st.integers(0, 10**9),
    cap=st.integers(0, 10**10),
)
def test_payable_is_never_negative_nor_above_the_limit_nor_above_the_loss(
    loss, fault, deductible, cap
):
    after_fault, after_deductible, payable = (
        int(column[0])
        for column in adjustment.payable_column(
            loss=np.asarray([loss]),
            fault_bp=np.asarray([fault]),
            deductible=np.asarray([deductible]),
            limit=np.asarray([cap]),
        )
    )
    assert 0 <= payable <= min(cap, loss)
    assert after_fault == loss * (10_000 - fault) // 10_000
    assert payable == min(max(after_fault - deductible, 0), cap)
    assert after_deductible >= payable


def test_the_worked_example_of_an_adjustment():
    limit = adjustment.Limit(5_000_000, 5_000_000, {})
    found = adjustment.payable(loss=4_321_987, fault_bp=2_050, deductible=200_000, limit=limit)
    assert found.trace["after_fault"] == 3_435_979  # 4,321,987 × 79.5 %, the fraction cut
    assert found.amount == 3_235_979
    assert not found.trace["capped"]


@pytest.mark.parametrize(
    ("head", "extension"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\x00\x00\x00\x18ftypheic", "heic"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"II*\x00\x08", "tif"),
    ],
)
def test_types_are_known_by_their_first_bytes(head, extension):
    assert sniff.file_type(head).extension == extension


@pytest.mark.parametrize(
    "head", [b"MZ\x90\x00", b"<html>", b"<svg xmlns", b"PK\x03\x04", b"", b"%PD"]
)
def test_other_types_are_not_taken(head):
    assert sniff.file_type(head) is None
