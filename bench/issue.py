"""How fast contracts are issued through the ordinary service, against raw ``COPY`` and the ORM.

A contract here is: its row, its first bill, its reserve at issue, its first commission, and three
balanced entries with six lines; every constraint and trigger on, commits included. Raw ``COPY``
writes the very same rows into copies of the same tables with all their indexes but without
triggers and foreign keys. ``save()`` writes the same objects one by one.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import cache, lru_cache
from multiprocessing import get_context
from typing import Any

import numpy as np
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Max

from bench.harness import Contest

DAY = date(2026, 3, 2)
BATCH = 10_000
BATCHES = 10
TABLES = (
    "contracts",
    "premium_bills",
    "liability_reserves",
    "commissions",
    "journal_entries",
    "general_ledger",
)
KEYS = {
    "contracts": "contract_id",
    "premium_bills": "id",
    "liability_reserves": "reserve_id",
    "commissions": "comm_id",
    "journal_entries": "entry_id",
    "general_ledger": "journal_id",
}
CUSTOMERS = 20_000
ONE_BY_ONE = 300


def contests() -> list[Contest]:
    """Return the contest of issue."""
    return [
        Contest(
            name="issue",
            unit="contracts",
            contestants={
                "two processes": two_processes,
                "one process": one_process,
                "raw COPY, same rows": raw_copy,
                "ORM save() an object": saved,
            },
            prepare=prepare,
            target="10,000 contracts/s with two processes",
        )
    ]


def prepare() -> None:
    """Make reference data, agents and customers once."""
    from contracts import services
    from contracts.models import Customer
    from core import clock, privacy
    from core.columns import as_column
    from core.models import BusinessClock
    from sales.services import organisation as sales

    if not BusinessClock.objects.exists():
        clock.advance(DAY)
    for command in ("load_accounting", "load_products"):
        call_command(command, verbosity=0, stdout=io.StringIO())
    sales.open_branch(
        branch_code="BENCH", branch_name="측정지점", region="서울", opened_on=date(2020, 1, 1)
    )
    from decimal import Decimal

    from sales.models import Agent

    if not Agent.objects.filter(pk="BENCH000").exists():
        sales.appoint(
            [
                sales.Appointment(
                    agent_id=f"BENCH{i:03d}",
                    name=f"측정{i}",
                    branch_code="BENCH",
                    commission_rate=Decimal("1.00"),
                    licence_number=f"B{i}",
                    appointed_on=date(2020, 1, 1),
                    training_valid_until=date(2030, 1, 1),
                )
                for i in range(200)
            ]
        )
    if Customer.objects.count() < CUSTOMERS:
        for start in range(0, CUSTOMERS, BATCH):
            rows = range(start, start + BATCH)
            services.customers_for(
                services.NewCustomers(
                    name=as_column("keys", [f"고객{i}" for i in rows]),
                    rrn_hash=as_column("keys", [privacy.pseudonym("bench", str(i)) for i in rows]),
                    rrn_cipher=[b""] * BATCH,
                    rrn_mask=as_column("keys", [""] * BATCH),
                    birth_date=np.full(BATCH, np.datetime64("1985-01-01")),
                    sex=as_column("keys", ["M", "F"] * (BATCH // 2)),
                    job_code=as_column("keys", ["3120"] * BATCH),
                    phone=as_column("keys", [""] * BATCH),
                    address=as_column("keys", [""] * BATCH),
                )
            )
    _issue_one(0)  # opens the period, makes the groups, warms the caches


@cache
def _customers() -> Any:
    from contracts.models import Customer

    return np.array(Customer.objects.values_list("customer_id", flat=True)[:CUSTOMERS])


def _issue_one(seed: int, rows: int = BATCH) -> int:
    """Rate and issue one batch in one transaction."""
    from contracts import services
    from products import api as products

    rng = np.random.default_rng(seed)
    version = products.sellable("TERM01", DAY)
    columns = {
        "age": rng.integers(25, 55, rows),
        "sex": np.array(["M", "F"], dtype=object)[rng.integers(0, 2, rows)],
        "term_months": np.full(rows, 240),
        "pay_months": np.full(rows, 240),
        "per_year": np.full(rows, 12),
        "sum_assured": rng.choice(np.array([50, 100, 150, 200]), rows) * 1_000_000,
        "smoker": np.zeros(rows, dtype=bool),
    }
    with transaction.atomic():
        rated = products.rate("TERM01", version.version, columns)
        services.issue(
            services.NewContracts(
                version_id=np.full(rows, version.pk),
                customer_id=_customers()[rng.integers(0, CUSTOMERS, rows)],
                agent_id=np.array([f"BENCH{i:03d}" for i in range(200)], dtype=object)[
                    rng.integers(0, 200, rows)
                ],
                contract_date=np.full(rows, np.datetime64(DAY)),
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
            business_date=DAY,
        )
    return rows


def one_process() -> int:
    """Issue half of the batches here."""
    return sum(_issue_one(seed) for seed in range(BATCHES // 2))


def _child() -> None:
    import django

    django.setup()
    _issue_one(1, 100)


def _child_batch(seed: int) -> int:
    return _issue_one(seed)


@lru_cache(maxsize=1)
def _pool() -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_child)
    list(pool.map(_child_ready, range(2)))
    return pool


def _child_ready(_: int) -> int:
    return os.getpid()


def two_processes() -> int:
    """Issue all batches in two processes that are warm."""
    return sum(_pool().map(_child_batch, range(100, 100 + BATCHES)))


@cache
def _same_rows() -> tuple[int, dict[str, bytes]]:
    """Return the rows of one batch as ``COPY`` text, and make the bare copies of the tables."""
    before: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f'SELECT max("{KEYS[table]}") FROM {table}')
            before[table] = cursor.fetchone()[0]
        rows = _issue_one(7)
        data = {}
        for table in TABLES:
            where = f"\"{KEYS[table]}\" > '{before[table]}'"
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {where}) TO STDOUT") as copy:
                data[table] = b"".join(bytes(part) for part in copy)
            cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")
            cursor.execute(
                f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)"
            )
    return rows, data


def raw_copy() -> int:
    """Write the same rows by ``COPY`` alone, the bare tables emptied before."""
    rows, data = _same_rows()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(f'bench_{t}' for t in TABLES)}")
        for table in TABLES:
            with cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
                copy.write(data[table])
    return rows


def saved() -> int:
    """Write the same kinds of row with ``save()``, one object after the other, then take it back."""
    from accounting.models import JournalEntry, LedgerLine
    from contracts.models import Contract, LiabilityReserve, PremiumBill
    from sales.models import Commission

    models = {
        "contracts": Contract,
        "premium_bills": PremiumBill,
        "liability_reserves": LiabilityReserve,
        "commissions": Commission,
        "journal_entries": JournalEntry,
        "general_ledger": LedgerLine,
    }
    newest = Contract.objects.aggregate(n=Max("contract_id"))["n"]
    template = Contract.objects.get(pk=newest)
    bill = PremiumBill.objects.filter(contract_id=newest).first()
    reserve = LiabilityReserve.objects.filter(contract_id=newest).first()
    commission = Commission.objects.filter(contract_id=newest).first()
    entries = list(JournalEntry.objects.filter(reference_id=newest).prefetch_related("lines"))
    assert models and bill and reserve and commission and entries
    for number in range(ONE_BY_ONE):
        with transaction.atomic():
            template.pk = f"BENCH-{os.getpid()}-{number}"
            template.save(force_insert=True)
            for row, key in ((bill, "id"), (reserve, "reserve_id"), (commission, "comm_id")):
                setattr(row, key, None)
                row.contract_id = template.pk
                row.save(force_insert=True)
            for entry in entries:
                lines = list(entry.lines.all())
                entry.entry_id = None
                entry.idempotency_key = f"bench:{template.pk}:{entry.rule_id}:{number}"
                entry.save(force_insert=True)
                fresh = [
                    LedgerLine(
                        entry_id=entry.entry_id,
                        line_no=line.line_no,
                        transaction_date=line.transaction_date,
                        account_id=line.account_id,
                        debit_amount=line.debit_amount,
                        credit_amount=line.credit_amount,
                        reference_id=template.pk,
                        group_code=line.group_code,
                    )
                    for line in lines
                ]
                LedgerLine.objects.bulk_create(fresh)  # the guard wants an entry's lines together
            transaction.set_rollback(True)
    return ONE_BY_ONE
