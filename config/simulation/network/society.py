"""People with homes, offices, telephones and accounts, and what happens to them in a year."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator
Ints = NDArray[np.int64]
HOUSEHOLDS = (0.35, 0.28, 0.20, 0.13, 0.04)  # of one to five people
SEASON = np.array([1.15, 1.0, 0.95, 0.95, 1.0, 0.95, 1.05, 1.1, 0.95, 0.9, 0.95, 1.05])
CHEATS = np.array([0.6, 0.7, 1.0, 1.3, 1.5, 1.4, 1.2, 1.0, 0.9, 0.8, 0.8, 0.8])
PEOPLE_A_CLAIM = 0.6
HOSPITALS_A_CLAIM, GARAGES_A_CLAIM, AGENTS_A_CLAIM = 1 / 150, 1 / 250, 1 / 80
SOFT_FRAUD = 0.025
LOOKED_INTO = {"fraud": 0.12, "honest": 0.012}
ESTABLISHED = 0.7


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be lived through.

    Args:
        claims: of honest people, families and those who cheat alone.
        rings: planted beside them.
        seed: of every random choice.
        start: first day of the year of accidents; covers begin up to two months earlier.
    """

    claims: int
    rings: int
    seed: int = 1
    start: date = date(2025, 3, 3)

    def rng(self, purpose: int) -> Random:
        """Return the generator of a purpose."""
        return np.random.default_rng([self.seed, 20, purpose])


@dataclass
class Society:
    """People and their claims.

    Args:
        home, office: (people,) numbers; office -1: none.
        phone, account, address: (people,) texts of their own or of the family or the office.
        person, kind, provider, agent, incident, lag, amount: (claims,) of each claim: whose, what
            (INJURY or VEHICLE), index of provider and agent, day of the year, days to the report,
            won.
        fraud: (claims,) the truth, which nobody sees.
        state: (claims,) what inquiries found: CONFIRMED, INNOCENT or empty.
        newcomers: person → days from the start of cover to the first accident, where it is meant.
        parties: (claim, kind, text, role) beyond what the tables name.
        rings: people of each planted ring.
        hospitals, garages, agents: how many there are; garages are numbered after hospitals.
    """

    home: Ints
    office: Ints
    phone: list[str]
    account: list[str]
    address: list[str]
    hospitals: int
    garages: int
    agents: int
    person: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    provider: list[int] = field(default_factory=list)
    agent: list[int] = field(default_factory=list)
    incident: list[int] = field(default_factory=list)
    lag: list[int] = field(default_factory=list)
    amount: list[int] = field(default_factory=list)
    fraud: list[bool] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    newcomers: dict[int, int] = field(default_factory=dict)
    parties: list[tuple[int, str, str, str]] = field(default_factory=list)
    rings: list[set[int]] = field(default_factory=list)

    def claim(
        self,
        rng: Random,
        *,
        person: int,
        kind: str,
        provider: int,
        agent: int,
        day: int,
        amount: int,
        fraud: bool,
        looked_into: float,
    ) -> int:
        """Add a claim with the account it is paid to; return its row."""
        row = len(self.person)
        self.person.append(person)
        self.kind.append(kind)
        self.provider.append(provider)
        self.agent.append(agent)
        self.incident.append(day)
        self.lag.append(int(min(rng.exponential(4), 25)))
        self.amount.append(amount)
        self.fraud.append(fraud)
        seen = rng.random() < looked_into
        guilty = fraud and rng.random() < ESTABLISHED
        self.state.append(("CONFIRMED" if guilty else "INNOCENT") if seen else "")
        self.parties.append((row, "ACCOUNT", self.account[person], ""))
        return row


def live(scene: Scene) -> Society:
    """Let people live in homes and offices and have their accidents, and some of them cheat."""
    rng = scene.rng(1)
    society = _people(rng, scene.claims)
    days = _days(rng, SEASON, scene.claims)
    soft = rng.random(scene.claims) < SOFT_FRAUD
    days = np.where(soft, _days(rng, CHEATS, scene.claims), days)
    often = rng.gamma(1.2, 1.0, len(society.home))
    whose = rng.choice(len(society.home), scene.claims, p=often / often.sum())
    seller = rng.integers(0, society.agents, len(society.home))
    for place in range(scene.claims):
        _accident(rng, society, int(whose[place]), seller, int(days[place]), bool(soft[place]))
    _decoys(rng, society, scene.claims)
    return society


