"""How a partner uses the API: volumes, errors, latency, quotas, webhooks, the way to its start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from partners.models import Bulk, Call, Delivery, Partner, PartnerKey

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Usage:
    """The last 24 hours of a partner.

    Attributes:
        calls: answered calls.
        errors: those with a status of 400 or more.
        median, p95, p99: milliseconds.
        busiest: most calls in one minute.
        lines: bulk lines received.
        accepted: of them bound so far.
        waiting: deliveries that wait.
        parked: deliveries given up.
        minutes_to_first: from the first key to the first contract; None while there is none.
    """

    calls: int
    errors: int
    median: int
    p95: int
    p99: int
    busiest: int
    lines: int
    accepted: int
    waiting: int
    parked: int
    minutes_to_first: float | None

    @property
    def error_rate(self) -> float:
        """Share of the calls that were refused."""
        return self.errors / self.calls if self.calls else 0.0


def usage_of(partner: Partner) -> Usage:
    """Return the last 24 hours of a partner."""
    since = timezone.now() - DAY
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE status >= 400),"
            " coalesce(percentile_disc(ARRAY[0.5, 0.95, 0.99])"
            " WITHIN GROUP (ORDER BY milliseconds), ARRAY[0, 0, 0]),"
            " coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM partner_calls"
            " WHERE partner = %s AND at >= %s GROUP BY date_trunc('minute', at)) m), 0)"
            " FROM partner_calls WHERE partner = %s AND at >= %s",
            [partner.code, since, partner.code, since],
        )
        calls, errors, (median, p95, p99), busiest = cursor.fetchone()
    bulk = Bulk.objects.filter(partner=partner, received_at__gte=since)
    lines = list(bulk.values_list("lines", "accepted"))
    state = Delivery.State
    told = Delivery.objects.filter(partner=partner).aggregate(
        waiting=Count("id", filter=Q(state=state.WAITING)),
        parked=Count("id", filter=Q(state=state.PARKED)),
    )
    return Usage(
        calls, errors, median, p95, p99, busiest,
        sum(row[0] for row in lines), sum(row[1] for row in lines),
        told["waiting"], told["parked"], minutes_to_first(partner),
    )  # fmt: skip


def minutes_to_first(partner: Partner) -> float | None:
    """Return the minutes from the partner's first key to its first contract."""
    made = PartnerKey.objects.filter(partner=partner).aggregate(at=Min("made_at"))["at"]
    if made is None or partner.first_contract_at is None:
        return None
    return max(0.0, (partner.first_contract_at - made).total_seconds() / 60)


def by_hour(partner: Partner) -> list[tuple[str, int, int]]:
    """Return (hour, good calls, refused calls) of the last 24 hours, quiet hours too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_char(h AT TIME ZONE 'Asia/Seoul', 'HH24:00'),"
            " count(c.id) FILTER (WHERE c.status < 400), count(c.id) FILTER (WHERE c.status >= 400)"
            " FROM generate_series(date_trunc('hour', now()) - interval '23 hours',"
            " date_trunc('hour', now()), interval '1 hour') h LEFT JOIN partner_calls c"
            " ON c.partner = %s AND c.at >= h AND c.at < h + interval '1 hour'"
            " GROUP BY h ORDER BY h",
            [partner.code],
        )
        return [(str(hour), good, bad) for hour, good, bad in cursor.fetchall()]


def by_operation(partner: Partner) -> list[dict[str, Any]]:
    """Return calls, refusals and latency by operation, the last 24 hours, the busiest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT operation, count(*), count(*) FILTER (WHERE status >= 400),"
            " percentile_disc(0.5) WITHIN GROUP (ORDER BY milliseconds),"
            " percentile_disc(0.95) WITHIN GROUP (ORDER BY milliseconds)"
            " FROM partner_calls WHERE partner = %s AND at >= %s GROUP BY 1 ORDER BY 2 DESC",
            [partner.code, timezone.now() - DAY],
        )
        names = ("operation", "calls", "errors", "median", "p95")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def by_problem(partner: Partner) -> list[tuple[str, int]]:
    """Return how often each problem was answered, the last 24 hours."""
    rows = Call.objects.filter(partner=partner, at__gte=timezone.now() - DAY).exclude(problem="")
    counted = rows.values("problem").annotate(n=Count("id")).order_by("-n", "problem")
    return [(row["problem"], row["n"]) for row in counted]


def partners() -> QuerySet[Partner]:
    """Return the partners with when each was last heard of."""
    return Partner.objects.annotate(heard_at=Max("keys__last_used_at")).order_by("code")


def keys_of(partner: Partner) -> QuerySet[PartnerKey]:
    """Return a partner's keys, the newest first."""
    return partner.keys.order_by("-made_at")


def deliveries() -> QuerySet[Delivery]:
    """Return what partners were told, the newest first."""
    return Delivery.objects.select_related("partner").order_by("-id")


def bulks() -> QuerySet[Bulk]:
    """Return the bulks, the newest first."""
    return Bulk.objects.select_related("partner").order_by("-received_at", "-bulk_id")


def today() -> dict[str, int]:
    """Return what all partners did in the last 24 hours."""
    since = timezone.now() - DAY
    calls = Call.objects.filter(at__gte=since)
    open_bulks = [Bulk.Status.RECEIVED, Bulk.Status.WORKING]
    return {
        "calls": calls.count(),
        "errors": calls.filter(status__gte=400).count(),
        "faults": calls.filter(status__gte=500).count(),
        "waiting": Bulk.objects.filter(status__in=open_bulks).count(),
        "stopped": Bulk.objects.filter(status=Bulk.Status.FAILED).count(),
        "parked": Delivery.objects.filter(state=Delivery.State.PARKED).count(),
        "partners": Partner.objects.filter(status=Partner.Status.ACTIVE).count(),
    }
