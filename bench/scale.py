"""``python -m bench.scale``: a million contracts through the ordinary service, and what they cost.

Two processes issue in transactions of 10,000 through ``contracts.services.issue``: rating,
validation, contract, bill, reserve, commission, seller's record, entries and lines, every guard on,
commits durable. Beside it, in the same run: raw ``COPY`` of the same rows by two processes, into
heaps alone and into tables with all indexes; the cost of each guard, by switching it off here and
only here; one contract and one commit at a time; what each table and index weighs; the proof of
everything; and how reading fares at that size.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from django.db import connection

from bench import harness, portfolio, scale_worker
from bench.issue import TABLES, same_rows
from config import embedded

BATCH = 10_000
PROCESSES = 2
ONLINE = 300
GUARDS: dict[str, tuple[tuple[str, str], ...]] = {
    "lines balance, whole, dated, on accounts": (("general_ledger", "lines_posted"),),
    "entries in an open month, once": (("journal_entries", "entries_posted"),),
    "references exist (set-based)": tuple(
        (table, "references_exist")
        for table in ("contracts", "premium_bills", "commissions", "journal_entries")
    ),
    "reserves exist and add up": (("liability_reserves", "reserves_add_up"),),
    "audit rows": tuple(
        (table, "audit_insert") for table in ("contracts", "premium_bills", "commissions")
    ),
}


@dataclass(frozen=True, slots=True)
class Run:
    """What a run cost: contracts, seconds, CPU seconds of both sides, bytes of WAL."""

    contracts: int
    seconds: float
    python: float
    server: float
    wal: int

    def row(self, name: str) -> str:
        """Return the figures a contract, as a line."""
        each = 1e6 / self.contracts
        return (
            f"  {name:<44}{self.contracts / self.seconds:>10,.0f}"
            f"{self.python * each:>11.1f}{self.server * each:>11.1f}"
            f"{(self.python + self.server) * each:>9.1f}{self.wal / self.contracts:>9,.0f}"
        )


HEAD = f"  {'':<44}{'per s':>10}{'python µs':>11}{'server µs':>11}{'CPU µs':>9}{'WAL B':>9}"


def server_cpu() -> float:
    """Return the CPU seconds of the private server so far, all its processes; else 0."""
    import psutil

    pid = embedded.postgres().pid()
    if pid is None:
        return 0.0
    root = psutil.Process(pid)
    total = sum(root.cpu_times()[:4])  # with the children that ended
    for child in root.children():
        times = child.cpu_times()
        total += times.user + times.system
    return total


def wal() -> int:
    """Return how many bytes of log the server has written in its life."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def measured(work: Callable[[], list[scale_worker.Done]]) -> Run:
    """Run work in processes and add up what it cost on both sides."""
    server, log, own = server_cpu(), wal(), time.process_time()
    done = work()
    own = time.process_time() - own
    return Run(
        contracts=sum(one.contracts for one in done),
        seconds=max(one.ended for one in done) - min(one.began for one in done),
        python=sum(one.cpu for one in done) + own,
        server=server_cpu() - server,
        wal=wal() - log,
    )


def issue_with(pool: ProcessPoolExecutor, seeds: list[int]) -> Run:
    """Issue a batch for each seed in all processes of the pool."""
    shares = [seeds[n::PROCESSES] for n in range(PROCESSES)]
    return measured(lambda: list(pool.map(scale_worker.issue, shares, [BATCH] * PROCESSES)))


