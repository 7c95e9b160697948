"""Planted rings come in by the ordinary services and are found by the night's reading."""

from datetime import date

import pytest

from config.management.commands.fraud_rings import search
from config.simulation.network import Scene, judge, live, load, plant
from core.models import BusinessClock
from fds.models import Label, PartyLink
from tests.factories.products import published

TODAY = date(2026, 4, 1)


def society_of(scene):
    society = live(scene)
    plant(scene, society)
    return society


def test_the_same_scene_gives_the_same_life():
    scene = Scene(400, 3, seed=7)
    first, again, other = map(society_of, (scene, scene, Scene(400, 3, seed=8)))
    for name in ("parties", "incident", "amount", "state", "rings", "phone"):
        assert getattr(first, name) == getattr(again, name)
        assert getattr(first, name) != getattr(other, name)


def test_most_frauds_are_never_looked_into_and_seasons_differ():
    society = live(Scene(6_000, 0))
    judged = [state for state in society.state if state]
    assert 0.005 < len(judged) / len(society.state) < 0.03
    cheats = [day for day, fraud in zip(society.incident, society.fraud, strict=True) if fraud]
    honest = [day for day, fraud in zip(society.incident, society.fraud, strict=True) if not fraud]

    def spring(days):
        return sum(60 <= day < 180 for day in days) / len(days)

    assert spring(cheats) > spring(honest) + 0.05


def test_a_verdict_counts_whole_rings_and_strangers():
    rings = [{"a", "b", "c"}, {"d", "e", "f"}]
    verdict = judge(rings, [{"a", "b", "c", "x"}, {"d", "e"}, {"p", "q", "r"}])
    assert (verdict.found, verdict.flagged, verdict.false, verdict.people) == (1, 3, 1, (5, 9))


@pytest.mark.parametrize("seed", [1])
def test_planted_rings_are_all_found_in_a_small_world(db, seed):
    BusinessClock.objects.update_or_create(id=1, defaults={"today": TODAY})
    published("DRIVER01")
    scene = Scene(1_500, 12, seed)
    society = society_of(scene)
    assert list(load(scene, society, business_date=TODAY))[-1] == len(society.person)
    assert 0 < Label.objects.count() <= sum(map(bool, society.state))
    assert PartyLink.objects.filter(kind="PERSON").exists()
    verdict, _seconds = search(society)
    assert verdict.found == verdict.planted == 12
    assert verdict.false < 5
