"""Treaties, recoveries and ceded premium: what happens, and what is refused without a trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.db import Error, connection, transaction

from core.acting import acting
from core.columns import as_column
from core.errors import DomainError, NotFound
from core.models import EventRecord, StatusMove
from core.status import IllegalTransition
from reinsurance import api, handlers, services
from reinsurance.models import (
    AccountEntry,
    Accumulation,
    CatastropheEvent,
    CededLoss,
    EventClaim,
    PremiumCession,
    Recoverable,
    Recovery,
    RiskPremium,
    Settlement,
    SubjectPremium,
    Treaty,
    WriteDown,
)
from reinsurance.selectors import ageing, capacities, in_force
from reinsurance.tasks import CESSION

from .conftest import END, START, excess, paid, quota

pytestmark = pytest.mark.django_db
Sign = Callable[..., None]


def told(name: str) -> list[dict[str, Any]]:
    """Return the payloads of an event in the order in which it was published."""
    found = EventRecord.objects.filter(name=f"reinsurance.{name}.v1").order_by("published_at")
    return list(found.values_list("payload", flat=True))


def everything() -> tuple[int, ...]:
    """Return how many rows there are of all that reinsurance writes."""
    models = (
        Treaty, Recovery, CededLoss, PremiumCession, SubjectPremium, EventRecord, StatusMove,
        AccountEntry, Accumulation, CatastropheEvent, EventClaim, Recoverable, RiskPremium,
        Settlement, WriteDown,
    )  # fmt: skip
    return tuple(model.objects.count() for model in models)


def breaches() -> dict[str, str]:
    """Return the invariants that do not hold, with the first keys."""
    return {name: keys for name, count, keys in api.invariants() if count}


def refused(reason: type[DomainError], act: Callable[[], object]) -> str:
    """Check that an act is refused and that nothing was written or told; return the reason."""
    before = everything()
    with pytest.raises(reason) as refusal, transaction.atomic():
        act()
    assert everything() == before
    return str(refusal.value)


def test_a_treaty_needs_two_people() -> None:
    with acting("alice"):
        services.draft(quota())
        services.draft(quota(cession_percent=Decimal(40)))  # a draft may be changed
        refused(services.SamePerson, lambda: services.sign("QS"))
        refused(NotFound, lambda: services.sign("NONE"))
    with acting("bob"):
        services.sign("QS")
        refused(IllegalTransition, lambda: services.sign("QS"))
        refused(services.CodeTaken, lambda: services.draft(quota()))
    treaty = Treaty.objects.get()
    assert (treaty.status, treaty.cession_percent, treaty.checked_by) == ("SIGNED", 40, "bob")


@pytest.mark.parametrize(
    "terms",
    [
        quota(cession_percent=Decimal(0)),
        quota(cession_percent=Decimal("100.0001")),
        quota(retention=Decimal(1)),
        quota(end=START),
        quota(commission_percent=Decimal(-1)),
        quota(kind="SURPLUS"),
        excess(retention=Decimal(0)),
        excess(layer_limit=Decimal(0)),
        excess(cession_percent=Decimal(1)),
        excess(premium_percent=Decimal(101)),
    ],
)
def test_terms_that_do_not_fit_are_refused(terms: services.Draft) -> None:
    refused(services.BadTerms, lambda: services.draft(terms))


def test_overlapping_layers_are_refused_by_name(signed: Sign) -> None:
    signed(excess())
    over = excess(treaty_code="XL2", retention=Decimal(199_999_999))
    reason = refused(services.OverlappingLayer, lambda: services.draft(over))
    assert reason.count("XL") == 2  # the new one and the one that it overlaps
    assert "150,000,000" in reason
    for free in (
        excess(treaty_code="XL3", retention=Decimal(200_000_000)),
        excess(treaty_code="XL4", line="MOTOR"),
        excess(treaty_code="XL5", start=END, end=date(2028, 1, 1)),
    ):
        signed(free)


def test_two_drafts_that_overlap_cannot_both_be_signed(signed: Sign) -> None:
    with acting("alice"):
        services.draft(excess(treaty_code="A"))
        services.draft(excess(treaty_code="B"))
    with acting("bob"):
        services.sign("A")
        refused(services.OverlappingLayer, lambda: services.sign("B"))
    sql = "UPDATE reinsurance_treaties SET status = 'SIGNED', checked_by = 'x'"
    with (
        pytest.raises(Error, match="layers_of_a_line_do_not_overlap"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql + " WHERE treaty_code = 'B'")


def test_quota_shares_never_cede_more_than_the_whole(signed: Sign) -> None:
    signed(quota(cession_percent=Decimal(60)))
    more = quota(treaty_code="QS2", cession_percent=Decimal("40.0001"), position=2)
    assert "QS" in refused(services.TooMuchCeded, lambda: services.draft(more))
    signed(quota(treaty_code="QS2", cession_percent=Decimal(40), position=2))
    assert breaches() == {}


def test_signed_terms_stand(signed: Sign) -> None:
    signed(quota())
    for change in (
        "cession_percent = 50",
        "line = 'MOTOR'",
        "reinsurer_name = 'x'",
        "period = daterange('2025-01-01', '2027-01-01')",
        "status = 'DRAFT'",
        "checked_by = made_by",
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE reinsurance_treaties SET {change}")


def test_a_payout_brings_its_recoveries(signed: Sign) -> None:
    signed(quota(), excess())
    handlers.recover(paid([100_000_000, 9_999_999, 400_000_000]))
    rows = Recovery.objects.order_by("payout_id", "treaty_id")
    assert [(r.treaty_id, int(r.recovery_amount), r.status) for r in rows] == [
        ("QS", 30_000_000, "PENDING"),
        ("XL", 20_000_000, "PENDING"),
        ("QS", 2_999_999, "PENDING"),
        ("QS", 120_000_000, "PENDING"),
        ("XL", 150_000_000, "PENDING"),
    ]
    assert rows[1].trace == {
        "kind": "EXCESS",
        "loss": 100_000_000,
        "loss_date": "2026-03-01",
        "percent": "0.0000",
        "sum_insured": 0,
        "by_quota_share": 30_000_000,
        "retention": 50_000_000,
        "limit": 150_000_000,
        "left_before": None,
        "amount": 20_000_000,
    }
    (event,) = told("recoveries_due")
    assert sum(event["amount"]) == 322_999_999
    assert set(event["reinsurer"]) == {"코리안리"}
    losses = CededLoss.objects.order_by("payout_id").values_list("ceded", flat=True)
    assert [int(c) for c in losses] == [50_000_000, 2_999_999, 270_000_000]
    assert breaches() == {}


def test_the_same_payout_again_is_one_recovery(signed: Sign) -> None:
    signed(quota())
    event = paid([1_000_000])
    for _ in range(3):
        handlers.recover(event)
    assert (Recovery.objects.count(), len(told("recoveries_due"))) == (1, 1)


def test_a_treaty_covers_losses_by_their_date_and_line(signed: Sign) -> None:
    signed(quota())
    for event in (
        paid([1_000_000], incident=date(2025, 12, 31), on=date(2026, 1, 2)),
        paid([1_000_000], incident=date(2026, 12, 31), on=date(2027, 2, 1)),
        paid([1_000_000], incident=END, on=date(2027, 2, 1)),
        paid([1_000_000], line="MOTOR"),
    ):
        handlers.recover(event)
    assert [r.trace["loss_date"] for r in Recovery.objects.all()] == ["2026-12-31"]
    seen = CededLoss.objects.order_by("payout_id").values_list("ceded", "treaties")
    assert [(int(c), t) for c, t in seen] == [(0, []), (300_000, ["QS"]), (0, []), (0, [])]
    assert breaches() == {}


def test_a_draft_pays_nothing() -> None:
    with acting("alice"):
        services.draft(quota())
    handlers.recover(paid([1_000_000]))
    assert Recovery.objects.count() == 0
    with acting("bob"):
        refused(services.LossesPaid, lambda: services.sign("QS"))


def test_a_limit_for_the_period_is_used_up_across_payouts(signed: Sign) -> None:
    signed(excess(aggregate_limit=Decimal(200_000_000)))
    handlers.recover(paid([170_000_000, 60_000_000]))
    handlers.recover(paid([300_000_000]))
    amounts = Recovery.objects.order_by("pk").values_list("recovery_amount", flat=True)
    assert [int(a) for a in amounts] == [120_000_000, 10_000_000, 70_000_000]
    (use,) = capacities(date(2026, 3, 10))
    assert (use.used, use.limit, use.share, use.losses) == (200_000_000, 200_000_000, 1.0, 3)
    assert breaches() == {}


def test_an_early_end_leaves_earlier_losses_covered(signed: Sign) -> None:
    signed(quota())
    handlers.recover(paid([1_000_000], incident=date(2026, 3, 1)))
    with acting("carol"):
        for on, reason in ((START, "x"), (date(2027, 1, 2), "x"), (date(2026, 7, 1), " ")):
            refused(
                services.BadTerms,
                lambda on=on, reason=reason: services.end("QS", on=on, reason=reason),
            )
        refused(
            services.LossesPaid,
            lambda: services.end("QS", on=date(2026, 3, 1), reason="재협상"),
        )
        services.end("QS", on=date(2026, 7, 1), reason="재협상")
    handlers.recover(paid([1_000_000], incident=date(2026, 6, 30)))
    handlers.recover(paid([1_000_000], incident=date(2026, 7, 1)))
    assert Recovery.objects.count() == 2
    assert breaches() == {}


def test_a_receipt_is_whole_has_a_reference_and_counts_once(signed: Sign) -> None:
    signed(quota())
    handlers.recover(paid([1_000_000, 2_000_000]))
    first, second = Recovery.objects.order_by("pk")
    day = date(2026, 4, 1)

    def receive(amount: int, reference: str, key: int = first.pk) -> int:
        return services.receive(key, amount=amount, reference=reference, on=day)

    reason = refused(services.PartialReceipt, lambda: receive(299_999, "KR-1"))
    assert "300,000" in reason
    assert "299,999" in reason
    refused(services.NoReference, lambda: receive(300_000, " "))
    refused(NotFound, lambda: receive(300_000, "KR-1", second.pk + 1))
    assert [receive(300_000, "KR-1"), receive(300_000, "KR-1")] == [1, 0]
    refused(services.ReceivedAlready, lambda: receive(300_000, "KR-2"))
    first.refresh_from_db()
    assert (first.status, first.received_on, first.receipt_reference) == ("RECOVERED", day, "KR-1")
    (event,) = told("recoveries_received")
    assert (event["amount"], event["treaty_code"]) == ([300_000], ["QS"])
    assert api.outstanding(date(2026, 3, 31)) == {"ACCIDENT": 900_000}
    assert api.outstanding(day) == {"ACCIDENT": 600_000}


def test_one_wrong_receipt_refuses_the_whole_batch(signed: Sign) -> None:
    signed(quota())
    handlers.recover(paid([1_000_000, 2_000_000]))
    keys = list(Recovery.objects.order_by("pk").values_list("pk", flat=True))
    refused(
        services.PartialReceipt,
        lambda: services.receive_many(
            keys, amounts=[300_000, 1], references=["KR-1", "KR-1"], on=date(2026, 4, 1)
        ),
    )
    services.receive_many(
        keys, amounts=[300_000, 600_000], references=["KR-1", "KR-1"], on=date(2026, 4, 1)
    )
    assert set(Recovery.objects.values_list("status", flat=True)) == {"RECOVERED"}


def test_the_database_refuses_what_services_would_not_write(signed: Sign) -> None:
    signed(quota())
    handlers.recover(paid([1_000_000]))
    for sql in (
        "UPDATE reinsurance_claims SET status = 'RECOVERED'",
        "UPDATE reinsurance_claims SET status = 'RECOVERED', received_on = '2026-04-01'",
        "UPDATE reinsurance_claims SET recovery_amount = 0",
        "UPDATE ceded_losses SET ceded = 0",
        "DELETE FROM ceded_losses",
        "INSERT INTO reinsurance_claims (payout_id, treaty_id, reinsurer_name, recovery_amount,"
        " status, line, claim_number, contract_number, billed_on, receipt_reference, trace)"
        " SELECT payout_id, treaty_id, reinsurer_name, 1, 'PENDING', line, claim_number,"
        " contract_number, billed_on, '', '{}' FROM reinsurance_claims",
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_what_reinsurers_owe_by_age(signed: Sign) -> None:
    signed(quota(), quota(treaty_code="QS2", reinsurer_name="뮌헨리", position=2))
    for day in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1)):
        handlers.recover(paid([1_000_000], on=day, incident=START))
    rows = {row.reinsurer: row for row in ageing(date(2026, 4, 2))}
    assert rows["뮌헨리"].amounts == [300_000, 300_000, 0, 300_000]
    assert (rows["코리안리"].total, rows["코리안리"].count) == (900_000, 3)


def note(amount: int, day: date, line: str = "ACCIDENT") -> None:
    services.note_premiums(
        event_id=uuid4(),
        line=as_column("keys", [line, line]),
        amount=np.array([amount, 0]),
        on=day,
    )


def test_the_premium_of_a_month_is_ceded_once(signed: Sign) -> None:
    signed(quota(), excess())
    for amount, day, line in (
        (1_000_000, date(2026, 3, 1), "ACCIDENT"),
        (500_001, date(2026, 3, 31), "ACCIDENT"),
        (-100_000, date(2026, 3, 15), "ACCIDENT"),
        (7_000_000, date(2026, 4, 1), "ACCIDENT"),
        (9_000_000, date(2026, 3, 2), "TERM"),
    ):
        note(amount, day, line)
    day = date(2026, 3, 31)
    assert CESSION.due(day)
    assert not CESSION.due(date(2026, 3, 30))
    keys = list(CESSION.select(day))
    assert keys == ["QS", "XL"]
    CESSION.run(day, keys)
    CESSION.run(day, keys)
    made = PremiumCession.objects.order_by("treaty_id").values_list(
        "treaty_id", "subject_premium", "ceded_premium", "commission"
    )
    assert [(t, *map(int, rest)) for t, *rest in made] == [
        ("QS", 1_400_001, 420_000, 119_700),
        ("XL", 1_400_001, 30_800, 0),
    ]
    (event,) = told("premiums_ceded")
    assert (event["ceded"], event["commission"]) == ([420_000, 30_800], [119_700, 0])
    assert api.ceded_premium("2026-03") == {"ACCIDENT": (450_800, 119_700)}
    # no contract stands behind the premium of this test, and that is found
    assert list(breaches()) == ["the premium noted is the premium collected"]


def test_premium_outside_the_period_is_not_ceded(signed: Sign) -> None:
    signed(quota(start=date(2026, 3, 16), end=date(2026, 3, 21)))
    for day in (15, 16, 20, 21):
        note(1_000, date(2026, 3, day))
    services.cede_premiums_many(in_force(date(2026, 3, 31)), on=date(2026, 3, 31))
    assert PremiumCession.objects.get().subject_premium == 2_000
    assert in_force(date(2026, 4, 30)) == []


def test_an_event_is_noted_once() -> None:
    event_id = uuid4()
    for _ in range(2):
        services.note_premiums(
            event_id=event_id,
            line=as_column("keys", ["TERM", "MOTOR", "TERM"]),
            amount=np.array([1, 2, 3]),
            on=START,
        )
    noted = SubjectPremium.objects.order_by("line").values_list("line", "amount", "contracts")
    assert [(line, int(a), n) for line, a, n in noted] == [("MOTOR", 2, 1), ("TERM", 4, 2)]


def test_a_missing_recovery_is_found(signed: Sign) -> None:
    signed(quota())
    event = paid([1_000_000])
    assert breaches() == {"reinsurance has seen each payout": str(event.payout_id[0])}
    handlers.recover(event)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM reinsurance_claims")
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert list(breaches()) == ["each loss has the recoveries that were ceded"]
