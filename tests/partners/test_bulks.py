"""Bulk binds: every line its own answer, every part once, the ledger equal to the answers."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction

from accounting.models import LedgerLine
from contracts.models import Contract
from core.status import IllegalTransition
from partners.models import Bulk, BulkChunk, Partner
from partners.rules.problems import LINE_CODES, Problem
from partners.selectors.proof import reconciliation
from partners.services import accounts, bulks, reception
from tests.factories.contracts import DAY
from tests.partners import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def caller() -> world.Caller:
    world.house()
    world.partner()
    return world.Caller(world.key())


def lines(count: int, *, prefix: str = "B") -> list[bytes]:
    return [json.dumps(world.proposal(f"{prefix}-{n}")).encode() for n in range(count)]


def hand_in(
    caller: world.Caller, body: bytes, idem: str = "bulk-0001", content_type: str = ""
) -> Any:
    return caller.send(
        "POST", "/bulk-binds", body, idem=idem, content_type=content_type or "application/x-ndjson"
    )


def work() -> int:
    done = 0
    while (worked := bulks.work_one(business_date=DAY)) is not None:
        done += worked
    return done


def results(caller: world.Caller, bulk_id: str) -> list[dict[str, Any]]:
    answer = caller.call("GET", f"/bulk-binds/{bulk_id}/results")
    assert answer.status_code == 200
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def test_each_line_gets_its_own_answer_and_the_ledger_equals_them(caller: world.Caller) -> None:
    good = lines(12)
    bad = {
        2: (b"{oops", "malformed_line"),
        3: (b"[1]", "malformed_line"),
        4: (json.dumps(world.proposal("X-1", product_code="NOTHING")).encode(), "product_unknown"),
        5: (json.dumps(world.proposal("X-2", sum_assured=5e7)).encode(), "amount_not_integer"),
        6: (json.dumps(world.proposal("X-3", sum_assured="50,000,000")).encode(),
            "amount_not_integer"),
        7: (good[0], "external_id_duplicate"),
        8: (json.dumps(world.proposal("X-4", surprise=1)).encode(), "field_unknown"),
        9: (json.dumps(world.proposal("X-5", premium=1)).encode(), "premium_changed"),
        10: (b'{"external_id": "X-6"}', "field_missing"),
        11: (json.dumps(world.proposal("X-7", sum_assured=1)).encode(), "not_eligible"),
        12: (b'"' + b"x" * 17_000 + b'"', "line_too_long"),
        13: (b"\xff\xfe{}", "malformed_line"),
    }  # fmt: skip
    body = b"\n".join([good[0], *(line for line, _code in bad.values()), *good[1:]])
    answer = hand_in(caller, body)
    assert answer.status_code == 202, answer.content
    bulk_id = answer.json()["bulk_id"]
    assert answer.json()["promised_at"] > answer.json()["received_at"]
    assert not Contract.objects.exists()
    assert work() == 1
    found = results(caller, bulk_id)
    assert [one["line"] for one in found] == list(range(1, 25))
    refused = {one["line"]: one["code"] for one in found if one["status"] == "refused"}
    assert refused == {number: code for number, (_line, code) in bad.items()}
    assert set(refused.values()) <= set(LINE_CODES)
    assert all(one["detail"] for one in found if one["status"] == "refused")
    accepted = {one["external_id"]: one for one in found if one["status"] == "accepted"}
    assert set(accepted) == {f"B-{n}" for n in range(12)}
    assert {c.pk for c in Contract.objects.all()} == {
        one["contract_id"] for one in accepted.values()
    }
    proof = caller.call("GET", f"/bulk-binds/{bulk_id}/reconciliation").json()
    assert proof["exact"]
    assert proof["complete"]
    assert (proof["received"], proof["accepted"], proof["refused"]) == (24, 12, 12)
    assert proof["ledger_contracts"] == 12
    assert (
        proof["premium"] == proof["ledger_cash"] == sum(one["premium"] for one in accepted.values())
    )
    assert sum(x.debit_amount - x.credit_amount for x in LedgerLine.objects.all()) == 0


def test_the_reconciliation_tells_when_something_is_missing(caller: world.Caller) -> None:
    hand_in(caller, b"\n".join(lines(3)))
    work()
    bulk = Bulk.objects.get()
    assert reconciliation(bulk)["exact"]
    bulk.accepted = 4
    assert not reconciliation(bulk)["exact"]


def test_a_csv_is_read_with_its_header(caller: world.Caller) -> None:
    columns = ["external_id", "product_code", "name", "birth_date", "sex", "person_key",
               "sum_assured", "term_months", "pay_months", "explained", "answers.vehicle_use",
               "answers.drunk_driving_5y", "answers.accidents_3y"]  # fmt: skip
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(columns)
    usual = ["DRIVER01", "홍길동", "1985-03-15", "M", "K", "50000000", "12", "12", "true",
             "PRIVATE", "false", "0"]  # fmt: skip
    for n in range(4):
        sheet.writerow([f"C-{n}", *usual])
    sheet.writerow(["C-9", *usual[:5], "50,000,000", *usual[6:]])
    sheet.writerow(["C-8", "DRIVER01"])
    answer = hand_in(caller, ("\ufeff" + out.getvalue()).encode(), content_type="text/csv")
    assert answer.status_code == 202, answer.content
    assert answer.json()["lines"] == 6
    work()
    found = results(caller, answer.json()["bulk_id"])
    assert [one.get("code", "") for one in found] == [
        "", "", "", "", "amount_not_integer", "malformed_line",
    ]  # fmt: skip
    assert Contract.objects.count() == 4


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"\n\n \n", "application/x-ndjson", 422, "empty"),
        (b"a,b\n1,2\n", "text/csv", 400, "malformed"),
        (b"{}", "application/xml", 415, "media_type_unknown"),
    ],
)
def test_a_file_that_is_none_is_refused(
    caller: world.Caller, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = hand_in(caller, body, content_type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Bulk.objects.exists()


def kept_files() -> set[str]:
    return {str(p) for p in bulks.file_path("bulks").rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("announced", "fault"),
    [(bulks.MOST_BYTES + 1, "too_large"), (None, "too_large"), (10, "body_changed")],
)
def test_a_stream_that_is_refused_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, announced: int | None, fault: str
) -> None:
    monkeypatch.setattr(reception, "MOST_BYTES", 1_000_000)
    stream = io.BytesIO(b'{"a": 1}\n' * 200_000 if announced is None else b"{}")
    before = kept_files()
    with pytest.raises(Problem) as refused:
        reception.keep(stream.read, form="ndjson", announced=announced, sha256="0" * 64)
    assert refused.value.code == fault
    assert kept_files() == before


def test_more_lines_than_a_bulk_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "MOST_LINES", 5)
    with pytest.raises(Problem) as refused:
        reception.keep(io.BytesIO(b"{}\n" * 6).read, form="ndjson", announced=None, sha256="0" * 64)
    assert refused.value.code == "too_many_lines"


def test_a_slow_sender_is_not_waited_for() -> None:
    now = iter(range(0, 10_000, 10))
    with pytest.raises(Problem) as refused:
        reception.keep(
            lambda _n: b"{}\n", form="ndjson", announced=None, sha256="0" * 64,
            clock=lambda: float(next(now)),
        )  # fmt: skip
    assert refused.value.code == "too_slow"

    def silent(_n: int) -> bytes:
        raise TimeoutError

    with pytest.raises(Problem) as refused:
        reception.keep(silent, form="ndjson", announced=None, sha256="0" * 64)
    assert refused.value.code == "too_slow"


def test_the_same_key_gets_the_same_bulk(caller: world.Caller) -> None:
    body = b"\n".join(lines(3))
    first = hand_in(caller, body)
    again = hand_in(caller, body)
    assert first.json() == again.json()
    assert Bulk.objects.count() == 1
    other = hand_in(caller, b"\n".join(lines(4)))
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert len([f for f in kept_files() if f.endswith(Bulk.objects.get().stored_as)]) == 1


def test_the_lines_are_gone_when_all_is_bound(
    caller: world.Caller, django_capture_on_commit_callbacks: Any
) -> None:
    hand_in(caller, b"\n".join(lines(2)))
    stored = Bulk.objects.get().stored_as
    assert default_storage.exists(stored)
    with django_capture_on_commit_callbacks(execute=True):
        work()
    assert not default_storage.exists(stored)


def test_parts_are_worked_one_by_one_and_a_suspension_stops_the_rest(
    caller: world.Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulks, "PART_LINES", 4)
    monkeypatch.setattr(reception, "PART_LINES", 4)
    bulk_id = hand_in(caller, b"\n".join([*lines(9), lines(1)[0]])).json()["bulk_id"]
    assert bulks.work_one(business_date=DAY) == 1
    assert Bulk.objects.get().status == "WORKING"
    accounts.suspend(partner="ACME", reason="이상 거래")
    assert work() == 2
    accounts.resume(partner="ACME", reason="확인 완료")
    found = results(caller, bulk_id)
    assert [one["status"] for one in found] == ["accepted"] * 4 + ["refused"] * 6
    assert {one["code"] for one in found[4:]} == {"partner_suspended"}
    proof = reconciliation(Bulk.objects.get())
    assert proof["exact"]
    assert proof["refused_by_code"] == {"partner_suspended": 6}


def test_a_duplicate_of_an_earlier_part_is_found(
    caller: world.Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulks, "PART_LINES", 2)
    monkeypatch.setattr(reception, "PART_LINES", 2)
    some = lines(3)
    bulk_id = hand_in(caller, b"\n".join([*some, some[0]])).json()["bulk_id"]
    work()
    assert results(caller, bulk_id)[3]["code"] == "external_id_known"
    assert Contract.objects.count() == 3


def test_small_bulks_do_not_wait_behind_a_large_one(
    caller: world.Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulks, "PART_LINES", 2)
    monkeypatch.setattr(reception, "PART_LINES", 2)
    large = hand_in(caller, b"\n".join(lines(6, prefix="L")), "bulk-0001").json()["bulk_id"]
    bulks.work_one(business_date=DAY)
    small = hand_in(caller, b"\n".join(lines(1, prefix="S")), "bulk-0002").json()["bulk_id"]
    bulks.work_one(business_date=DAY)
    assert Bulk.objects.get(pk=small).status == "DONE"
    assert Bulk.objects.get(pk=large).status == "WORKING"


def test_what_waits_lengthens_the_promise(caller: world.Caller) -> None:
    empty = bulks.promised(1_000)
    assert empty == timedelta(seconds=34)  # half a minute, and twice 1,000 lines at 500 a second
    hand_in(caller, b"\n".join(lines(1)))
    assert bulks.promised(1_000) >= empty
    assert bulks.promised(100_000) == timedelta(seconds=430)


def test_lines_count_against_the_daily_quota(caller: world.Caller) -> None:
    Partner.objects.update(lines_per_day=5)
    assert hand_in(caller, b"\n".join(lines(4)), "bulk-0001").status_code == 202
    answer = hand_in(caller, b"\n".join(lines(2, prefix="Q")), "bulk-0002")
    assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert Bulk.objects.count() == 1


def test_another_partner_sees_no_bulk(caller: world.Caller) -> None:
    bulk_id = hand_in(caller, b"\n".join(lines(1))).json()["bulk_id"]
    world.partner("OTHER")
    other = world.Caller(world.key("OTHER"))
    for tail in ("", "/results", "/reconciliation"):
        assert other.call("GET", f"/bulk-binds/{bulk_id}{tail}").status_code == 404


def test_a_closed_month_refuses_every_line_by_name(caller: world.Caller) -> None:
    bulk_id = hand_in(caller, b"\n".join([b"{", *lines(2)])).json()["bulk_id"]
    bulks.work_one(business_date=DAY - timedelta(days=4_000))
    codes = [one["code"] for one in results(caller, bulk_id)]
    assert codes[0] == "malformed_line"
    assert set(codes[1:]) <= {"books_closed", "product_not_on_sale", "seller_barred"}
    assert reconciliation(Bulk.objects.get())["exact"]
    assert not Contract.objects.exists()


def test_a_bulk_that_a_bug_stops_waits_for_a_person(
    caller: world.Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(caller, b"\n".join(lines(2)))

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError("planted")

    with monkeypatch.context() as patch:
        patch.setattr(bulks, "_results", broken)
        assert work() == 0
    bulk = Bulk.objects.get()
    assert (bulk.status, bulk.attempts) == ("FAILED", bulks.MOST_ATTEMPTS)
    assert "planted" in bulk.error
    assert not Contract.objects.exists()
    bulks.retry(bulk.pk)
    assert work() == 1
    assert Contract.objects.count() == 2
    with pytest.raises(IllegalTransition):
        bulks.retry(bulk.pk)


def test_the_database_refuses_a_part_done_twice_and_sums_that_do_not_add_up(
    caller: world.Caller,
) -> None:
    hand_in(caller, b"\n".join(lines(2)))
    work()
    part = BulkChunk.objects.get()
    part.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        part.save(force_insert=True)
    part.number, part.accepted = 7, 1
    with pytest.raises(DatabaseError), transaction.atomic():
        part.save(force_insert=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulk.objects.update(accepted=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        BulkChunk.objects.update(accepted=1)


WORKER = """
import os, django
django.setup()
from datetime import date
from partners.services import bulks, reception
bulks.PART_LINES = 50
print("up", flush=True)
while bulks.work_one(business_date=date.fromisoformat(os.environ["DAY"])) is not None:
    print("part", flush=True)
