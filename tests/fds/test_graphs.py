import numpy as np
import pytest

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
        tenure, np.zeros(rows, bool), np.full(rows, 1_000_000),
    )  # fmt: skip
    return claims, held, planted


def bonds_of(pairs):
    """Return bonds of (row, text); texts that begin with ``home`` are addresses."""
    texts = np.array([text for _row, text in pairs])
    _values, code = np.unique(texts, return_inverse=True)
    rows = np.array([row for row, _text in pairs], dtype=np.int64)
    return graphs.Bonds(rows, code.astype(np.int64), np.char.startswith(texts, "home"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_planted_rings_are_found_whole(seed):
    claims, bonds, planted = world(seed)
    number = graphs.components(bonds, claims.person)
    flagged = [one for one in graphs.groups(number, claims) if one.flagged]
    found = [{int(p) for p in claims.person[one.rows]} for one in flagged]
    assert all(ring in found for ring in planted)
    assert len(found) - len(planted) < 5


def test_a_value_of_many_people_holds_nothing_together():
    few, many = graphs.HUB, graphs.HUB + 1
    for people, parts in ((few, 1), (many, many)):
        person = np.arange(people)
        bonds = bonds_of([(row, "phone") for row in range(people)])
        assert len(set(graphs.components(bonds, person).tolist())) == parts


def found(bonds, fraud):
    """Describe the components of people with one claim each; the first claims are fraudulent."""
    people = len(fraud)
    person = np.arange(people)
    claims = graphs.Claims(
        person, graphs.households(bonds, person), keys([""] * people),
        np.full(people, np.datetime64("2026-01-01")), np.full(people, 500), np.array(fraud),
        np.full(people, 1),
    )  # fmt: skip
    return graphs.groups(graphs.components(bonds, person), claims)


def test_known_frauds_alone_flag_three_people_but_not_two():
    def flagged(people):
        bonds = bonds_of([(row, "account") for row in range(people)])
        return [g.flagged for g in found(bonds, [True, True, False][:people])]

    assert flagged(3) == [True]
    assert flagged(2) == [False]


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
