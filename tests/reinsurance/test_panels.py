"""Several reinsurers on a treaty, deposit and minimum premium, deficits carried forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.acting import acting
from core.columns import as_column
from reinsurance import handlers, rules, services
from reinsurance.models import AccountEntry, PremiumCession, Recovery, Treaty
from reinsurance.selectors import accounts_on

from .conftest import excess, layer, paid, quota
from .test_services import breaches, refused, told

Sign = Callable[..., None]
PANEL = (("코리안리", Decimal("33.33")), ("뮌헨리", Decimal("66.67")))
won = st.integers(-(10**12), 10**12)
signed_lines = st.lists(st.integers(1, 2_000), min_size=1, max_size=6).map(
    lambda parts: [*parts, 10_000 - sum(parts)] if sum(parts) < 10_000 else [10_000]
)


@given(st.lists(won, min_size=1, max_size=20), signed_lines)
def test_the_lines_of_an_amount_sum_to_it(amounts: list[int], parts: list[int]) -> None:
    given_, lines = np.asarray(amounts), np.asarray(parts)
    shared = rules.split(given_, lines)
    assert shared.sum(axis=1).tolist() == amounts
    exact = given_[:, None] * lines[None, :] / rules.SIGNED
    assert (np.abs(shared - exact) < 1 + 1e-3).all()
    assert (shared * np.sign(given_)[:, None] >= 0).all()
    assert (rules.split(-given_, lines) == -shared).all()


def test_an_amount_is_split_by_largest_remainder() -> None:
    lines = np.asarray([3_333, 3_333, 3_334])
    assert rules.split(np.asarray([100, 101, -101]), lines).tolist() == [
        [33, 33, 34],
        [34, 33, 34],
        [-34, -33, -34],
    ]
    with pytest.raises(ValueError, match="9999"):
        rules.split(np.asarray([1]), np.asarray([9_999]))


@pytest.mark.parametrize(
    ("instalments", "due"),
    [(1, {0: 1_003}), (4, {0: 253, 3: 250, 6: 250, 9: 250}), (2, {0: 502, 6: 501})],
)
def test_a_deposit_falls_due_in_equal_instalments(instalments: int, due: dict[int, int]) -> None:
    months = [
        rules.deposit_due(1_003, instalments=instalments, months=12, month=n) for n in range(12)
    ]
    assert {n: amount for n, amount in enumerate(months) if amount} == due


def test_the_premium_of_a_period_is_its_rate_or_the_minimum() -> None:
    rate = Decimal("2.2")
    assert rules.adjusted_premium(1_000_000, percent=rate, minimum=20_000) == 22_000
    assert rules.adjusted_premium(1_000_000, percent=rate, minimum=30_000) == 30_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "panel",
    [
        (("코리안리", Decimal(60)), ("뮌헨리", Decimal(39))),
        (("코리안리", Decimal(60)), ("뮌헨리", Decimal(41))),
        (("코리안리", Decimal(60)), ("코리안리", Decimal(40))),
        (("코리안리", Decimal(120)), ("뮌헨리", Decimal(-20))),
        (("코리안리", Decimal("33.333")), ("뮌헨리", Decimal("66.667"))),
        (("스위스리", Decimal(60)), ("뮌헨리", Decimal(40))),
    ],
)
def test_signed_lines_that_are_not_whole_are_refused_by_name(
    panel: tuple[tuple[str, Decimal], ...],
) -> None:
    said = refused(services.PanelNotWhole, lambda: services.draft(quota(panel=panel)))
    assert "QS" in said


@pytest.mark.django_db
def test_the_database_refuses_lines_that_are_not_whole(signed: Sign) -> None:
    with acting("alice"):
        services.draft(quota(panel=PANEL))
    for panel in ([["코리안리", "99.99"]], [["뮌헨리", "100"]]):
        with pytest.raises(IntegrityError, match="not 100"), transaction.atomic():
            Treaty.objects.update(panel=panel)
    with acting("bob"):
        services.sign("QS")
    with pytest.raises(IntegrityError, match="its terms stand"), transaction.atomic():
        Treaty.objects.update(panel=[])


@pytest.mark.django_db
def test_each_reinsurer_owes_its_line_of_a_loss(signed: Sign) -> None:
    signed(quota(panel=PANEL), excess(retention=Decimal(1_000), layer_limit=Decimal(9_000)))
    handlers.recover(paid([10_001, 101]))
    rows = Recovery.objects.order_by("payout_id", "treaty_id", "-reinsurer_name")
    found = [(r.treaty_id, r.reinsurer_name, int(r.recovery_amount)) for r in rows]
    assert found == [
        ("QS", "코리안리", 1_000),
        ("QS", "뮌헨리", 2_000),
        ("XL", "코리안리", 6_001),
        ("QS", "코리안리", 10),
        ("QS", "뮌헨리", 20),
    ]
    assert sum(told("recoveries_due")[0]["amount"]) == 9_031
    by_name = {account.reinsurer: account for account in accounts_on(date(2026, 3, 10))}
    assert (by_name["코리안리"].exposure, by_name["뮌헨리"].exposure) == (7_011, 2_020)
    assert not breaches()


@pytest.mark.django_db
def test_catastrophe_losses_are_billed_by_line(signed: Sign) -> None:
    signed(layer("STOP_LOSS", "SL", panel=PANEL))
    handlers.recover(paid([150_000, 50_001]))
    services.accumulate_many(["SL"], on=date(2026, 3, 31))
    rows = Recovery.objects.order_by("payout_id", "-reinsurer_name")
    assert [(r.reinsurer_name, int(r.recovery_amount)) for r in rows] == [
        ("코리안리", 16_665),
        ("뮌헨리", 33_335),
        ("코리안리", 16_665),
        ("뮌헨리", 33_336),
    ]
    assert not breaches()


def premium(amount: int, on: date) -> None:
    """Note premium of the line that came in."""
    line = as_column("keys", ["ACCIDENT"])
    services.note_premiums(event_id=uuid4(), line=line, amount=np.asarray([amount]), on=on)


@pytest.mark.django_db
def test_premium_and_settlement_are_with_each_reinsurer(signed: Sign) -> None:
    signed(quota(panel=PANEL))
    premium(1_000_001, date(2026, 3, 5))
    services.cede_premiums_many(["QS"], on=date(2026, 3, 31))
    entries = AccountEntry.objects.values_list("reinsurer_name", "kind", "amount")
    assert {(name, kind, int(amount)) for name, kind, amount in entries} == {
        ("코리안리", "PREMIUM", 99_990),
        ("뮌헨리", "PREMIUM", 200_010),
        ("코리안리", "COMMISSION", -28_497),
        ("뮌헨리", "COMMISSION", -57_003),
    }
    cession = PremiumCession.objects.get()
    assert (
        sum(int(amount) for _, _, amount in entries) == cession.ceded_premium - cession.commission
    )
    with acting("alice"):
        number = services.propose_settlement(
            "뮌헨리", until=date(2026, 3, 31), net=False, on=date(2026, 4, 2)
        )
    with acting("bob"):
        services.pay_settlement(number, on=date(2026, 4, 3))
    by_name = {account.reinsurer: account.payable for account in accounts_on(date(2026, 4, 3))}
    assert by_name == {"코리안리": 99_990 - 28_497, "뮌헨리": 0}


@pytest.mark.django_db
@pytest.mark.parametrize(("subject", "whole"), [(200_000, 52_800), (10_000, 40_000)])
def test_a_deposit_premium_is_adjusted_at_the_end(signed: Sign, subject: int, whole: int) -> None:
    signed(
        excess(
            deposit_premium=Decimal(48_001),
            deposit_instalments=4,
            minimum_premium=Decimal(40_000),
        )
    )
    for month in range(1, 13):
        last = date(2026 + month // 12, month % 12 + 1, 1).toordinal() - 1
        premium(subject, date.fromordinal(last))
        services.cede_premiums_many(["XL"], on=date.fromordinal(last))
    ceded = [int(c.ceded_premium) for c in PremiumCession.objects.order_by("month")]
    assert ceded[:11] == [12_001, 0, 0, 12_000, 0, 0, 12_000, 0, 0, 12_000, 0]
    assert sum(ceded) == whole
    assert PremiumCession.objects.get(month="2026-12").trace["adjusted"] == whole
    names = {name for name in breaches() if "cession" in name}
    assert not names


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"deposit_premium": Decimal(1)},
        {"minimum_premium": Decimal(1)},
        {"deposit_premium": Decimal(1), "deposit_instalments": 13},
        {"deposit_premium": Decimal(1), "deposit_instalments": 1, "net_premium_base": True},
        {"deficit_years": 1},
        {"follows": "XL", "deficit_years": 1},
        {"follows": "NONE", "deficit_years": 1},
    ],
)
def test_deposits_and_deficits_that_do_not_fit_are_refused(changes: dict[str, object]) -> None:
    refused(services.BadTerms, lambda: services.draft(excess(**changes)))


@pytest.mark.django_db
@pytest.mark.parametrize(("years", "carried"), [(1, 400), (2, 900)])
def test_a_deficit_lessens_the_profit_commission_of_later_years(
    signed: Sign, years: int, carried: int
) -> None:
    common = {"commission_percent": Decimal(0), "profit_percent": Decimal(50)}
    for year, came, loss in ((2026, 3_334, 5_000), (2027, 3_334, 4_667), (2028, 6_667, 1_000)):
        code = f"QS{year}"
        terms = {"follows": f"QS{year - 1}", "deficit_years": years} if year > 2026 else {}
        first, after = date(year, 1, 1), date(year + 1, 1, 1)
        signed(quota(treaty_code=code, start=first, end=after, **common, **terms))
        premium(came, date(year, 12, 30))
        services.cede_premiums_many([code], on=date(year, 12, 31))
        day = date(year, 12, 30)
        handlers.recover(paid([loss], on=day, incident=day))
        services.adjust_commissions_many([code], on=date(year, 12, 31))
    entry = AccountEntry.objects.filter(kind="PROFIT").get()
    assert entry.treaty_id == "QS2028"
    assert entry.trace["carried"] == carried
    assert entry.trace["result"] == 2_000 - 300 - carried
