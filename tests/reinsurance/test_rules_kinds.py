"""Surplus, catastrophe, stop loss, inuring, reinstatement, commissions: by their laws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinsurance import rules
from reinsurance.rules import Layer, Terms

won = st.integers(0, 10**12)
kinds = st.sampled_from(rules.ORDER)


@st.composite
def programmes(draw: st.DrawFn) -> list[Layer]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        kind = draw(kinds)
        by_percent = kind in (rules.QUOTA_SHARE, rules.FACULTATIVE)
        found.append(
            Layer(
                f"{kind}-{number}",
                kind,
                draw(st.integers(1, 4)),
                percent=Decimal(draw(st.integers(1, rules.WHOLE))) / 10_000
                if by_percent
                else Decimal(0),
                retention=0 if by_percent else draw(st.integers(1, 10**11)),
                limit=0 if by_percent else draw(st.integers(1, 10**11)),
                left=draw(st.one_of(st.none(), won)),
                inures=draw(st.booleans()),
            )
        )
    return found


@st.composite
def books(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = draw(st.integers(0, 20))
    column = st.lists(won, min_size=n, max_size=n)
    events = st.lists(st.integers(-1, 3), min_size=n, max_size=n)
    return (
        np.array(draw(column), dtype=np.int64),
        np.array(draw(column), dtype=np.int64),
        np.array(draw(events), dtype=np.int64),
    )


@given(books(), programmes())
def test_parts_and_what_is_kept_sum_to_the_loss(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], layers: list[Layer]
) -> None:
    losses, sums, event = book
    paid = rules.recover(losses, layers, sums=sums, event=event)
    kept = losses - paid.sum(axis=1)
    assert (paid >= 0).all()
    assert (kept >= 0).all()
    for number, layer in enumerate(layers):
        total = int(paid[:, number].sum())
        assert layer.left is None or total <= layer.left
        if layer.kind == rules.STOP_LOSS:
            assert total <= layer.limit
        if layer.kind == rules.CATASTROPHE:
            assert not paid[event == rules.NO_EVENT, number].any()
            for one in np.unique(event):
                assert paid[event == one, number].sum() <= layer.limit


@given(books(), st.integers(1, 10**11), st.integers(1, 10**11), st.integers(0, 20))
def test_losses_in_two_batches_pay_like_one(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], retention: int, limit: int, cut: int
) -> None:
    losses, _sums, _event = book
    whole = rules.above(losses, retention=retention, limit=limit)
    first, second = losses[:cut], losses[cut:]
    parts = np.concatenate(
        [
            rules.above(first, retention=retention, limit=limit),
            rules.above(second, retention=retention, limit=limit, before=int(first.sum())),
        ]
    )
    assert (whole == parts).all()
    assert whole.sum() == min(max(losses.sum() - retention, 0), limit)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 1_000)), max_size=10),
    st.integers(1, 100),
    st.integers(1, 800),
    st.integers(1, 800),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_windows_pay_as_much_as_the_best_of_all_choices(
    rows: list[tuple[int, int]], hours: int, retention: int, limit: int, most: int | None
) -> None:
    rows = sorted(rows)
    start = np.datetime64("2026-01-01T00")
    times = np.array([start + np.timedelta64(h, "h") for h, _ in rows], dtype="datetime64[h]")
    amounts = np.array([a for _, a in rows], dtype=np.int64)
    found = rules.windows(times, amounts, hours=hours, retention=retention, limit=limit, most=most)
    for a, b in pairwise(found):
        assert a.last <= b.first
        assert times[b.first] >= times[a.first] + np.timedelta64(hours, "h")
    for w in found:
        assert w.amount == amounts[w.first : w.last].sum()
        assert (times[w.first : w.last] < w.start + np.timedelta64(hours, "h")).all()

    def best(at: int, left: int) -> int:
        if at == len(rows) or not left:
            return 0
        end = at
        while end < len(rows) and rows[end][0] < rows[at][0] + hours:
            end += 1
        pays = min(max(int(amounts[at:end].sum()) - retention, 0), limit)
        return max(best(at + 1, left), pays + best(end, left - 1))

    allowed = len(rows) if most is None else most
    assert sum(w.paid for w in found) == best(0, allowed)
    assert len(found) <= allowed


@given(st.lists(st.integers(0, 5_000), max_size=8), st.integers(1, 3))
def test_reinstatements_stop_at_the_last_limit(recoveries: list[int], count: int) -> None:
    before, total = 0, 0
    for amount in recoveries:
        total += rules.reinstatement_premium(
            before=before,
            recovered=amount,
            limit=1_000,
            percents=[Decimal(100)] * count,
            premium=1_000,
        )
        before += amount
    assert total == min(before, count * 1_000)


@given(
    losses=st.lists(st.integers(0, 10**9), max_size=12),
    deductible=st.integers(0, 10**10),
    cut=st.integers(0, 12),
)
def test_an_aggregate_deductible_keeps_the_first_recoveries(
    losses: list[int], deductible: int, cut: int
) -> None:
    """All together what exceeds it, in any batches."""
    layer = Layer("XL", rules.EXCESS, 1, retention=10**7, limit=10**8)
    values = np.array(losses, np.int64)
    plain = rules.recover(values, [layer])[:, 0]
    found = rules.recover(values, [replace(layer, deductible=deductible)])[:, 0]
    assert found.sum() == max(plain.sum() - deductible, 0)
    assert (found <= plain).all()
    left = max(deductible - int(plain[:cut].sum()), 0)
    later = rules.recover(values[cut:], [replace(layer, deductible=left)])[:, 0]
    assert later.tolist() == found[cut:].tolist()


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_swing_premiums_and_corridors_stay_in_their_bounds(a: int, b: int) -> None:
    terms = {"load": Decimal("1.25"), "minimum": Decimal(2), "maximum": Decimal(6)}
    low, high = sorted((a, b))
    first = rules.swing_premium(low, subject=10**9, **terms)
    second = rules.swing_premium(high, subject=10**9, **terms)
    assert 2 * 10**7 <= first <= second <= 6 * 10**7
    corridor = {"start": Decimal(80), "end": Decimal(100), "kept": Decimal(50)}
    assert (
        0
        <= rules.loss_corridor(low, premium=10**8, **corridor)
        <= rules.loss_corridor(high, premium=10**8, **corridor)
        <= 10**7
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: rules.recover(np.array([5]), [Layer("A", rules.EXCESS, 1, limit=-1)]),
        lambda: rules.recover(np.array([5]), [Layer("A", rules.EXCESS, 1, deductible=-1)]),
        lambda: rules.recover(np.array([5]), [Layer("A", rules.QUOTA_SHARE, 1, Decimal(101))]),
        lambda: rules.windows(
            np.array(["2026-01-01"], "datetime64[h]"),
            np.array([-1]),
            hours=72,
            retention=1,
            limit=1,
        ),
        lambda: rules.reinstatement_premium(
            before=0, recovered=1, limit=0, percents=[Decimal(100)], premium=1
        ),
        lambda: rules.swing_premium(
            1, subject=1, load=Decimal(1), minimum=Decimal(3), maximum=Decimal(2)
        ),
        lambda: rules.loss_corridor(
            1, premium=1, start=Decimal(90), end=Decimal(80), kept=Decimal(50)
        ),
    ],
)
def test_terms_that_no_treaty_can_have(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"negative|share|above|corridor"):
        call()


def test_refusals_of_the_engine() -> None:
    with pytest.raises(ValueError, match="sums insured"):
        rules.recover(np.array([1]), [Layer("S", rules.SURPLUS, 1, retention=1, limit=1)])
    with pytest.raises(ValueError, match="between 0 and 1"):
        rules.reinstatement_premium(
            before=0, recovered=1, limit=1, percents=[], premium=1, remaining=Decimal(2)
        )
    for scale in ([], [(50, 30), (50, 20)], [(50, 20), (60, 30)], [(50, 101), (60, 1)]):
        assert rules.fault_of_scale(scale)
        with pytest.raises(ValueError):  # noqa: PT011 - the text is the faulty point
            rules.sliding_rate(50.0, scale)
    times = np.array(["2026-01-02", "2026-01-01"], dtype="datetime64[h]")
    with pytest.raises(ValueError, match="order of time"):
        rules.windows(times, np.array([1, 1]), hours=72, retention=1, limit=1)


@given(st.floats(0, 300), st.floats(0, 300))
def test_a_sliding_scale_never_rises_with_losses(a: float, b: float) -> None:
    scale = [(40, 38), (55, 30), (70, 22)]
    low, high = sorted((a, b))
    assert rules.sliding_rate(low, scale) >= rules.sliding_rate(high, scale)


@given(
    st.lists(
        st.tuples(kinds, st.integers(0, 300), st.integers(1, 300), st.integers(0, 20),
                  st.integers(1, 20)),
        max_size=8,
    )
)  # fmt: skip
def test_what_is_accepted_never_overlaps(rows: list[tuple[str, int, int, int, int]]) -> None:
    day = date(2026, 1, 1)
    accepted: list[Terms] = []
    for number, (kind, retention, limit, start, length) in enumerate(rows):
        new = Terms(
            str(number),
            kind,
            day + timedelta(days=start),
            day + timedelta(days=start + length),
            retention=Decimal(retention),
            limit=Decimal(limit),
        )
        if rules.overlapping(new, accepted) is None:
            accepted.append(new)
    for kind in rules.LAYERED:
        cells: set[tuple[int, int]] = set()
        for one in accepted:
            if one.kind != kind:
                continue
            covered = {
                (d, w)
                for d in range((one.start - day).days, (one.end - day).days)
                for w in range(int(one.retention), int(one.retention + one.limit))
            }
            assert not cells & covered
            cells |= covered


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(-1_000, 1_000)), max_size=12))
def test_ages_sum_to_the_balance(rows: list[tuple[int, int]]) -> None:
    first = date(2026, 1, 1)
    entries = [(first + timedelta(days=d), a) for d, a in rows]
    on = first + timedelta(days=150)
    known = [a for d, a in entries if d <= on]
    found = rules.aged(entries, on)
    assert sum(found) == sum(known)
    assert all(v >= 0 for v in found[1:])
