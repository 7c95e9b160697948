"""From a paid claim to the reinsurer's money in the books, by the ordinary services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum

from accounting.models import JournalEntry, LedgerLine, PostingRule
from accounting.services.posting import NoPostingRule
from claims import services as claims
from claims.models import Payout
from contracts import api as contracts
from core.acting import acting
from core.models import EventRecord
from reinsurance import api, services
from reinsurance.models import CededLoss, PremiumCession, Recovery
from tests.factories import claims as make
from tests.factories import contracts as sold

from .conftest import excess, quota

pytestmark = pytest.mark.django_db
PAID = date(2026, 3, 24)


def pay(number: str) -> None:
    with acting("manager"):
        claims.pay(
            reception_id=number, recipient="김하늘", operation_id=uuid4(), business_date=PAID
        )


def balance(account: str) -> int:
    sums = LedgerLine.objects.filter(account_id=account).aggregate(
        d=Sum("debit_amount"), c=Sum("credit_amount")
    )
    return int((sums["d"] or 0) - (sums["c"] or 0))


def test_a_claim_is_paid_ceded_and_recovered(signed: Callable[..., None]) -> None:
    signed(quota(), excess(retention=Decimal(1_000_000), layer_limit=Decimal(1_000_000)))
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
    number = make.approved(make.received(insured))
    pay(number)
    paid = int(Payout.objects.get().payout_amount)
    by_quota = paid * 30 // 100
    by_excess = min(paid - by_quota - 1_000_000, 1_000_000)
    rows = {r.treaty_id: r for r in Recovery.objects.all()}
    assert {code: int(r.recovery_amount) for code, r in rows.items()} == {
        "QS": by_quota,
        "XL": by_excess,
    }
    assert {r.contract_number for r in rows.values()} == {insured.pk}
    assert api.losses([number])[number].kept == paid - by_quota - by_excess
    assert balance("1330") == by_quota + by_excess
    services.receive(rows["QS"].pk, amount=by_quota, reference="KR-1", on=date(2026, 4, 10))
    assert balance("1330") == by_excess
    told = EventRecord.objects.filter(name__startswith="reinsurance.")
    assert set(told.values_list("pk", flat=True)) <= set(
        JournalEntry.objects.values_list("event_id", flat=True)
    )
    assert [name for name, count, _ in api.invariants() if count] == []


def test_a_recovery_that_cannot_be_booked_refuses_the_payment(signed: Callable[..., None]) -> None:
    signed(quota())
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
    number = make.approved(make.received(insured))
    PostingRule.objects.filter(event_name="reinsurance.recoveries_due.v1").update(status="RETIRED")
    before = LedgerLine.objects.count()
    with pytest.raises(NoPostingRule), transaction.atomic():
        pay(number)
    counts = (Payout.objects.count(), Recovery.objects.count(), CededLoss.objects.count())
    assert counts == (0, 0, 0)
    assert LedgerLine.objects.count() == before


def test_the_premium_of_contracts_is_ceded(signed: Callable[..., None]) -> None:
    day = date(2026, 3, 2)
    place = sold.world(day, "DRIVER01")
    signed(quota())
    sold.issued(place, 3, code="DRIVER01")
    subject = contracts.premium_by_line(day)["ACCIDENT"]
    assert subject > 0
    services.cede_premiums_many(["QS"], on=date(2026, 3, 31))
    ceded = PremiumCession.objects.get()
    assert int(ceded.subject_premium) == subject
    net = int(ceded.ceded_premium - ceded.commission)
    assert balance("2410") == -net != 0
    assert [name for name, count, _ in api.invariants() if count] == []
