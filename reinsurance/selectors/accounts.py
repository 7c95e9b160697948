"""Accounts current with reinsurers, what is owed on both sides by age, events and their losses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from django.db.models import Count, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from claims import api as claims
from core.clock import add_months
from reinsurance import rules
from reinsurance.models import (
    AccountEntry,
    CatastropheEvent,
    CededLoss,
    EventClaim,
    Recoverable,
    Recovery,
    Settlement,
    Treaty,
)

_ZERO = Value(Decimal(0))


@dataclass(frozen=True, slots=True)
class Account:
    """Where an account with a reinsurer stands, won.

    Args:
        owed: to the reinsurer by age class (negative in the first: in our favour).
        recoveries: billed and not paid by it, by age class.
        expected: its share of open claims.
    """

    reinsurer: str
    owed: list[int]
    recoveries: list[int]
    expected: int

    @property
    def payable(self) -> int:
        """All that is owed to it."""
        return sum(self.owed)

    @property
    def receivable(self) -> int:
        """All that it owes."""
        return sum(self.recoveries)

    @property
    def exposure(self) -> int:
        """What is lost if it fails: owed and expected from it, less what is owed to it."""
        return max(self.receivable + self.expected - self.payable, 0)

    @property
    def net(self) -> int:
        """What is owed to it on balance."""
        return self.payable - self.receivable


def accounts_on(on: date) -> list[Account]:
    """Return the accounts of all reinsurers at the end of a day, by name."""
    entries: dict[str, list[tuple[date, int]]] = {}
    for name, day, amount in AccountEntry.objects.filter(entry_date__lte=on).values_list(
        "reinsurer_name", "entry_date", "amount"
    ):
        entries.setdefault(name, []).append((day, int(amount)))
    owed: dict[str, list[int]] = {}
    billed = Recovery.objects.filter(billed_on__lte=on)
    open_ = billed.filter(status="PENDING") | billed.filter(received_on__gt=on)
    for name, day, amount in open_.values_list("reinsurer_name", "billed_on", "recovery_amount"):
        row = owed.setdefault(name, [0] * len(rules.AGES))
        row[rules.age_class((on - day).days)] += int(amount)
    expected = _expected()
    nothing = [0] * len(rules.AGES)
    return [
        Account(
            name,
            rules.aged(entries.get(name, []), on),
            owed.get(name, nothing),
            int(expected.get(name, 0)),
        )
        for name in sorted({*reinsurers(), *entries, *owed})
    ]


def _expected() -> dict[str, int]:
    """Return each reinsurer's line of the shares of open claims, won."""
    rows = Recoverable.objects.filter(amount__gt=0).values_list("treaty").annotate(s=Sum("amount"))
    totals = {code: int(total) for code, total in rows}
    found: dict[str, int] = {}
    for treaty in Treaty.objects.filter(pk__in=totals):
        names, parts = zip(*treaty.signed_lines, strict=True)
        shared = rules.split(np.asarray([totals[treaty.pk]]), np.asarray(parts))[0]
        for name, won in zip(names, shared.tolist(), strict=True):
            found[name] = found.get(name, 0) + won
    return found


def reinsurers() -> list[str]:
    """Return the names of all reinsurers of treaties that were signed."""
    signed = Treaty.objects.exclude(status="DRAFT")
    return sorted({name for treaty in signed for name, _part in treaty.signed_lines})


def entries() -> QuerySet[AccountEntry]:
    """Return all entries of accounts with their treaties, the newest first."""
    return AccountEntry.objects.select_related("treaty").order_by("-entry_date", "-pk")


def settlements() -> QuerySet[Settlement]:
    """Return all settlements, the newest first; ``cash_paid`` is what moves."""
    return Settlement.objects.annotate(cash_paid=F("payable") - F("offset")).order_by(
        "-made_on", "-settlement_no"
    )


@dataclass(frozen=True, slots=True)
class Movement:
    """How an account moved in a month, won: opening + steps = closing."""

    opening: int
    steps: dict[str, int]

    @property
    def closing(self) -> int:
        """The balance at the end."""
        return self.opening + sum(self.steps.values())


def movement(reinsurer: str, *, first: date, last: date) -> Movement:
    """Return how an account moved between two days, both included, by kind of entry."""
    known = AccountEntry.objects.filter(reinsurer_name=reinsurer)
    opening = known.filter(entry_date__lt=first).aggregate(s=Sum("amount"))["s"] or 0
    moved = known.filter(entry_date__gte=first, entry_date__lte=last).values_list("kind")
    sums = dict(moved.annotate(s=Sum("amount")))
    return Movement(int(opening), {k: int(sums[k]) for k in AccountEntry.Kind.values if k in sums})


