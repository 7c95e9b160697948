"""Homes: the agent's desk and the branch manager's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.boards import Chart, Figure, Series, board_page
from core.clock import add_months, business_date, month_end
from core.frame import Act
from core.permissions import Scope, requires, scope_of
from sales.models import Agent, Application, Commission
from sales.selectors import applications, commissions, organisation, settlements
from sales.tables import ContractSumTable

_SHOWN = 8
_SHOWN_MEMBERS = 30


@requires("sales.apply")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the commission dashboard: expected, paid, clawed back, trend, persistency, work."""
    today = business_date()
    scope = scope_of(request.user, "sales.apply")
    by_contract = ContractSumTable(list(commissions.by_contract(scope)[:_SHOWN]))
    by_contract.sorts = False
    if scope.own is not None:
        by_contract.columns.hide("agent_id")
    return board_page(
        request,
        title=_("My commissions and customers"),
        as_of=today,
        figures=[*_money(commissions.summary(scope, today)), *_kept(scope, today)],
        charts=[trend_chart(scope, today)],
        place="home:agent",
        primary=Act(_("New application"), reverse("sales:application_new"), "plus"),
        more=[
            Act(_("Commissions"), reverse("sales:commission_list"), "coins"),
            Act(_("Statements"), reverse("sales:settlement_list"), "file-invoice"),
        ],
        template="sales/home.html",
        context={
            "by_contract": by_contract,
            "steps": steps_of(scope, today),
            "stalled": applications.stalled(scope, today)[:_SHOWN],
            "training": organisation.training_ends_soon(scope, today)[:_SHOWN],
            "today": today,
        },
    )


def _money(now: commissions.Summary) -> list[Figure]:
    listed = reverse("sales:commission_list")
    carried = now.carried
    note = _("Settled on %(day)s, before tax") % {"day": now.settlement_day}
    if carried:
        note += " · " + _("less %(owed)s won owed from before") % {"owed": f"{-carried:,}"}
    due = urlencode({"status": "PENDING", "payment_date_max": now.settlement_day})
    taken = urlencode({"kind": Commission.Kind.CLAWBACK})
    return [
        Figure(_("Expected next"), now.expected, _("won"), url=f"{listed}?{due}", note=note),
        Figure(
            _("Earned this month"),
            now.earned,
            _("won"),
            before=now.earned_before,
            better="up",
            url=listed,
        ),
        Figure(
            _("Paid this month"),
            now.paid,
            _("won"),
            before=now.paid_before,
            url=reverse("sales:settlement_list"),
        ),
        Figure(
            _("Clawed back this month"),
            now.taken_back,
            _("won"),
            before=now.taken_back_before,
            better="down",
            url=f"{listed}?{taken}",
        ),
        Figure(_("Due later"), now.later, _("won"), url=f"{listed}?status=PENDING"),
    ]


def _kept(scope: Scope, today: date) -> list[Figure]:
    return [kept_figure(kept) for kept in commissions.persistency(scope, today)]


def kept_figure(kept: commissions.Kept) -> Figure:
    """Return a persistency as a key figure; one without a cohort says when it begins."""
    if kept.instalment == 0:
        label = _("Sold within a year, still in force")
    else:
        label = _("Persistency, month %(n)s") % {"n": kept.instalment}
    span = _("sold %(frm)s to %(to)s, by premium") % {"frm": kept.frm, "to": kept.to}
    if kept.ratio is None:
        return Figure(label, "–", kind="text", note=_("no contracts %(span)s") % {"span": span})
    return Figure(label, _ratio(kept.ratio), kind="percent", note=span)


def trend_chart(scope: Scope, today: date, *, wide: bool = True) -> Chart:
    """Return twelve months of earned, clawed back and paid."""
    points = commissions.trend(scope, today)
    listed = reverse("sales:commission_list")
    return Chart(
        "trend",
        _trend_title(points),
        "bar",
        [f"{p.month:%Y-%m}" for p in points],
        [
            Series(_("Earned"), [p.earned for p in points]),
            Series(_("Clawed back"), [-p.taken_back for p in points]),
            Series(_("Paid after tax"), [p.paid for p in points], kind="line"),
        ],
        unit=_("won"),
        urls=[
            f"{listed}?"
            + urlencode({"accrued_on_min": p.month, "accrued_on_max": month_end(p.month)})
            for p in points
        ],
        note=_("By the month in which it arose; paid by the month of payment."),
        wide=wide,
    )