def _people(rng: Random, claims: int) -> Society:
    count = max(300, int(claims * PEOPLE_A_CLAIM))
    sizes = rng.choice(5, count, p=HOUSEHOLDS) + 1
    home = np.repeat(np.arange(count), sizes)[:count]
    own = [f"010-{n // 10_000 + 2_000:04d}-{n % 10_000:04d}" for n in range(count)]
    phone = [own[int(h)] if s else own[n] for n, (h, s) in enumerate(
        zip(np.searchsorted(home, home), rng.random(count) < 0.15, strict=True))]  # fmt: skip
    account = [f"110-{h if s else n + 10_000_000}" for n, (h, s) in enumerate(
        zip(home.tolist(), rng.random(count) < 0.4, strict=True))]  # fmt: skip
    tower = rng.random(int(home.max()) + 1) < 0.03
    address = [f"새마을로 {h % 7}단지" if tower[h] else f"중앙로 {h}" for h in home.tolist()]
    office = np.full(count, -1)
    workers, place = rng.permutation(count)[: int(count * 0.015)], 0
    while place < len(workers):
        size = int(rng.integers(4, 16))
        office[workers[place : place + size]] = place
        place += size
    for worker in workers.tolist():
        phone[worker] = f"02-{office[worker]:07d}"
    return Society(
        home=home,
        office=office,
        phone=phone,
        account=account,
        address=address,
        hospitals=max(12, int(claims * HOSPITALS_A_CLAIM)),
        garages=max(8, int(claims * GARAGES_A_CLAIM)),
        agents=max(10, int(claims * AGENTS_A_CLAIM)),
    )


def _days(rng: Random, season: NDArray[np.float64], count: int) -> Ints:
    month = rng.choice(12, count, p=season / season.sum())
    return np.asarray(month * 30 + rng.integers(0, 30, count), dtype=np.int64)


def _accident(
    rng: Random, society: Society, person: int, seller: Ints, day: int, cheats: bool
) -> None:
    vehicle = rng.random() < 0.3
    first = society.hospitals if vehicle else 0
    many = society.garages if vehicle else society.hospitals
    near = int(society.home[person]) * 7919 % many  # people go where they live, mostly
    provider = first + (near if rng.random() < 0.6 else int(many * rng.random() ** 2))
    amount = int(rng.lognormal(14.4, 0.7) * (1.6 if cheats else 1)) // 1000 * 1000
    row = society.claim(
        rng,
        person=person,
        kind="VEHICLE" if vehicle else "INJURY",
        provider=provider,
        agent=int(seller[person]),
        day=day,
        amount=max(amount, 50_000),
        fraud=cheats,
        looked_into=LOOKED_INTO["fraud" if cheats else "honest"],
    )
    chance = rng.random()
    if chance < 0.04:  # the other side is insured here as well
        other = int(rng.integers(len(society.home)))
        society.parties.append((row, "PERSON", f"#{other}", "OTHER"))
        if other != person and rng.random() < 0.5:
            mine = society.claim(
                rng, person=other, kind="VEHICLE", agent=int(seller[other]), day=day,
                provider=society.hospitals + int(rng.integers(society.garages)),
                amount=int(rng.lognormal(14.0, 0.6)) // 1000 * 1000 + 50_000, fraud=False,
                looked_into=LOOKED_INTO["honest"],
            )  # fmt: skip
            society.parties.append((mine, "PERSON", f"#{person}", "OTHER"))
    elif chance < 0.6:
        society.parties.append((row, "PERSON", f"outsider {row}", "OTHER"))
    if rng.random() < 0.005:
        society.parties.append((row, "PHONE", "1588-0000", ""))


def _decoys(rng: Random, society: Society, claims: int) -> None:
    """Add what looks odd and is honest: repair shops paid directly, and an office outing."""
    for shop in range(max(2, claims // 1_000)):
        for row in rng.choice(len(society.person), int(rng.integers(3, 19)), replace=False):
            society.parties.append((int(row), "ACCOUNT", f"shop {shop}", "DIRECT"))
    offices, sizes = np.unique(society.office[society.office >= 0], return_counts=True)
    if not len(offices) or sizes.max() < 5:
        return
    bus = np.flatnonzero(society.office == offices[int(sizes.argmax())])
    for person in bus.tolist():
        society.claim(
            rng, person=person, kind="INJURY", provider=1, agent=0, day=200,
            amount=int(rng.lognormal(13.5, 0.4)) // 1000 * 1000 + 50_000, fraud=False,
            looked_into=LOOKED_INTO["honest"],
        )  # fmt: skip