def recoverables(**where: str) -> QuerySet[Recoverable]:
    """Return the shares of open claims that are not nothing."""
    return (
        Recoverable.objects.select_related("treaty")
        .filter(amount__gt=0, **where)
        .order_by("-amount", "pk")
    )


def events() -> QuerySet[CatastropheEvent]:
    """Return all events with how many claims they have, the newest first."""
    return CatastropheEvent.objects.annotate(n=Count("claims")).order_by("-starts_at")


@dataclass(frozen=True, slots=True)
class Member:
    """A claim of an event, or one that could be: paid and still expected, won."""

    claim_number: str
    contract_number: str
    incident_at: str
    paid: int
    reserve: int
    recovered: int


def members(event: CatastropheEvent) -> list[Member]:
    """Return the claims of an event in the order of their accidents."""
    numbers = list(event.claims.values_list("pk", flat=True))
    return _members(numbers)


def candidates(event: CatastropheEvent) -> list[Member]:
    """Return the claims of the line within the hours that belong to no event."""
    first, last = event.starts_at, event.starts_at + timedelta(hours=event.hours)
    near = (first.date() - timedelta(days=1), last.date() + timedelta(days=1))
    paid = CededLoss.objects.filter(line=event.line, loss_date__range=near)
    open_ = Recoverable.objects.filter(line=event.line, amount__gt=0)
    numbers = {*paid.values_list("claim_number", flat=True)}
    numbers |= {*open_.values_list("claim_number", flat=True)}
    taken = set(EventClaim.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    facts = claims.facts(numbers - taken)
    return _members([k for k, fact in facts.items() if first <= fact.incident_at < last])


def _members(numbers: list[str]) -> list[Member]:
    paid = dict(
        CededLoss.objects.filter(claim_number__in=numbers)
        .values_list("claim_number")
        .annotate(s=Sum("gross"))
    )
    recovered = dict(
        Recovery.objects.filter(claim_number__in=numbers, treaty__kind=rules.CATASTROPHE)
        .values_list("claim_number")
        .annotate(s=Sum("recovery_amount"))
    )
    rows = [
        Member(
            fact.reception_id,
            fact.contract_id,
            f"{fact.incident_at:%Y-%m-%d %H:%M}",
            int(paid.get(fact.reception_id, 0)),
            fact.case_reserve,
            int(recovered.get(fact.reception_id, 0)),
        )
        for fact in claims.facts(numbers).values()
    ]
    return sorted(rows, key=lambda row: (row.incident_at, row.claim_number))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hours that a catastrophe treaty would pay for."""

    treaty: Treaty
    starts_at: str
    claims: int
    amount: int
    paid: int


def suggestions(on: date, *, months: int = 3) -> list[Suggestion]:
    """Return the hours of the last months for which catastrophe treaties would pay most.

    Paid losses that belong to no event, net of what the treaties before left, are cut by the
    hours clause of each treaty in force.
    """
    found = []
    treaties = Treaty.objects.filter(kind=rules.CATASTROPHE, status="SIGNED", period__contains=on)
    for treaty in treaties.order_by("treaty_code"):
        rows = _free_losses(treaty, add_months(on, -months))
        if not rows:
            continue
        times = np.asarray([at for at, _ in rows], dtype="datetime64[m]")
        cut = rules.windows(
            times,
            np.asarray([net for _, net in rows], dtype=np.int64),
            hours=treaty.hours,
            retention=int(treaty.retention),
            limit=int(treaty.layer_limit),
        )
        found += [
            Suggestion(treaty, str(w.start).replace("T", " "), w.last - w.first, w.amount, w.paid)
            for w in cut
        ]
    return found


def _free_losses(treaty: Treaty, since: date) -> list[tuple[str, int]]:
    losses = CededLoss.objects.filter(
        line=treaty.line,
        loss_date__gte=max(since, treaty.period.lower),
        loss_date__lt=treaty.period.upper,
    ).exclude(claim_number__in=EventClaim.objects.values("pk"))
    rows = list(losses.annotate(net=Coalesce(F("gross") - F("ceded"), _ZERO)))
    facts = claims.facts(row.claim_number for row in rows)
    return sorted(
        (f"{facts[row.claim_number].incident_at:%Y-%m-%dT%H:%M}", int(row.net))
        for row in rows
        if row.claim_number in facts
    )
