"""What later stages and panels learn about claims, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localtime

from claims.models import Adjustment, Claim, Payout


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """A claim in its present state; amounts in won, instants in Korean time."""

    reception_id: str
    contract_id: str
    customer_id: int
    agent_id: str
    accident_no: str
    claim_type: str
    claim_type_label: str
    channel_label: str
    status: str
    status_label: str
    gate: str
    gate_label: str
    incident_at: datetime
    reported_at: datetime
    location: str
    description: str
    claimant_name: str
    provider_code: str
    provider_name: str
    line: str
    cohort_year: int
    claimed: int
    case_reserve: int
    adjuster: str
    due_on: date
    due_clock: str
    closed_on: date | None
    payable: int | None

    @property
    def open(self) -> bool:
        """Whether it may still be paid."""
        return self.status in ("RECEIVED", "INVESTIGATING", "APPROVED")

    @property
    def tones(self) -> tuple[str, str]:
        """The tones of status and gate."""
        return Claim.TONES[self.status], Claim.TONES[self.gate]


@dataclass(frozen=True, slots=True)
class PayoutFact:
    """A payment of a claim, won."""

    payout_id: int
    reception_id: str
    contract_id: str
    line: str
    cohort_year: int
    incident_date: date
    payment_date: date
    amount: int
    late_interest: int
    fee: int
    recipient: str


def claim_facts(reception_ids: Iterable[str]) -> dict[str, ClaimFact]:
    """Return the facts of claims by reception number; unknown numbers are absent."""
    rows = Claim.objects.filter(pk__in=list(reception_ids)).select_related("provider")
    payables = dict(
        Adjustment.objects.filter(claim__in=[row.pk for row in rows])
        .exclude(status=Adjustment.Status.RETURNED)
        .values_list("claim_id", "payable")
    )
    return {row.pk: _fact(row, payables.get(row.pk)) for row in rows}


def _fact(row: Claim, payable: object) -> ClaimFact:
    return ClaimFact(
        reception_id=row.pk,
        contract_id=row.contract_id,
        customer_id=row.customer_id,
        agent_id=row.agent_id,
        accident_no=row.accident_no,
        claim_type=row.claim_type,
        claim_type_label=str(row.get_claim_type_display()),
        channel_label=str(row.get_channel_display()),
        status=row.status,
        status_label=str(row.get_status_display()),
        gate=row.fds_gate,
        gate_label=str(row.get_fds_gate_display()),
        incident_at=localtime(row.incident_date),
        reported_at=localtime(row.report_date),
        location=row.incident_location,
        description=row.incident_description,
        claimant_name=row.claimant_name,
        provider_code=row.provider_id or "",
        provider_name=row.provider.provider_name if row.provider else "",
        line=row.line,
        cohort_year=row.cohort_year,
        claimed=int(row.claimed_amount),
        case_reserve=int(row.case_reserve),
        adjuster=row.adjuster,
        due_on=row.due_on,
        due_clock=row.due_trace.get("clock", ""),
        closed_on=row.closed_on,
        payable=None if payable is None else int(payable),  # type: ignore[call-overload]
    )


def payout_facts(
    *, payout_ids: Iterable[int] | None = None, reception_ids: Iterable[str] | None = None
) -> list[PayoutFact]:
    """Return payouts by their ids, or by their claims, in the order of payment."""
    rows = Payout.objects.select_related("claim").order_by("payout_id")
    if payout_ids is not None:
        rows = rows.filter(pk__in=list(payout_ids))
    if reception_ids is not None:
        rows = rows.filter(claim_id__in=list(reception_ids))
    return [
        PayoutFact(
            payout_id=row.pk,
            reception_id=row.claim_id,
            contract_id=row.claim.contract_id,
            line=row.claim.line,
            cohort_year=row.claim.cohort_year,
            incident_date=localtime(row.claim.incident_date).date(),
            payment_date=row.payment_date,
            amount=int(row.payout_amount),
            late_interest=int(row.late_interest),
            fee=int(row.loss_adjustment_fee),
            recipient=row.recipient_name,
        )
        for row in rows
    ]
