"""What investigators, reinsurers and accountants do."""

from __future__ import annotations

from datetime import date, timedelta

from claims import services as claims
from claims.models import Claim
from config.simulation.claiming import number_of
from config.simulation.plan import Plan
from config.simulation.selling import ring_days
from config.simulation.world import World
from core.acting import acting
from core.clock import is_business_day
from fds import services as fds
from fds.models import Case, Hold, WatchEntry
from reinsurance import services as reinsurance
from reinsurance.models import Recovery, Treaty
from sales.models import CommissionSettlement
from sales.services import settlements as sales

INQUIRY = timedelta(days=21)  # inquiries take three weeks; until then a case stays undecided
HELD_PERCENT = 60
_GROUNDS = (
    ("CRIMINAL", "수사의뢰 접수, 동일 병원 반복 입원"),
    ("REFUSAL", "의무기록 열람 동의 거부, 재요청 발송"),
    ("OPINION", "제3의료기관 자문 합의, 회신 대기"),
)
_PAYABLE = ("RECEIVED", "INVESTIGATING", "APPROVED")
_SORTS = ("STAGED", "OVERTREATED", "FALSE_ACCIDENT")
_ALARMS = ("EXPLAINED", "BUSY", "COARSE")


def review_cases(plan: Plan, world: World, day: date) -> None:
    """Investigators put ring providers on the watch-list, hold, and decide cases."""
    _watch(plan, world, day)
    if not is_business_day(day):
        return
    rng = plan.rng(day, "siu")
    planted = {ring.provider_code for ring in world.rings}
    waiting = Case.objects.filter(
        status__in=["OPEN", "WORKING"], opened_on__lt=day - timedelta(days=5)
    ).order_by("claim_id")
    for case in waiting:
        claim = Claim.objects.get(pk=case.claim_id)
        lot = number_of(f"siu:{case.claim_id}") % 100  # what inquiries will show
        if case.opened_on >= day - INQUIRY:
            open_ = claim.status in _PAYABLE
            held = Hold.objects.filter(claim_id=case.claim_id, released_on=None).exists()
            by_rules = case.origin == Case.Origin.RULES
            if by_rules and lot < HELD_PERCENT and open_ and not held:
                _hold(case.claim_id, *_GROUNDS[lot % len(_GROUNDS)], day)
        elif rng.random() < 0.4:
            _decide(claim, day, guilty=claim.provider_id in planted and lot % 6 > 0, lot=lot)


def _hold(reception_id: str, ground: str, explanation: str, day: date) -> None:
    with acting("siu", day.isoformat()):
        fds.place_hold(
            reception_id=reception_id,
            ground=ground,
            explanation=explanation,
            notified_on=day,
            business_date=day,
        )


def _decide(claim: Claim, day: date, *, guilty: bool, lot: int) -> None:
    """Conclude a case; what is not owed is denied while it can be, what was paid stays paid."""
    number, deny = claim.reception_id, guilty and claim.status in _PAYABLE
    with acting("siu", day.isoformat()):
        if Hold.objects.filter(claim_id=number, released_on=None).exists():
            fds.release_hold(reception_id=number, reason="조사 종결", business_date=day)
        fds.take(reception_id=number)
        finding = _proved(claim, lot, deny=deny) if guilty else _cleared(lot)
        fds.conclude(reception_id=number, finding=finding, business_date=day)
    if not deny:
        return
    with acting("claimsmgr", day.isoformat()):
        if claim.status == "APPROVED":
            claims.reopen(reception_id=number, reason="사기 확인")
        claims.reject(reception_id=number, reason="보험사기 확인, 면책", business_date=day)
    with acting("adjuster", day.isoformat()):
        fds.finish_task(
            reception_id=number, kind="DENY", note="면책 통지서 발송", business_date=day
        )


def _proved(claim: Claim, lot: int, *, deny: bool) -> fds.Finding:
    return fds.Finding(
        state="CONFIRMED",
        reason="동일 병원·설계사 반복, 사고 재현 불가",
        kind=_SORTS[lot % len(_SORTS)],
        ground="FRAUD",
        amount=int(claim.claimed_amount),
        evidence="의무기록과 출입 기록 불일치, 공모자 진술서",
        handover="DENY" if deny else "",
        handover_text="보험사기로 확인되어 면책 처리" if deny else "",
    )


def _cleared(lot: int) -> fds.Finding:
    return fds.Finding(
        state="INNOCENT",
        reason="사고 경위와 의무기록 확인, 특이사항 없음",
        false_alarm=_ALARMS[lot % len(_ALARMS)],
    )


def _watch(plan: Plan, world: World, day: date) -> None:
    place = (day - plan.start).days
    for ring in world.rings:
        first, span = ring_days(plan, ring.number)
        again = 9 if ring.number % 2 else 16
        if place != first + span + again + 3:
            continue
        if WatchEntry.objects.filter(provider_id=ring.provider_code).exists():
            continue
        with acting("siu", day.isoformat()):
            entry = fds.propose_watch(
                provider_code=ring.provider_code,
                start=day,
                end=None,
                reason="단기 계약 다수, 동일 상병 동시 입원",
            )
        with acting("siu2", day.isoformat()):
            fds.approve_watch(entry_id=entry)


def receive_recoveries(plan: Plan, world: World, day: date) -> None:
    """Reinsurers pay what was billed a month and a half ago."""
    if not is_business_day(day):
        return
    owed = Recovery.objects.filter(status="PENDING", billed_on__lte=day - timedelta(days=45))
    for recovery in owed.order_by("ri_claim_id"):
        with acting("reinsurance", day.isoformat()):
            reinsurance.receive(
                recovery.ri_claim_id,
                amount=int(recovery.recovery_amount),
                reference=f"KRE-{number_of(str(recovery.ri_claim_id)) % 10**8:08d}",
                on=day,
            )


def settle_with_reinsurers(plan: Plan, world: World, day: date) -> None:
    """On the 20th (or the working day after) pay what was owed at the last month's end, net."""
    days = [date(day.year, day.month, d) for d in range(20, day.day)]
    if day.day < 20 or not is_business_day(day) or any(map(is_business_day, days)):
        return
    until = day.replace(day=1) - timedelta(days=1)
    signed = Treaty.objects.exclude(status="DRAFT")
    for name in sorted({name for treaty in signed for name, _part in treaty.signed_lines}):
        try:
            with acting("reinsurance", day.isoformat()):
                number = reinsurance.propose_settlement(name, until=until, net=False, on=day)
        except reinsurance.NothingOwed:
            continue
        with acting("executive", day.isoformat()):
            reinsurance.pay_settlement(number, on=day)


def release_statements(plan: Plan, world: World, day: date) -> None:
    """Release yesterday's commission statements."""
    drafts = CommissionSettlement.objects.filter(status="DRAFT").order_by("settlement_id")
    numbers = list(drafts.values_list("settlement_id", flat=True))
    if numbers and is_business_day(day):
        with acting("accountant", day.isoformat()):
            sales.release(numbers, business_date=day)
