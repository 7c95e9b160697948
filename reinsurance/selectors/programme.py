"""Reads of reinsurance: programmes, what is owed by age, what is used of each treaty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import (
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from core.clock import month_end
from reinsurance import rules
from reinsurance.models import (
    Accumulation,
    CededLoss,
    PremiumCession,
    Recovery,
    SubjectPremium,
    Treaty,
)

_ZERO = Value(Decimal(0))


class _Days(Func):
    """Days between two dates."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


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
        contract=treaty.contract_number,
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
            inures=t.inures,
        )
        for t in treaties
    ]


def treaties() -> QuerySet[Treaty]:
    """Return all treaties, the latest year first, in programme order, with what they have paid."""
    return Treaty.objects.annotate(
        recovered=Coalesce(Sum("recoveries__recovery_amount"), _ZERO)
    ).order_by("-period", "line", "-kind", "position", "treaty_code")


def recoveries(on: date) -> QuerySet[Recovery]:
    """Return all recoveries with their treaties, the newest first.

    ``age_days`` is the days from the bill to the receipt, or to ``on`` while it is owed.
    """
    return (
        Recovery.objects.select_related("treaty")
        .annotate(
            age_days=_Days(Coalesce("received_on", Cast(Value(on), DateField())), "billed_on")
        )
        .order_by("-billed_on", "-ri_claim_id")
    )


def losses() -> QuerySet[CededLoss]:
    """Return all paid losses as reinsurance saw them, the newest first.

    ``ceded_whole`` is with what catastrophe and stop loss treaties pay, ``kept`` without.
    """
    beyond = (
        Accumulation.objects.filter(payout_id=OuterRef("pk"))
        .values("payout_id")
        .annotate(total=Sum("recovered"))
        .values("total")
    )
    return CededLoss.objects.annotate(
        ceded_whole=F("ceded") + Coalesce(Subquery(beyond), _ZERO),
        kept=F("gross") - F("ceded_whole"),
    ).order_by("-paid_on", "-pk")


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


def to_accumulate(on: date) -> list[str]:
    """Return the catastrophe treaties, and at a month's end the stop losses, that began by now."""
    kinds = rules.ACCUMULATING if on == month_end(on) else (rules.CATASTROPHE,)
    found = Treaty.objects.filter(
        kind__in=kinds, status__in=["SIGNED", "ENDED"], period__startswith__lte=on
    )
    return list(found.order_by("treaty_code").values_list("pk", flat=True))


def to_adjust(on: date) -> list[str]:
    """Return the treaties with a sliding scale or a profit commission that began by now."""
    found = Treaty.objects.filter(status__in=["SIGNED", "ENDED"], period__startswith__lte=on)
    adjusted = found.exclude(scale=[]) | found.filter(profit_percent__gt=0)
    return list(adjusted.order_by("treaty_code").values_list("pk", flat=True))


def of_claims(claim_numbers: Iterable[str]) -> list[CededLoss]:
    """Return the paid losses of claims."""
    return list(losses().filter(claim_number__in=list(claim_numbers)))


@dataclass(frozen=True, slots=True)
class TreatySums:
    """What a treaty took and paid, won."""

    recovered: int
    outstanding: int
    ceded: int
    commission: int

    @property
    def ratio(self) -> Decimal | None:
        """Recoveries to ceded premium less commission; None without premium."""
        net = self.ceded - self.commission
        return Decimal(self.recovered) / net if net > 0 else None


def treaty_sums(treaty_code: str) -> TreatySums:
    """Return what one treaty took and paid."""
    paid = Recovery.objects.filter(treaty_id=treaty_code).aggregate(
        all=Coalesce(Sum("recovery_amount"), _ZERO),
        owed=Coalesce(Sum("recovery_amount", filter=Q(status="PENDING")), _ZERO),
    )
    took = PremiumCession.objects.filter(treaty_id=treaty_code).aggregate(
        ceded=Coalesce(Sum("ceded_premium"), _ZERO), back=Coalesce(Sum("commission"), _ZERO)
    )
    return TreatySums(int(paid["all"]), int(paid["owed"]), int(took["ceded"]), int(took["back"]))


@dataclass(frozen=True, slots=True)
class YearSoFar:
    """A calendar year up to a day, won; ``by_line`` holds paid and ceded losses."""

    recovered: int
    ceded: int
    by_line: dict[str, tuple[int, int]]

    @property
    def ceded_share(self) -> Decimal | None:
        """Ceded to paid losses; None without losses."""
        gross = sum(g for g, _ in self.by_line.values())
        return Decimal(sum(c for _, c in self.by_line.values())) / gross if gross else None


def year_so_far(on: date) -> YearSoFar:
    """Return the losses and cessions of a day's calendar year."""
    losses_paid = CededLoss.objects.filter(paid_on__gte=date(on.year, 1, 1), paid_on__lte=on)
    by_line = {
        line: (int(gross), int(ceded))
        for line, gross, ceded in losses_paid.values_list("line")
        .annotate(g=Sum("gross"), c=Sum("ceded"))
        .order_by("line")
    }
    premium = PremiumCession.objects.filter(month__startswith=f"{on.year}-").aggregate(
        total=Coalesce(Sum("ceded_premium"), _ZERO)
    )
    recovered = sum(ceded for _, ceded in by_line.values())
    return YearSoFar(recovered, int(premium["total"]), by_line)


def last_ceded_month() -> str:
    """Return the latest month that was ceded; empty if there is none."""
    return PremiumCession.objects.aggregate(last=Max("month"))["last"] or ""


def subject_so_far(on: date) -> dict[str, int]:
    """Return the premium of a day's month up to the day by line, won."""
    sums = (
        SubjectPremium.objects.filter(premium_date__gte=on.replace(day=1), premium_date__lte=on)
        .values_list("line")
        .annotate(total=Sum("amount"))
        .order_by("line")
    )
    return {line: int(total) for line, total in sums}


def subject_count(treaty: Treaty, month: str) -> int:
    """Return how many premiums a treaty's cession of a month (``YYYY-MM``) is made of."""
    found = SubjectPremium.objects.filter(
        line=treaty.line,
        premium_date__gte=max(date.fromisoformat(f"{month}-01"), treaty.period.lower),
        premium_date__lt=treaty.period.upper,
        premium_date__year=int(month[:4]),
        premium_date__month=int(month[5:]),
    ).aggregate(total=Sum("contracts"))
    return int(found["total"] or 0)
