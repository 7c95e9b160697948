"""What the ledger's tables refuse in plain SQL, with the application out of the way."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from accounting import services
from accounting.models import PostingRule

from .batches import issued

pytestmark = [pytest.mark.guards, pytest.mark.django_db]

REFUSED = IntegrityError


def run(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def march(db: None) -> Iterator[str]:
    """An open month; what a test leaves half-done is undone before the commit checks it."""
    with transaction.atomic():
        run(
            "INSERT INTO fiscal_periods (period, starts_on, ends_on, status, closed_by, seal,"
            " requested_by) VALUES ('2026-03', '2026-03-01', '2026-03-31', 'OPEN', '', '', '')"
        )
        yield "2026-03"
        transaction.set_rollback(True)


def entry(period: str = "2026-03", day: str = "2026-03-02", rule: int | None = None) -> int:
    rule = rule or PostingRule.objects.get(rule_code="ISSUE_PREMIUM").pk
    return run(
        "INSERT INTO journal_entries (entry_date, period, event_id, event_name, rule_id,"
        " reference_id, idempotency_key, description, posted_by)"
        " VALUES (%s, %s, %s, 'x.y.v1', %s, 'R', %s, '', 'sql') RETURNING entry_id",
        day,
        period,
        uuid.uuid4(),
        rule,
        uuid.uuid4().hex,
    )[0][0]


def lines(entry_id: int, *rows: tuple[int, str, int, int], day: str = "2026-03-02") -> None:
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, 'R', '', '')"] * len(rows))
    params: list[object] = []
    for number, account, debit, credit in rows:
        params += [entry_id * 1000 + number, entry_id, number, day, account, debit, credit]
    run(
        "INSERT INTO general_ledger (journal_id, entry_id, line_no, transaction_date, account_code,"
        f" debit_amount, credit_amount, reference_id, group_code, description) VALUES {values}",
        *params,
    )


PAIR = ((1, "1110", 100, 0), (2, "2110", 0, 100))


def commit() -> None:
    """Run what the database checks at commit."""
    run("SET CONSTRAINTS ALL IMMEDIATE")


def refused(match: str):
    return pytest.raises(REFUSED, match=match)


def test_a_balanced_entry_is_accepted(march):
    lines(entry(), *PAIR)
    commit()
    assert run("SELECT count(*), sum(debit_amount) FROM general_ledger") == [(2, 100)]


def test_unbalanced_entry(march):
    number = entry()
    with refused("differ"), transaction.atomic():
        lines(number, (1, "1110", 100, 0), (2, "2110", 0, 99))


def test_two_unbalanced_entries_that_balance_together(march):
    first, second = entry(), entry()
    with refused("differ"), transaction.atomic():
        run(
            "INSERT INTO general_ledger (journal_id, entry_id, line_no, transaction_date,"
            " account_code, debit_amount, credit_amount, reference_id, group_code, description)"
            " SELECT entry * 1000 + number, entry, number, '2026-03-02', account, debit, credit,"
            " '', '', '' FROM (VALUES (%s, 1, '1110', 100, 0), (%s, 2, '2110', 0, 90),"
            " (%s, 1, '1110', 90, 0), (%s, 2, '2110', 0, 100))"
            " AS line (entry, number, account, debit, credit)",
            first,
            first,
            second,
            second,
        )


@pytest.mark.parametrize(
    "bad", [(-100, 0), (0, -100), (100, 100), (0, 0)], ids=["-debit", "-credit", "both", "none"]
)
def test_negative_or_two_sided_line(march, bad):
    number = entry()
    with refused("line_is_debit_or_credit"), transaction.atomic():
        lines(number, (1, "1110", *bad), (2, "2110", 0, 100))


def test_single_line(march):
    number = entry()
    with refused("two lines|differ"), transaction.atomic():
        lines(number, (1, "1110", 100, 0))


def test_lines_of_no_entry(march):
    with refused("no such entry"), transaction.atomic():
        lines(999_999, *PAIR)


def test_line_on_no_account(march):
    number = entry()
    with refused("no account 9999"), transaction.atomic():
        lines(number, (1, "9999", 100, 0), (2, "2110", 0, 100))


def test_entry_by_no_rule(march):
    with refused("unknown rule"), transaction.atomic():
        entry(rule=999_999)


def test_entry_without_lines_at_commit(march):
    with refused("no lines"), transaction.atomic():
        entry()
        commit()


@pytest.mark.parametrize("numbers", [(3, 4), (1, 2)], ids=["next numbers", "same numbers"])
def test_lines_joined_later(march, numbers):
    number = entry()
    lines(number, *PAIR)
    first, second = numbers
    with refused("comes whole|line_numbered_once"), transaction.atomic():
        lines(number, (first, "1110", 50, 0), (second, "2110", 0, 50))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE general_ledger SET debit_amount = 1 WHERE debit_amount > 0",
        "UPDATE general_ledger SET description = 'x'",
        "UPDATE general_ledger SET entry_id = entry_id + 1",
        "DELETE FROM general_ledger",
        "TRUNCATE general_ledger",
        "UPDATE journal_entries SET entry_date = '2026-03-03'",
        "DELETE FROM journal_entries",
        "TRUNCATE journal_entries CASCADE",
        "UPDATE journal_batches SET entries = 0",
        "DELETE FROM account_subjects WHERE account_code = '1590'",
        "UPDATE account_subjects SET account_code = '1111' WHERE account_code = '1110'",
        "UPDATE account_subjects SET account_type = 'EXPENSE' WHERE account_code = '1110'",
        "UPDATE posting_rules SET lines = '[]' WHERE rule_code = 'ISSUE_PREMIUM'",
        "DELETE FROM posting_rules",
        "DELETE FROM fiscal_periods",
    ],
)
def test_edits(march, sql):
    lines(entry(), *PAIR)
    commit()
    with refused("refused|fixed"), transaction.atomic():
        run(sql)
    assert run("SELECT sum(debit_amount), sum(credit_amount) FROM general_ledger") == [(100, 100)]


def close(period: str) -> None:
    run(
        "UPDATE fiscal_periods SET status = 'CLOSED', closed_by = 'batch:close', seal = 'x'"
        " WHERE period = %s",
        period,
    )


def test_entry_in_a_closed_period(march):
    close(march)
    with refused("is closed"), transaction.atomic():
        entry()


def test_line_in_a_closed_period(march):
    number = entry()
    close(march)
    with refused("period is closed"), transaction.atomic():
        lines(number, *PAIR)


def test_entry_outside_of_its_period(march):
    with refused("outside of period"), transaction.atomic():
        entry(day="2026-04-01")
    with refused("no period"), transaction.atomic():
        entry(period="2026-04", day="2026-04-01")


def test_line_on_another_day_than_its_entry(march):
    number = entry()
    with refused("another date"), transaction.atomic():
        lines(number, *PAIR, day="2026-03-03")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE fiscal_periods SET status = 'OPEN'",
        "UPDATE fiscal_periods SET seal = 'y'",
        "UPDATE fiscal_periods SET ends_on = '2026-04-30'",
        "INSERT INTO fiscal_periods (period, starts_on, ends_on, status, closed_by, seal,"
        " requested_by) VALUES ('2026-02', '2026-02-01', '2026-02-28', 'OPEN', '', '', '')",
        "INSERT INTO fiscal_periods (period, starts_on, ends_on, status, closed_by, seal,"
        " requested_by) VALUES ('2026-05', '2026-05-01', '2026-05-30', 'OPEN', '', '', '')",
    ],
)
def test_a_closed_period_stays(march, sql):
    close(march)
    with refused("stays|before a closed|not a whole|illegal move"), transaction.atomic():
        run(sql)


def test_periods_close_in_order(march):
    run(
        "INSERT INTO fiscal_periods (period, starts_on, ends_on, status, closed_by, seal,"
        " requested_by) VALUES ('2026-04', '2026-04-01', '2026-04-30', 'OPEN', '', '', '')"
    )
    with refused("earlier period"), transaction.atomic():
        close("2026-04")


def test_a_person_does_not_close_alone(march):
    with refused("second_person"), transaction.atomic():
        run(
            "UPDATE fiscal_periods SET status = 'CLOSED', closed_by = 'kim', seal = 'x',"
            " requested_by = 'kim'"
        )


def test_copy_is_guarded_too(march):
    number = entry()
    columns = (
        "journal_id, entry_id, line_no, transaction_date, account_code, debit_amount, credit_amount"
    )
    sql = f"COPY general_ledger ({columns}, reference_id, group_code, description) FROM STDIN"
    with (
        refused("differ"),
        transaction.atomic(),
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(sql) as copy,
    ):
        for line, row in enumerate((("1110", 100, 0), ("2110", 0, 90)), 1):
            copy.write_row((number * 1000 + line, number, line, "2026-03-02", *row, "", "", ""))


def test_a_fact_is_posted_once_by_its_event(march):
    """Twice in one statement, or by a second statement of the same event."""
    sql = (
        "INSERT INTO journal_entries (entry_date, period, event_id, event_name, rule_id,"
        " reference_id, idempotency_key, description, posted_by)"
        " SELECT '2026-03-02', '2026-03', %s, 'x', rule_id, 'R', key, '', 'sql'"
        " FROM (SELECT id AS rule_id FROM posting_rules LIMIT 1) rule, unnest(%s::text[]) AS key"
    )
    event = uuid.uuid4()
    with refused("twice"), transaction.atomic():
        run(sql, event, ["ISSUE:1", "ISSUE:2", "ISSUE:1"])
    run(sql, event, ["ISSUE:1", "ISSUE:2"])
    with refused("event_id"), transaction.atomic():
        run(sql, event, ["ISSUE:3"])
    run(sql, uuid.uuid4(), ["ISSUE:1"])  # the key of another event
    assert run("SELECT count(*) FROM journal_entries") == [(3,)]


@pytest.mark.parametrize("number", ["entry_id * 1000 + line_no + 1", "7", "NULL"])
def test_a_line_has_the_id_of_its_entry_and_number(march, number):
    one = entry()
    with refused("line_id_says|null value"), transaction.atomic():
        run(
            "INSERT INTO general_ledger (journal_id, entry_id, line_no, transaction_date,"
            " account_code, debit_amount, credit_amount, reference_id, group_code, description)"
            f" SELECT {number}, entry_id, line_no, '2026-03-02', account, debit, credit, '', '', ''"
            " FROM (VALUES (%s::bigint, 1, '1110', 100, 0), (%s, 2, '2110', 0, 100))"
            " AS line (entry_id, line_no, account, debit, credit)",
            one,
            one,
        )
    lines(one, *PAIR)
    assert run("SELECT array_agg(journal_id - entry_id * 1000 ORDER BY 1) FROM general_ledger") == [
        ([1, 2],)
    ]


def test_an_entry_is_reversed_once(march):
    number = entry()
    lines(number, *PAIR)
    sql = (
        "INSERT INTO journal_entries (entry_date, period, event_id, event_name, reverses_id,"
        " reference_id, idempotency_key, description, posted_by)"
        " VALUES ('2026-03-02', '2026-03', %s, 'x', %s, 'R', %s, '', 'sql')"
    )
    run(sql, uuid.uuid4(), number, "a")
    with refused("entry_reversed_once"), transaction.atomic():
        run(sql, uuid.uuid4(), number, "b")


@pytest.mark.django_db(transaction=True)
def test_closing_and_posting_do_not_race():
    """Whoever posts first is in the closed books; whoever comes after the close is refused."""
    services.post(issued(1))
    inside, let_go = threading.Event(), threading.Event()

    def poster() -> None:
        try:
            with transaction.atomic():
                services.post(issued(1, start=2))
                inside.set()
                let_go.wait(10)
        finally:
            connection.close()

    def closer() -> int:
        try:
            inside.wait(10)
            with transaction.atomic():
                let_go.set()  # the update below waits for the poster's share lock
                close("2026-03")
                return run("SELECT count(*) FROM general_ledger")[0][0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        posting, closing = pool.submit(poster), pool.submit(closer)
        posting.result(20)
        seen = closing.result(20)
    assert seen == 8
    with pytest.raises(services.periods.PeriodIsClosed):
        services.post(issued(1, start=3))
    with refused("is closed"), transaction.atomic():
        entry()
    assert run("SELECT count(*) FROM general_ledger") == [(8,)]


@pytest.mark.django_db(transaction=True)
def test_a_poster_that_meets_a_close_is_refused_by_the_database():
    """The application saw the period open; the close commits before the insert."""
    services.post(issued(1))
    ready, closed = threading.Event(), threading.Event()

    def closer() -> None:
        try:
            with transaction.atomic():
                close("2026-03")
                ready.set()
                closed.wait(1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(closer)
        ready.wait(10)
        with refused("is closed"), transaction.atomic():
            entry()
        closing.result(20)
    assert run("SELECT count(*) FROM journal_entries") == [(2,)]
