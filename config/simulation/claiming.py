"""Accidents and illnesses, honest and planted, and how people work on them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from claims import access
from claims import services as claims
from claims.models import Claim
from config.simulation.plan import Plan
from config.simulation.selling import ring_days
from config.simulation.world import World
from contracts.models import Contract
from core.acting import acting
from core.errors import DomainError

# line → (kind of event, yearly frequency, words)
EVENTS = {
    "TERM": (("DEATH", 0.0022, "자택에서 쓰러져 병원 이송 후 사망"),),
    "WHOLE": (("DEATH", 0.0026, "지병 악화로 입원 치료 중 사망"),),
    "HEALTH": (("DIAGNOSIS", 0.011, "건강검진에서 이상 소견, 조직검사로 암 진단"),),
    "ACCIDENT": (
        ("INJURY", 0.085, "교차로에서 신호 대기 중 추돌당하여 경추 염좌"),
        ("VEHICLE", 0.030, "차로 변경 중 접촉 사고로 상대 차량 파손"),
        ("DEATH", 0.0004, "고속도로 추돌 사고로 사망"),
    ),
}
# kind of event → (median, spread) of the days until it is reported, log-normal
LAGS = {
    "DEATH": (12.0, 0.8),
    "DIAGNOSIS": (18.0, 0.9),
    "INJURY": (4.0, 1.3),
    "VEHICLE": (2.0, 1.0),
}
CHANNELS = (("CALL", 0.42), ("WEB", 0.36), ("BRANCH", 0.15), ("API", 0.07))


def happen(plan: Plan, world: World, day: date) -> None:
    """Report the day's accidents: chance for everyone, intent for the rings."""
    rng = plan.rng(day, "accidents")
    rows = [*_chance(world, day, rng), *_intent(plan, world, day)]
    if not rows:
        return
    batch = claims.NewClaims.of(rows)
    with acting("intake", day.isoformat()):
        refused = {r.row for r in claims.check_many(batch, business_date=day, confirmed=True)}
        good = np.array([i for i in range(batch.rows) if i not in refused], dtype=np.int64)
        if len(good):
            claims.receive_many(batch.take(good), business_date=day)


def _chance(world: World, day: date, rng: np.random.Generator) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for line, kinds in EVENTS.items():
        insured = Contract.objects.filter(policy_status="ACTIVE", line=line)
        numbers = np.array(
            insured.order_by("contract_id").values_list("contract_id", flat=True), dtype=object
        )
        for kind, yearly, words in kinds:
            hit = numbers[rng.random(len(numbers)) < yearly / 365]
            rows += [_report(rng, world, str(number), kind, words, day) for number in hit]
    return rows


def _report(
    rng: np.random.Generator, world: World, contract_id: str, kind: str, words: str, day: date
) -> dict[str, Any]:
    contract = Contract.objects.select_related("customer").get(pk=contract_id)
    start = contract.coverage_start or day
    median, spread = LAGS[kind]
    lag = int(min(rng.lognormal(np.log(median), spread), (day - start).days))
    provider = world.providers[int(rng.integers(len(world.providers)))]
    return _row(rng, contract, kind, words, day, lag, provider[0])


def _row(
    rng: np.random.Generator,
    contract: Contract,
    kind: str,
    words: str,
    day: date,
    lag: int,
    provider_code: str,
) -> dict[str, Any]:
    happened = datetime.combine(day - timedelta(days=lag), datetime.min.time()) + timedelta(
        minutes=int(rng.integers(6 * 60, 15 * 60))
    )
    reported = datetime.combine(day, datetime.min.time()) + timedelta(
        minutes=int(rng.integers(15 * 60 + 1, 18 * 60))
    )
    whole = int(contract.sum_assured)
    claimed = {
        "DEATH": whole,
        "DIAGNOSIS": whole,
        "INJURY": int(rng.lognormal(14.2, 0.7)) // 1000 * 1000,
        "VEHICLE": int(rng.lognormal(14.6, 0.6)) // 1000 * 1000,
    }[kind]
    return {
        "contract_id": contract.contract_id,
        "claim_type": kind,
        "channel": str(rng.choice([c for c, _ in CHANNELS], p=[p for _, p in CHANNELS])),
        "incident_at": np.datetime64(happened, "m"),
        "reported_at": np.datetime64(reported, "m"),
        "claimed": max(claimed, 50_000),
        "provider_code": "" if kind == "DEATH" else provider_code,
        "location": contract.customer.address,
        "description": words,
        "claimant_name": contract.customer.name,
    }