"""


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_half_done(
    live_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.house()
    world.partner()
    caller = world.Caller(world.key())
    monkeypatch.setattr(bulks, "PART_LINES", 50)
    monkeypatch.setattr(reception, "PART_LINES", 50)
    body = b"\n".join([*lines(700), *[b"{bad"] * 7])
    bulk_id = hand_in(caller, body).json()["bulk_id"]
    environment = {**live_environment, "DAY": DAY.isoformat(), "PYTHONPATH": str(ROOT)}
    kills = 0
    for _ in range(2):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(3)]
        time.sleep(0.02)
        if worker.poll() is None and said[-1]:
            os.kill(worker.pid, signal.SIGKILL)
            kills += 1
        worker.wait()
        again = hand_in(caller, body)  # a partner that saw a fault asks again with its key
        assert again.json()["bulk_id"] == bulk_id
    end = time.monotonic() + 120
    while Bulk.objects.get().status != "DONE" and time.monotonic() < end:
        work()  # the killed one's lock may still be held for a moment
        time.sleep(0.2)
    assert kills >= 1
    bulk = Bulk.objects.get()
    assert (bulk.status, bulk.lines, bulk.accepted, bulk.refused) == ("DONE", 707, 700, 7)
    assert Contract.objects.count() == 700
    assert reconciliation(bulk)["exact"]
