"""Programmes of all kinds, recoverables and accounts: from the act to the books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db.models import Sum

from accounting.models import LedgerLine
from accounting.services.loading import load as load_books
from claims import services as claims
from core.acting import acting
from core.columns import as_column
from core.errors import NotFound
from core.status import IllegalTransition
from reinsurance import api, handlers, services
from reinsurance.models import (
    AccountEntry,
    Accumulation,
    PremiumCession,
    Recoverable,
    Recovery,
    RiskPremium,
    Settlement,
    Treaty,
)
from reinsurance.tasks import ACCUMULATION, COMMISSION
from tests.factories import claims as make
from tests.factories import contracts as sold

from .conftest import excess, layer, paid, quota
from .test_services import breaches, refused, told

pytestmark = pytest.mark.django_db
Sign = Callable[..., None]
MARCH = date(2026, 3, 31)
SEOUL = ZoneInfo("Asia/Seoul")


def balance(account: str) -> int:
    sums = LedgerLine.objects.filter(account_id=account).aggregate(
        d=Sum("debit_amount"), c=Sum("credit_amount")
    )
    return int((sums["d"] or 0) - (sums["c"] or 0))


@pytest.mark.parametrize(
    "terms",
    [
        quota(contract_number="CON-1"),
        quota(kind="FACULTATIVE"),
        layer("SURPLUS", "S"),
        layer("SURPLUS", "S", surplus_lines=Decimal(4), hours=72),
        layer("CATASTROPHE", "C", hours=0),
        layer("STOP_LOSS", "L", cession_percent=Decimal(1)),
        excess(scale=((Decimal(50), Decimal(30)),)),
        quota(scale=((Decimal(50), Decimal(30)), (Decimal(60), Decimal(40)))),
        layer("CATASTROPHE", "C", reinstatements=(Decimal(100),)),
        quota(reinstatements=(Decimal(100),), layer_premium=Decimal(1)),
        quota(profit_percent=Decimal(101)),
    ],
)
def test_terms_of_new_kinds_that_do_not_fit(terms: services.Draft) -> None:
    refused(services.BadTerms, lambda: services.draft(terms))


@pytest.mark.parametrize("kind", ["SURPLUS", "CATASTROPHE", "STOP_LOSS"])
def test_layers_of_one_kind_do_not_overlap(signed: Sign, kind: str) -> None:
    lines = {"surplus_lines": Decimal(4)} if kind == "SURPLUS" else {}
    signed(layer(kind, "FIRST", **lines))
    over = layer(kind, "SECOND", retention=Decimal(499_999), **lines)
    assert "FIRST" in refused(services.OverlappingLayer, lambda: services.draft(over))
    signed(layer(kind, "THIRD", retention=Decimal(500_000), **lines), excess())
    assert breaches() == {}


def test_facultative_and_surplus_share_each_risk(signed: Sign) -> None:
    place = sold.world(date(2026, 3, 2), "DRIVER01")
    plain, insured = sold.issued(place, 2, code="DRIVER01")
    premiums = {c: int(sold_premium(c)) for c in (plain, insured)}
    sums = {c: sum_of(c) for c in (plain, insured)}
    line = sums[plain] // 4
    signed(
        layer("SURPLUS", "SP", retention=Decimal(line), surplus_lines=Decimal(2)),
        quota(
            treaty_code="FAC",
            kind="FACULTATIVE",
            contract_number=insured,
            cession_percent=Decimal(50),
        ),
    )
    services.note_premiums(
        event_id=uuid4(),
        line=as_column("keys", ["ACCIDENT"] * 2),
        amount=np.array([premiums[plain], premiums[insured]]),
        contract=as_column("keys", [plain, insured]),
        on=date(2026, 3, 3),
    )
    share = 2 * line * 1_000_000 // sums[plain]
    noted = {r.treaty_id: (int(r.subject), int(r.ceded), r.contracts)
             for r in RiskPremium.objects.all()}  # fmt: skip
    by_surplus = sum(round(p * share / 1_000_000) for p in premiums.values())
    assert noted["SP"] == (sum(premiums.values()), by_surplus, 2)
    assert noted["FAC"] == (premiums[insured], round(premiums[insured] / 2 + 0.01), 1)
    services.cede_premiums_many(["SP", "FAC"], on=MARCH)
    ceded = {c.treaty_id: int(c.ceded_premium) for c in PremiumCession.objects.all()}
    assert ceded == {code: row[1] for code, row in noted.items()}

    event = paid([1_000_000, 1_000_000])
    event.contract_id[:] = [plain, insured]
    handlers.recover(event)
    got = {(r.contract_number, r.treaty_id): int(r.recovery_amount) for r in Recovery.objects.all()}
    assert got == {
        (plain, "SP"): 1_000_000 * share // 1_000_000,
        (insured, "FAC"): 500_000,
        (insured, "SP"): 500_000 * share // 1_000_000,
    }
    assert "each recovery is what the treaties give" not in breaches()
    assert "each cession is the treaty's percent of the premium" not in breaches()


def sum_of(contract_id: str) -> int:
    from contracts import api as contracts

    return int(contracts.facts([contract_id])[contract_id].sum_assured)


def sold_premium(contract_id: str) -> Decimal:
    from contracts import api as contracts

    return contracts.facts([contract_id])[contract_id].premium


def test_an_excess_may_take_its_premium_of_what_is_left(signed: Sign) -> None:
    signed(quota(), excess(net_premium_base=True, premium_percent=Decimal(10)))
    services.note_premiums(
        event_id=uuid4(), line=as_column("keys", ["ACCIDENT"]), amount=np.array([1_000_000]),
        on=MARCH,
    )  # fmt: skip
    services.cede_premiums_many(["XL"], on=MARCH)  # the quota share has not had its month
    services.cede_premiums_many(["QS"], on=MARCH)
    first = PremiumCession.objects.get(treaty_id="XL")
    assert (int(first.subject_premium), int(first.ceded_premium)) == (1_000_000, 100_000)
    april = date(2026, 4, 30)
    services.note_premiums(
        event_id=uuid4(), line=as_column("keys", ["ACCIDENT"]), amount=np.array([1_000_000]),
        on=april,
    )  # fmt: skip
    services.cede_premiums_many(["XL", "QS"], on=april)
    second = PremiumCession.objects.get(treaty_id="XL", month="2026-04")
    assert (int(second.subject_premium), int(second.ceded_premium)) == (700_000, 70_000)


def test_open_claims_have_their_share_until_they_are_paid(signed: Sign) -> None:
    signed(quota())
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
    number = make.received(insured)
    reserve = claims_reserve(number)
    row = Recoverable.objects.get()
    assert (int(row.amount), balance("1350")) == (reserve * 30 // 100,) * 2
    make.approved(number, loss=2_000_000)
    assert balance("1350") == int(Recoverable.objects.get().amount)
    assert breaches() == {}
    with acting("manager"):
        claims.pay(reception_id=number, recipient="김하늘", operation_id=uuid4(),
                   business_date=date(2026, 3, 24))  # fmt: skip
    assert (balance("1350"), int(Recoverable.objects.get().amount)) == (0, 0)
    assert balance("1330") == int(Recovery.objects.get().recovery_amount) > 0
    assert breaches() == {}


def claims_reserve(number: str) -> int:
    from claims import api as claims_api

    return claims_api.facts([number])[number].case_reserve


def storm(signed: Sign, count: int = 2, **terms: object) -> list[str]:
    """Sign a catastrophe layer and let ``count`` claims of one night be paid 1 million each."""
    signed(layer("CATASTROPHE", "CAT", retention=Decimal(500_000), layer_limit=Decimal(2_000_000),
                 **terms))  # fmt: skip
    numbers = []
    for _ in range(count):
        insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
        number = make.approved(make.received(insured), loss=1_000_000)
        with acting("manager"):
            claims.pay(reception_id=number, recipient="김하늘", operation_id=uuid4(),
                       business_date=date(2026, 3, 24))  # fmt: skip
        numbers.append(number)
    with acting("alice"):
        services.record_event(
            event_code="STORM-1", event_name="3월 폭풍", line="ACCIDENT", hours=72,
            starts_at=datetime(2026, 3, 20, tzinfo=SEOUL),
        )  # fmt: skip
    return numbers


def test_losses_of_an_event_add_up_and_cover_is_bought_back(signed: Sign) -> None:
    load_books()
    numbers = storm(
        signed, reinstatements=(Decimal(100),), layer_premium=Decimal(100_000),
    )  # fmt: skip
    gross = [int(v) for v in api_gross(numbers)]
    day = date(2026, 3, 25)
    services.accumulate_many(list(ACCUMULATION.select(day)), on=day)
    assert not Accumulation.objects.exists()  # no claim was counted to the event
    services.add_claims("STORM-1", numbers)
    for _ in range(2):
        services.accumulate_many(list(ACCUMULATION.select(day)), on=day)
    expected = min(sum(gross) - 500_000, 2_000_000)
    assert sum(int(r.recovery_amount) for r in Recovery.objects.all()) == expected
    assert [int(a.net) for a in Accumulation.objects.order_by("pk")] == gross
    entry = AccountEntry.objects.filter(kind="REINSTATEMENT").aggregate(s=Sum("amount"))
    assert int(entry["s"]) == round(expected / 2_000_000 * 100_000)
    assert (balance("1330"), balance("2410")) == (expected, -int(entry["s"]))
    assert Treaty.objects.get().aggregate_limit == 4_000_000
    summary = api.losses(numbers)
    assert sum(s.kept for s in summary.values()) == sum(gross) - expected
    assert breaches() == {}


def api_gross(numbers: list[str]) -> list[int]:
    found = api.losses(numbers)
    return [found[n].gross for n in numbers]


def test_claims_are_counted_to_an_event_within_its_hours(signed: Sign) -> None:
    (number,) = storm(signed, 1)
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
    late = make.received(insured, incident_at="2026-03-23T00:00", reported_at="2026-03-23T09:30")
    assert late in refused(services.OutsideTheHours, lambda: services.add_claims("STORM-1", [late]))
    refused(NotFound, lambda: services.add_claims("NONE", [number]))
    refused(NotFound, lambda: services.add_claims("STORM-1", ["CLM-0"]))
    assert services.add_claims("STORM-1", [number, number]) == 1
    assert services.add_claims("STORM-1", [number]) == 0
    refused(
        services.EventCodeTaken,
        lambda: services.record_event(
            event_code="STORM-1", event_name="x", line="ACCIDENT", hours=72,
            starts_at=datetime(2026, 3, 20, tzinfo=SEOUL),
        ),
    )  # fmt: skip
    services.record_event(
        event_code="STORM-2", event_name="x", line="ACCIDENT", hours=72,
        starts_at=datetime(2026, 3, 20, tzinfo=SEOUL),
    )  # fmt: skip
    refused(services.InAnotherEvent, lambda: services.add_claims("STORM-2", [number]))


def test_no_layer_is_signed_for_losses_that_are_known(signed: Sign) -> None:
    signed(quota())
    handlers.recover(paid([1_000_000]))
    for kind in ("CATASTROPHE", "STOP_LOSS"):
        with acting("alice"):
            services.draft(layer(kind, kind))
        with acting("bob"):
            refused(services.LossesPaid, lambda code=kind: services.sign(code))


def test_a_stop_loss_counts_what_the_others_left(signed: Sign) -> None:
    signed(quota(), layer("STOP_LOSS", "SL", retention=Decimal(1_000_000)))
    handlers.recover(paid([1_000_000, 900_000]))
    assert ACCUMULATION.select(date(2026, 3, 30)) == []
    services.accumulate_many(list(ACCUMULATION.select(MARCH)), on=MARCH)
    rows = Accumulation.objects.order_by("pk")
    assert [(int(r.net), int(r.before), int(r.recovered)) for r in rows] == [
        (700_000, 0, 0),
        (630_000, 700_000, 330_000),
    ]
    handlers.recover(paid([1_000_000], on=date(2026, 4, 2)))
    services.accumulate_many(["SL"], on=date(2026, 4, 30))
    last = Accumulation.objects.order_by("pk").last()
    assert last is not None
    assert (int(last.before), int(last.recovered)) == (1_330_000, 70_000)
    assert "each loss that was added up has its recovery" not in breaches()


def test_sliding_scale_and_profit_follow_what_is_known(signed: Sign) -> None:
    scale = ((Decimal(50), Decimal(35)), (Decimal(60), Decimal(30)), (Decimal(65), Decimal(25)))
    signed(
        quota(
            scale=scale,
            commission_percent=Decimal(30),
            profit_percent=Decimal(50),
            profit_expense_percent=Decimal(10),
            end=date(2026, 4, 1),
        )
    )
    services.note_premiums(
        event_id=uuid4(), line=as_column("keys", ["ACCIDENT"]), amount=np.array([10_000_000]),
        on=MARCH,
    )  # fmt: skip
    services.cede_premiums_many(["QS"], on=MARCH)
    handlers.recover(paid([5_500_000]))  # 55 %: half way between 30 and 35
    for _ in range(2):
        services.adjust_commissions_many(list(COMMISSION.select(MARCH)), on=MARCH)
    entries = {e.kind: int(e.amount) for e in AccountEntry.objects.all()}
    # premium 3,000,000; losses 1,650,000; commission 32.5 % = 975,000; expenses 300,000
    assert entries == {
        "PREMIUM": 3_000_000,
        "COMMISSION": -900_000,
        "SLIDING": -75_000,
        "PROFIT": -37_500,
    }
    (event,) = told("commissions_adjusted")
    assert (event["kind"], event["amount"]) == (["SLIDING", "PROFIT"], [75_000, 37_500])
    handlers.recover(paid([1_000_000], on=date(2026, 4, 2)))  # now 65 %
    april = date(2026, 4, 30)
    services.adjust_commissions_many(["QS"], on=april)
    later = {e.kind: int(e.amount) for e in AccountEntry.objects.filter(reference="2026-04")}
    assert later == {"SLIDING": 225_000, "PROFIT": 37_500}


def owing(signed: Sign) -> None:
    """Let 300,000 less 85,500 be owed to a reinsurer, and 300,000 by it."""
    load_books()
    signed(quota())
    services.note_premiums(
        event_id=uuid4(), line=as_column("keys", ["ACCIDENT"]), amount=np.array([1_000_000]),
        on=MARCH,
    )  # fmt: skip
    services.cede_premiums_many(["QS"], on=MARCH)
    handlers.recover(paid([1_000_000]))


@pytest.mark.parametrize("net", [False, True])
def test_a_settlement_is_paid_by_a_second_person(signed: Sign, net: bool) -> None:
    owing(signed)
    day = date(2026, 4, 15)
    with acting("alice"):
        number = services.propose_settlement("코리안리", until=MARCH, net=net, on=day)
        refused(
            services.SettlementOpen,
            lambda: services.propose_settlement("코리안리", until=MARCH, net=net, on=day),
        )
        refused(services.OwnSettlement, lambda: services.pay_settlement(number, on=day))
    row = Settlement.objects.get()
    assert (int(row.payable), int(row.offset)) == (214_500, 300_000 if net else 0)
    with acting("bob"):
        services.pay_settlement(number, on=day)
        refused(IllegalTransition, lambda: services.pay_settlement(number, on=day))
        refused(NotFound, lambda: services.pay_settlement("RST-0", on=day))
        refused(
            services.NothingOwed,
            lambda: services.propose_settlement("코리안리", until=MARCH, net=net, on=day),
        ) if net else None
    assert balance("2410") == 0
    assert balance("1330") == (0 if net else 300_000)
    assert balance("1110") == (300_000 - 214_500 if net else -214_500)
    assert Recovery.objects.get().status == ("RECOVERED" if net else "PENDING")
    assert sum(int(e.amount) for e in AccountEntry.objects.all()) == 0


def test_a_settlement_of_an_account_that_moved_is_refused(signed: Sign) -> None:
    owing(signed)
    day = date(2026, 4, 15)
    with acting("alice"):
        number = services.propose_settlement("코리안리", until=day, net=True, on=day)
    handlers.recover(paid([500_000], on=day))
    with acting("bob"):
        refused(services.AccountMoved, lambda: services.pay_settlement(number, on=day))
        services.cancel_settlement(number, reason="새 재보험금")
        refused(IllegalTransition, lambda: services.cancel_settlement(number, reason="x"))
    with acting("alice"):
        again = services.propose_settlement("코리안리", until=day, net=True, on=day)
    with acting("bob"):
        services.pay_settlement(again, on=day)
    assert balance("2410") == balance("1330") == 0
