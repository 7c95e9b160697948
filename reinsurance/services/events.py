"""Catastrophes and stop loss: losses added up, recoveries billed, cover bought back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from claims import api as claims
from core.acting import current
from core.bulk import take_ids
from core.columns import as_column
from core.errors import DomainError, NotFound
from core.events import publish
from reinsurance import rules
from reinsurance.events import RecoveriesDue
from reinsurance.models import (
    Accumulation,
    CatastropheEvent,
    CededLoss,
    EventClaim,
    Recovery,
    Treaty,
)
from reinsurance.selectors import layers_of

from .entries import Recovered, by_line, reinstate


class EventCodeTaken(DomainError):
    """Another event has this code."""


class OutsideTheHours(DomainError):
    """A claim's accident lies outside the hours of the event, or in another portfolio."""


class InAnotherEvent(DomainError):
    """A claim belongs to an event already."""


@transaction.atomic
def record_event(
    *, event_code: str, event_name: str, line: str, starts_at: datetime, hours: int
) -> str:
    """Record a catastrophe that losses may be counted to.

    Raises:
        EventCodeTaken.
    """
    if CatastropheEvent.objects.filter(pk=event_code).exists():
        raise EventCodeTaken(_("There is an event %(code)s.") % {"code": event_code})
    CatastropheEvent.objects.create(
        event_code=event_code,
        event_name=event_name,
        line=line,
        starts_at=starts_at,
        hours=hours,
        made_by=current().actor,
    )
    return event_code


