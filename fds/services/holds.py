"""Holds: a person stops a payment on a statutory ground, tells the claimant, and reviews it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from claims import api as claims
from core.clock import add_business_days
from core.errors import DomainError, NotFound
from core.events import publish
from fds.events import HoldsPlaced, HoldsReleased
from fds.models import Case, Hold
from fds.services.common import person, reason_given

REVIEW_DAYS = 10
LONGEST_REVIEW_DAYS = 30
"""A hold is looked at again within so many working days, however long its ground lasts."""
CLAIMANT_ANSWERS = (Hold.Ground.REFUSAL,)


class BadHold(DomainError):
    """The hold lacks what the law asks, or the claim cannot be held."""


@transaction.atomic
def place_hold(
    *,
    reception_id: str,
    ground: str,
    explanation: str,
    notified_on: date,
    business_date: date,
    due_on: date | None = None,
) -> None:
    """Stop the payment of a claim on a statutory ground.

    Args:
        reception_id: a claim that is not paid or closed.
        ground: one of ``Hold.Ground``.
        explanation: facts that make the ground.
        notified_on: day on which the claimant was told the reason, from the day of the report to
            the business date.
        business_date: day of the hold.
        due_on: day by which it is reviewed, within thirty working days; ten if not given.

    Raises:
        BadHold, NotFound, ReasonMissing.
        NotAllowed: a programme cannot hold.
        GateClosed: the claim was paid meanwhile.

    Source: 보험사기방지 특별법 §5②, 시행령; 표준약관 지급기한 예외 사유.
    """
    name, explanation = person(), reason_given(explanation)
    if ground not in Hold.Ground.values:
        raise BadHold(_("Choose one of the statutory grounds; a score is none."))
    if notified_on > business_date:
        raise BadHold(_("Tell the claimant the reason first: the notice lies in the future."))
    review = due_on or add_business_days(business_date, REVIEW_DAYS)
    if review <= business_date:
        raise BadHold(_("The day of review lies after today."))
    latest = add_business_days(business_date, LONGEST_REVIEW_DAYS)
    if review > latest:
        raise BadHold(_("A hold is reviewed by %(day)s at the latest.") % {"day": latest})
    fact = _open_claim(reception_id)
    reported = fact.reported_at.date()
    if notified_on < reported:
        raise BadHold(
            _("The notice cannot be older than the report of %(day)s.") % {"day": reported}
        )
    if Hold.objects.filter(claim_id=reception_id, released_on=None).exists():
        raise BadHold(_("Claim %(number)s is held already.") % {"number": reception_id})
    label = str(Hold.Ground(ground).label)
    claims.set_gate([reception_id], "HELD", f"{label}: {explanation}")
    Hold.objects.create(
        claim_id=reception_id,
        ground=ground,
        explanation=explanation,
        placed_by=name,
        placed_on=business_date,
        notified_on=notified_on,
        due_on=review,
    )
    if ground in CLAIMANT_ANSWERS:
        claims.stop_interest([fact.reception_id], from_day=business_date, reason=label)
    publish(
        HoldsPlaced.of(
            business_date=business_date, rows=[{"reception_id": reception_id, "ground": ground}]
        )
    )


@transaction.atomic
def release_hold(*, reception_id: str, reason: str, business_date: date) -> None:
    """Release a hold; the claim may be paid, or waits for the decision of its case.

    Raises:
        BadHold: it is not held.
        ReasonMissing, NotAllowed.
    """
    name, reason = person(), reason_given(reason)
    hold = Hold.objects.select_for_update().filter(claim_id=reception_id, released_on=None).first()
    if hold is None:
        raise BadHold(_("Claim %(number)s is not held.") % {"number": reception_id})
    Hold.objects.filter(pk=hold.pk).update(
        released_by=name, released_on=business_date, release_reason=reason
    )
    asked = Q(origin=Case.Origin.RULES) | Q(status=Case.Status.CONFIRMED)
    undecided = (
        Case.objects.filter(asked, claim_id=reception_id)
        .exclude(status=Case.Status.CLEARED)
        .exists()
    )
    claims.set_gate([reception_id], "REVIEW" if undecided else "CLEAR", reason)
    claims.resume_interest([reception_id], on=business_date)
    publish(HoldsReleased.of(business_date=business_date, rows=[{"reception_id": reception_id}]))


def _open_claim(reception_id: str) -> claims.ClaimFact:
    fact = claims.facts([reception_id]).get(reception_id)
    if fact is None:
        raise NotFound(_("There is no claim %(number)s.") % {"number": reception_id})
    if not fact.open:
        raise BadHold(
            _("Claim %(number)s is “%(status)s”: there is no payment to stop.")
            % {"number": reception_id, "status": fact.status_label}
        )
    return fact
