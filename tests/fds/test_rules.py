"""The specification's weights, exactly, and the edges that its own code gets wrong."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fds import rules

SPEC = rules.Spec(
    1,
    70,
    (
        rules.RuleSpec("R01", "CRITICAL_TIMING", "단기 사고", 40, {"max_days": 30}),
        rules.RuleSpec(
            "R02", "REPETITIVE_CLAIM", "다수 사고", 30, {"window_days": 365, "at_least": 3}
        ),
        rules.RuleSpec("R03", "WATCHED_PROVIDER", "특이 병원·업체", 30, {}),
    ),
)


def columns(days, accidents, watched):
    start = np.datetime64("2026-03-01", "D")
    known = np.asarray([d is not None for d in days])
    gaps = np.asarray([d if d is not None else 0 for d in days])
    return rules.Columns(
        incident=start + gaps.astype("timedelta64[D]"),
        coverage_start=np.where(known, start, np.datetime64("NaT", "D")),
        accidents=np.asarray(accidents, dtype=np.int64),
        watched=np.asarray(watched, dtype=bool),
    )


@pytest.mark.parametrize(
    ("days", "hit"), [(-1, False), (0, True), (30, True), (31, False), (-30, False), (None, False)]
)
def test_day_30_is_in_day_31_is_out_and_negative_never(days, hit):
    found = rules.score(SPEC, columns([days], [1], [False]))
    assert bool(found.hits["R01"][0]) is hit
    assert found.score[0] == (40 if hit else 0)


@pytest.mark.parametrize(("accidents", "hit"), [(1, False), (2, False), (3, True), (9, True)])
def test_three_distinct_accidents_in_a_year(accidents, hit):
    found = rules.score(SPEC, columns([100], [accidents], [False]))
    assert found.score[0] == (30 if hit else 0)


@pytest.mark.parametrize(
    ("days", "accidents", "watched", "score", "suspicious", "tags"),
    [
        (100, 1, False, 0, False, ""),
        (10, 1, False, 40, False, "CRITICAL_TIMING"),
        (10, 3, False, 70, True, "CRITICAL_TIMING, REPETITIVE_CLAIM"),
        (10, 1, True, 70, True, "CRITICAL_TIMING, WATCHED_PROVIDER"),
        (100, 3, True, 60, False, "REPETITIVE_CLAIM, WATCHED_PROVIDER"),
        (10, 3, True, 100, True, "CRITICAL_TIMING, REPETITIVE_CLAIM, WATCHED_PROVIDER"),
    ],
)
def test_sums_threshold_and_tags_of_the_rules_that_hit_only(
    days, accidents, watched, score, suspicious, tags
):
    given_columns = columns([days], [accidents], [watched])
    found = rules.score(SPEC, given_columns)
    assert found.score[0] == score
    assert bool(found.suspicious[0]) is suspicious
    assert rules.tags(SPEC, found) == [tags]


def test_the_sum_is_capped_at_one_hundred():
    heavy = rules.Spec(
        2, 70, tuple(rules.RuleSpec(r.code, r.tag, r.title, 60, r.params) for r in SPEC.rules)
    )
    found = rules.score(heavy, columns([10], [3], [True]))
    assert (found.score[0], found.raw[0]) == (100, 180)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-400, 400), st.integers(0, 6), st.booleans()),
        min_size=1,
        max_size=40,
    )
)
def test_a_batch_is_scored_as_its_rows_are(rows):
    together = rules.score(SPEC, columns(*map(list, zip(*rows, strict=True))))
    alone = [int(rules.score(SPEC, columns([d], [a], [w])).score[0]) for d, a, w in rows]
    assert together.score.tolist() == alone


def test_accidents_are_counted_once_however_many_claims_they_make():
    row = np.asarray([0, 0, 0, 1])
    accidents = np.asarray(["A", "A", "B", "A"], dtype=object)
    assert rules.distinct_accidents(3, row, accidents).tolist() == [2, 1, 0]


def test_the_report_names_operands_points_and_rows():
    given_columns = columns([18], [3], [True])
    found = rules.score(SPEC, given_columns)
    evidence = rules.Evidence(
        "CON-1", [{"accident_no": "A"}], "H1", [{"entry": "4", "reason": "허위 입원"}]
    )
    report = rules.report(SPEC, given_columns, found, 0, evidence)
    assert (report["score"], report["points"], report["suspicious"]) == (100, 100, True)
    first, second, third = report["rules"]
    assert first["operands"] == {
        "incident_date": "2026-03-19", "coverage_start": "2026-03-01", "days": 18, "max_days": 30
    }  # fmt: skip
    assert first["evidence"] == [{"contract_id": "CON-1"}]
    assert second["operands"]["after"] == "2025-03-19"
    assert third["evidence"][0]["entry"] == "4"
