"""A portfolio for measuring, made by the ordinary services: issued, claimed on, all booked."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.management import call_command, get_commands
from django.db import connection, transaction
from django.test import override_settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

if TYPE_CHECKING:
    from core.jobs import Step

DAY = date(2026, 3, 2)
BATCH = 10_000
AGENTS = 200
BRANCHES = 5
CUSTOMERS = 20_000
PROVIDERS = 200
CLAIM_BATCH = 5_000
FIRST_NIGHT = date(2026, 3, 31)  # lived through, with its close
CLAIMS_DAY = date(2026, 4, 29)
SECOND_NIGHT = date(2026, 4, 30)  # lived through up to the close
LOADERS = ("load_accounting", "load_products", "load_fds", "load_claims", "load_treaties")
PLANS: dict[str, dict[str, int]] = {
    "TERM01": {"term_months": 240, "pay_months": 240},
    "DRIVER01": {"term_months": 12, "pay_months": 12},
}


def found() -> None:
    """Make reference data, branches, agents and customers, where they are not there yet."""
    from core import clock
    from core.models import BusinessClock
    from sales.models import Agent

    if not BusinessClock.objects.exists():
        clock.advance(DAY)
    known = get_commands()
    for command in LOADERS:
        if command in known:
            call_command(command, verbosity=0, stdout=io.StringIO())
    if not Agent.objects.exists():
        _organisation()
    _people()


def _organisation() -> None:
    from sales.services import organisation as sales

    opened = date(2020, 1, 1)
    for n in range(BRANCHES):
        sales.open_branch(
            branch_code=f"BR{n:02d}", branch_name=f"지점 {n}", region="서울", opened_on=opened
        )
    sales.appoint(
        [
            sales.Appointment(
                agent_id=f"A{n:05d}",
                name=f"설계사 {n}",
                branch_code=f"BR{n % BRANCHES:02d}",
                commission_rate=Decimal("1.00"),
                licence_number=f"B{n}",
                appointed_on=opened,
                training_valid_until=date(2030, 1, 1),
            )
            for n in range(AGENTS)
        ]
    )


def _people() -> None:
    from contracts import services
    from contracts.models import Customer
    from core import privacy
    from core.columns import as_column

    for start in range(Customer.objects.count(), CUSTOMERS, BATCH):
        rows = range(start, start + BATCH)
        services.customers_for(
            services.NewCustomers(
                name=as_column("keys", [f"고객 {n}" for n in rows]),
                rrn_hash=as_column("keys", [privacy.pseudonym("bench", str(n)) for n in rows]),
                rrn_cipher=[b""] * BATCH,
                rrn_mask=as_column("keys", [""] * BATCH),
                birth_date=np.full(BATCH, np.datetime64("1985-01-01")),
                sex=as_column("keys", ["M", "F"] * (BATCH // 2)),
                job_code=as_column("keys", ["3120"] * BATCH),
                phone=as_column("keys", [f"010-0000-{n % 10_000:04d}" for n in rows]),
                address=as_column("keys", [""] * BATCH),
            )
        )


@cache
def agents() -> NDArray[np.object_]:
    """Return the agents' numbers."""
    from sales.models import Agent

    return np.array(Agent.objects.order_by("pk").values_list("pk", flat=True), dtype=object)


@cache
def customers() -> NDArray[np.int64]:
    """Return the customers' ids."""
    from contracts.models import Customer

    return np.array(Customer.objects.order_by("pk").values_list("pk", flat=True))


def issue_batch(seed: int, rows: int = BATCH, code: str = "TERM01", day: date | None = None) -> int:
    """Rate and issue one batch through the ordinary service, in one transaction.

    Args:
        seed: of what is sold to whom.
        rows: contracts.
        code: product, one of ``PLANS``.
        day: contract date and business date; None: the present business date, whose month is open.
    """
    from contracts import services
    from core.clock import business_date
    from products import api as products

    day = day or business_date()
    rng = np.random.default_rng(seed)
    version = products.sellable(code, day)
    columns: dict[str, Any] = {
        "age": rng.integers(25, 55, rows),
        "sex": np.array(["M", "F"], dtype=object)[rng.integers(0, 2, rows)],
        **{name: np.full(rows, months) for name, months in PLANS[code].items()},
        "sum_assured": rng.choice(np.array([50, 100]), rows) * 1_000_000,
    }
    with transaction.atomic():
        rated = products.rate(
            code,
            version.version,
            {**columns, "per_year": np.full(rows, 12), "job_class": np.ones(rows, np.int64)},
        )
        services.issue(
            services.NewContracts(
                version_id=np.full(rows, version.pk),
                customer_id=customers()[rng.integers(0, len(customers()), rows)],
                agent_id=agents()[rng.integers(0, len(agents()), rows)],
                contract_date=np.full(rows, np.datetime64(day)),
                uw_result="PASS",
                application_id="",
                premium=rated.premiums,
                rating_id=rated.rating_ids,
                sum_assured=columns["sum_assured"],
                insurance_age=columns["age"],
                sex=columns["sex"],
                term_months=columns["term_months"],
                pay_months=columns["pay_months"],
                frequency="MONTHLY",
                loading_percent=0,
                received=rated.premiums,
                external_key="",
            ),
            business_date=day,
        )
    return rows


