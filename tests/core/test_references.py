"""What stands in for foreign keys on the hot tables: every planted violation is refused."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from contracts.models import Contract, LiabilityReserve, PremiumBill
from core import references
from products.models import ProductVersion
from sales.models import Commission
from tests.factories import claims as make
from tests.factories.products import published

pytestmark = [pytest.mark.django_db, pytest.mark.guards]

KEYS = {
    "contracts": "contract_id",
    "premium_bills": "id",
    "liability_reserves": "reserve_id",
    "commissions": "comm_id",
    "journal_entries": "entry_id",
}


def sql(statement: str, *params: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def plant(table: str, **changes: object) -> None:
    """Insert copies of a table's row in one statement: two good ones and a changed one between."""
    key = KEYS[table]
    first = {"contracts": "X-1", "liability_reserves": 901}.get(table, 901)
    good = {key: first}, {key: str(first)[:-1] + "3"}
    rows = [good[0], {key: str(first)[:-1] + "2", **changes}, good[1]]
    for number, row in enumerate(rows):
        if table == "premium_bills":
            row |= {"instalment": 50 + number}
        if table == "commissions":
            row |= {"instalment": 50 + number}
        if table == "liability_reserves":
            row |= {"base_date": f"2027-01-0{number + 1}"}
    sql(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, change)).*"
        f" FROM (SELECT x::{table} AS t FROM {table} x LIMIT 1) one,"
        " jsonb_array_elements(%s::jsonb) AS change",
        json.dumps(rows),
    )


@pytest.fixture
def contract() -> Contract:
    """A contract with a bill, a reserve and a commission."""
    found = make.contract()
    day = found.contract_date
    PremiumBill.objects.get_or_create(
        contract=found, instalment=1, defaults={"due_date": day, "amount": found.premium_amount}
    )
    LiabilityReserve.objects.get_or_create(
        contract=found,
        base_date=day,
        defaults={"reserve_amount": 0, "movement": 0, "basis": "UNEARNED", "elapsed_months": 0},
    )
    Commission.objects.create(
        contract=found,
        agent=found.agent,
        product_code=found.product_id,
        version=1,
        amount=10,
        payment_date=day,
        kind="NEW",
        instalment=1,
        base_amount=100,
        product_rate=1,
        agent_rate=1,
        rule_id=0,
        event_id="00000000-0000-0000-0000-000000000001",
        accrued_on=day,
    )
    return found


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("contracts", "version_id", -1),
        ("contracts", "rating_id", -1),
        ("contracts", "customer_id", -1),
        ("contracts", "agent_id", "NOBODY"),
        ("contracts", "application_id", "NOTHING"),
        ("premium_bills", "contract_id", "NOTHING"),
        ("premium_bills", "receipt_id", -1),
        ("liability_reserves", "contract_id", "NOTHING"),
        ("commissions", "contract_id", "NOTHING"),
        ("commissions", "agent_id", "NOBODY"),
        ("commissions", "settlement_id", "NOTHING"),
        ("commissions", "plan_id", "NOTHING"),
    ],
)
def test_a_row_that_points_to_nothing_is_refused(contract, table, column, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        (before,) = cursor.fetchone()
        with pytest.raises(IntegrityError, match=f"{table}.{column}: there is no .* {value}"):
            plant(table, **{column: value})
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (before,)
        plant(table)  # the same rows, unchanged, are taken
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (before + 3,)
    assert references.orphans() == []


def test_a_contract_has_the_product_of_its_version_and_a_rating_by_it(contract):
    published("TERM01")
    other = ProductVersion.objects.get(product_id="TERM01")
    with pytest.raises(IntegrityError, match="version_id: .* of the same product_code"):
        plant("contracts", product_code=other.product_id)
    with pytest.raises(IntegrityError, match=r"rating_id: .* of the same version_id"):
        plant("contracts", product_code=other.product_id, version_id=other.pk)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("contracts", "agent_id = 'NOBODY'"),
        ("contracts", "application_id = 'NOTHING'"),
        ("premium_bills", "contract_id = 'NOTHING'"),
        ("premium_bills", "receipt_id = -1"),
        ("commissions", "settlement_id = 'NOTHING'"),
    ],
)
def test_a_row_is_not_pointed_at_nothing_later(contract, table, change):
    with pytest.raises(IntegrityError, match="there is no"):
        sql(f"UPDATE {table} SET {change}")
    assert references.orphans() == []


def test_copy_is_guarded_too(contract):
    def copied() -> None:
        into = "premium_bills (contract_id, instalment, due_date, amount, status, channel)"
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(f"COPY {into} FROM STDIN") as copy,
        ):
            copy.write_row((contract.pk, 7, "2026-03-02", 100, "DUE", ""))
            copy.write_row(("NOTHING", 7, "2026-03-02", 100, "DUE", ""))

    with pytest.raises(IntegrityError, match="premium_bills.contract_id"):
        copied()
    assert not PremiumBill.objects.filter(instalment=7).exists()


@pytest.mark.parametrize(
    "table", ["contracts", "customers", "agents", "applications", "product_versions"]
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_others_refer_to_is_never_removed(contract, table, statement):
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # what is pending would be refused for that alone
    with pytest.raises(DatabaseError, match="refused"):
        sql(statement.format(table))
    assert Contract.objects.filter(pk=contract.pk).exists()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("contracts", "contract_id = 'OTHER'"),
        ("customers", "customer_id = -customer_id"),
        ("agents", "agent_id = 'OTHER'"),
        ("product_versions", "id = -id"),
        ("product_ratings", "id = -id"),
    ],
)
def test_what_others_refer_to_keeps_its_key(contract, table, change):
    with pytest.raises(DatabaseError, match="illegal move|are fixed|only ever added"):
        sql(f"UPDATE {table} SET {change}")
    assert references.orphans() == []


def test_the_proof_finds_what_slipped_past_the_guards(contract):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE premium_bills SET contract_id = 'LOST'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert references.orphans() == ["premium_bills.contract_id LOST"]
