"""Set-based reads that the verbs and later stages need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import F, Max, Q, Sum
from django.utils.timezone import get_default_timezone, localtime

from claims.models import Adjustment, Claim, ClockStop, LateInterestRate, Payout
from claims.rules.interest import Rate
from core.bulk import read_columns
from core.columns import Days, Ints, Keys, Won

OPEN = (Claim.Status.RECEIVED, Claim.Status.INVESTIGATING, Claim.Status.APPROVED)
_DUPLICATES = """
    SELECT q.row - 1, min(c.reception_id)
    FROM unnest(%s::text[], %s::date[], %s::text[])
        WITH ORDINALITY AS q(contract_id, day, kind, row)
    JOIN claim_receptions c ON c.contract_id = q.contract_id AND c.claim_type = q.kind
        AND (c.incident_date AT TIME ZONE 'Asia/Seoul')::date = q.day AND c.status <> 'WITHDRAWN'
    GROUP BY q.row ORDER BY q.row
"""
_HISTORY = """
    SELECT q.row - 1, c.accident_no, c.reception_id,
        (c.incident_date AT TIME ZONE 'Asia/Seoul')::date
    FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::text[], %s::timestamptz[])
        WITH ORDINALITY AS q(customer_id, frm, until, known, recorded, row)
    LEFT JOIN claim_receptions k ON k.reception_id = q.known
    JOIN claim_receptions c ON c.customer_id = q.customer_id
        AND (q.recorded IS NULL OR c.created_at <= q.recorded)
        AND (c.status <> 'WITHDRAWN' OR EXISTS (
            SELECT 1 FROM core_status_moves m WHERE m.table_name = 'claim_receptions'
                AND m.key = c.reception_id AND m.to_status = 'WITHDRAWN' AND m.at > q.recorded))
        AND c.incident_date >= (q.frm + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
        AND c.incident_date < (q.until + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
        AND (q.known IS NULL
            OR (c.report_date, c.reception_id) <= (k.report_date, k.reception_id))
    ORDER BY q.row, c.incident_date, c.reception_id
"""


@dataclass(frozen=True, slots=True)
class History:
    """Earlier and present claims of customers, one line a claim.

    Args:
        row: (n,) which of the questions it answers.
        accident_no, reception_id: (n,) keys.
        incident_date: (n,) days.
    """

    row: Ints
    accident_no: Keys
    reception_id: Keys
    incident_date: Days


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Case reserves by group of contracts: (n,) line, cohort year, won, and open claims."""

    line: Keys
    cohort_year: Ints
    amount: Won
    claims: Ints


@dataclass(frozen=True, slots=True)
class Accident:
    """What claims of one accident say of it.

    Args:
        number: that they share.
        day: of the first claim.
        customers: whose claims they are.
        places: as reported.
        kinds: of event.
    """

    number: str
    day: date
    customers: frozenset[int]
    places: frozenset[str]
    kinds: frozenset[str]


def accidents(numbers: Iterable[str]) -> dict[str, Accident]:
    """Return accidents by any of their claims' reception numbers; unknown ones are absent."""
    shared = dict(Claim.objects.filter(pk__in=list(numbers)).values_list("pk", "accident_no"))
    rows: dict[str, list[Claim]] = {}
    for claim in Claim.objects.filter(accident_no__in=set(shared.values())).order_by("pk"):
        rows.setdefault(claim.accident_no, []).append(claim)
    found = {
        number: Accident(
            number=number,
            day=localtime(claims[0].incident_date).date(),
            customers=frozenset(claim.customer_id for claim in claims),
            places=frozenset(claim.incident_location for claim in claims),
            kinds=frozenset(claim.claim_type for claim in claims),
        )
        for number, claims in rows.items()
    }
    return {asked: found[number] for asked, number in shared.items()}


def as_json(values: Iterable[Mapping[str, Any]]) -> list[str]:
    """Write mappings as JSON texts for ``core.bulk.copy_rows``."""
    return [orjson.dumps(value).decode() for value in values]


def duplicates(
    contract_ids: Sequence[str], days: Sequence[date], claim_types: Sequence[str]
) -> list[tuple[int, str]]:
    """Return (row, reception number) where a claim of the same contract, day and kind stands."""
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, [list(contract_ids), list(days), list(claim_types)])
        return [(row, number) for row, number in cursor.fetchall()]


def history(
    customer_ids: Ints,
    frm: Days,
    to: Days,
    *,
    known_by: Sequence[str] | None = None,
    recorded: Ints | None = None,
) -> History:
    """Return the claims of customers whose accidents lie in (frm, to], withdrawn ones left out.

    Args:
        customer_ids: (n,) customers.
        frm: (n,) days, not included.
        to: (n,) days, included.
        known_by: (n,) reception numbers: only what was reported before that claim, or is it,
            counts. None: all that is known now.
        recorded: (n,) and only what was written down by then, microseconds since 1970 UTC; a
            claim that was withdrawn later still counts. None: whatever is there now.
    """
    params = [
        customer_ids.tolist(),
        frm.astype(object).tolist(),
        to.astype(object).tolist(),
        list(known_by) if known_by is not None else [None] * len(customer_ids),
        [None] * len(customer_ids)
        if recorded is None
        else [f"{at}+00" for at in recorded.astype("datetime64[us]").astype(str).tolist()],
    ]
    found = read_columns(
        _HISTORY, params, row="ints", accident_no="keys", reception_id="keys", incident_date="days"
    )
    return History(**found)


def granted_out_of(
    contract_ids: Iterable[str], *, besides: Iterable[str] = ()
) -> dict[tuple[str, str, str], int]:
    """Return what was granted out of each sum, won, by (contract, coverage, scope of the sum).

    Args:
        contract_ids: contracts.
        besides: reception numbers of claims that are left out.
    """
    rows = (
        Adjustment.objects.filter(
            claim__contract_id__in=list(contract_ids), status=Adjustment.Status.APPROVED
        )
        .exclude(claim_id__in=list(besides))
        .values_list("claim__contract_id", "coverage_code", "limit_scope")
        .annotate(total=Sum("payable"))
    )
    return {(contract, code, scope): int(total) for contract, code, scope, total in rows}


def sums_exceeded(contract_ids: Iterable[str]) -> list[tuple[str, str, int, int]]:
    """Return (contract, coverage, granted, sum) in won where approvals exceed their sum."""
    rows = (
        Adjustment.objects.filter(
            claim__contract_id__in=list(contract_ids), status=Adjustment.Status.APPROVED
        )
        .values("claim__contract_id", "coverage_code", "limit_scope")
        .annotate(total=Sum("payable"), whole=Max("limit_sum"))
        .filter(total__gt=F("whole"))
    )
    return [
        (row["claim__contract_id"], row["coverage_code"], int(row["total"]), int(row["whole"]))
        for row in rows
    ]


def granted_in_accidents(claims: Sequence[Claim]) -> dict[tuple[str, str], int]:
    """Return what was granted on other claims of the same accidents and contracts, won."""
    shared = [claim for claim in claims if claim.accident_no != claim.pk]
    if not shared:
        return {}
    rows = (
        Adjustment.objects.filter(
            claim__contract_id__in={claim.contract_id for claim in shared},
            claim__accident_no__in={claim.accident_no for claim in shared},
            status=Adjustment.Status.APPROVED,
        )
        .exclude(claim__in=[claim.pk for claim in claims])
        .values_list("claim__contract_id", "claim__accident_no")
        .annotate(total=Sum("payable"))
    )
    return {(contract, accident): int(total) for contract, accident, total in rows}


def payouts_of_operations(operation_ids: Sequence[UUID]) -> dict[UUID, Payout]:
    """Return the payouts that operations made already."""
    rows = Payout.objects.filter(operation_id__in=list(operation_ids))
    return {row.operation_id: row for row in rows}


def clock_stops(reception_ids: Sequence[str], *, until: date) -> dict[str, list[tuple[date, date]]]:
    """Return for each claim the periods [start, end) for which the claimant answers."""
    found: dict[str, list[tuple[date, date]]] = {}
    for stop in ClockStop.objects.filter(claim_id__in=list(reception_ids)):
        end = stop.ends_on or date.fromordinal(until.toordinal() + 1)
        found.setdefault(stop.claim_id, []).append((stop.starts_on, end))
    return found


def interest_rates() -> list[Rate]:
    """Return the dated late-interest rates."""
    return [
        Rate(
            start=row.period.lower,
            end=row.period.upper,
            base=row.base_rate,
            steps=tuple((int(step["from_day"]), Decimal(step["add"])) for step in row.steps),
        )
        for row in LateInterestRate.objects.order_by("period")
    ]


def known_external(keys: Iterable[str]) -> dict[str, str]:
    """Return the reception numbers of claims that came under these external keys already."""
    rows = Claim.objects.filter(external_key__in=list(keys))
    return {key: number for key, number in rows.values_list("external_key", "pk") if key}


def outstanding_by_group(on: date) -> Outstanding:
    """Return the case reserves at the end of a day by line and cohort.

    Args:
        on: the day; moves after it are not counted.
    """
    found = read_columns(
        """
        SELECT line, cohort_year, sum(balance)::bigint, count(*)
        FROM (
            SELECT c.line, c.cohort_year, sum(m.movement) AS balance
            FROM case_reserves m JOIN claim_receptions c USING (reception_id)
            WHERE m.moved_on <= %s GROUP BY c.reception_id, c.line, c.cohort_year
        ) open WHERE balance <> 0 GROUP BY line, cohort_year ORDER BY line, cohort_year
        """,
        [on],
        line="keys",
        cohort_year="ints",
        amount="won",
        claims="ints",
    )
    return Outstanding(**found)


def touched(day: date, provider_codes: Sequence[str]) -> list[str]:
    """Return the open claims of customers who reported on a day, or that name these providers."""
    start = datetime.combine(day, time(), tzinfo=get_default_timezone())
    reporters = Claim.objects.filter(
        report_date__gte=start, report_date__lt=start + timedelta(days=1)
    ).values("customer_id")
    rows = Claim.objects.filter(status__in=OPEN).filter(
        Q(customer_id__in=reporters) | Q(provider_id__in=list(provider_codes))
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))
