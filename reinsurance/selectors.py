"""Reads of reinsurance: programmes, what is owed by age, what is used of each treaty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count, F, Max, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from reinsurance import rules
from reinsurance.models import CededLoss, PremiumCession, Recovery, Treaty

_ZERO = Value(Decimal(0))


def terms_of(treaty: Treaty) -> rules.Terms:
    """Return what a treaty is compared by."""
    return rules.Terms(
        code=treaty.treaty_code,
        kind=treaty.kind,
        start=treaty.period.lower,
        end=treaty.period.upper,
        percent=treaty.cession_percent,
        retention=treaty.retention,
        limit=treaty.layer_limit,
    )


def layers_of(treaties: Sequence[Treaty]) -> list[rules.Layer]:
    """Return the treaties as layers, with what is left of their limits for the whole period."""
    limited = [t.treaty_code for t in treaties if t.aggregate_limit]
    used = dict(
        Recovery.objects.filter(treaty__in=limited)
        .values_list("treaty")
        .annotate(total=Sum("recovery_amount"))
    )
    return [
        rules.Layer(
            code=t.treaty_code,
            kind=t.kind,
            position=t.position,
            percent=t.cession_percent,
            retention=int(t.retention),
            limit=int(t.layer_limit),
            left=int(t.aggregate_limit - used.get(t.treaty_code, 0)) if t.aggregate_limit else None,
        )
        for t in treaties
    ]


def treaties() -> QuerySet[Treaty]:
    """Return all treaties in programme order, with what they have paid."""
    return Treaty.objects.annotate(
        recovered=Coalesce(Sum("recoveries__recovery_amount"), _ZERO)
    ).order_by("line", "-kind", "position", "treaty_code")


def recoveries() -> QuerySet[Recovery]:
    """Return all recoveries with their treaties, the newest first."""
    return Recovery.objects.select_related("treaty").order_by("-billed_on", "-ri_claim_id")


def losses() -> QuerySet[CededLoss]:
    """Return all paid losses as reinsurance saw them, the newest first."""
    return CededLoss.objects.annotate(kept=F("gross") - F("ceded")).order_by("-paid_on", "-pk")


def cessions() -> QuerySet[PremiumCession]:
    """Return all premium cessions with their treaties, the newest first."""
    return (
        PremiumCession.objects.select_related("treaty")
        .annotate(net=F("ceded_premium") - F("commission"))
        .order_by("-month", "treaty__line", "treaty__treaty_code")
    )


@dataclass(frozen=True, slots=True)
class Ageing:
    """What one reinsurer owes by age class, won."""

    reinsurer: str
    amounts: list[int] = field(default_factory=lambda: [0] * len(rules.AGES))
    count: int = 0

    @property
    def total(self) -> int:
        """All that it owes."""
        return sum(self.amounts)


def ageing(on: date) -> list[Ageing]:
    """Return what reinsurers owe on a day by days since the bill, the largest debtor first."""
    found: dict[str, list[int]] = {}
    counts: dict[str, int] = {}
    owed = (
        Recovery.objects.filter(status="PENDING", billed_on__lte=on)
        .values_list("reinsurer_name", "billed_on")
        .annotate(total=Sum("recovery_amount"), n=Count("pk"))
    )
    for name, billed_on, total, n in owed:
        row = found.setdefault(name, [0] * len(rules.AGES))
        row[rules.age_class((on - billed_on).days)] += int(total)
        counts[name] = counts.get(name, 0) + n
    rows = [Ageing(name, amounts, counts[name]) for name, amounts in found.items()]
    return sorted(rows, key=lambda row: (-row.total, row.reinsurer))


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much of a treaty has been used."""

    treaty: Treaty
    recovered: int
    largest: int
    losses: int
    full: int

    @property
    def limit(self) -> int:
        """What it pays at most: for its period, or else for one loss; 0: no limit."""
        return int(self.treaty.aggregate_limit or self.treaty.layer_limit)

    @property
    def used(self) -> int:
        """What counts against the limit: the sum, or the largest loss."""
        return self.recovered if self.treaty.aggregate_limit else self.largest

    @property
    def share(self) -> float | None:
        """The part of the limit that is used; None without a limit."""
        return self.used / self.limit if self.limit else None


def capacities(on: date) -> list[Capacity]:
    """Return the use of each treaty in force on a day, in programme order."""
    rows = list(
        Treaty.objects.filter(status="SIGNED", period__contains=on)
        .annotate(
            paid=Coalesce(Sum("recoveries__recovery_amount"), _ZERO),
            largest=Coalesce(Max("recoveries__recovery_amount"), _ZERO),
            n=Count("recoveries"),
        )
        .order_by("line", "-kind", "position", "treaty_code")
    )
    full = dict(
        Recovery.objects.filter(
            treaty__kind=rules.EXCESS, recovery_amount=F("treaty__layer_limit"), treaty__in=rows
        )
        .values_list("treaty")
        .annotate(n=Count("pk"))
    )
    return [Capacity(t, int(t.paid), int(t.largest), t.n, full.get(t.treaty_code, 0)) for t in rows]


def in_force(on: date) -> list[str]:
    """Return the codes of the treaties that cover any day of a month up to ``on``."""
    first = on.replace(day=1)
    found = Treaty.objects.filter(
        status__in=["SIGNED", "ENDED"], period__overlap=DateRange(first, on, "[]")
    )
    return list(found.order_by("treaty_code").values_list("pk", flat=True))


def of_claims(claim_numbers: Iterable[str]) -> list[CededLoss]:
    """Return the paid losses of claims."""
    return list(losses().filter(claim_number__in=list(claim_numbers)))
