"""Commissions: lists, sums for the dashboards, trend, persistency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import Case, Count, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.bulk import read_columns
from core.clock import add_months, month_end
from core.errors import NotFound
from core.permissions import Scope
from sales import rules
from sales.access import visible
from sales.models import Agent, Commission, CommissionSettlement, SalesRecord
from sales.selectors import settlements

Kind = Commission.Kind
Status = Commission.Status
TREND_MONTHS = 12
_TAKEN = Q(kind__in=Commission.TAKEN)


def commission_list(scope: Scope) -> QuerySet[Commission]:
    """Return the commissions of a scope, the latest due first."""
    return visible(Commission.objects.select_related("agent"), scope).order_by(
        "-payment_date", "-comm_id"
    )


def commission(comm_id: int, scope: Scope) -> Commission:
    """Return one commission of a scope.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    found = commission_list(scope).filter(comm_id=comm_id).first()
    if found is None:
        raise NotFound(_("There is no commission %s.") % comm_id)
    return found


def of_contract(contract_id: str, scope: Scope) -> list[Commission]:
    """Return the commissions of a contract that a person may see, as they arose."""
    return list(
        commission_list(scope).filter(contract_id=contract_id).order_by("accrued_on", "comm_id")
    )


def taken_back_before(row: Commission) -> int:
    """Return what the agent's recovery on the contract stood at before a line, won."""
    earlier = Commission.objects.filter(
        kind__in=[Kind.CLAWBACK, Kind.RESTORED],
        contract_id=row.contract_id,
        agent_id=row.agent_id,
        comm_id__lt=row.comm_id,
    )
    return -int(earlier.aggregate(n=Sum("amount", default=0))["n"])


def line_below(row: Commission) -> Commission | None:
    """Return the commission line on which an override rests."""
    found = Commission.objects.select_related("agent").filter(
        contract_id=row.contract_id,
        instalment=row.instalment,
        kind__in=[Kind.NEW, Kind.RENEWAL],
        part=row.part % 100,
    )
    return found.first()


def advance_of(row: Commission) -> tuple[int, int, int]:
    """Return what an agent's advance on a contract came to by a line: granted, redeemed, recalled.

    Won, all positive; granted − redeemed − recalled is outstanding.
    """
    lines = Commission.objects.filter(
        contract_id=row.contract_id, agent_id=row.agent_id, comm_id__lte=row.comm_id
    )
    sums: Any = lines.aggregate(
        granted=Sum("amount", filter=Q(kind=Kind.ADVANCE), default=0),
        redeemed=Sum("amount", filter=Q(kind=Kind.REDEEMED), default=0),
        recalled=Sum("amount", filter=Q(kind=Kind.RECALL), default=0),
    )
    return int(sums["granted"]), -int(sums["redeemed"]), -int(sums["recalled"])


@dataclass(frozen=True, slots=True)
class KindSum:
    """The lines of one kind: how many, and their sum in won."""

    kind: str
    label: Any
    lines: int
    amount: int


def by_kind(agent_id: str, settlement_id: str = "") -> list[KindSum]:
    """Return an agent's lines, or those of a statement, summed by kind."""
    found = Commission.objects.filter(agent_id=agent_id)
    if settlement_id:
        found = found.filter(settlement_id=settlement_id)
    rows = {
        row["kind"]: row
        for row in found.values("kind").annotate(n=Count("comm_id"), won=Sum("amount")).order_by()
    }
    return [
        KindSum(kind.value, kind.label, rows[kind.value]["n"], int(rows[kind.value]["won"]))
        for kind in Kind
        if kind.value in rows
    ]


def outstanding_advance(agent_id: str) -> int:
    """Return what of an agent's advances is neither redeemed nor taken back, won."""
    lines = Commission.objects.filter(agent_id=agent_id, kind__in=Commission.ADVANCES)
    return int(lines.aggregate(n=Sum("amount", default=0))["n"])


@dataclass(frozen=True, slots=True)
class Summary:
    """Commission of a scope around one month, won.

    Args:
        settlement_day: when the next settlement pays.
        expected: what it will pay before tax: lines due until then with what is carried.
        carried: owed from before, zero or negative; part of ``expected``.
        later: lines that fall due after it.
        earned: commissions that arose this month so far.
        earned_before: those of the same days of the month before.
        paid: statements paid this month so far, after tax.
        paid_before: those of the same days of the month before.
        taken_back: clawbacks that arose this month so far, positive.
        taken_back_before: those of the same days of the month before.
    """

    settlement_day: date
    expected: int
    carried: int
    later: int
    earned: int
    earned_before: int
    paid: int
    paid_before: int
    taken_back: int
    taken_back_before: int