def _intent(plan: Plan, world: World, day: date) -> list[dict[str, Any]]:
    """Ring members claim a week or two after they bought, some of them twice."""
    place = (day - plan.start).days
    rows: list[dict[str, Any]] = []
    for ring in world.rings:
        first, span = ring_days(plan, ring.number)
        again = 9 if ring.number % 2 else 16
        if place not in {first + span + again, first + span + again + 8}:
            continue
        rng = plan.rng(day, f"ring{ring.number}")
        members = Contract.objects.filter(
            policy_status="ACTIVE",
            line="ACCIDENT",
            agent_id=ring.agent_id,
            contract_date__range=(
                plan.start + timedelta(days=first - 1),
                plan.start + timedelta(days=first + span + 5),
            ),
        ).select_related("customer")
        for contract in members.order_by("contract_id"):
            words = "주차장에서 후진 차량과 접촉, 경추·요추 염좌로 입원"
            rows.append(
                _row(
                    rng, contract, "INJURY", words, day, int(rng.integers(1, 4)), ring.provider_code
                )
            )
    return rows


def work(plan: Plan, world: World, day: date) -> None:
    """Adjust, approve, decline and pay as the claims staff does."""
    rng = plan.rng(day, "claims work")
    fresh = Claim.objects.filter(status="RECEIVED", report_date__date__lt=day)
    numbers = list(fresh.order_by("reception_id").values_list("reception_id", flat=True))
    if numbers:
        with acting("adjuster", day.isoformat()):
            claims.start_many(reception_ids=numbers, adjuster="adjuster")
    if day not in plan.days[-3:]:
        _propose(rng, day)
    if day not in plan.days[-6:]:
        _approve_and_pay(day)  # the last days' proposals wait for whoever comes in next


def _propose(rng: np.random.Generator, day: date) -> None:
    working = (
        Claim.objects.filter(status="INVESTIGATING", report_date__date__lt=day - timedelta(days=1))
        .exclude(adjustments__status="PROPOSED")
        .order_by("reception_id")
    )
    facts = access.contract_facts([c.contract_id for c in working])
    coverages = access.coverages(facts.values())
    for claim in working:
        fact = facts[claim.contract_id]
        paying = access.paying(coverages[fact.version_id], claim.claim_type)
        try:
            with acting("adjuster", day.isoformat()):
                if not paying or rng.random() < 0.04:
                    raise claims.NothingPayable("약관상 보장하지 않는 사고")
                claims.propose(
                    reception_id=claim.reception_id,
                    coverage_code=paying[0].code,
                    loss=int(claim.claimed_amount),
                    fault_bp=int(rng.choice([0, 0, 0, 1000, 2000, 3000]))
                    if claim.claim_type == "VEHICLE"
                    else 0,
                    deductible=200_000 if claim.claim_type == "VEHICLE" else 0,
                    fee=int(rng.choice([0, 0, 50_000, 120_000])),
                    opinion="진단서와 사고 사실을 확인하여 산정함",
                    business_date=day,
                )
        except DomainError as refusal:
            _decline(claim.reception_id, str(refusal), day)


def _decline(reception_id: str, reason: str, day: date) -> None:
    with acting("claimsmgr", day.isoformat()):
        claims.reject(reception_id=reception_id, reason=reason, business_date=day)


def _approve_and_pay(day: date) -> None:
    proposed = Claim.objects.filter(
        status="INVESTIGATING", adjustments__status="PROPOSED", adjustments__made_on__lt=day
    ).order_by("reception_id")
    for number in proposed.values_list("reception_id", flat=True).distinct():
        with acting("claimsmgr", day.isoformat()):
            claims.approve(reception_id=number, note="산정 내용 확인", business_date=day)
    payable = Claim.objects.filter(status="APPROVED", fds_gate="CLEAR").order_by("reception_id")
    ready = list(payable.values_list("reception_id", "claimant_name"))
    if ready:
        with acting("claimsmgr", day.isoformat()):
            claims.pay_many(
                reception_ids=[number for number, _ in ready],
                payees=[claims.Payee(name) for _, name in ready],
                operation_ids=[UUID(int=number_of(number)) for number, _ in ready],
                business_date=day,
            )


def number_of(text: str) -> int:
    """Return a stable 128-bit number for a text, the operation id of its payment."""
    from hashlib import sha256

    return int.from_bytes(sha256(text.encode()).digest()[:16], "big")
