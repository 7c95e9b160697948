"""A society comes into the books by the ordinary services: people, contracts, claims, parties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction

from claims import services as claims
from claims.models import Claim
from config.simulation.network.society import Scene, Society
from contracts import services as contracts
from contracts.models import Contract
from core import privacy
from core.acting import acting
from core.bulk import analyze
from core.columns import Keys, as_column
from fds import services as fds
from fds.models import Label, PartyLink
from products import api as products
from sales.models import Agent
from sales.services import organisation as sales

BATCH = 5_000
FILLED = (Claim, Contract, PartyLink, Label)
PRODUCT = "DRIVER01"
EARLIEST = -60  # days from the scene's start: since then the product is sold
COVER = 359  # days after the first of the cover on which an accident is covered at the latest
INQUIRY = 75  # days from the report to what an inquiry found
Ints = np.ndarray[Any, np.dtype[np.int64]]


def load(scene: Scene, society: Society, *, business_date: date) -> Iterator[int]:
    """Write everything down; yields how many claims are in after each batch.

    Args:
        scene: of the society.
        society: people and claims; accidents and reports lie before the business date.
        business_date: of the books; its month is open.
    """
    numbers: dict[int, str] = {}
    with acting("simulation", business_date.isoformat()):
        _houses(society, business_date)
        starts = _starts(scene, society)
        people = np.asarray(sorted(starts), dtype=np.int64)
        for first in range(0, len(people), BATCH):
            chosen = people[first : first + BATCH]
            begins = [scene.start + timedelta(days=starts[one]) for one in chosen.tolist()]
            numbers |= _issue(society, chosen, begins, business_date)
    told: dict[int, list[tuple[str, str, str]]] = {}
    for row, kind, value, role in society.parties:
        value = key_of(int(value[1:])) if value[0] == "#" else value
        told.setdefault(row, []).append((kind, value, role))
    reported = np.asarray(society.incident) + np.asarray(society.lag)
    order = np.argsort(reported, kind="stable").tolist()
    for first in range(0, len(order), BATCH):
        rows = order[first : first + BATCH]
        with acting("simulation", business_date.isoformat()), transaction.atomic():
            received = _receive(scene, society, rows, numbers, business_date)
            _parties(received, [told[row] for row in rows])
            _labels(scene, society, received, rows, business_date)
        if first == 0 or first + len(rows) == len(order):
            analyze(*FILLED)
        yield first + len(rows)


def key_of(person: int) -> str:
    """Return the index under which a person's resident number would stand."""
    return privacy.pseudonym("network", str(person))


def provider_code(number: int) -> str:
    """Return the code of a hospital or garage."""
    return f"NP{number:05d}"


def agent_id(number: int) -> str:
    """Return the number of an agent."""
    return f"NA{number:05d}"


def _houses(society: Society, business_date: date) -> None:
    many = range(society.hospitals + society.garages)
    hospital = [number < society.hospitals for number in many]
    claims.register_providers(
        codes=[provider_code(number) for number in many],
        names=[f"{'병원' if h else '정비'} {n}" for n, h in zip(many, hospital, strict=True)],
        kinds=["HOSPITAL" if h else "GARAGE" for h in hospital],
        regions=[("서울", "경기", "부산", "대전")[number % 4] for number in many],
    )
    opened = date(2020, 1, 1)
    sales.open_branch(branch_code="BRN", branch_name="연결지점", region="서울", opened_on=opened)
    known = set(Agent.objects.values_list("agent_id", flat=True))
    wanted = [agent_id(number) for number in range(society.agents)]
    sales.appoint(
        [
            sales.Appointment(
                agent_id=one,
                name=f"설계사 {one[2:]}",
                branch_code="BRN",
                commission_rate=Decimal(1),
                licence_number=one,
                appointed_on=opened,
                training_valid_until=business_date + timedelta(days=900),
            )
            for one in wanted
            if one not in known
        ]
    )


def _starts(scene: Scene, society: Society) -> dict[int, int]:
    """Choose the first day of each claimant's cover, in days from the scene's start."""
    rng = scene.rng(3)
    days: dict[int, list[int]] = {}
    for person, day in zip(society.person, society.incident, strict=True):
        days.setdefault(person, []).append(day)
    found = {}
    for person in sorted(days):
        room = max(COVER - (max(days[person]) - min(days[person])), 0)
        tenure = society.newcomers.get(person, int(rng.integers(0, room + 1)))
        found[person] = max(min(days[person]) - min(tenure, room), EARLIEST)
    return found