def summary(scope: Scope, on: date) -> Summary:
    """Sum a scope's commissions around ``on``."""
    settles = settlements.next_settlement_day(on)
    first = on.replace(day=1)
    this, before = (first, on), (add_months(first, -1), add_months(on, -1))
    lines = visible(Commission.objects.order_by(), scope)
    waiting = Q(status=Status.PENDING)
    arose: Any = lines.aggregate(
        expected=Sum("amount", filter=waiting & Q(payment_date__lte=settles), default=0),
        later=Sum("amount", filter=waiting & Q(payment_date__gt=settles), default=0),
        earned=Sum("amount", filter=~_TAKEN & Q(accrued_on__range=this), default=0),
        earned_before=Sum("amount", filter=~_TAKEN & Q(accrued_on__range=before), default=0),
        taken_back=Sum("amount", filter=_TAKEN & Q(accrued_on__range=this), default=0),
        taken_back_before=Sum("amount", filter=_TAKEN & Q(accrued_on__range=before), default=0),
    )
    paid: Any = visible(CommissionSettlement.objects.order_by(), scope).aggregate(
        paid=Sum("net_paid", filter=Q(paid_on__range=this), default=0),
        paid_before=Sum("net_paid", filter=Q(paid_on__range=before), default=0),
    )
    carried = _carried(scope)
    return Summary(
        settlement_day=settles,
        expected=int(arose["expected"]) + carried,
        carried=carried,
        later=int(arose["later"]),
        earned=int(arose["earned"]),
        earned_before=int(arose["earned_before"]),
        paid=int(paid["paid"]),
        paid_before=int(paid["paid_before"]),
        taken_back=-int(arose["taken_back"]),
        taken_back_before=-int(arose["taken_back_before"]),
    )


def _carried(scope: Scope) -> int:
    if scope.everything:
        return sum(settlements.balances().values())
    agents = visible(Agent.objects.all(), scope, agent="").values_list("agent_id", flat=True)
    return sum(settlements.balances(agents).values())


@dataclass(frozen=True, slots=True)
class Point:
    """One month of the trend, won; ``month`` is its first day."""

    month: date
    earned: int
    taken_back: int
    paid: int


def trend(scope: Scope, on: date, months: int = TREND_MONTHS) -> list[Point]:
    """Return what arose, was taken back and was paid in each month up to that of ``on``."""
    first = add_months(on.replace(day=1), 1 - months)
    arose = {
        row["month"]: row
        for row in visible(Commission.objects.all(), scope)
        .filter(accrued_on__gte=first, accrued_on__lte=on)
        .annotate(month=TruncMonth("accrued_on"))
        .values("month")
        .annotate(
            earned=Sum("amount", filter=~_TAKEN, default=0),
            taken=Sum("amount", filter=_TAKEN, default=0),
        )
        .order_by()
    }
    paid = {
        row["paid_month"]: int(row["n"])
        for row in visible(CommissionSettlement.objects.all(), scope)
        .filter(paid_on__gte=first, paid_on__lte=on)
        .annotate(paid_month=TruncMonth("paid_on"))
        .values("paid_month")
        .annotate(n=Sum("net_paid", default=0))
        .order_by()
    }
    points = []
    for number in range(months):
        month = add_months(first, number)
        row: Any = arose.get(month, {"earned": 0, "taken": 0})
        points.append(Point(month, int(row["earned"]), -int(row["taken"]), paid.get(month, 0)))
    return points


