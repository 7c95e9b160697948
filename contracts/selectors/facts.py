"""What later stages ask: contracts as plain values, cover on a day, totals by line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Right
from django.utils.timezone import localtime
from numpy.typing import ArrayLike

from contracts import rules
from contracts.models import Contract, Customer
from core.bulk import read_columns
from core.columns import Days, Flags, Ints, Keys, Won
from core.models import StatusMove
from core.permissions import Scope
from products import api as products
from sales import api as sales

from .columns import measured_on
from .endings import gaps_of

_CHOICES = 12
_PEOPLE = 2_000
_SERIES = "CON-"
_NUMBER = re.compile(r"(?=CON-|\d{4}-)(?:CON-)?(\d{0,4}|\d{4}-\d*)")
_YEARS = range(1980, 2101)


@dataclass(frozen=True, slots=True)
class ContractFact:
    """A contract as later stages see one; amounts in won, cover is [start, end)."""

    contract_id: str
    status: str
    customer_id: int
    customer_name: str
    product_code: str
    version: int
    version_id: int
    product_name: str
    line: str
    measurement: str
    cohort_year: int
    agent_id: str
    application_id: str
    contract_date: date
    coverage_start: date | None
    coverage_end: date | None
    ended_on: date | None
    sum_assured: Decimal
    premium: Decimal
    frequency: str
    insurance_age: int
    sex: str
    term_months: int
    pay_months: int
    paid_instalments: int


@dataclass(frozen=True, slots=True)
class ContractMove:
    """A contract moved from one status to another on a business date; statuses by label."""

    contract_id: str
    on: date
    before: str
    after: str
    reason: str


_FIELDS = (
    "contract_id",
    "policy_status",
    "customer_id",
    "customer__name",
    "version_id",
    "line",
    "agent_id",
    "application_id",
    "contract_date",
    "coverage_start",
    "coverage_end",
    "ended_on",
    "sum_assured",
    "premium_amount",
    "frequency",
    "insurance_age",
    "sex",
    "term_months",
    "pay_months",
    "paid_instalments",
)


def facts(contract_ids: Iterable[str]) -> dict[str, ContractFact]:
    """Return contracts by number; those that do not exist are absent."""
    rows = list(Contract.objects.filter(pk__in=list(contract_ids)).values(*_FIELDS))
    versions = {pk: products.version_by_id(pk) for pk in {row["version_id"] for row in rows}}
    found = {}
    for row in rows:
        sold = versions[row["version_id"]]
        found[row["contract_id"]] = ContractFact(
            contract_id=row["contract_id"],
            status=row["policy_status"],
            customer_id=row["customer_id"],
            customer_name=row["customer__name"],
            product_code=sold.product_code,
            version=sold.version,
            version_id=row["version_id"],
            product_name=sold.product_name,
            line=row["line"],
            measurement=sold.measurement,
            cohort_year=row["contract_date"].year,
            agent_id=row["agent_id"],
            application_id=row["application_id"] or "",
            contract_date=row["contract_date"],
            coverage_start=row["coverage_start"],
            coverage_end=row["coverage_end"],
            ended_on=row["ended_on"],
            sum_assured=row["sum_assured"],
            premium=row["premium_amount"],
            frequency=row["frequency"],
            insurance_age=row["insurance_age"],
            sex=row["sex"],
            term_months=row["term_months"],
            pay_months=row["pay_months"],
            paid_instalments=row["paid_instalments"],
        )
    return found


def numbers_of_customer(customer_id: int) -> list[str]:
    """Return the contracts of a customer, oldest first."""
    rows = Contract.objects.filter(customer_id=customer_id).order_by("contract_date", "pk")
    return list(rows.values_list("pk", flat=True))


def moves_of(contract_ids: Iterable[str]) -> list[ContractMove]:
    """Return the moves of contracts from one status to another, oldest first."""
    labels = dict(Contract.Status.choices)
    rows = StatusMove.objects.filter(
        table_name=Contract._meta.db_table, key__in=list(contract_ids)
    ).order_by("pk")
    return [
        ContractMove(
            row.key,
            row.business_date or localtime(row.at).date(),
            str(labels.get(row.from_status, row.from_status)),
            str(labels.get(row.to_status, row.to_status)),
            row.reason,
        )
        for row in rows
    ]


def cover_on(contract_ids: Keys, on: ArrayLike) -> Flags:
    """Say for each row whether the contract was in force on its day.

    Losses before a lapse are covered, those between a lapse and the reinstatement are not; a
    contract that was withdrawn from never was in force.

    Args:
        contract_ids: (n,) numbers, repeated as need be; unknown ones have no cover.
        on: (n,) days, or one for all.
    """
    ids = np.asarray(contract_ids, dtype=object)
    wanted = sorted(set(ids.tolist()))
    read = read_columns(
        "SELECT contract_id, coverage_start, coverage_end, ended_on FROM contracts"
        " WHERE contract_id = ANY(%(ids)s)",
        {"ids": wanted},
        contract_id="keys",
        start="days",
        end="days",
        ended="days",
    )
    place = {key: row for row, key in enumerate(read["contract_id"].tolist())}
    row = np.array([place.get(key, -1) for key in ids.tolist()], np.int64)
    none = np.full(1, np.datetime64("NaT"), "datetime64[D]")
    start, end, ended = (np.append(read[name], none)[row] for name in ("start", "end", "ended"))
    return rules.in_force(start, end, ended, on) & ~_in_a_gap(ids, on)


def _in_a_gap(ids: Keys, on: ArrayLike) -> Flags:
    """Say for each row whether its contract lay lapsed on its day, before it was reinstated."""
    day = np.broadcast_to(np.asarray(on, "datetime64[D]"), ids.shape)
    gaps = gaps_of(sorted(set(ids.tolist())))
    inside = np.zeros(len(ids), bool)
    for key, lapsed, again in zip(
        gaps.contract_id, gaps.lapsed_on, gaps.reinstated_on, strict=True
    ):
        inside |= (ids == key) & (lapsed <= day) & (day < again)
    return inside


@dataclass(frozen=True, slots=True, eq=False)
class MeasurementPoints:
    """Contracts that wait for their first premium or are in force, (n,) each; won.

    ``total_instalments`` is how many fall due in all, ``coverage_end`` NaT for whole of life,
    ``loading_percent`` the extra on the cost of risk.
    """

    contract_id: Keys
    status: Keys
    product_code: Keys
    version: Ints
    version_id: Ints
    line: Keys
    measurement: Keys
    cohort_year: Ints
    contract_date: Days
    coverage_start: Days
    coverage_end: Days
    frequency: Keys
    insurance_age: Ints
    sex: Keys
    sum_assured: Won
    premium: Won
    term_months: Ints
    pay_months: Ints
    paid_instalments: Ints
    total_instalments: Ints
    loading_percent: Ints
    reserve: Won

    def __len__(self) -> int:
        return len(self.contract_id)


def measurement_points(on: date) -> MeasurementPoints:
    """Return all contracts that are measured at the end of a day, with what a projection needs."""
    c = measured_on(on)
    distinct, index = np.unique(c.version_id, return_inverse=True)
    sold = [products.version_by_id(int(pk)) for pk in distinct]
    return MeasurementPoints(
        contract_id=c.contract_id,
        status=c.status,
        product_code=c.product_code,
        version=np.array([one.version for one in sold], np.int64)[index],
        version_id=c.version_id,
        line=c.line,
        measurement=np.array([one.measurement for one in sold], dtype=object)[index],
        cohort_year=c.cohort_year,
        contract_date=c.contract_date,
        coverage_start=c.coverage_start,
        coverage_end=c.coverage_end,
        frequency=c.frequency,
        insurance_age=c.insurance_age,
        sex=c.sex,
        sum_assured=c.sum_assured,
        premium=c.premium,
        term_months=c.term_months,
        pay_months=c.pay_months,
        paid_instalments=c.paid_instalments,
        total_instalments=c.total,
        loading_percent=c.loading_percent,
        reserve=c.reserve,
    )


def reserve_by_line(on: date) -> dict[str, int]:
    """Return the policy reserve of each line at the end of a day, won (the sum of movements)."""
    return _by_line(
        "SELECT line, sum(movement)::bigint FROM reserve_totals WHERE base_date <= %s"
        " GROUP BY line",
        [on],
    )


def premium_by_line(month: date) -> dict[str, int]:
    """Return the premium collected in a month by line, won.

    Args:
        month: any day of the month.
    """
    return _by_line(
        "SELECT c.line, sum(b.amount)::bigint FROM premium_bills b JOIN contracts c"
        " USING (contract_id) WHERE b.status IN ('COLLECTED') AND b.collected_on >= %(first)s::date"
        " AND b.collected_on < %(first)s::date + interval '1 month' GROUP BY c.line",
        {"first": month.replace(day=1)},
    )


def _by_line(sql: str, params: list[date] | dict[str, date]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {line: int(amount) for line, amount in cursor.fetchall()}


def find_for_claim(query: str, scope: Scope) -> list[tuple[str, str]]:
    """Find contracts by number, customer's name or last four digits of the phone.

    Returns:
        (contract number, what to show), newest first, those in force before the others.
    """
    found = named(within(Contract.objects.all(), scope), query.strip()).select_related(
        "customer", "product"
    )
    rows = found.order_by("policy_status", "-contract_date")[:_CHOICES]
    return [
        (
            row.pk,
            f"{row.pk} · {row.customer.name} · {row.product.product_name}"
            f" · {row.get_policy_status_display()}",
        )
        for row in rows
    ]


def within(rows: QuerySet[Contract], scope: Scope) -> QuerySet[Contract]:
    """Keep the contracts that a person may see: an agent's own, a branch's, or all."""
    agents = sales.agents_in_scope(scope)
    return rows if agents is None else rows.filter(agent_id__in=agents)


def named(rows: QuerySet[Contract], query: str) -> QuerySet[Contract]:
    """Keep contracts whose number, customer's name or last four phone digits match."""
    return rows.filter(matches(query))


def matches(query: str, *, contract: str = "") -> Q:
    """Return the condition of a search word, each branch of which has its index.

    Args:
        query: a contract number or its beginning, the digits at its end, a customer's name, or the
            last four digits of a phone.
        contract: lookup path to the contract; empty on the contract itself.
    """
    word = query.strip()
    prefix = f"{contract}__" if contract else ""
    if number := _NUMBER.fullmatch(word.upper()):
        return Q(**{f"{prefix}contract_id__startswith": f"{_SERIES}{number[1]}"})
    people = Customer.objects.filter(name__icontains=word)
    hit = Q()
    if word.isdecimal():
        numbers = [f"{_SERIES}{year}-{word.zfill(7)}" for year in _YEARS]
        hit = Q(**{f"{prefix}contract_id__in": numbers})
        people = Customer.objects.annotate(ending=Right("phone", 4)).filter(ending=word)
    ids = list(people.order_by("-pk").values_list("pk", flat=True)[:_PEOPLE])
    if len(ids) == _PEOPLE:  # a common name: let the database join
        return hit | Q(**{f"{prefix}customer__name__icontains": word})
    return hit | Q(**{f"{prefix}customer_id__in": ids})
