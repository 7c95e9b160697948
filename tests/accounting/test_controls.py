"""The proof of the books finds what is planted, and nothing in sound books."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction

from accounting import api
from accounting.selectors import controls

from .world import JANUARY, insurer, live

pytestmark = pytest.mark.django_db


def broken() -> dict[str, str]:
    return {name: detail for name, breaches, detail in api.invariants() if breaches}


def test_sound_books_have_no_breach():
    insurer()
    live(dt.date(2026, 12, 12))
    assert broken() == {}
    live(JANUARY)
    assert broken() == {}
    for name, breaks, _, sub, ledger in controls.reconciliations():
        assert (breaks, sub) == (0, ledger), name


PLANTS = [
    (
        "UPDATE general_ledger SET debit_amount = debit_amount + 1 WHERE journal_id = ("
        "SELECT min(journal_id) FROM general_ledger WHERE debit_amount > 0)",
        "debits = credits in every entry",
    ),
    (
        "DELETE FROM general_ledger WHERE entry_id = (SELECT min(entry_id) FROM"
        " journal_entries WHERE event_name = 'contracts.issued.v1')",
        "every first premium taken at issue has its entry",
    ),
    (
        "DELETE FROM general_ledger WHERE entry_id = (SELECT min(entry_id) FROM"
        " journal_entries WHERE event_name = 'sales.commissions_accrued.v1')",
        "Unpaid commissions = commissions payable",
    ),
    ("UPDATE journal_entries SET reference_id = 'X'", "every entry's reference exists"),
    ("DELETE FROM journal_batches", "every event of money is posted"),
    (
        "UPDATE premium_bills SET amount = amount + 1 WHERE instalment = 2",
        "every bill has its entry",
    ),
    (
        "UPDATE liability_reserves SET reserve_amount = reserve_amount + 1",
        "Policy reserves = memorandum reserve",
    ),
    (
        "UPDATE account_balances SET closing = closing + 1 WHERE account_code = '1110'",
        "snapshots equal the lines",
    ),
    (
        "UPDATE statement_lines SET amount = amount + 1 WHERE line = 'CASH'",
        "statements tie to the ledger",
    ),
    (
        "UPDATE measurement_facts SET amount = amount + 1"
        " WHERE estimate = 'CSM' AND step = 'CLOSING'",
        "measurements foot, margins and losses are never negative",
    ),
    (
        "UPDATE measurement_facts SET amount = amount + 1"
        " WHERE estimate = 'LC' AND step IN ('OPENING', 'CLOSING')",
        "measurements open where the month before closed",
    ),
    (
        "UPDATE account_balances SET closing = closing + 1 WHERE account_code = '2170'",
        "measured liabilities equal the ledger",
    ),
    (
        "UPDATE general_ledger SET description = 'x', group_code = 'Y'"
        " WHERE journal_id = (SELECT min(journal_id) FROM general_ledger)",
        "seals of closed months verify",
    ),
]


def test_what_is_planted_is_found():
    insurer(contracts=1)
    live(dt.date(2026, 12, 20))
    for sql, name in PLANTS:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # past all guards
            cursor.execute(sql)
            assert cursor.rowcount > 0, sql
            assert name in broken(), sql
            transaction.set_rollback(True)
    assert broken() == {}
