"""What the verbs share: locks, case-reserve moves, time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from claims.events import CaseReservesMoved
from claims.models import CaseReserve, Claim
from core.acting import current
from core.bulk import copy_rows
from core.columns import Won
from core.errors import DomainError, NotFound
from core.events import publish

Status = Claim.Status


class WrongStatus(DomainError):
    """The claim is not in a status in which this is possible."""


class ReasonMissing(DomainError):
    """A decision needs its reason."""


def lock(reception_ids: Iterable[str], *statuses: str) -> list[Claim]:
    """Lock claims until the end of the transaction, in one order, and check their status.

    Args:
        reception_ids: distinct reception numbers.
        statuses: those allowed; none: any.

    Returns:
        The claims in the order asked for.

    Raises:
        NotFound: a number does not exist.
        WrongStatus: a claim is in another status.
    """
    wanted = list(reception_ids)
    rows = Claim.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    found = {row.pk: row for row in rows}
    for number in wanted:
        if number not in found:
            raise NotFound(_("There is no claim %(number)s.") % {"number": number})
        if statuses and found[number].status not in statuses:
            raise WrongStatus(
                _("Claim %(number)s is “%(status)s”; this is not possible any more, or not yet.")
                % {"number": number, "status": found[number].get_status_display()}
            )
    return [found[number] for number in wanted]


def reason_given(reason: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        ReasonMissing: there is none.
    """
    if not reason.strip():
        raise ReasonMissing(_("Give the reason: it is kept with the claim."))
    return reason.strip()


def incident_day(claim: Claim) -> date:
    """Return the Korean day of the accident."""
    return localtime(claim.incident_date).date()


def report_day(claim: Claim) -> date:
    """Return the Korean day of the report."""
    return localtime(claim.report_date).date()


def write_moves(
    claims: Sequence[Claim], movements: Won, *, business_date: date, reason: str
) -> None:
    """Write case-reserve moves; the balances on the claims are the caller's to set.

    Args:
        claims: (n,) claims with the balance before the move.
        movements: (n,) signed won; rows of zero are left out.
        business_date: day of the move.
        reason: a key of ``selectors.RESERVE_REASONS`` or free text.
    """
    rows = np.flatnonzero(movements)
    moved = [claims[i] for i in rows.tolist()]
    if not moved:
        return
    before = np.asarray([int(claim.case_reserve) for claim in moved], dtype=np.int64)
    copy_rows(
        CaseReserve,
        {
            "claim": [claim.pk for claim in moved],
            "moved_on": business_date,
            "movement": movements[rows],
            "balance": before + movements[rows],
            "reason": reason[:200],
            "moved_by": current().actor,
        },
    )


def tell_moves(claims: Sequence[Claim], movements: Won, *, business_date: date) -> None:
    """Announce the moves that are not zero."""
    rows = [
        {
            "reception_id": claim.pk,
            "contract_id": claim.contract_id,
            "line": claim.line,
            "cohort_year": claim.cohort_year,
            "movement": movement,
        }
        for claim, movement in zip(claims, movements.tolist(), strict=True)
        if movement
    ]
    if rows:
        publish(CaseReservesMoved.of(business_date=business_date, rows=rows))
