"""Claims for tests, on contracts in force, received by the ordinary services."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from claims import services
from claims.models import Provider
from contracts.models import Contract, Customer, LiabilityReserve
from core.acting import acting
from core.models import RoleGrant, User
from products.models import ProductVersion, Rating
from sales.models import Agent, Branch
from tests.factories.products import published

START = date(2026, 1, 1)
_number = count(1)


def person(name: str, role: str, **fields: Any) -> User:
    """Return someone who holds a role from 2020 on."""
    user, fresh = User.objects.get_or_create(username=name, defaults=fields)
    if fresh:
        RoleGrant.objects.create(
            user=user, role=role, period=(date(2020, 1, 1), None), granted_by="boss", reason="test"
        )
    return user


def agent(agent_id: str = "A0001", branch_code: str = "B01") -> Agent:
    """Return an agent of a branch."""
    branch, _ = Branch.objects.get_or_create(
        branch_code=branch_code,
        defaults={
            "branch_name": f"지점 {branch_code}",
            "region": "서울",
            "opened_on": date(2020, 1, 1),
        },
    )
    found, _ = Agent.objects.get_or_create(
        agent_id=agent_id,
        defaults={
            "agent_name": f"설계사 {agent_id}",
            "branch": branch,
            "branch_name": branch.branch_name,
            "commission_rate": Decimal(1),
            "licence_number": f"L{agent_id}",
            "appointed_on": date(2020, 1, 1),
            "training_valid_until": date(2030, 1, 1),
        },
    )
    return found


def customer(name: str = "김하늘") -> Customer:
    """Return a customer of her own."""
    number = next(_number)
    return Customer.objects.create(
        name=name,
        rrn_hash=f"{number:064d}",
        rrn_cipher=b"x",
        rrn_mask="900101-2******",
        birth_date=date(1990, 1, 1),
        sex="F",
        job_code="A01",
    )


def contract(
    *,
    product_code: str = "DRIVER01",
    start: date = START,
    end: date | None = None,
    holder: Customer | None = None,
    sold_by: Agent | None = None,
    sum_assured: int = 100_000_000,
    **fields: Any,
) -> Contract:
    """Return a contract in force from ``start``, for a year unless ``end`` says otherwise."""
    version = ProductVersion.objects.filter(product_id=product_code).first()
    if version is None:
        published(product_code)
        version = ProductVersion.objects.get(product_id=product_code)
    rating, _ = Rating.objects.get_or_create(
        version=version, inputs_hash="t" * 64, defaults={"inputs": {}, "trace": {}}
    )
    made = Contract.objects.create(
        contract_id=f"CON-2026-{next(_number):07d}",
        product=version.product,
        version=version,
        rating=rating,
        line=version.product.line,
        customer=holder or customer(),
        agent=sold_by or agent(),
        contract_date=start,
        premium_amount=50_000,
        policy_status="ACTIVE",
        uw_result="PASS",
        insurance_age=36,
        sex="F",
        sum_assured=sum_assured,
        term_months=12,
        pay_months=12,
        coverage_start=start,
        coverage_end=end or start + timedelta(days=365),
        paid_instalments=1,
        **fields,
    )
    LiabilityReserve.objects.create(
        contract=made,
        base_date=start,
        reserve_amount=0,
        movement=0,
        basis="UNEARNED",
        occasion="ISSUE",
        elapsed_months=0,
    )
    return made


def provider(code: str = "H001", kind: str = "HOSPITAL") -> Provider:
    """Return a provider."""
    found, _ = Provider.objects.get_or_create(
        provider_code=code, defaults={"provider_name": f"의원 {code}", "kind": kind}
    )
    return found


def reported(insured: Contract, **changes: Any) -> dict[str, Any]:
    """Return a report of an injury on 2026-03-20, or a changed one, ready to receive."""
    return {
        "contract_id": insured.pk,
        "claim_type": "INJURY",
        "channel": "CALL",
        "incident_at": "2026-03-20T08:10",
        "reported_at": "2026-03-23T09:30",
        "claimed": 3_000_000,
        "location": "서울 마포구",
        "description": "교차로 추돌로 손목 골절",
        "claimant_name": "김하늘",
        **changes,
    }


def received(insured: Contract, *, business_date: date = date(2026, 3, 23), **changes: Any) -> str:
    """Receive a report and return its number."""
    with acting("reception"):
        return services.receive(
            reported(insured, **changes), business_date=business_date, confirmed=True
        )


def proposed(number: str, *, on: date = date(2026, 3, 24), **terms: Any) -> str:
    """Adjust a claim as the adjuster, without own fault unless ``terms`` say otherwise."""
    person("adjuster", "claims_adjuster")
    given = {
        "coverage_code": "INJURY_COST",
        "loss": 3_000_000,
        "fault_bp": 0,
        "deductible": 0,
        "fee": 100_000,
        "opinion": "진단서와 영수증으로 확인",
        **terms,
    }
    with acting("adjuster"):
        services.start_adjustment(reception_id=number)
        services.propose(reception_id=number, business_date=on, **given)
    return number


def approved(number: str, *, on: date = date(2026, 3, 24), **terms: Any) -> str:
    """Adjust and approve a claim: an adjuster proposes, a manager approves."""
    person("manager", "claims_manager")
    proposed(number, on=on, **terms)
    with acting("manager"):
        services.approve(reception_id=number, business_date=on)
    return number
