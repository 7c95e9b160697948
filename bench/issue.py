"""How fast contracts are issued through the ordinary service, against raw ``COPY`` and the ORM.

A contract here is: its row, its first bill, its reserve at issue, its first commission, its
seller's record and three balanced entries with six lines; every constraint and trigger on, rating
and commits included. Raw ``COPY`` writes the very same rows into copies of the same tables with
all their indexes but without triggers and foreign keys. ``save()`` writes the same objects one by
one, a commit for each contract.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from bench import portfolio
from bench.harness import Contest

BATCHES = 10
ONE_BY_ONE = 300
# What an issue writes, with the key by which the rows of a batch are found again.
TABLES = {
    "contracts": "contract_id",
    "premium_bills": "id",
    "liability_reserves": "reserve_id",
    "commissions": "comm_id",
    "sales_records": "contract_id",
    "journal_entries": "entry_id",
    "general_ledger": "journal_id",
}


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
            grows=True,
        )
    ]


def prepare() -> None:
    """Make what issue stands on, and warm the caches of three processes."""
    portfolio.found()
    portfolio.issue_batch(0)  # opens the period, makes the groups
    same_rows()
    _pool()


def one_process() -> int:
    """Issue half of the batches here."""
    return sum(portfolio.issue_batch(seed) for seed in range(BATCHES // 2))


def two_processes() -> int:
    """Issue all batches in two processes that are warm."""
    return sum(_pool().map(portfolio.issue_batch, range(100, 100 + BATCHES)))


@cache
def _pool() -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_child)
    list(pool.map(portfolio.issue_batch, range(2)))
    return pool


def _child() -> None:
    import django

    django.setup()
    portfolio.issue_batch(1, 100)


@cache
def same_rows() -> tuple[int, dict[str, bytes]]:
    """Return the rows of one batch as ``COPY`` text, and make the bare copies of the tables."""
    before: dict[str, Any] = {}
    data: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table, key in TABLES.items():
            cursor.execute(f'SELECT max("{key}") FROM {table}')
            before[table] = cursor.fetchone()[0]
        rows = portfolio.issue_batch(7)
        for table, key in TABLES.items():
            where = f"\"{key}\" > '{before[table]}'"
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {where}) TO STDOUT") as copy:
                data[table] = b"".join(bytes(part) for part in copy)
            cursor.execute(f"DROP TABLE IF EXISTS bench_{table}")
            cursor.execute(
                f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY)"
            )
    return rows, data


def raw_copy() -> int:
    """Write the same rows by ``COPY`` alone, the bare tables emptied before."""
    rows, data = same_rows()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(f'bench_{t}' for t in TABLES)}")
        for table in TABLES:
            with cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
                copy.write(data[table])
    return rows


def saved() -> int:
    """Write the same kinds of row with ``save()``, one object after the other."""
    from accounting.models import JournalEntry, LedgerLine
    from contracts.models import Contract

    contract = Contract.objects.order_by("-contract_id").first()
    assert contract is not None
    satellites = _satellites(contract.pk)
    entries = [(e, list(e.lines.all())) for e in JournalEntry.objects.filter(reference_id=contract)]
    mark = uuid4().hex[:8]
    for number in range(ONE_BY_ONE):
        with transaction.atomic():
            contract.pk = f"BENCH-{mark}-{number}"
            contract.save(force_insert=True)
            for row in satellites:
                row.contract_id = contract.pk
                if row._meta.pk.name != "contract_id":
                    row.pk = None
                row.save(force_insert=True)
            for entry, lines in entries:
                entry.pk, entry.event_id = None, uuid4()
                entry.idempotency_key = f"bench:{entry.event_id}"
                entry.reference_id = contract.pk
                entry.save(force_insert=True)
                for line in lines:
                    line.pk = entry.pk * 1000 + line.line_no
                    line.entry_id, line.reference_id = entry.pk, contract.pk
                LedgerLine.objects.bulk_create(lines)  # the guard takes an entry's lines together
    return ONE_BY_ONE


def _satellites(contract_id: str) -> list[Any]:
    from contracts.models import LiabilityReserve, PremiumBill
    from sales.models import Commission, SalesRecord

    models: tuple[Any, ...] = (PremiumBill, LiabilityReserve, Commission, SalesRecord)
    return [model.objects.get(contract_id=contract_id) for model in models]