@transaction.atomic
def add_claims(event_code: str, claim_numbers: Sequence[str]) -> int:
    """Count claims to an event; those that are in it stay as they are.

    Returns:
        How many were added.

    Raises:
        NotFound: no such event or claim.
        OutsideTheHours, InAnotherEvent: with the claim.
    """
    event = CatastropheEvent.objects.select_for_update().filter(pk=event_code).first()
    if event is None:
        raise NotFound(_("There is no event %(code)s.") % {"code": event_code})
    facts = claims.facts(claim_numbers)
    known = dict(
        EventClaim.objects.filter(pk__in=list(claim_numbers)).values_list("pk", "event_id")
    )
    end = event.starts_at + timedelta(hours=event.hours)
    fresh = []
    for number in dict.fromkeys(claim_numbers):
        fact = facts.get(number)
        if fact is None:
            raise NotFound(_("There is no claim %(number)s.") % {"number": number})
        if known.get(number, event_code) != event_code:
            raise InAnotherEvent(
                _("%(claim)s belongs to the event %(event)s.")
                % {"claim": number, "event": known[number]}
            )
        if fact.line != event.line or not event.starts_at <= fact.incident_at < end:
            raise OutsideTheHours(
                _("%(claim)s happened at %(at)s: outside the %(hours)s hours of %(event)s.")
                % {
                    "claim": number,
                    "at": f"{fact.incident_at:%Y-%m-%d %H:%M}",
                    "hours": event.hours,
                    "event": event_code,
                }
            )
        if number not in known:
            fresh.append(EventClaim(pk=number, event=event, added_by=current().actor))
    EventClaim.objects.bulk_create(fresh)
    return len(fresh)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Losses that count towards a treaty now, in order."""

    loss: CededLoss
    event: str
    net: int


@transaction.atomic
def accumulate_many(treaty_codes: Iterable[str], *, on: date) -> int:
    """Add up the losses of catastrophe and stop loss treaties, bill what they pay of the new ones.

    A loss counts once for each treaty, with what the treaties before it left. It may be repeated:
    losses that were counted are left alone.

    Args:
        treaty_codes: of those kinds; others are left alone.
        on: the business date; a stop loss counts at month ends, after the catastrophes.

    Returns:
        How many recoveries were billed.
    """
    found = Treaty.objects.select_for_update().filter(
        pk__in=list(treaty_codes), status__in=["SIGNED", "ENDED"], kind__in=rules.ACCUMULATING
    )
    treaties = sorted(found, key=lambda t: (rules.ORDER.index(t.kind), t.position, t.treaty_code))
    return sum(_accumulate(treaty, on) for treaty in treaties)


def _accumulate(treaty: Treaty, on: date) -> int:
    counted = _to_count(treaty, on)
    if not counted:
        return 0
    names = sorted({c.event for c in counted})
    numbers = {name: number for number, name in enumerate(names)}
    stop = treaty.kind == rules.STOP_LOSS
    sums = Accumulation.objects.filter(treaty=treaty, event_code__in=names)
    before = {
        (treaty.treaty_code, rules.NO_EVENT if stop else numbers[name]): int(total)
        for name, total in sums.values_list("event_code").annotate(s=Sum("net"))
    }
    event = np.asarray([numbers[c.event] for c in counted], dtype=np.int64)
    net = as_column("won", [c.net for c in counted])
    (layer,) = layers_of([treaty])
    paid = rules.recover(net, [layer], event=event, before=before)[:, 0]
    running = {names[n]: before.get((treaty.treaty_code, n), 0) for n in range(len(names))}
    if stop:
        running = {names[0]: before.get((treaty.treaty_code, rules.NO_EVENT), 0)}
    rows = []
    for one, amount in zip(counted, paid.tolist(), strict=True):
        rows.append(
            Accumulation(
                treaty=treaty,
                payout_id=one.loss.pk,
                event_code=one.event,
                claim_number=one.loss.claim_number,
                net=one.net,
                before=running[one.event],
                recovered=amount,
                counted_on=on,
            )
        )
        running[one.event] += one.net
    Accumulation.objects.bulk_create(rows)
    return _bill(treaty, layer, counted, rows, on)


def _to_count(treaty: Treaty, on: date) -> list[_Counted]:
    """Return the losses that a treaty covers and has not counted, in the order of their payment."""
    losses = CededLoss.objects.filter(
        line=treaty.line,
        loss_date__gte=treaty.period.lower,
        loss_date__lt=treaty.period.upper,
        paid_on__lte=on,
    ).exclude(pk__in=treaty.accumulations.values("payout_id"))
    events: dict[str, str] = {}
    if treaty.kind == rules.CATASTROPHE:
        members = EventClaim.objects.filter(event__line=treaty.line)
        events = dict(members.values_list("pk", "event_id"))
        losses = losses.filter(claim_number__in=list(events))
    rows = list(losses.order_by("paid_on", "pk"))
    place = rules.ORDER.index(treaty.kind)
    earlier = Q(treaty__inures=True, treaty__kind__in=rules.ORDER[:place])
    less = dict(
        Recovery.objects.filter(earlier, payout_id__in=[row.pk for row in rows])
        .values_list("payout_id")
        .annotate(s=Sum("recovery_amount"))
    )
    return [
        _Counted(row, events.get(row.claim_number, ""), int(row.gross) - int(less.get(row.pk, 0)))
        for row in rows
    ]


def _bill(
    treaty: Treaty, layer: rules.Layer, counted: list[_Counted], rows: list[Accumulation], on: date
) -> int:
    paying = [(c, row) for c, row in zip(counted, rows, strict=True) if row.recovered]
    if not paying:
        return 0
    used = int(treaty.aggregate_limit) - layer.left if layer.left is not None else 0
    due = np.asarray([int(row.recovered) for _, row in paying])
    place, _, reinsurer, amount, line = by_line(
        [treaty], np.arange(len(paying)), np.zeros(len(paying), np.int64), due
    )
    ids = take_ids(Recovery, len(place)).tolist()
    made = [
        Recovery(
            ri_claim_id=key,
            payout_id=c.loss.pk,
            treaty=treaty,
            reinsurer_name=name,
            recovery_amount=won,
            line=treaty.line,
            claim_number=c.loss.claim_number,
            contract_number=c.loss.contract_number,
            billed_on=on,
            trace=_trace(treaty, layer, c, row)
            | ({"signed": signed} if signed < rules.SIGNED else {}),
        )
        for key, (c, row), name, won, signed in zip(
            ids,
            [paying[n] for n in place.tolist()],
            reinsurer.tolist(),
            amount.tolist(),
            line.tolist(),
            strict=True,
        )
    ]
    Recovery.objects.bulk_create(made)
    publish(
        RecoveriesDue.of(
            business_date=on,
            rows=[
                {
                    "ri_claim_id": row.pk,
                    "reception_id": row.claim_number,
                    "contract_id": row.contract_number,
                    "treaty_code": treaty.pk,
                    "reinsurer": row.reinsurer_name,
                    "line": row.line,
                    "amount": row.recovery_amount,
                }
                for row in made
            ],
        )
    )
    recovered = [
        Recovered(row.payout_id, row.claim_number, c.loss.loss_date, int(row.recovered))
        for c, row in paying
    ]
    reinstate(treaty, recovered, before=used, on=on)
    return len(made)


def _trace(treaty: Treaty, layer: rules.Layer, one: _Counted, row: Accumulation) -> dict[str, Any]:
    return {
        "kind": treaty.kind,
        "loss": int(one.loss.gross),
        "loss_date": str(one.loss.loss_date),
        "percent": "0",
        "by_quota_share": int(one.loss.gross) - one.net,
        "event": one.event,
        "accumulated": int(row.before),
        "retention": layer.retention,
        "limit": layer.limit,
        "left_before": layer.left,
        "amount": int(row.recovered),
    }
