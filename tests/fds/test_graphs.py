from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fds.rules import graphs


def keys(values):
    return np.array([str(v) for v in values], dtype=object)


def world(seed, people=20_000, rings=40):
    """Return people with claims, families at one address, a busy call centre, planted rings.

    Ring members pass accounts and telephones on from one to the next, bought cover lately and
    claim at one provider; a family shares an address and goes where it likes.
    """
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), rng.choice([1, 1, 1, 2, 3], people))
    rows = len(person)
    provider = rng.integers(0, 300, rows)
    reported = np.datetime64("2026-01-01") + rng.integers(0, 365, rows)
    tenure = rng.integers(0, 2000, rows)
    bonds = [(row, f"person{p}") for row, p in enumerate(person.tolist())]
    family = rng.permutation(people)[: people // 2]
    home = {int(p): f"home{i // 3}" for i, p in enumerate(family)}
    bonds += [(row, home[p]) for row, p in enumerate(person.tolist()) if p in home]
    bonds += [(int(row), "call centre") for row in rng.choice(rows, 400, replace=False)]
    planted, free = [], rng.permutation([p for p in range(people) if p not in home])
    place = 0
    for ring in range(rings):
        members = free[place : place + int(rng.integers(4, 9))]
        place += len(members)
        planted.append({int(m) for m in members})
        for i, member in enumerate(members):
            mine = np.flatnonzero(person == member)
            provider[mine], tenure[mine] = ring, rng.integers(3, 28, len(mine))
            reported[mine] = np.datetime64("2026-05-01") + rng.integers(0, 40, len(mine))
            for shared in (i, i + 1):
                bonds.append((int(mine[0]), f"account{ring}-{shared}"))
    held = bonds_of(bonds)
    claims = graphs.Claims(
        person, graphs.households(held, person), keys(provider), reported.astype("datetime64[D]"),
        reported.astype("datetime64[D]"), tenure, np.zeros(rows, bool), np.full(rows, 1_000_000),
    )  # fmt: skip
    return claims, held, planted


def bonds_of(pairs):
    """Return bonds of (row, text); what a text begins with says what it is."""
    texts = np.array([text for _row, text in pairs])
    _values, code = np.unique(texts, return_inverse=True)
    rows = np.array([row for row, _text in pairs], dtype=np.int64)
    sort = [SORTS[text[:4]] for text in texts.tolist()]
    return graphs.Bonds(rows, code.astype(np.int64), np.array(sort, dtype=np.int64))


SORTS = {"home": graphs.ADDRESS, "call": 2, "phon": 2, "acco": 3, "purs": 3, "pers": 9}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_planted_rings_are_found_whole(seed):
    claims, bonds, planted = world(seed)
    found = graphs.parts(bonds, claims)
    none = graphs.Chances(len(found.strong), 0.0)
    flagged = [one for one in graphs.groups(found, claims, none) if one.flagged]
    found = [{int(p) for p in claims.person[one.rows]} for one in flagged]
    assert all(ring in found for ring in planted)
    assert len(found) - len(planted) < 5


def test_a_value_of_many_people_holds_nothing_together():
    few, many = graphs.HUB, graphs.HUB + 1
    for people, parts in ((few, 1), (many, many)):
        person = np.arange(people)
        bonds = bonds_of([(row, "phone") for row in range(people)])
        assert len(set(graphs.components(bonds, person).tolist())) == parts


def found(bonds, fraud, share=0.01):
    """Describe the components of people with one claim each; the first claims are fraudulent."""
    people = len(fraud)
    person = np.arange(people)
    day = np.full(people, np.datetime64("2026-01-01"))
    claims = graphs.Claims(
        person, graphs.households(bonds, person), keys([""] * people), day, day,
        np.full(people, 500), np.array(fraud), np.full(people, 1),
    )  # fmt: skip
    return graphs.groups(graphs.parts(bonds, claims), claims, graphs.Chances(100, share))


def test_known_frauds_alone_flag_three_people_but_not_two():
    def flagged(people):
        bonds = bonds_of([(row, "account") for row in range(people)])
        return [g.flagged for g in found(bonds, [True, True, False][:people])]

    assert flagged(3) == [True]
    assert flagged(2) == [False]


def test_two_frauds_among_many_claims_are_chance():
    bonds = bonds_of([(row, f"account{row // 19}") for row in range(20)] + [(19, "account0")])
    fraud = [True, True] + [False] * 18
    assert [g.flagged for g in found(bonds, fraud, 0.001)] == [True]
    assert [g.flagged for g in found(bonds, fraud, 0.05)] == [False]
    by_hand = 100 * (1 - 0.95**20 - 20 * 0.05 * 0.95**19)
    assert graphs.Chances(100, 0.05).expected(20, 2) == pytest.approx(by_hand)


def test_strangers_who_share_in_two_ways_are_tight_and_in_one_are_not():
    """Four people of one account and one telephone: six pairs, each tied twice."""
    once = [(row, "account") for row in range(4)]
    honest = [False] * 4
    assert [(g.ties, g.flagged) for g in found(bonds_of(once), honest)] == [(0, False)]
    twice = [*once, *((row, "phone") for row in range(4))]
    assert [(g.ties, g.flagged) for g in found(bonds_of(twice), honest)] == [(6, True)]
    again = [*once, *((row, "purse") for row in range(4))]  # two accounts are one way
    assert [(g.ties, g.flagged) for g in found(bonds_of(again), honest)] == [(0, False)]


def test_one_tie_between_two_rings_parts_them_and_who_hangs_on_one_tie_is_left_out():
    ring = [(row, "account1") for row in range(3)] + [(row, "phone1") for row in range(3)]
    other = [(row, "account2") for row in range(3, 6)] + [(row, "phone2") for row in range(3, 6)]
    between = [(2, "call"), (3, "call"), (5, "purse"), (6, "purse"), (7, "purse")]
    groups = found(bonds_of(ring + other + between), [False] * 8)
    assert [sorted(g.rows.tolist()) for g in groups if g.flagged] == [[0, 1, 2], [3, 4, 5]]
    assert [sorted(g.rows.tolist()) for g in groups if not g.flagged] == [[6, 7]]


def accidents(days, pairs):
    """Describe people who drive on days and name each other; (driver, other) for each claim."""
    driver = np.array([pair[0] for pair in pairs])
    rows = np.arange(len(pairs))
    bonds = graphs.Bonds(np.concatenate([rows, rows]),
                         np.concatenate([driver, [pair[1] for pair in pairs]]),
                         np.full(2 * len(pairs), graphs.PERSON))  # fmt: skip
    day = np.datetime64("2026-01-01") + np.array(days)
    claims = graphs.Claims(
        driver, graphs.households(bonds, driver), keys([""] * len(pairs)), day, day,
        np.full(len(pairs), 500), np.zeros(len(pairs), bool), np.full(len(pairs), 1),
    )  # fmt: skip
    found = graphs.parts(bonds, claims)
    return [g.ties for g in graphs.groups(found, claims, graphs.Chances(10, 0.01)) if g.flagged]


def test_two_sides_of_one_accident_met_once_and_three_drivers_who_meet_again_are_tight():
    assert accidents([0, 0, 5, 5], [(1, 2), (2, 1), (1, 3), (3, 1)]) == []
    assert accidents([0, 3, 5, 9], [(1, 2), (2, 1), (1, 3), (3, 1)]) == [2]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(0, 2)), max_size=25))