def _trend_title(points: list[commissions.Point]) -> str:
    last, before = points[-2].earned if len(points) > 1 else 0, 0
    if len(points) > 2:
        before = points[-3].earned
    if not any(p.earned for p in points):
        return _("No commission in the last twelve months")
    if last > before:
        return _("Last month earned more than the month before")
    if last < before:
        return _("Last month earned less than the month before")
    return _("Commission over twelve months")


def steps_of(scope: Scope, today: date) -> list[tuple[str, str, int, str]]:
    """Return status, label, count and list address of each step of the applications."""
    counted = applications.by_step(scope, since=today.replace(day=1))
    listed = reverse("sales:application_list")
    return [
        (status, str(label), counted[status], f"{listed}?status={status}")
        for status, label in Application.Status.choices
    ]


@requires("sales.manage")
@require_GET
def branch_home(request: HttpRequest) -> HttpResponse:
    """Show the branch: against plan, its agents, what stalls."""
    today = business_date()
    scope = scope_of(request.user, "sales.manage")
    first = today.replace(day=1)
    members = list(organisation.agent_list(scope))
    ids = [agent.agent_id for agent in members]
    sold = commissions.sold(ids, first, today)
    before = commissions.sold(ids, add_months(first, -1), add_months(today, -1))
    plan = sum((branch.monthly_plan for branch in organisation.branches(scope)), Decimal(0))
    newcomers, kept = commissions.new_agents_kept(scope, today)
    figures = [
        Figure(
            _("New monthly premium"),
            sold.total,
            _("won"),
            before=before.total,
            plan=plan if plan else None,
            better="up",
        ),
        Figure(
            _("New contracts"),
            sum(sold.contracts.values()),
            _("contracts"),
            before=sum(before.contracts.values()),
            better="up",
            kind="count",
        ),
        *_money(commissions.summary(scope, today))[:4],
        *_kept(scope, today),
    ]
    if newcomers:
        ratio = Decimal(kept) / Decimal(newcomers)
        figures.append(Figure(_("Newcomers kept a year"), ratio, kind="percent"))
    return board_page(
        request,
        title=_("My branch"),
        as_of=today,
        lead=", ".join(branch.branch_name for branch in organisation.branches(scope)),
        figures=figures,
        charts=[_agents_chart(members, sold), trend_chart(scope, today, wide=False)],
        place="home:branch_manager",
        primary=Act(_("New application"), reverse("sales:application_new"), "plus"),
        more=[
            Act(_("Agents"), reverse("sales:agent_list"), "users"),
            Act(_("Appoint an agent"), reverse("sales:agent_new"), "user-plus"),
            Act(_("Statements"), reverse("sales:settlement_list"), "file-invoice"),
        ],
        template="sales/branch_home.html",
        context={
            "members": _members(members, sold, scope, today)[:_SHOWN_MEMBERS],
            "steps": steps_of(scope, today),
            "stalled": applications.stalled(scope, today)[:_SHOWN],
            "training": organisation.training_ends_soon(scope, today)[:_SHOWN],
            "next_settlement": settlements.next_settlement_day(today),
            "today": today,
        },
    )


def _agents_chart(members: list[Agent], sold: commissions.Sold) -> Chart:
    rows = sorted(members, key=lambda a: -sold.premium.get(a.agent_id, 0))[:10]
    return Chart(
        "agents",
        _("Who sold how much this month"),
        "hbar",
        [agent.agent_name for agent in rows],
        [Series(_("New monthly premium"), [sold.premium.get(a.agent_id, 0) for a in rows])],
        unit=_("won"),
        urls=[reverse("sales:agent_detail", args=[agent.agent_id]) for agent in rows],
    )


@dataclass(frozen=True, slots=True)
class Member:
    """An agent's line on the branch manager's home."""

    agent: Agent
    contracts: int
    premium: int
    kept: Decimal | None
    untrained: bool


def _members(
    members: list[Agent], sold: commissions.Sold, scope: Scope, today: date
) -> list[Member]:
    kept = commissions.in_force_by_agent(scope, today)
    rows = [
        Member(
            agent=agent,
            contracts=sold.contracts.get(agent.agent_id, 0),
            premium=sold.premium.get(agent.agent_id, 0),
            kept=_ratio(kept.get(agent.agent_id)),
            untrained=agent.training_valid_until < today,
        )
        for agent in members
        if agent.status == Agent.Status.ACTIVE
    ]
    return sorted(rows, key=lambda member: -member.premium)


def _ratio(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 4)))
