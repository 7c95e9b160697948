"""What the database itself refuses of contracts."""

import pytest
from django.db import DatabaseError, connection, transaction

from contracts.models import Contract
from tests.factories import claims as make

pytestmark = pytest.mark.guards


@pytest.mark.parametrize(
    "change",
    [
        "premium_amount = 1",
        "sum_assured = 9000000000",
        "contract_date = '2020-01-01'",
        "product_code = 'TERM01'",
        "insurance_age = 20",
        "term_months = 600",
    ],
)
def test_what_was_agreed_at_issue_is_fixed(db, change):
    number = make.contract().pk
    with (
        pytest.raises(DatabaseError, match="are fixed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE contracts SET {change}")
    assert Contract.objects.get(pk=number).premium_amount == 50_000
