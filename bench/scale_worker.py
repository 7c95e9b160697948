"""What the processes of ``bench.scale`` do: issue batches, or copy the same rows bare."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection, transaction

from bench import portfolio


@dataclass(frozen=True, slots=True)
class Done:
    """What one process did: contracts, its own CPU seconds, and the wall clock of both ends."""

    contracts: int
    cpu: float
    began: float
    ended: float


def warm() -> None:
    """Load Django and the caches of a process that was just started."""
    import django

    django.setup()
    portfolio.issue_batch(0, 100)


def issue(seeds: list[int], rows: int) -> Done:
    """Issue one batch for each seed, a transaction each."""
    cpu, began = time.process_time(), time.time()
    done = sum(portfolio.issue_batch(seed, rows) for seed in seeds)
    return Done(done, time.process_time() - cpu, began, time.time())


def copy(tables: dict[str, str], data: dict[str, bytes], rows: int, times: int) -> Done:
    """Copy the rows of one batch into bare tables of this process, emptied before each time."""
    cpu, began = time.process_time(), time.time()
    for _ in range(times):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables.values())}")
            for table, bare in tables.items():
                with cursor.copy(f"COPY {bare} FROM STDIN") as copying:
                    copying.write(data[table])
    return Done(rows * times, time.process_time() - cpu, began, time.time())
