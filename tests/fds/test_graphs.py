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
    bonds = [(row, f"person{p}") for row, p in enumerate(person)]
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
    claims = graphs.Claims(
        keys(person), keys(provider), reported.astype("datetime64[D]"), tenure,
        np.zeros(rows, bool), np.full(rows, 1_000_000),
    )  # fmt: skip
    row = np.array([b[0] for b in bonds])
    return claims, graphs.Bonds(row, keys(b[1] for b in bonds), claims.person[row]), planted


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_planted_rings_are_found_whole(seed):
    claims, bonds, planted = world(seed)
    number = graphs.components(bonds, len(claims.person))
    flagged = [one for one in graphs.groups(number, claims) if one.flagged]
    found = [{int(p) for p in claims.person[one.rows]} for one in flagged]
    assert all(ring in found for ring in planted)
    assert len(found) - len(planted) < 5


def test_a_value_of_many_people_holds_nothing_together():
    few, many = graphs.HUB, graphs.HUB + 1
    for people, parts in ((few, 1), (many, many)):
        row = np.arange(people)
        bonds = graphs.Bonds(row, keys(["phone"] * people), keys(row))
        assert len(set(graphs.components(bonds, people).tolist())) == parts


def test_known_frauds_alone_flag_three_people_but_not_two():
    def flagged(people):
        row = np.arange(people)
        claims = graphs.Claims(
            keys(row), keys([""] * people), np.full(people, np.datetime64("2026-01-01")),
            np.full(people, 500), np.array([True, True, False])[:people], np.full(people, 1),
        )  # fmt: skip
        bonds = graphs.Bonds(row, keys(["account"] * people), keys(row))
        return [g.flagged for g in graphs.groups(graphs.components(bonds, people), claims)]

    assert flagged(3) == [True]
    assert flagged(2) == [False]


def test_no_bonds_no_components():
    none = graphs.Bonds(np.empty(0, int), keys([]), keys([]))
    assert graphs.components(none, 3).tolist() == [0, 1, 2]
