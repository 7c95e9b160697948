"""Looking back along events, against the definition by loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core import timelines

small = st.integers(0, 5)
events = st.lists(st.tuples(small, small, small), max_size=20)
asked = st.lists(st.tuples(small, small, small, st.integers(0, 4)), min_size=1, max_size=10)


@given(events, asked, st.integers(1, 50))
def test_windows_hold_exactly_the_events_before_and_since(rows, questions, part):
    group, at, key = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    whose, when, mine, back = np.array(questions, dtype=np.int64).T
    line = timelines.Timeline.of(group=group, at=at, key=key)
    whole, timelines.PAIRS = timelines.PAIRS, part
    try:
        first, last = line.after(whose, when - back), line.before(whose, when, mine)
        found = [
            (int(r), int(p))
            for row, place in line.windows(first, last)
            for r, p in zip(row, place, strict=True)
        ]
    finally:
        timelines.PAIRS = whole
    expected = [
        (n, e)
        for n, (g, t, k, b) in enumerate(questions)
        for e, (eg, et, ek) in enumerate(rows)
        if eg == g and et > t - b and (et, ek) < (t, k)
    ]
    assert sorted(found) == expected


@given(st.lists(st.tuples(small, small), max_size=30))
def test_distinct_values_and_sums_of_rows(pairs):
    row, value = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    assert timelines.distinct(row, value, 6).tolist() == [
        len({v for r, v in pairs if r == n}) for n in range(6)
    ]
    assert timelines.sums(row, value, 6).tolist() == [
        sum(v for r, v in pairs if r == n) for n in range(6)
    ]


def test_codes_compare_as_texts_over_several_columns():
    one, other = timelines.codes(
        np.array(["CLM-2", "CLM-10", ""], object), np.array(["CLM-1"], object)
    )
    assert np.argsort(np.concatenate([one, other])).tolist() == [2, 3, 1, 0]
