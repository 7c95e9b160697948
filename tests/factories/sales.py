"""Branches, agents, applications and people of sales for tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils.timezone import localdate

from core.columns import as_column
from core.models import BusinessClock, User
from core.permissions import grant
from core.privacy import seal
from sales.models import Agent, Branch
from sales.selectors import catalogue
from sales.services.applications import NewApplications

TODAY = date(2026, 3, 2)


class BranchFactory(factory.django.DjangoModelFactory):
    """A branch."""

    class Meta:
        model = Branch

    branch_code = factory.Sequence(lambda n: f"B{n:03d}")
    branch_name = factory.LazyAttribute(lambda b: f"지점 {b.branch_code}")
    region = "서울"
    opened_on = date(2020, 1, 1)
    monthly_plan = Decimal(10_000_000)


class AgentFactory(factory.django.DjangoModelFactory):
    """An agent who may sell everything."""

    class Meta:
        model = Agent

    agent_id = factory.Sequence(lambda n: f"AGT-2025-{n:07d}")
    agent_name = factory.Sequence(lambda n: f"설계사{n}")
    branch = factory.SubFactory(BranchFactory)
    branch_name = factory.LazyAttribute(lambda a: a.branch.branch_name)
    commission_rate = Decimal("1.00")
    licence_number = factory.Sequence(lambda n: f"L{n:08d}")
    appointed_on = date(2025, 1, 2)
    training_valid_until = date(2027, 12, 31)


def clock(today: date = TODAY) -> date:
    """Set the business date."""
    BusinessClock.objects.update_or_create(id=1, defaults={"today": today})
    return today


def person(username: str, role: str, *, branch: str = "", own: str = "") -> User:
    """Make someone with a role; a Korean speaker of English pages, so that texts are msgids."""
    user = User.objects.create(username=username, branch_code=branch, own_number=own, language="en")
    start = localdate() - timedelta(days=1)
    grant(user, role, by="test", reason="test", start=start, end=start + timedelta(days=3650))
    return user


def row(product_code: str = "TERM01", **given: Any) -> dict[str, Any]:
    """Return one sound application as a dictionary."""
    version = catalogue.on_sale(TODAY)
    number = next(v.version for v in version if v.product_code == product_code)
    asked = catalogue.questions(product_code, number)
    term, pay = catalogue.plans(product_code, number)[0]
    small, _large, _step = catalogue.sums(product_code, number)
    sound = {
        "product_code": product_code,
        "agent_id": "",
        "applicant_name": "홍길동",
        "sealed": seal("900101-1234567"),
        "job_code": "3120",
        "sum_assured": max(small, 50_000_000),
        "term_months": term,
        "pay_months": pay,
        "disclosures": {question.code: question.default for question in asked},
        "explained": True,
        "initial_premium_paid": True,
    }
    return sound | given


def batch(*rows: dict[str, Any]) -> NewApplications:
    """Return applications as a batch."""
    return NewApplications.of(list(rows))


def keys(*values: str) -> Any:
    """Return a column of keys."""
    return as_column("keys", list(values))
