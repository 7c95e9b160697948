from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from core import bulk, numbering
from core.columns import as_column, distinct
from core.models import AuditRow
from sales.models import Agent, Branch

pytestmark = pytest.mark.django_db


def branches(count: int) -> dict:
    return {
        "branch_code": as_column("keys", [f"B{i:04d}" for i in range(count)]),
        "branch_name": as_column("keys", [f'지점 "{i}", 가' for i in range(count)]),
        "region": "서울",
        "opened_on": np.full(count, np.datetime64("2020-01-01")),
        "monthly_plan": as_column("won", list(range(count))),
    }


@pytest.mark.parametrize("rows", [50, 500])
def test_a_batch_is_one_statement_and_one_audit_row(django_assert_num_queries, rows):
    with django_assert_num_queries(1):
        assert bulk.copy_rows(Branch, branches(rows)) == rows
    branch = Branch.objects.get(pk="B0007")
    assert branch.branch_name == '지점 "7", 가'
    assert branch.monthly_plan == Decimal(7)
    assert branch.opened_on == date(2020, 1, 1)
    assert branch.created_at is not None
    assert len(AuditRow.objects.get(table_name="branches").keys) == rows


@pytest.mark.parametrize("rows", [3, 300])
def test_few_rows_and_many_mean_the_same(rows):
    agent = {
        "agent_id": as_column("keys", [f"A{i}" for i in range(rows)]),
        "agent_name": [r"\N", "탭\t, 줄\n끝", 'a"b'] * (rows // 3),
        "branch": "B0000",
        "branch_name": "",
        "commission_rate": [Decimal("1.05")] * rows,
        "licence_number": as_column("keys", [""] * rows),
        "sells_life": np.arange(rows) % 2 == 0,
        "appointed_on": date(2020, 1, 1),
        "retired_on": np.array(["NaT", "2026-03-01", "NaT"] * (rows // 3), "datetime64[D]"),
        "training_valid_until": [date(2030, 1, 1)] * rows,
        "status": "ACTIVE",
        "rank": "FC",
        "sells_non_life": True,
    }
    bulk.copy_rows(Branch, branches(1))
    assert bulk.copy_rows(Agent, agent) == rows
    last = Agent.objects.get(pk=f"A{rows - 2}")
    assert (last.agent_name, last.branch_name, last.commission_rate) == (
        "탭\t, 줄\n끝",
        "",
        Decimal("1.05"),
    )
    assert (last.sells_life, last.retired_on) == ((rows - 2) % 2 == 0, date(2026, 3, 1))
    assert Agent.objects.get(pk="A0").retired_on is None
    assert Agent.objects.get(pk="A0").agent_name == r"\N"


def test_columns_of_unequal_length_are_refused():
    columns = branches(3)
    columns["opened_on"] = columns["opened_on"][:2]
    with pytest.raises(ValueError, match="differ in length"):
        bulk.copy_rows(Branch, columns)


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


@pytest.mark.parametrize("short", [bulk.SHORT, 0])
def test_columns_are_read_back_with_their_kinds(monkeypatch, short):
    monkeypatch.setattr(bulk, "SHORT", short)
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
