"""A portfolio and its night, for processes of their own: ``python -m tests.config.night WORD``.

``prepare`` migrates and issues, ``run`` runs the night here until it is done. ``figures`` reads
everything that a night moves, without what differs between two runs by right (ids, instants).
"""

from __future__ import annotations

import sys
import time
from datetime import date
from typing import Any

import psycopg

ISSUED = date(2026, 3, 30)
NIGHT = date(2026, 4, 30)  # the second instalments are due, and the month ends
LIVES, DRIVERS, FAILING, CLAIMS = 1_000, 500, 40, 30
SECONDS = 240

FIGURES = {
    "contracts": "SELECT contract_id, policy_status, paid_instalments, next_due_date::text"
    " FROM contracts",
    "bills": "SELECT contract_id, instalment, status, amount::bigint, collected_on::text"
    " FROM premium_bills",
    "commissions": "SELECT contract_id, kind, instalment, amount::bigint, status FROM commissions",
    "reserves": "SELECT contract_id, base_date::text, occasion, reserve_amount::bigint,"
    " movement::bigint FROM liability_reserves",
    "claims": "SELECT reception_id, status, fds_gate, case_reserve::bigint FROM claim_receptions",
    "scores": "SELECT reception_id, trigger, risk_score FROM fds_evaluations",
    "entries": "SELECT event_name, rule_id, entry_date::text, count(*) FROM journal_entries"
    " GROUP BY 1, 2, 3",
    "ledger": "SELECT account_code, group_code, transaction_date::text, count(*),"
    " sum(debit_amount)::bigint, sum(credit_amount)::bigint FROM general_ledger GROUP BY 1, 2, 3",
    "difference": "SELECT sum(debit_amount - credit_amount)::bigint FROM general_ledger",
    "events": "SELECT name, business_date::text, count(*), sum(rows)::bigint FROM core_events"
    " GROUP BY 1, 2",
    "periods": "SELECT period, status FROM fiscal_periods",
    "steps": "SELECT job, business_date::text, state, items FROM core_job_runs",
    "chunks": "SELECT r.job, r.business_date::text, c.number, c.state, c.done_items"
    " FROM core_job_chunks c JOIN core_job_runs r ON r.id = c.run_id",
    "failures": "SELECT key, reason FROM core_job_failures",
    "messages": "SELECT name, handler, state, count(*) FROM core_outbox GROUP BY 1, 2, 3",
}


def prepare() -> None:
    """Issue two products at the end of March, live its last nights, and stand before the night."""
    from django.core.management import call_command

    from claims import services as claims
    from contracts import services as contracts
    from core import clock, jobs, outbox
    from tests.factories.claims import reported
    from tests.factories.contracts import issued, world

    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_accounting", verbosity=0)
    place = world(ISSUED)
    lives = issued(place, LIVES)
    drivers = issued(place, DRIVERS, code="DRIVER01", start=LIVES)
    jobs.catch_up(date(2026, 3, 31))
    clock.advance(NIGHT)
    contracts.report_debit_failures(lives[:FAILING], reason="FUNDS", start=NIGHT)
    times = {"incident_at": "2026-04-28T08:10", "reported_at": "2026-04-30T09:30"}
    claims.receive_many(
        claims.NewClaims.of([reported(_number(key), **times) for key in drivers[:CLAIMS]]),
        business_date=NIGHT,
    )
    outbox.drain()


class _number:  # noqa: N801 - stands for a contract whose number is all that is asked
    def __init__(self, pk: str) -> None:
        self.pk = pk


def run() -> None:
    """Run the night in this process until every step is done, beside whoever else does."""
    from core import jobs

    end = time.monotonic() + SECONDS
    while not jobs.run_day(NIGHT):
        if time.monotonic() > end:
            raise TimeoutError("the night did not end")
        time.sleep(0.05)


def figures(address: str) -> dict[str, Any]:
    """Return everything that a night has moved in a database, as sorted rows."""
    with psycopg.connect(address) as connection:
        return {
            name: sorted(connection.execute(sql).fetchall(), key=str)
            for name, sql in FIGURES.items()
        }


if __name__ == "__main__":
    import django

    django.setup()
    word = sys.argv[1]
    if word == "prepare":
        prepare()
    elif word == "run":
        run()
    else:
        sys.exit(f"prepare or run, not {word}")
