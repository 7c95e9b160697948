"""The list page: filters, sort, sums, pages, saved views, Excel; a fixed number of queries."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.excel import write_workbook
from core.models import AccessRow, JobRun, SavedView

from .conftest import logged_in, make_runs

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.kit_pages")]
HTMX = {"HX-Request": "true"}


def text(response) -> str:
    return response.content.decode()


def test_sums_and_counts_speak_of_all_filtered_rows_not_of_the_page(as_alice):
    make_runs(60)
    page = text(as_alice.get("/things/"))
    assert "60건" in page
    assert f"{sum(range(1, 61)):,}" in page  # 1,830
    assert page.count('class="number"') == 25
    filtered = text(as_alice.get("/things/?state=DONE"))
    assert "30건" in filtered
    assert f"{sum(range(2, 61, 2)):,}" in filtered  # 930


def test_sort_page_and_page_size(as_alice):
    make_runs(60)
    response = as_alice.get("/things/?sort=-items&per=50&page=2")
    shown = [row.record.items for row in response.context["table"].paginated_rows]
    assert shown == list(range(10, 0, -1))
    beyond = as_alice.get("/things/?page=999")
    assert beyond.status_code == 200
    assert beyond.context["table"].page.number == 3


def test_search_takes_every_word(as_alice):
    make_runs(30)
    assert "1건" in text(as_alice.get("/things/?q=job 007"))
    empty = text(as_alice.get("/things/?q=nowhere"))
    assert "조건에 맞는 내역이 없습니다" in empty


def test_an_empty_list_says_what_to_do_next(as_alice):
    page = text(as_alice.get("/things/"))
    assert "작업이 없습니다" in page
    assert 'href="/things/new/"' in page


def test_a_period_takes_dates_as_they_are_typed_and_refuses_nonsense(as_alice):
    make_runs(30)
    assert "2건" in text(
        as_alice.get("/things/?business_date_after=20260330&business_date_before=2026-03-31")
    )
    refused = as_alice.get("/things/?business_date_after=yesterday")
    assert refused.status_code == 422
    assert "0건" in text(refused)


def test_htmx_gets_the_list_alone_and_a_person_the_page(as_alice):
    make_runs(3)
    part = as_alice.get("/things/?state=DONE", headers=HTMX)
    assert text(part).lstrip().startswith('<div id="list"')
    assert "<html" not in text(part)
    assert 'hx-swap-oob="true"' in text(part)
    assert "HX-Request" in part["Vary"]
    assert "<html" in text(as_alice.get("/things/?state=DONE"))


def test_filters_are_remembered_until_they_are_cleared(as_alice):
    make_runs(3)
    as_alice.get("/things/?state=DONE&sort=-items")
    back = as_alice.get("/things/")
    assert back.status_code == 302
    assert back["Location"] == "/things/?state=DONE&sort=-items"
    assert as_alice.get("/things/?reset=1")["Location"] == "/things/"
    assert as_alice.get("/things/").status_code == 200


def test_columns_are_chosen(as_alice):
    make_runs(3)
    headers = [c.name for c in as_alice.get("/things/").context["table"].columns]
    assert "started_at" not in headers
    chosen = as_alice.get("/things/?cols=job&cols=started_at").context["table"].columns
    assert [c.name for c in chosen] == ["job", "started_at"]


def test_saved_views_are_ones_own(as_alice, as_bob):
    make_runs(3)
    kept = {"page": "run_list", "name": "실패", "query": "state=FAILED", "next": "/things/"}
    assert as_alice.post("/views/", kept).status_code == 303
    assert 'href="?state=FAILED"' in text(as_alice.get("/things/"))
    assert 'href="?state=FAILED"' not in text(as_bob.get("/things/"))
    view = SavedView.objects.get()
    assert as_bob.post("/views/", {"forget": view.pk}).status_code == 404
    assert as_alice.post("/views/", {"forget": view.pk}).status_code == 303
    assert not SavedView.objects.exists()


def test_a_view_without_a_name_is_refused_and_nothing_is_kept(as_alice):
    refused = as_alice.post("/views/", {"page": "run_list", "query": "x"})
    assert refused.status_code == 422
    assert "보기의 이름" in text(refused)
    assert not SavedView.objects.exists()


def test_one_row_and_fifty_rows_cost_the_same(as_alice):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert as_alice.get("/things/?per=50").status_code == 200
        return len(queries)

    make_runs(1)
    as_alice.get("/things/?per=50")
    one = cost()
    JobRun.objects.all().delete()
    make_runs(50)
    assert cost() == one
    assert one <= 9


def book(response) -> list[list[object]]:
    assert response.status_code == 200
    data = b"".join(response.streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_excel_holds_all_filtered_rows_in_order_with_real_numbers(as_alice):
    make_runs(60)
    rows = book(as_alice.get("/things/?state=DONE&sort=-items&export=xlsx"))
    assert rows[0] == ["작업", "영업일", "상태", "금액 (원)", "산출액 (원)"]
    assert [row[3] for row in rows[1:]] == list(range(60, 0, -2))
    assert rows[1][2] == "완료"


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_no_cell_of_a_workbook_can_run(begin):
    file = write_workbook("표", ["머리", "=2+2"], [[begin, 5]])
    sheet = openpyxl.load_workbook(file).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert sheet["A2"].value.strip("\t") == begin.strip("\t")
    assert sheet["A2"].quotePrefix


def test_personal_data_leaves_only_with_a_purpose_and_is_logged(as_alice):
    make_runs(3)
    assert b"".join(as_alice.get("/things/personal/?export=xlsx")).startswith(b"\n")  # the page
    refused = as_alice.post("/things/personal/", {"export": "xlsx", "purpose": " "})
    assert refused.status_code == 422
    assert not AccessRow.objects.exists()
    rows = book(as_alice.post("/things/personal/", {"export": "xlsx", "purpose": "분기 대사"}))
    assert len(rows) == 4
    logged = AccessRow.objects.get()
    assert (logged.actor, logged.action, logged.purpose) == ("alice", "EXPORT", "분기 대사")


def test_charlie_sees_no_list_and_takes_nothing_out(as_charlie, charlie):
    make_runs(3)
    assert as_charlie.get("/things/").status_code == 403
    assert as_charlie.get("/things/?export=xlsx").status_code == 403
    posted = {"export": "xlsx", "purpose": "x"}
    assert logged_in(charlie).post("/things/personal/", posted).status_code == 403
    assert not AccessRow.objects.exists()
