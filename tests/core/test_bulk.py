from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from core import bulk, numbering
from core.columns import as_column, distinct
from core.models import AuditRow
from sales.models import Branch

pytestmark = pytest.mark.django_db


def branches(count: int) -> dict:
    return {
        "branch_code": as_column("keys", [f"B{i:04d}" for i in range(count)]),
        "branch_name": as_column("keys", [f'지점 "{i}", 가' for i in range(count)]),
        "region": "서울",
        "opened_on": np.full(count, np.datetime64("2020-01-01")),
        "monthly_plan": as_column("won", list(range(count))),
    }


def test_a_batch_is_one_statement_and_one_audit_row(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert bulk.copy_rows(Branch, branches(50)) == 50
    branch = Branch.objects.get(pk="B0007")
    assert branch.branch_name == '지점 "7", 가'
    assert branch.monthly_plan == Decimal(7)
    assert branch.opened_on == date(2020, 1, 1)
    assert branch.created_at is not None
    assert len(AuditRow.objects.get(table_name="branches").keys) == 50


def test_a_violation_refuses_the_whole_batch():
    columns = branches(3)
    columns["branch_name"][2] = columns["branch_name"][0]
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.copy_rows(Branch, columns)
    assert not Branch.objects.exists()


def test_numbers_are_unique_and_ascending():
    first = numbering.take("TST", 2026, 3)
    second = numbering.take("TST", 2026, 2)
    other = numbering.take("TST", 2027)
    assert first.tolist() == ["TST-2026-0000001", "TST-2026-0000002", "TST-2026-0000003"]
    assert second.tolist() == ["TST-2026-0000004", "TST-2026-0000005"]
    assert other.tolist() == ["TST-2027-0000001"]


def test_a_series_is_letters():
    with pytest.raises(ValueError, match="upper-case"):
        numbering.take("x; drop table", 2026)


def test_distinct_combinations():
    first, index = distinct(
        np.array([1, 1, 2, 1]), as_column("keys", ["a", "b", "a", "a"]), np.array([0, 0, 0, 0])
    )
    assert len(first) == 3
    assert index[0] == index[3]
    assert len(set(index.tolist())) == 3


def test_columns_are_read_back_with_their_kinds():
    columns = branches(3)
    bulk.copy_rows(Branch, columns)
    read = bulk.read_columns(
        "SELECT branch_code, branch_name, nullif(branch_code, 'B0001'), monthly_plan::bigint,"
        " nullif(opened_on, %(day)s), monthly_plan > 1 FROM branches ORDER BY branch_code",
        {"day": date(2020, 1, 1)},
        code="keys",
        name="keys",
        maybe="keys",
        plan="won",
        opened="days",
        large="flags",
    )
    assert read["name"].tolist() == columns["branch_name"].tolist()
    assert read["maybe"].tolist() == ["B0000", "", "B0002"]
    assert read["plan"].dtype == np.int64
    assert read["plan"].tolist() == [0, 1, 2]
    assert read["opened"].dtype == np.dtype("datetime64[D]")
    assert np.isnat(read["opened"]).all()
    assert read["large"].tolist() == [False, False, True]


def test_no_rows_are_empty_columns_of_their_kinds():
    read = bulk.read_columns("SELECT branch_code FROM branches", code="keys")
    assert read["code"].dtype == object
    assert len(read["code"]) == 0
