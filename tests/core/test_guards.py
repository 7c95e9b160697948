"""The database refuses, with the application out of the way."""

import pytest
from django.db import DatabaseError, connection, transaction

from core.acting import acting
from core.models import AccessRow, AuditRow, StatusMove
from products.models import Product

pytestmark = [pytest.mark.django_db, pytest.mark.guards]


def sql(statement: str, *params: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture
def product():
    return Product.objects.create(
        product_code="P1", product_name="Test", product_type="LIFE", line="TERM"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_audit SET actor = 'someone else'",
        "DELETE FROM core_audit",
        "TRUNCATE core_audit",
    ],
)
def test_the_audit_trail_is_never_changed(product, statement):
    before = AuditRow.objects.count()
    with pytest.raises(DatabaseError, match="only ever added"):
        sql(statement)
    assert AuditRow.objects.count() == before


def test_set_based_sql_is_audited_with_actor_and_cause(product):
    with acting("bob", "request 7"):
        sql("UPDATE products SET product_name = 'Renamed'")
    row = AuditRow.objects.filter(table_name="products", operation="UPDATE").get()
    assert (row.table_name, row.keys) == ("products", ["P1"])
    assert (row.before["product_name"], row.after["product_name"]) == ("Test", "Renamed")
    assert (row.actor, row.cause) == ("bob", "request 7")


def test_sql_without_an_actor_is_audited_under_the_database_user(product):
    sql("DELETE FROM products")
    row = AuditRow.objects.filter(table_name="products", operation="DELETE").get()
    assert row.before["product_code"] == "P1"
    assert row.actor


def test_an_illegal_status_move_is_refused(product):
    with pytest.raises(DatabaseError, match="illegal move of products.status"):
        sql("UPDATE products SET product_code = 'P2'")  # moving the key hides the row it was
    sql("UPDATE products SET status = 'ACTIVE'")
    move = StatusMove.objects.get(table_name="products")
    assert (move.key, move.from_status, move.to_status) == ("P1", "INACTIVE", "ACTIVE")


def test_an_unknown_status_is_refused(product):
    with pytest.raises(DatabaseError):
        sql("UPDATE products SET status = 'GONE'")
    assert not StatusMove.objects.filter(table_name="products").exists()


def test_unmasking_without_a_purpose_is_refused():
    with pytest.raises(DatabaseError, match="purpose"):
        sql(
            "INSERT INTO core_access (actor, action, subject, what, purpose)"
            " VALUES ('bob', 'UNMASK', '1', 'resident number', '')"
        )
    assert not AccessRow.objects.exists()


def test_an_audited_table_is_not_truncated(product):
    with pytest.raises(DatabaseError, match="TRUNCATE of products refused"):
        sql("TRUNCATE products CASCADE")
    assert Product.objects.count() == 1
