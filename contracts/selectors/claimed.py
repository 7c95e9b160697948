"""What contracts know of claims."""

from __future__ import annotations

from django.db.models import QuerySet

from contracts.models import KnownClaim, LateWithdrawal


def claims_known(contract_id: str) -> list[KnownClaim]:
    """Return the claims on a contract that its events told of, the paid ones first."""
    rows = KnownClaim.objects.filter(contract_id=contract_id)
    return sorted(rows.order_by("reception_id"), key=lambda one: one.status != "PAID")


def open_claims(contract_id: str) -> list[KnownClaim]:
    """Return the open claims on a contract."""
    return [one for one in claims_known(contract_id) if one.status == KnownClaim.Status.OPEN]


def late_withdrawal(contract_id: str) -> LateWithdrawal | None:
    """Return the late declaration that waits for a second person."""
    waiting = LateWithdrawal.Status.WAITING
    return LateWithdrawal.objects.filter(contract_id=contract_id, status=waiting).first()


def late_withdrawals() -> QuerySet[LateWithdrawal]:
    """Return the late declarations that wait for a second person, the oldest first."""
    waiting = LateWithdrawal.objects.filter(status=LateWithdrawal.Status.WAITING)
    return waiting.select_related("contract__customer").order_by("received_on", "pk")