def test_blocks_against_their_definition(rows):
    """Two households are strongly tied if they share values of two ways; chains of that join."""
    home, value, way = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    block, strong = graphs.blocks(graphs.Ties(home, value, way), 9)
    count = 0
    groups = [{h} for h in range(9)]
    for left, right in combinations(range(9), 2):
        ways = {w for h, v, w in rows if h == left} & {w for h, v, w in rows if h == right}
        met = {w for w in ways if {v for h, v, x in rows if h == left and x == w}
               & {v for h, v, x in rows if h == right and x == w}}  # fmt: skip
        if len(met) > 1:
            count += 1
            joined = groups[left] | groups[right]
            for h in joined:
                groups[h] = joined
    assert strong.sum() == count
    for left, right in combinations(range(9), 2):
        assert (block[left] == block[right] != -1) == (right in groups[left])


def test_a_family_counts_less_than_strangers():
    """Five people of one address weigh 1 + 4 / 4; three of them and two strangers 3.5."""
    family = [(row, "home") for row in range(5)]
    shared = [(row, "account") for row in range(5)]
    one = found(bonds_of(family + shared), [True, True, False, False, False])[0]
    assert (one.people, one.households, one.weight, one.flagged) == (5, 1, 2.0, False)
    two = found(bonds_of(family[:3] + shared), [True, True, False, False, False])[0]
    assert (two.people, two.households, two.weight, two.flagged) == (5, 3, 3.5, True)


def test_a_building_is_no_family():
    person = np.arange(graphs.FAMILY + 1)
    bonds = bonds_of([(row, "home") for row in person.tolist()])
    assert len(set(graphs.households(bonds, person).tolist())) == graphs.FAMILY + 1


def test_no_bonds_no_components():
    none = graphs.Bonds(np.empty(0, int), np.empty(0, int), np.empty(0, bool))
    assert graphs.components(none, np.arange(3)).tolist() == [0, 1, 2]
    assert graphs.households(none, np.arange(3)).tolist() == [0, 1, 2]


def test_ranks_fall_with_the_distance_from_a_fraud():
    """Claim 0 is a fraud of party 10; parties 11, 12 stand one and two claims away; 13 apart."""
    claim = np.array([0, 0, 1, 1, 2, 2, 3])
    value = np.array([10, 11, 11, 12, 12, 14, 13])
    ranks = graphs.rank(claim, value, np.array([True, False, False, False]))
    score = dict(zip(ranks.value.tolist(), ranks.score.tolist(), strict=True))
    assert min(score[10], score[11]) > score[12] > score[14] > score[13] == 0
    assert sorted(ranks.rank.tolist()) == [0.0, 0.2, 0.4, 0.6, 0.8]
    assert ranks.rank[ranks.value == 13] == 0
    assert not graphs.rank(claim, value, np.zeros(4, dtype=bool)).score.any()


def test_the_walk_agrees_with_the_dense_equations():
    """p = Sᵀ c and c = 0.85 S p + 0.15 q have one solution; it is what the walk comes to."""
    rng = np.random.default_rng(5)
    claim, value = rng.integers(0, 30, 80), rng.integers(0, 25, 80)
    fraud = rng.random(30) < 0.2
    links = np.zeros((30, 25))
    links[claim, value] = 1
    links = links[:, links.any(axis=0)]
    root = [1 / np.sqrt(np.maximum(links.sum(axis=axis), 1)) for axis in (1, 0)]
    spread = root[0][:, None] * links * root[1]
    start = fraud / fraud.sum()
    dense = np.linalg.solve(np.eye(30) - 0.85 * spread @ spread.T, 0.15 * start)
    ranks = graphs.rank(claim, value, fraud)
    np.testing.assert_allclose(ranks.score, spread.T @ dense, atol=1e-6)
