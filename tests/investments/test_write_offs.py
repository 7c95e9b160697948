"""Impaired debts: interest on the net amount, transfers with evidence, write-offs, late money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.acting import acting
from core.status import IllegalTransition
from investments import services
from investments.models import Asset, AssetReturn, CreditLoss, TradeOrder, WriteOff
from investments.rules import credit

from .conftest import purchase
from .test_risk import balance, breaches, refused
from .test_views_risk import person

Buy = Callable[..., str]
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
won = st.integers(0, 10**12)


@given(won, won, won)
def test_what_is_not_earned_is_the_part_that_the_allowance_took(
    income: int, allowance: int, more: int
) -> None:
    exposure = allowance + more
    columns = {"allowance": np.array([allowance]), "exposure": np.array([exposure])}
    apart = int(credit.suspended(np.array([income]), **columns)[0])
    assert 0 <= apart <= income
    if exposure:
        assert abs(apart - income * allowance / exposure) <= 0.5 + 1e-3
    else:
        assert apart == 0


@pytest.fixture
def impaired(buy: Buy) -> str:
    """Return a loan of ten billion that fell into stage 3 in February."""
    loan = buy(purchase(asset_type="LOAN", issuer="한빛건설", income_every=12, income_anchor=12))
    with acting("alice"):
        services.rate(loan, grade="D", days_past_due=120, source="법원", on=date(2026, 2, 10))
    services.record_income_many([loan], on=FEBRUARY)
    services.impair_many([loan], on=FEBRUARY)
    assert Asset.objects.get(pk=loan).stage == 3
    return loan


def proposed(loan: str, *, on: date = MARCH) -> int:
    with acting("alice"):
        return services.propose_write_off(loan, evidence="파산 종결", on=on)


@pytest.mark.django_db
def test_an_impaired_debt_earns_on_its_net_amount(impaired: str) -> None:
    before = Asset.objects.get(pk=impaired)
    gross = int(before.current_value + before.accrued_interest)
    coupon = round(10_000_000_000 * 3.25 * (MARCH - date(2026, 1, 15)).days / 36_500)
    coupon -= int(before.accrued_interest)
    income = balance("4310")
    services.record_income_many([impaired], on=MARCH)
    row = AssetReturn.objects.get(asset_id=impaired, record_date=MARCH, kind="INTEREST")
    assert int(row.suspended) == round(coupon * int(before.allowance) / gross)
    assert int(row.return_amount + row.suspended) == coupon
    assert balance("4310") - income == -int(row.return_amount)
    after = Asset.objects.get(pk=impaired)
    assert after.allowance == before.allowance + row.suspended == -balance("1249")
    assert after.accrued_interest - before.accrued_interest == coupon
    assert CreditLoss.objects.get(cause="INTEREST").movement == row.suspended
    assert breaches() == {}


@pytest.mark.django_db
def test_a_second_person_writes_an_impaired_debt_off(impaired: str) -> None:
    pk = proposed(impaired)
    with acting("alice"):
        refused(services.CannotWriteOff, lambda: proposed(impaired))
        refused(services.OwnWriteOff, lambda: services.book_write_off(pk, on=MARCH))
        services.order_sale(services.Sale(asset_id=impaired, amount=1_000_000), on=MARCH)
    with acting("bob"):
        services.book_write_off(pk, on=MARCH)
        refused(IllegalTransition, lambda: services.book_write_off(pk, on=MARCH))
    asset, gone = Asset.objects.get(pk=impaired), WriteOff.objects.get()
    assert (asset.status, asset.sold_on, asset.current_value) == ("LOST", MARCH, 0)
    assert (asset.allowance, asset.accrued_interest, asset.cost_held) == (0, 0, 0)
    assert TradeOrder.objects.get(side="SELL").status == "DECLINED"
    assert gone.carrying == 10_000_000_000
    assert (balance("1240"), balance("1249"), balance("1260")) == (0, 0, 0)
    earned = -balance("4310")
    assert balance("5520") == gone.carrying + gone.interest - (gone.interest - earned)
    assert breaches() == {}
    services.recover_write_off(impaired, amount=300_000, reference="R-1", on=MARCH)
    assert balance("5520") == gone.carrying + earned - 300_000
    for amount, reference in ((1, "R-1"), (0, "R-2"), (1, " ")):
        refused(
            services.NotWrittenOff,
            lambda a=amount, r=reference: services.recover_write_off(
                impaired, amount=a, reference=r, on=MARCH
            ),
        )
    assert breaches() == {}


@pytest.mark.django_db
def test_a_sound_debt_is_not_written_off(buy: Buy) -> None:
    bond = buy(purchase())
    said = refused(services.CannotWriteOff, lambda: proposed(bond))
    assert "1" in str(said)
    refused(
        services.NotWrittenOff,
        lambda: services.recover_write_off(bond, amount=1, reference="R", on=MARCH),
    )


@pytest.mark.django_db
def test_a_refused_write_off_leaves_the_debt(impaired: str) -> None:
    pk = proposed(impaired)
    with acting("bob"):
        services.refuse_write_off(pk, reason="담보 매각 중")
    assert Asset.objects.get(pk=impaired).status == "HELD"
    assert proposed(impaired) != pk
    with pytest.raises(IntegrityError), transaction.atomic():
        WriteOff.objects.filter(status="PROPOSED").update(
            status="BOOKED", checked_by="alice", booked_on=MARCH, carrying=1
        )


@pytest.mark.django_db
def test_the_asset_shows_its_write_off_and_a_colleague_books(impaired: str) -> None:
    clock.advance(MARCH)
    alice, adam, bob = (
        person("ann", "investment"),
        person("adam", "executive"),
        person("bea", "auditor"),
    )
    new = reverse("investments:write_off", args=[impaired])
    assert bob.post(new, {"evidence": "파산"}).status_code == 403
    assert alice.post(new, {"evidence": ""}).status_code == 422
    assert alice.post(new, {"evidence": "파산 종결"}).status_code == 303
    panel = reverse("investments:panel_credit", args=[impaired])
    assert "파산 종결" in bob.get(panel).content.decode()
    pk = WriteOff.objects.get().pk
    book = reverse("investments:write_off_book", args=[pk])
    for other in (bob, alice):
        assert other.post(book).status_code in {403, 422}
    assert WriteOff.objects.get().status == "PROPOSED"
    assert "Book the write-off" in adam.get(panel).content.decode()
    assert adam.post(book).status_code == 303
    late = reverse("investments:late_money", args=[impaired])
    given_ = {"amount": "1000", "reference": "R-9"}
    assert alice.post(late, given_).status_code == 303
    assert alice.post(late, given_ | {"amount": "2"}).status_code == 422
    assert "R-9" in alice.get(panel).content.decode()
    assert alice.get(reverse("investments:asset_detail", args=[impaired])).status_code == 200
    moved = alice.get(reverse("investments:loss_list") + "?moved=yes").content.decode()
    assert impaired in moved
    assert "→ D" in moved