def _issue(
    society: Society, people: Ints, begins: Sequence[date], business_date: date
) -> dict[int, str]:
    rows, whose = len(people), people.tolist()
    sellers = dict(zip(society.person, society.agent, strict=True))
    version = products.sellable(PRODUCT, business_date)
    columns: dict[str, Any] = {
        "age": 22 + people % 45,
        "sex": as_column("keys", ["MF"[one % 2] for one in whose]),
        "term_months": np.full(rows, 12),
        "pay_months": np.full(rows, 12),
        "sum_assured": np.full(rows, 100_000_000),
    }
    fixed = {"per_year": np.full(rows, 12), "job_class": np.ones(rows, np.int64)}
    with transaction.atomic():
        rated = products.rate(PRODUCT, version.version, columns | fixed)
        made = contracts.issue(
            contracts.NewContracts(
                version_id=np.full(rows, version.pk),
                customer_id=_customers(society, whose, begins),
                agent_id=as_column("keys", [agent_id(sellers[one]) for one in whose]),
                contract_date=as_column("days", begins),
                uw_result=_same("PASS", rows),
                application_id=_same("", rows),
                premium=rated.premiums,
                rating_id=rated.rating_ids,
                sum_assured=columns["sum_assured"],
                insurance_age=columns["age"],
                sex=columns["sex"],
                term_months=columns["term_months"],
                pay_months=columns["pay_months"],
                frequency=_same("MONTHLY", rows),
                loading_percent=np.zeros(rows, np.int64),
                received=rated.premiums,
                external_key=_same("", rows),
            ),
            business_date=business_date,
        )
    return dict(zip(whose, made.contract_id.tolist(), strict=True))


def _customers(society: Society, whose: list[int], begins: Sequence[date]) -> Any:
    born = [date(day.year - 22 - one % 45, 1, 1) for one, day in zip(whose, begins, strict=True)]
    return contracts.customers_for(
        contracts.NewCustomers(
            name=as_column("keys", [f"고객 {one}" for one in whose]),
            rrn_hash=as_column("keys", [key_of(one) for one in whose]),
            rrn_cipher=[b""] * len(whose),
            rrn_mask=_same("", len(whose)),
            birth_date=as_column("days", born),
            sex=as_column("keys", ["MF"[one % 2] for one in whose]),
            job_code=_same("3120", len(whose)),
            phone=as_column("keys", [society.phone[one] for one in whose]),
            address=as_column("keys", [society.address[one] for one in whose]),
        )
    )


def _receive(
    scene: Scene,
    society: Society,
    rows: list[int],
    numbers: Mapping[int, str],
    business_date: date,
) -> Keys:
    zero = np.datetime64(scene.start, "m")
    minute = np.asarray([row * 7919 % 600 for row in rows])  # from eight in the morning on
    happened = np.asarray([society.incident[row] for row in rows]) * 1_440 + 420
    reported = happened + np.asarray([society.lag[row] for row in rows]) * 1_440 + 60 + minute
    return claims.receive_many(
        claims.NewClaims(
            contract_id=as_column("keys", [numbers[society.person[row]] for row in rows]),
            claim_type=as_column("keys", [society.kind[row] for row in rows]),
            channel=_same("WEB", len(rows)),
            incident_at=zero + happened.astype("timedelta64[m]"),
            reported_at=zero + reported.astype("timedelta64[m]"),
            claimed=as_column("won", [society.amount[row] for row in rows]),
            provider_code=as_column("keys", [provider_code(society.provider[r]) for r in rows]),
            location=_same("서울", len(rows)),
            description=_same("사고 접수", len(rows)),
            claimant_name=_same("고객", len(rows)),
            accident_no=_same("", len(rows)),
            external_key=_same("", len(rows)),
        ),
        business_date=business_date,
    )


def _parties(received: Keys, told: Sequence[Sequence[tuple[str, str, str]]]) -> None:
    own = fds.parties_of_contracts(received.tolist())
    rows = [
        (number, *party)
        for number, parties in zip(received.tolist(), told, strict=True)
        for party in parties
    ]
    extra = fds.Parties(*(as_column("keys", column) for column in zip(*rows, strict=True)))
    fds.record_parties(
        fds.Parties(
            *(
                np.concatenate([getattr(one, name) for one in (own, extra)])
                for name in ("reception_id", "kind", "value", "role")
            )
        )
    )


def _labels(
    scene: Scene, society: Society, received: Keys, rows: Sequence[int], business_date: date
) -> None:
    seen = [
        (number, society.state[row], society.incident[row] + society.lag[row] + INQUIRY)
        for number, row in zip(received.tolist(), rows, strict=True)
        if society.state[row]
    ]
    seen = [one for one in seen if scene.start + timedelta(days=one[2]) <= business_date]
    if seen:
        fds.record_labels(
            fds.Labels(
                as_column("keys", [number for number, _state, _day in seen]),
                as_column("keys", [state for _number, state, _day in seen]),
                as_column("days", [scene.start + timedelta(days=day) for *_rest, day in seen]),
                as_column("won", [0] * len(seen)),
                "IMPORT",
            )
        )


def _same(text: str, rows: int) -> Keys:
    return as_column("keys", [text] * rows)
