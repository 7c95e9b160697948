"""From the report of two accidents to the money of the reinsurer."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from claims import services as claims
from claims.models import Claim
from core import clock
from fds import services as fds
from fds.models import Analysis
from reinsurance import services as reinsurance
from reinsurance.models import Recovery
from tests.scenarios.river import CASE, CASH, PAID, RECOVERABLE, SHARE, River, by


def report_accidents(river: River) -> None:
    """Report two accidents; both are scored at once, the one at a watched clinic waits."""
    for name, clinic, at, reported, claimed in (
        ("honest", "H001", "2026-03-20T08:00", "2026-03-23T10:00", 4_000_000),
        ("watched", "H666", "2026-03-25T08:00", "2026-03-26T10:00", 2_000_000),
    ):
        claim = {
            "contract_id": river.contract,
            "claim_type": "INJURY",
            "channel": "CALL",
            "incident_at": at,
            "reported_at": reported,
            "claimed": claimed,
            "provider_code": clinic,
            "location": "서울 마포구",
            "description": "신호 대기 중 추돌",
            "claimant_name": "홍길동",
        }
        day = date.fromisoformat(reported[:10])
        clock.advance(day)
        setattr(river, name, by("call", claims.receive, claim=claim, business_date=day))
        share = claimed * 30 // 100  # the quota share's part of the case reserve
        assert river.books.moved() == {
            "5110": claimed,
            CASE: -claimed,
            SHARE: share,
            "4210": -share,
        }
    early = Analysis.objects.get(claim_id=river.honest)
    assert (early.risk_score, early.is_suspicious) == (40, False)  # day 17 of the cover
    both = Analysis.objects.get(claim_id=river.watched)
    assert (both.risk_score, both.is_suspicious) == (70, True)
    gates = dict(Claim.objects.values_list("pk", "fds_gate"))
    assert gates == {river.honest: "CLEAR", river.watched: "REVIEW"}


def adjust_and_approve(river: River) -> None:
    """Adjust both: 80 % of the loss less 200,000; a second person approves, reserves follow."""
    for number, loss, payable in (
        (river.honest, 4_000_000, 3_000_000),
        (river.watched, 2_000_000, 1_400_000),
    ):
        by("adjuster", claims.start_adjustment, reception_id=number)
        by(
            "adjuster",
            claims.propose,
            reception_id=number,
            coverage_code="INJURY_COST",
            loss=loss,
            fault_bp=2_000,
            deductible=200_000,
            fee=50_000,
            opinion="진단서와 영수증 확인",
            business_date=PAID,
        )
        assert river.books.moved() == {}
        by("manager", claims.approve, reception_id=number, business_date=PAID)
        share = (loss - payable) * 30 // 100
        assert river.books.moved() == {
            CASE: loss - payable,
            "5120": payable - loss,
            SHARE: -share,
            "4210": share,
        }


def pay(river: River) -> None:
    """Pay the clear claim, a day late; the other only after an investigator has decided."""
    _pay(river.honest)
    late = 369  # 3,000,000 × 4.49 % × 1/365
    assert river.books.moved() == {
        CASE: 3_000_000,
        "5150": 50_000,
        "5170": late,
        CASH: -3_050_000 - late,
        RECOVERABLE: 900_000,  # 30 % of the loss by quota share; the rest is below the layer
        SHARE: -900_000,
    }
    _pay(river.honest)  # the same operation again pays nothing more
    with pytest.raises(claims.NotPayable):
        _pay(river.watched)
    assert river.books.moved() == {}
    by("siu", fds.take, reception_id=river.watched)
    by(
        "siu",
        fds.decide,
        reception_id=river.watched,
        decision="CLEARED",
        reason="의무기록과 블랙박스 일치",
        business_date=PAID,
    )
    _pay(river.watched)
    assert river.books.moved() == {
        CASE: 1_400_000,
        "5150": 50_000,
        CASH: -1_450_000,
        RECOVERABLE: 420_000,
        SHARE: -420_000,
    }


def _pay(number: str) -> None:
    by(
        "manager",
        claims.pay,
        reception_id=number,
        recipient="홍길동",
        operation_id=UUID(int=int(number[-7:])),
        business_date=PAID,
    )


def recover(river: River) -> None:
    """Receive what the reinsurer owes."""
    for recovery in Recovery.objects.order_by("ri_claim_id"):
        by(
            "reinsurance",
            reinsurance.receive,
            ri_claim_id=recovery.pk,
            amount=recovery.recovery_amount,
            reference=f"KRE-{recovery.pk}",
            on=PAID,
        )
    assert river.books.moved() == {CASH: 1_320_000, RECOVERABLE: -1_320_000}
