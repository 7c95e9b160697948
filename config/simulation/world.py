"""The company as the simulation finds it: units, people, providers, planted rings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from config.simulation import people
from config.simulation.plan import Plan

BRANCHES = (
    ("BR01", "강남지점", "서울"),
    ("BR02", "종로지점", "서울"),
    ("BR03", "수원지점", "경기"),
    ("BR04", "해운대지점", "부산"),
    ("BR05", "대구지점", "대구"),
    ("BR06", "대전지점", "대전"),
)
HOSPITALS = (
    *("연세", "한마음", "우리", "굿모닝", "서울제일"),
    *("미래", "튼튼", "참사랑", "세종", "푸른"),
)
KINDS = (("병원", "HOSPITAL"), ("의원", "CLINIC"), ("한방병원", "HOSPITAL"), ("정비", "GARAGE"))


@dataclass(frozen=True, slots=True)
class Ring:
    """People who buy cover in order to claim: one agent, one provider, a few insured."""

    number: int
    agent_id: str
    provider_code: str
    members: int


@dataclass(frozen=True, slots=True)
class World:
    """What does not change during a simulation.

    Args:
        agents: (agent number, branch code) in order.
        providers: (code, name, kind, region) in order.
        rings: planted fraud rings.
    """

    agents: tuple[tuple[str, str], ...]
    providers: tuple[tuple[str, str, str, str], ...]
    rings: tuple[Ring, ...]


def make(plan: Plan) -> World:
    """Make the world of a plan; the same plan gives the same world."""
    rng = np.random.default_rng([plan.seed, 1])
    count = max(12, min(600, plan.contracts // 60))
    agents = tuple(
        (f"A{i:05d}", BRANCHES[(i - 1) % len(BRANCHES)][0] if i > 2 else "BR01")
        for i in range(1, count + 1)
    )
    regions = list(people.REGIONS)
    providers = []
    for i in range(max(40, count * 2)):
        word, kind = KINDS[int(rng.choice(4, p=[0.35, 0.4, 0.1, 0.15]))]
        region = regions[int(rng.integers(len(regions)))]
        town = str(rng.choice(people.REGIONS[region]))
        name = f"{town} {rng.choice(HOSPITALS)}{word}{'' if i < 30 else i}"
        providers.append((f"PRV{i + 1:05d}", name, kind, region))
    rings = tuple(
        Ring(
            number=k,
            agent_id=agents[int(rng.integers(2, count))][0],
            provider_code=providers[int(rng.integers(len(providers)))][0],
            members=int(rng.integers(3, 7)),
        )
        for k in range(max(1, plan.contracts // 1000))
    )
    return World(agents, tuple(providers), rings)
