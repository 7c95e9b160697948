"""What is known about the person of a claim, in the order of time: for the eyes of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from claims import api as claims
from contracts import api as contracts
from core.records import Moment, moves_of
from fds.models import Case, CaseEvent, ClaimFacts, Evaluation, Hold, PartyLink, Prediction
from fds.selectors.parties import hashed


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in hospital, both days included."""

    reception_id: str
    provider: str
    admitted: date
    discharged: date
    kcd: str
    overlaps: bool

    @property
    def days(self) -> int:
        """How many days, both included."""
        return (self.discharged - self.admitted).days + 1


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known about a customer.

    Args:
        claims: oldest report first.
        contracts: oldest first.
        stays: by day of admission.
        moments: newest first when sorted by ``order``.
        paid: won, without interest.
    """

    claims: list[claims.ClaimFact]
    contracts: list[contracts.ContractFact]
    stays: list[Stay]
    payouts: list[claims.PayoutFact]
    moments: list[Moment]

    @property
    def paid(self) -> int:
        """All that was paid, without interest."""
        return sum(one.amount for one in self.payouts)


def story(customer_id: int) -> Story:
    """Return the story of a customer: contracts, claims, payments, changes, scores, decisions."""
    facts = claims.facts_of_customer(customer_id)
    numbers = [fact.reception_id for fact in facts]
    owned = contracts.numbers_of_customer(customer_id)
    sold = list(contracts.facts(owned).values())
    sold.sort(key=lambda one: (one.contract_date, one.contract_id))
    paid = claims.payouts_of(numbers)
    stays = stays_of(facts)
    moments = [
        *_of_contracts(sold),
        *_of_claims(facts, paid, stays),
        *_of_scores(numbers),
        *_of_cases(numbers),
    ]
    return Story(facts, sold, stays, paid, sorted(moments, key=lambda m: m.order, reverse=True))


def stays_of(facts: Sequence[claims.ClaimFact]) -> list[Stay]:
    """Return the stays in hospital that claims declare, with those that overlap at another place.

    Source: 보험금 지급심사 실무 — 중복입원 (다른 의료기관과 기간이 겹치는 입원).
    """
    by_number = {fact.reception_id: fact for fact in facts}
    known: dict[str, dict[str, Any]] = {}
    for row in ClaimFacts.objects.filter(claim__in=list(by_number)).order_by("known_at", "pk"):
        known.setdefault(row.claim_id, {}).update(row.facts)
    spans = [
        (number, _day(told["admitted_on"]), _day(told["discharged_on"]), str(told.get("kcd", "")))
        for number, told in known.items()
        if told.get("admitted_on") and told.get("discharged_on")
    ]
    found = []
    for number, start, end, kcd in spans:
        fact = by_number[number]
        overlaps = any(
            other != number
            and by_number[other].provider_code != fact.provider_code
            and start <= until
            and since <= end
            for other, since, until, _kcd in spans
        )
        name = fact.provider_name or "–"
        found.append(Stay(number, name, start, end, kcd, overlaps))
    return sorted(found, key=lambda stay: (stay.admitted, stay.reception_id))


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _of_contracts(sold: Sequence[contracts.ContractFact]) -> list[Moment]:
    by_number = {one.contract_id: one for one in sold}
    found = [
        Moment(
            at=one.contract_date,
            title=_("Contract concluded: %(product)s") % {"product": one.product_name},
            note=_("%(number)s · sum %(sum)s won · agent %(agent)s")
            % {
                "number": one.contract_id,
                "sum": f"{one.sum_assured:,.0f}",
                "agent": one.agent_id,
            },
            url=reverse("contracts:contract_detail", args=[one.contract_id]),
        )
        for one in sold
    ]
    found += [
        Moment(
            at=move.on,
            title=_("Contract: %(before)s → %(after)s")
            % {"before": move.before, "after": move.after},
            note=" · ".join(filter(None, (move.contract_id, move.reason))),
            url=reverse("contracts:contract_detail", args=[move.contract_id]),
        )
        for move in contracts.moves_of(by_number)
    ]
    return found


def _of_claims(
    facts: Sequence[claims.ClaimFact],
    paid: Sequence[claims.PayoutFact],
    stays: Sequence[Stay],
) -> list[Moment]:
    found = []
    for fact in facts:
        place = _claim_url(fact.reception_id)
        kind = fact.claim_type_label
        found.append(
            Moment(
                at=fact.incident_at,
                title=_("Accident: %(kind)s") % {"kind": kind},
                note=f"{fact.reception_id} · {fact.location}",
                url=place,
            )
        )
        found.append(
            Moment(
                at=fact.reported_at,
                title=_("Claimed %(won)s won") % {"won": f"{fact.claimed:,}"},
                note=" · ".join(filter(None, (fact.reception_id, fact.provider_name))),
                url=place,
            )
        )
    found += [
        Moment(
            at=one.payment_date,
            title=_("Paid %(won)s won") % {"won": f"{one.amount:,}"},
            note=f"{one.reception_id} · {one.recipient}",
            url=_claim_url(one.reception_id),
        )
        for one in paid
    ]
    for stay in stays:
        note = f"{stay.reception_id} · {stay.provider} {stay.kcd}".strip()
        found.append(Moment(at=stay.admitted, title=_("Admitted"), note=note))
        found.append(
            Moment(
                at=stay.discharged,
                title=_("Discharged after %(n)d days") % {"n": stay.days},
                note=note,
            )
        )
    return found


def _of_scores(numbers: Sequence[str]) -> list[Moment]:
    found = [
        Moment(
            at=one.business_date,
            recorded=one.made_at,
            title=_("Scored %(n)d points by rules") % {"n": one.risk_score},
            note=f"{one.claim_id} · "
            + ", ".join(rule["code"] for rule in one.report["rules"] if rule["hit"]),
            url=reverse("fds:risk", args=[one.claim_id]),
        )
        for one in Evaluation.objects.filter(claim__in=numbers)
    ]
    found += [
        Moment(
            at=localtime(said.as_of),
            recorded=said.made_at,
            title=_("The model says %(percent)s %%: %(tier)s")
            % {
                "percent": f"{100 * (said.probability or 0):.1f}",
                "tier": said.get_tier_display(),
            },
            note=said.claim_id,
        )
        for said in Prediction.objects.filter(claim__in=numbers, probability__isnull=False)
    ]
    return found


def _of_cases(numbers: Sequence[str]) -> list[Moment]:
    found: list[Moment] = []
    for case in Case.objects.filter(claim__in=numbers):
        url = reverse("fds:review_case", args=[case.claim_id])
        found.append(
            Moment(
                at=case.opened_on,
                title=_("Case opened: %(why)s") % {"why": case.get_origin_display()},
                note=case.claim_id,
                url=url,
            )
        )
        found += [
            Moment(
                at=move.at,
                recorded=move.recorded,
                title=_("Case: %(move)s") % {"move": move.title},
                note=" · ".join(filter(None, (case.claim_id, move.note))),
                who=move.who,
                url=url,
            )
            for move in moves_of(case)
        ]
        steps = case.steps.exclude(kind=CaseEvent.Kind.DECIDED).select_related("other")
        found += [moment_of_step(step, url) for step in steps]
    for hold in Hold.objects.filter(claim__in=numbers):
        found.append(
            Moment(
                at=hold.placed_on,
                title=_("Payment held: %(ground)s") % {"ground": hold.get_ground_display()},
                note=f"{hold.claim_id} · {hold.explanation}",
                who=hold.placed_by,
            )
        )
        if hold.released_on:
            found.append(
                Moment(
                    at=hold.released_on,
                    title=_("Hold released"),
                    note=f"{hold.claim_id} · {hold.release_reason}",
                    who=hold.released_by,
                )
            )
    return found


def moment_of_step(step: CaseEvent, url: str = "") -> Moment:
    """Return a step of an investigation as a moment."""
    other = step.other.claim_id if step.other else ""
    return Moment(
        at=step.on,
        recorded=step.made_at,
        title=str(step.get_kind_display()),
        note=" · ".join(filter(None, (other, step.text))),
        who=step.made_by,
        url=reverse("fds:review_case", args=[other]) if other else url,
    )


def _claim_url(number: str) -> str:
    return reverse("claims:claim_detail", args=[number])


@dataclass(frozen=True, slots=True)
class Kin:
    """Another case that shares the person or the provider."""

    case: Case
    claim: claims.ClaimFact
    why: str


def kin(fact: claims.ClaimFact, limit: int = 20) -> list[Kin]:
    """Return the other cases of the same person and of the same provider, newest first."""
    values = key_values(fact)
    shared: Mapping[str, set[str]] = {
        why: set(
            PartyLink.objects.filter(value=value)
            .exclude(claim=fact.reception_id)
            .values_list("claim_id", flat=True)
        )
        for why, value in values.items()
    }
    rows = list(
        Case.objects.filter(claim__in=set().union(*shared.values())).order_by("-opened_on", "-pk")
    )[:limit]
    facts = claims.facts([row.claim_id for row in rows])
    return [
        Kin(
            row,
            facts[row.claim_id],
            ", ".join(why for why, numbers in shared.items() if row.claim_id in numbers),
        )
        for row in rows
    ]


def key_values(fact: claims.ClaimFact) -> dict[str, str]:
    """Return the hashes of the person and the provider of a claim by what they are called."""
    contact = contracts.contact_points(np.asarray([fact.customer_id], np.int64))
    found = {str(PartyLink.Kind.CUSTOMER.label): hashed("CUSTOMER", str(contact.person[0]))}
    if fact.provider_code:
        found[str(PartyLink.Kind.PROVIDER.label)] = hashed("PROVIDER", fact.provider_code)
    return found


__all__ = ["Kin", "Stay", "Story", "key_values", "kin", "moment_of_step", "story"]
