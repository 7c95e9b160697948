"""What reinsurers will not pay: proposed, booked by a second person, written up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.urls import reverse

from accounting.models import LedgerLine
from core import clock
from core.acting import acting
from core.errors import NotFound
from core.status import IllegalTransition
from reinsurance import handlers, services
from reinsurance.models import Recovery, WriteDown

from .conftest import paid, quota
from .test_services import breaches, refused, told
from .test_views import person

pytestmark = pytest.mark.django_db
Sign = Callable[..., None]
DAY = date(2026, 6, 30)


@pytest.fixture
def owed(signed: Sign) -> Recovery:
    signed(quota())
    handlers.recover(paid([1_000_001]))
    return Recovery.objects.get()


def proposed(row: Recovery, percent: object, by: str = "alice") -> int:
    with acting(by):
        return services.propose_write_down(
            row.pk, percent=Decimal(str(percent)), reason="지급불능", on=DAY
        )


def booked(row: Recovery, percent: object) -> None:
    pk = proposed(row, percent)
    with acting("bob"):
        services.book_write_down(pk, on=DAY)


def test_a_second_person_books_what_was_proposed(owed: Recovery) -> None:
    pk = proposed(owed, 50)
    with acting("alice"):
        refused(services.OwnWriteDown, lambda: services.book_write_down(pk, on=DAY))
        refused(services.WriteDownOpen, lambda: proposed(owed, 60))
        refused(NotFound, lambda: services.book_write_down(0, on=DAY))
    with acting("bob"):
        services.book_write_down(pk, on=DAY)
        refused(IllegalTransition, lambda: services.book_write_down(pk, on=DAY))
    owed.refresh_from_db()
    assert owed.written_down == 150_000
    assert told("recoveries_written_down")[0]["movement"] == [150_000]
    booked(owed, "20")
    assert [e["movement"] for e in told("recoveries_written_down")] == [[150_000], [-90_000]]


@pytest.mark.parametrize(("percent", "reason"), [(-1, "x"), (101, "x"), (0, "x"), (50, " ")])
def test_a_write_down_has_an_amount_and_evidence(owed: Recovery, percent: int, reason: str) -> None:
    with acting("alice"):
        refused(
            services.BadWriteDown,
            lambda: services.propose_write_down(
                owed.pk, percent=Decimal(percent), reason=reason, on=DAY
            ),
        )


def test_a_refused_proposal_books_nothing(owed: Recovery) -> None:
    pk = proposed(owed, 50)
    with acting("bob"):
        services.refuse_write_down(pk, reason="담보가 있음")
    owed.refresh_from_db()
    assert owed.written_down == 0
    assert not told("recoveries_written_down")


def test_what_comes_in_is_written_up_first(owed: Recovery) -> None:
    booked(owed, 100)
    waiting = proposed(owed, 10)
    owed.refresh_from_db()
    services.receive(owed.pk, amount=owed.recovery_amount, reference="R1", on=DAY)
    owed.refresh_from_db()
    assert (owed.status, owed.written_down) == ("RECOVERED", 0)
    assert [e["movement"] for e in told("recoveries_written_down")] == [[300_000], [-300_000]]
    assert WriteDown.objects.get(pk=waiting).status == "REFUSED"
    refused(services.NotOwedAnyMore, lambda: proposed(owed, 50))
    assert not breaches()


def test_the_database_refuses_more_than_is_owed(owed: Recovery) -> None:
    with pytest.raises(IntegrityError, match="written_down"), transaction.atomic():
        Recovery.objects.update(written_down=300_001)


def test_the_ledger_carries_the_allowance(owed: Recovery) -> None:
    booked(owed, 50)
    sums = dict(
        LedgerLine.objects.filter(account_id__in=["1339", "5220"])
        .values_list("account_id")
        .annotate(s=Sum("debit_amount") - Sum("credit_amount"))
    )
    assert sums == {"1339": -150_000, "5220": 150_000}


def test_the_recovery_shows_its_write_downs_and_a_colleague_books(owed: Recovery) -> None:
    clock.advance(DAY)
    alice, adam = person("alice", "reinsurance"), person("adam", "reinsurance")
    bob, charlie = person("bob-auditor", "auditor"), person("charlie", "underwriter")
    new = reverse("reinsurance:write_down", args=[owed.pk])
    page = reverse("reinsurance:recovery_detail", args=[owed.pk])
    given = {"percent": "50", "reason": "지급불능"}
    assert bob.post(new, given).status_code == 403
    assert alice.post(new, given | {"percent": "101"}).status_code == 422
    assert alice.post(new, given).status_code == 303
    assert alice.post(new, given).status_code == 422
    for reader in (alice, adam, bob):
        assert "지급불능" in reader.get(page).content.decode()
    assert charlie.get(page).status_code == 403
    book = reverse("reinsurance:write_down_book", args=[WriteDown.objects.get().pk])
    for other in (bob, charlie, alice):
        assert other.post(book).status_code in {403, 422}
    assert WriteDown.objects.get().status == "PROPOSED"
    assert "Book the write-down" in adam.get(page).content.decode()
    assert adam.post(book).status_code == 303
    owed.refresh_from_db()
    assert owed.written_down == 150_000
    refuse = reverse("reinsurance:write_down_refuse", args=[WriteDown.objects.get().pk])
    assert adam.post(refuse, {"reason": "x"}).status_code == 422
