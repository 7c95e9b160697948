"""Planted rings of the three kinds that Korean investigators describe most.

Shares of the kinds follow what the Financial Supervisory Service reported for 2016 to 2024: agents
who bring customers to one hospital, staged collisions, long stays arranged by a broker.
"""

from __future__ import annotations

import numpy as np

from .society import Random, Scene, Society

SMALLEST, LARGEST = 4, 9
LOOKED_INTO = 0.3


def plant(scene: Scene, society: Society) -> None:
    """Let strangers who live apart act together; ``society.rings`` says who they are."""
    rng = scene.rng(2)
    alone = np.flatnonzero(society.office < 0)
    _homes, first = np.unique(society.home[alone], return_index=True)
    unknown = np.setdiff1d(alone[first], np.asarray(society.person, dtype=np.int64))
    strangers = rng.permutation(unknown).tolist()  # a ring's people have claimed nothing before
    acts = (_agency, _collisions, _stays)
    for number in range(scene.rings):
        size = int(rng.integers(SMALLEST, LARGEST))
        members = [strangers.pop() for _ in range(size)]
        society.rings.append(set(members))
        acts[number % 3](rng, society, number, members)


def _agency(rng: Random, society: Society, number: int, members: list[int]) -> None:
    """An agent signs up strangers, who all go to one hospital within weeks; accounts pass on."""
    hospital, agent = int(rng.integers(society.hospitals)), int(rng.integers(society.agents))
    begin = int(rng.integers(20, 300))
    for place, member in enumerate(members):
        society.newcomers[member] = int(rng.integers(3, 28))
        row = society.claim(
            rng, person=member, kind="INJURY", provider=hospital, agent=agent,
            day=begin + int(rng.integers(0, 40)), amount=_won(rng, 14.8), fraud=True,
            looked_into=LOOKED_INTO,
        )  # fmt: skip
        for account in (place, place + 1):
            society.parties.append((row, "ACCOUNT", f"ring {number} account {account}", ""))


def _collisions(rng: Random, society: Society, number: int, members: list[int]) -> None:
    """Drivers and passengers change places in small collisions, with two rented cars."""
    garages = society.hospitals + rng.integers(0, society.garages, 2)
    begin = int(rng.integers(0, 180))
    for turn in range(len(members) + 2):
        driver = members[turn % len(members)]
        riders = [members[(turn + step) % len(members)] for step in (1, 2)]
        row = society.claim(
            rng, person=driver, kind="VEHICLE", provider=int(garages[turn % 2]),
            agent=int(rng.integers(society.agents)), day=begin + turn * int(rng.integers(5, 20)),
            amount=_won(rng, 14.1), fraud=True, looked_into=LOOKED_INTO,
        )  # fmt: skip
        for rider, role in zip(riders, ("PASSENGER", "OTHER"), strict=True):
            society.parties.append((row, "PERSON", f"#{rider}", role))
        if rng.random() < 0.4:
            society.parties.append((row, "VEHICLE", f"ring {number} car {turn % 2}", ""))


def _stays(rng: Random, society: Society, number: int, members: list[int]) -> None:
    """A broker arranges stays in three hospitals; his telephone and account stand behind them."""
    hospitals = rng.integers(0, society.hospitals, 3)
    begin = int(rng.integers(0, 120))
    for member in members:
        for turn in range(int(rng.integers(2, 4))):
            row = society.claim(
                rng, person=member, kind="INJURY", provider=int(hospitals[turn]),
                agent=int(rng.integers(society.agents)),
                day=begin + turn * 60 + int(rng.integers(0, 50)), amount=_won(rng, 15.0),
                fraud=True, looked_into=LOOKED_INTO,
            )  # fmt: skip
            society.parties.append((row, "PHONE", f"ring {number} broker", "BROKER"))
            if turn == 0:
                society.parties.append((row, "ACCOUNT", f"ring {number} purse", "BROKER"))


def _won(rng: Random, log_mean: float) -> int:
    return int(rng.lognormal(log_mean, 0.4)) // 1000 * 1000 + 50_000