def settle_statistics() -> None:
    """Let the planner know the tables as autovacuum would within minutes."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def grow(contracts: int, claims: int) -> None:
    """Issue, live a month, and receive until the portfolio has this many contracts and claims.

    Two months are lived: the first is closed, in the second all instalments fall due and are
    collected and its month-end reserves stand; only its close is left.

    Args:
        contracts: half of them of each product of ``PLANS``, sold from ``DAY`` on, a batch a day.
        claims: of motorists; the accidents lie in the weeks after the sale.
    """
    from claims.models import Claim
    from contracts.models import Contract

    found()
    for code in PLANS:
        held = Contract.objects.filter(product_id=code).count()
        for number, start in enumerate(range(held, contracts // len(PLANS), BATCH)):
            issue_batch(1_000 + start, BATCH, code, DAY + timedelta(days=number))
    _night(FIRST_NIGHT)
    _providers()
    for start in range(Claim.objects.count(), claims, CLAIM_BATCH):
        receive_batch(start, CLAIM_BATCH)
    _night(SECOND_NIGHT, without="close")
    settle_statistics()


def _night(day: date, *, without: str = "") -> None:
    """Run the chain of a day, if it has not run; one step may be left out."""
    from django.conf import settings

    from core import clock, jobs, outbox

    steps = import_string(settings.CHAIN) if isinstance(settings.CHAIN, str) else settings.CHAIN
    chosen = [path for path in steps if import_string(path).name != without]
    if not _owed(day, [import_string(path) for path in chosen]):
        return
    with override_settings(CHAIN=chosen):
        clock.advance(day)
        outbox.drain()
        if not jobs.run_day(day):
            raise RuntimeError(f"the night of {day} did not end: {_failed(day)}")
        outbox.drain()


def _owed(day: date, steps: Iterable[Step]) -> bool:
    from core.models import JobRun

    due = {step.name for step in steps if step.due(day)}
    done = JobRun.objects.filter(business_date=day, state="DONE")
    return not due <= set(done.values_list("job", flat=True))


def _failed(day: date) -> list[tuple[str, str]]:
    from core.models import JobRun

    return list(
        JobRun.objects.filter(business_date=day).exclude(state="DONE").values_list("job", "error")
    )


def _providers() -> None:
    from claims import services
    from claims.models import Provider

    if not Provider.objects.exists():
        services.register_providers(
            codes=[f"P{n:04d}" for n in range(PROVIDERS)],
            names=[f"의원 {n}" for n in range(PROVIDERS)],
            kinds=["CLINIC"] * PROVIDERS,
            regions=["서울"] * PROVIDERS,
        )


@cache
def motorists() -> NDArray[np.object_]:
    """Return the contracts on which accidents are claimed."""
    from contracts.models import Contract

    numbers = Contract.objects.filter(product_id="DRIVER01").order_by("pk")
    return np.array(numbers.values_list("pk", flat=True), dtype=object)


def accident(rng: np.random.Generator, contract_id: str) -> dict[str, Any]:
    """Return the report of an injury on a contract in the months after the sale."""
    happened = np.datetime64(DAY, "m") + np.timedelta64(int(rng.integers(15, 56) * 1_440), "m")
    return {
        "contract_id": contract_id,
        "claim_type": "INJURY",
        "channel": "CALL",
        "incident_at": happened + np.timedelta64(int(rng.integers(6 * 60, 12 * 60)), "m"),
        "reported_at": happened + np.timedelta64(int(rng.integers(13 * 60, 18 * 60)), "m"),
        "claimed": int(rng.integers(1, 60)) * 100_000,
        "provider_code": f"P{int(rng.integers(PROVIDERS)):04d}",
        "location": "서울 마포구",
        "description": "교차로에서 신호 대기 중 추돌당하여 경추 염좌",
        "claimant_name": "고객",
    }


def receive_batch(seed: int, rows: int) -> int:
    """Receive a batch of claims through the ordinary service; fraud rules score them at once."""
    from claims import services

    rng = np.random.default_rng([77, seed])
    chosen = motorists()[rng.integers(0, len(motorists()), rows)]
    services.receive_many(
        services.NewClaims.of([accident(rng, str(number)) for number in chosen]),
        business_date=CLAIMS_DAY,
    )
    return rows