def by_contract(scope: Scope) -> QuerySet[Any, Any]:
    """Return sums by contract: earned, taken back, waiting, paid, the latest first."""
    waiting = Q(status=Status.PENDING)
    return (
        visible(Commission.objects.all(), scope)
        .values("contract_id", "agent_id", "product_code")
        .annotate(
            earned=Sum("amount", filter=~_TAKEN, default=0),
            taken_back=Sum("amount", filter=_TAKEN, default=0),
            waiting=Sum("amount", filter=waiting, default=0),
            paid=Sum("amount", filter=~waiting, default=0),
            instalments=Count("comm_id", filter=~_TAKEN),
            latest=Max("accrued_on"),
        )
        .order_by("-latest", "-contract_id")
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """Persistency of the cohorts sold between two days, by premium.

    Args:
        instalment: 13, 25, …; 0 counts who is in force now.
        frm, to: days of issue, both inclusive.
        contracts: how many were sold, withdrawals left out.
        ratio: kept premium over sold premium; None while no cohort is old enough.
    """

    instalment: int
    frm: date
    to: date
    contracts: int
    ratio: float | None


def persistency(scope: Scope, on: date) -> list[Kept]:
    """Return who is in force now, and the 13th and 25th month persistency, over twelve cohorts.

    A cohort counts once its measured instalment is due and its grace is over, two months later.
    """
    measures = [(0, _cohorts(on, 0, 12)), (13, _cohorts(on, 14, 12)), (25, _cohorts(on, 26, 12))]
    rows = _records(scope, measures[-1][1][0])
    return [_kept(rows, instalment, span) for instalment, span in measures]


def _cohorts(on: date, months_ago: int, count: int) -> tuple[date, date]:
    last = add_months(on.replace(day=1), -months_ago)
    return add_months(last, 1 - count), min(month_end(last), on)


_RECORDS = """
    SELECT agent_id, issued_on, premium::bigint, reached, pay_months, ended_on IS NULL
    FROM sales_records
    WHERE issued_on >= %(since)s AND reached >= 1 AND ended_kind <> 'WITHDRAWAL'
        AND (%(own)s::text IS NULL OR agent_id = %(own)s)
        AND (%(branch)s::text IS NULL
            OR agent_id IN (SELECT agent_id FROM agents WHERE branch_code = %(branch)s))
"""


def _records(scope: Scope, since: date) -> dict[str, NDArray[Any]]:
    branch = scope.branch if scope.own is None else None
    return read_columns(
        _RECORDS,
        {"since": since, "own": scope.own, "branch": branch},
        agent_id="keys",
        issued_on="days",
        premium="won",
        reached="ints",
        pay_months="ints",
        in_force="flags",
    )


def _kept(rows: dict[str, Any], instalment: int, span: tuple[date, date]) -> Kept:
    frm, to = (np.datetime64(day, "D") for day in span)
    inside = (rows["issued_on"] >= frm) & (rows["issued_on"] <= to)
    inside &= rows["pay_months"] >= instalment
    ratio = rules.persistency(
        premium=rows["premium"][inside],
        reached=rows["reached"][inside],
        in_force=rows["in_force"][inside],
        instalment=instalment,
    )
    return Kept(instalment, span[0], span[1], int(inside.sum()), ratio)


def in_force_by_agent(scope: Scope, on: date) -> dict[str, float]:
    """Return for each agent the share, by premium, of a year's sales that is still in force."""
    frm, to = (np.datetime64(day, "D") for day in _cohorts(on, 0, 12))
    rows = _records(scope, frm.item())
    inside = rows["issued_on"] <= to
    agents, place = np.unique(rows["agent_id"][inside], return_inverse=True)
    return {
        str(agent): ratio
        for agent, ratio in zip(
            agents,
            rules.persistency_by(
                place,
                len(agents),
                premium=rows["premium"][inside],
                kept=rows["in_force"][inside],
            ),
            strict=True,
        )
        if ratio is not None
    }


@dataclass(frozen=True, slots=True)
class Sold:
    """New business of agents in a period: contracts and monthly premium in won, by agent."""

    contracts: dict[str, int]
    premium: dict[str, int]

    @property
    def total(self) -> int:
        """All agents' premium."""
        return sum(self.premium.values())


def sold(agent_ids: Sequence[str] | None, frm: date, to: date) -> Sold:
    """Return new business issued between two days, both inclusive."""
    found = SalesRecord.objects.filter(issued_on__range=(frm, to)).exclude(ended_kind="WITHDRAWAL")
    if agent_ids is not None:
        found = found.filter(agent_id__in=agent_ids)
    rows = list(
        found.values("agent_id").annotate(n=Count("contract_id"), premium=Sum("premium")).order_by()
    )
    return Sold(
        contracts={row["agent_id"]: row["n"] for row in rows},
        premium={row["agent_id"]: int(row["premium"]) for row in rows},
    )


def new_agents_kept(scope: Scope, on: date) -> tuple[int, int]:
    """Return how many were appointed one to two years ago, and how many of them still are."""
    born = (on - timedelta(days=730), on - timedelta(days=365))
    kept = Case(When(status=Agent.Status.ACTIVE, then=Value(1)), default=Value(0))
    row: Any = (
        visible(Agent.objects.all(), scope, agent="")
        .filter(appointed_on__range=born)
        .aggregate(n=Count("agent_id"), kept=Sum(kept, default=0))
    )
    return row["n"], row["kept"]