def sustained(pool: ProcessPoolExecutor, contracts: int, parts: int) -> None:
    """Issue the contracts and print each part, so that growth of the cost shows."""
    print(f"\n(b) {contracts:,} contracts through the ordinary service, {PROCESSES} processes")
    print(HEAD)
    size, runs = max(PROCESSES, contracts // BATCH // parts), []
    for part in range(parts):
        runs.append(issue_with(pool, list(range(part * size, (part + 1) * size))))
        print(runs[-1].row(f"contracts up to {sum(run.contracts for run in runs):,}"), flush=True)
    print(_sum(runs).row("all"))


def _sum(runs: list[Run]) -> Run:
    totals = zip(*((r.contracts, r.seconds, r.python, r.server, r.wal) for r in runs), strict=True)
    return Run(*(sum(column) for column in totals))


def bare(pool: ProcessPoolExecutor, times: int) -> None:
    """Copy the same rows into heaps, then into tables with all indexes."""
    print(f"\n(a) raw COPY of the same {14 * BATCH:,} rows a batch, {PROCESSES} processes")
    print(HEAD)
    rows, data = same_rows()
    for name, including in (("heaps alone", ""), ("with all indexes", "INCLUDING INDEXES")):
        made = []
        with connection.cursor() as cursor:
            for number in range(PROCESSES):
                names = {table: f"bare{number}_{table}" for table in TABLES}
                for table, copied in names.items():
                    cursor.execute(f"DROP TABLE IF EXISTS {copied}")
                    cursor.execute(f"CREATE TABLE {copied} (LIKE {table} {including})")
                made.append(names)
        sets = [data] * PROCESSES, [rows] * PROCESSES, [times] * PROCESSES

        def work(made: list[dict[str, str]] = made, sets: Any = sets) -> list[scale_worker.Done]:
            return list(pool.map(scale_worker.copy, made, *sets))

        print(measured(work).row(name), flush=True)


def guards(pool: ProcessPoolExecutor, times: int) -> None:
    """Print what issue costs with each guard switched off, all others on.

    On and off take turns, and the least of each counts: what else the machine does adds and never
    takes away.
    """
    print("\nwhat each guard costs: CPU of the server a contract, switched off here only")

    def least(runs: list[Run]) -> float:
        return min(1e6 * run.server / run.contracts for run in runs)

    seeds, whole = list(range(PROCESSES)), []
    for name, triggers in GUARDS.items():
        on, off = [], []
        for _ in range(times):
            on.append(issue_with(pool, seeds))
            with switched_off(triggers):
                off.append(issue_with(pool, seeds))
        whole += on
        print(f"  {name:<44}{least(on) - least(off):>10.1f} µs", flush=True)
    print(f"  {'all on':<44}{least(whole):>10.1f} µs")


@contextmanager
def switched_off(triggers: tuple[tuple[str, str], ...]) -> Iterator[None]:
    """Disable triggers for the time of a measurement."""

    def switch(to: str) -> None:
        with connection.cursor() as cursor:
            for table, name in triggers:
                cursor.execute(
                    "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s",
                    [table, f"pgtrigger_{name}_%"],
                )
                cursor.execute(f"ALTER TABLE {table} {to} TRIGGER {cursor.fetchone()[0]}")

    switch("DISABLE")
    try:
        yield
    finally:
        switch("ENABLE")


def weights() -> None:
    """Print what each table and index holds for a contract."""
    print("\nbytes a contract: heap and indexes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM contracts")
        contracts = cursor.fetchone()[0]
        for table in TABLES:
            cursor.execute(
                "SELECT i.indexrelid::regclass::text, pg_relation_size(i.indexrelid)"
                " FROM pg_index i WHERE i.indrelid = %s::regclass ORDER BY 2 DESC",
                [table],
            )
            indexes = [(name, size / contracts) for name, size in cursor.fetchall()]
            cursor.execute("SELECT pg_relation_size(%s::regclass)", [table])
            heap = cursor.fetchone()[0] / contracts
            shown = ", ".join(f"{name} {size:.0f}" for name, size in indexes if size >= 0.5)
            print(f"  {table:<20}{heap:>6.0f}   {shown}")


def online() -> None:
    """Issue one contract a commit, in one process."""
    calls = []
    for seed in range(ONLINE + 20):
        begun = time.perf_counter()
        portfolio.issue_batch(seed, 1)
        calls.append(time.perf_counter() - begun)
    calls = calls[20:]
    print("\nonline: one contract, one commit, one process, the same service")
    print(f"  {len(calls) / sum(calls):,.0f} contracts/s   p50"
          f" {1e3 * harness.percentile(calls, 0.5):.1f} ms   p99"
          f" {1e3 * harness.percentile(calls, 0.99):.1f} ms")  # fmt: skip


def reading() -> None:
    """Time what people read at this size."""
    from accounting.selectors import balances, ledger
    from contracts.models import Contract
    from core.clock import business_date

    day = business_date()
    last = Contract.objects.order_by("-contract_id").values_list("pk", flat=True)[0]
    print("\nreading at this size")
    for name, read in {
        "trial balance of the open month": lambda: balances.between(day.replace(day=1), day),
        "entries of one contract": lambda: ledger.of_reference(last),
        "newest lines, first page": lambda: list(ledger.lines()[:50]),
        "lines of an account, first page": lambda: list(
            ledger.lines().filter(account_id="2310")[:50]
        ),
    }.items():
        begun = time.perf_counter()
        read()
        print(f"  {name:<44}{1e3 * (time.perf_counter() - begun):>10,.1f} ms")


def proof() -> None:
    """Check every invariant."""
    from config import invariants

    findings, seconds = invariants.prove()
    print(f"\n{invariants.report(findings, seconds).splitlines()[-1]}")
    for one in findings:
        if one.breaches:
            print(f"  {one.stage}: {one.name}: {one.breaches} ({one.detail})")


def main() -> None:
    """Prepare a database of its own, run, print, and stop what was started."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--contracts", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=10, help="into which the run is cut")
    parser.add_argument("--guards", type=int, default=5, help="turns for each guard; 0: skip")
    parser.add_argument("--keep", action="store_true", help="go on with an earlier run's data")
    parser.add_argument("--no-proof", action="store_true", help="skip the invariants")
    asked = parser.parse_args()
    from bench.__main__ import prepared

    with prepared(keep=asked.keep):
        print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {_server()}")
        portfolio.found()
        portfolio.issue_batch(0)
        context = get_context("spawn")
        with ProcessPoolExecutor(PROCESSES, context, initializer=scale_worker.warm) as pool:
            list(pool.map(scale_worker.issue, [[1], [2]], [BATCH] * PROCESSES))
            bare(pool, 10)
            sustained(pool, asked.contracts, asked.parts)
            weights()
            online()
            portfolio.settle_statistics()
            reading()
            if not asked.no_proof:
                proof()
            if asked.guards:  # last: some guards also write what the proof looks for
                guards(pool, asked.guards)


def _server() -> str:
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
    with connection.cursor() as cursor:
        shown = []
        for name in names:
            cursor.execute(f"SHOW {name}")
            shown.append(f"{name} {cursor.fetchone()[0]}")
    return "PostgreSQL: " + ", ".join(shown)


if __name__ == "__main__":
    main()
