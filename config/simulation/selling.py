"""Applications of a day, and what underwriters decide about those that were referred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from config.simulation import people
from config.simulation.people import Person
from config.simulation.plan import Plan
from config.simulation.world import World
from contracts import services as contracts
from contracts.models import Underwriting
from core.acting import acting
from core.permissions import roles
from core.privacy import seal
from products import api as products
from sales.selectors import catalogue
from sales.selectors.checks import review
from sales.services import applications as sales

MIX = (("TERM01", 0.30), ("WHOLE01", 0.20), ("CANCER01", 0.26), ("DRIVER01", 0.24))
_UNDERWRITERS = ("underwriter", "chief_underwriter")


@dataclass(frozen=True, slots=True)
class Wish:
    """What someone wants to buy."""

    person: Person
    product_code: str
    agent_id: str


def sell(plan: Plan, world: World, day: date) -> None:
    """Take the day's applications; those that the checks refuse never come in."""
    count = plan.applications.get(day, 0)
    rng = plan.rng(day, "sales")
    wishes = [*_wishes(plan, world, day, rng, count), *_ring_wishes(plan, world, day)]
    if not wishes:
        return
    rows = [_application(rng, wish, day) for wish in wishes]
    batch = sales.NewApplications.of(rows)
    refused = {r.row for r in review(sales.proposed(batch), day).refusals}
    good = [row for i, row in enumerate(rows) if i not in refused]
    for start in range(0, len(good), 10_000):
        with acting("agents", day.isoformat()):
            sales.submit_many(
                sales.NewApplications.of(good[start : start + 10_000]), business_date=day
            )


def _wishes(
    plan: Plan, world: World, day: date, rng: np.random.Generator, count: int
) -> list[Wish]:
    crowd = people.people(rng, count, day, plan.applications_before(day))
    products = rng.choice(len(MIX), size=count, p=[share for _, share in MIX])
    sellers = rng.integers(len(world.agents), size=count)
    return [
        Wish(person, MIX[int(products[i])][0], world.agents[int(sellers[i])][0])
        for i, person in enumerate(crowd)
    ]


def ring_days(plan: Plan, number: int) -> tuple[int, int]:
    """Return when a ring buys: the index of its first day and how many days it takes.

    The first ring comes last, so that investigators find its cases still open at the end.
    """
    if number == 0:
        return max(15, len(plan.days) - 38), 4
    rng = np.random.default_rng([plan.seed, 77, number])
    last = max(20, len(plan.days) - 75)
    return int(rng.integers(15, last)), 4


def _ring_wishes(plan: Plan, world: World, day: date) -> list[Wish]:
    place = (day - plan.start).days
    wishes = []
    for ring in world.rings:
        first, span = ring_days(plan, ring.number)
        for member in range(ring.members):
            if place == first + member % span:
                rng = np.random.default_rng([plan.seed, 78, ring.number, member])
                person = people.people(rng, 1, day, 90_000 + ring.number * 10 + member)[0]
                wishes.append(Wish(person, "DRIVER01", ring.agent_id))
    return wishes


def _application(rng: np.random.Generator, wish: Wish, day: date) -> dict[str, Any]:
    person = wish.person
    age = people.insurance_age(person.birth_date, day)
    version = products.sellable(wish.product_code, day).version
    offer = products.offer(wish.product_code, version)
    plans = [p for p in offer.plans if age <= p.get("max_age", offer.max_age)] or list(offer.plans)
    plan = plans[int(rng.integers(len(plans)))]
    pay = plan["pay_months"]
    return {
        "product_code": wish.product_code,
        "agent_id": wish.agent_id,
        "applicant_name": person.name,
        "sealed": seal(person.resident_number),
        "job_code": _job(rng, person.job_class),
        "sum_assured": _sum(rng, wish.product_code, offer),
        "term_months": plan["term_months"],
        "pay_months": pay[int(rng.integers(len(pay)))],
        "disclosures": _answers(rng, wish.product_code, version),
        "explained": True,
        "initial_premium_paid": bool(rng.random() < 0.96),
        "phone": person.phone,
        "address": person.address,
        "beneficiary_name": "",
    }


def _job(rng: np.random.Generator, risk: int) -> str:
    codes = [code for code, job in catalogue.jobs().items() if job.job_class == risk]
    return codes[int(rng.integers(len(codes)))]


def _sum(rng: np.random.Generator, product_code: str, offer: Any) -> int:
    usual = {
        "TERM01": (50, 100, 100, 150, 200, 300),
        "WHOLE01": (30, 50, 50, 100, 100, 200),
        "CANCER01": (10, 20, 30, 30, 50, 100),
        "DRIVER01": (30, 50, 50, 100, 100),
    }[product_code]
    return int(np.clip(int(rng.choice(usual)) * 1_000_000, offer.min_sum, offer.max_sum))


RARE = {
    "treated_3m": 0.02,
    "hospitalised_5y": 0.05,
    "major_disease_5y": 0.012,
    "hazardous_hobby": 0.02,
    "family_cancer": 0.08,
    "drunk_driving_5y": 0.01,
}


def _answers(rng: np.random.Generator, product_code: str, version: int) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for question in catalogue.questions(product_code, version):
        if question.kind == "boolean":
            answers[question.code] = bool(rng.random() < RARE.get(question.code, 0.01))
        elif question.code == "accidents_3y":
            answers[question.code] = int(rng.choice([0, 1, 2, 4], p=[0.9, 0.07, 0.025, 0.005]))
        elif question.code == "vehicle_use":
            answers[question.code] = str(
                rng.choice(["PRIVATE", "COMMERCIAL", "NONE"], p=[0.8, 0.12, 0.08])
            )
        elif question.kind == "choice":
            answers[question.code] = question.default
        else:
            answers[question.code] = question.default
    return answers


def underwrite(plan: Plan, world: World, day: date) -> None:
    """Decide referrals that have waited two days or more, as underwriters do."""
    waiting: Sequence[Underwriting] = list(
        Underwriting.objects.filter(status="REFERRED", application__applied_on__lt=day)
        .select_related("application")
        .order_by("application__applied_on", "application_id")
    )
    if day in plan.days[-4:]:
        return  # the last days' referrals wait for whoever comes in next
    rng = plan.rng(day, "underwriting")
    for referral in waiting:
        if rng.random() < 0.5:
            continue
        result = str(rng.choice(["PASS", "CONDITION", "REJECT"], p=[0.6, 0.22, 0.18]))
        _decide(referral.application_id, result, day)


def _decide(application_id: str, result: str, day: date) -> None:
    """Decide as the underwriter, or pass on what is above the authority and decide as the chief."""
    terms: dict[str, Any] = {
        "application_id": application_id,
        "result": result,
        "exclusion": "고지한 부위의 질병" if result == "CONDITION" else "",
        "comment": "의무기록 확인",
        "own_number": "",
        "business_date": day,
    }
    limits = {role: roles()[role].limits["contracts.underwrite"] for role in _UNDERWRITERS}
    try:
        with acting("underwriter", day.isoformat()):
            contracts.decide(by="underwriter", limit=limits["underwriter"], **terms)
    except contracts.AboveAuthority:
        with acting("underwriter", day.isoformat()):
            contracts.escalate(
                application_id=application_id,
                note="보험가입금액이 전결 한도를 넘음",
                by="underwriter",
                business_date=day,
            )
        with acting("chiefuw", day.isoformat()):
            contracts.decide(by="chiefuw", limit=limits["chief_underwriter"], **terms)
