"""Commission plans: list, record, comparison, drafting, checking, and the arbitrage board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page
from sales.filters import PlanFilter
from sales.forms import PlanForm, ReasonForm
from sales.models import Agent, Commission, CommissionPlan
from sales.rules.differences import differences
from sales.selectors import plans
from sales.services import plans as services
from sales.tables import PlanTable

_CRUMB = _("Commission plans")
Status = CommissionPlan.Status


@requires("sales.view")
@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """List commission plans by product and cohort."""
    drafts = may(request.user, "sales.plan")
    new = Act(_("Draft a plan"), reverse("sales:plan_new"), "plus")
    return list_page(
        request,
        title=_CRUMB,
        queryset=plans.plan_list(),
        filterset=PlanFilter,
        table=PlanTable,
        export_name="commission-plans",
        primary=new if drafts else None,
        more=[Act(_("Arbitrage test"), reverse("sales:arbitrage_board"), "chart-line")],
        empty=Empty(
            _("No plan yet"),
            _("Without a plan, contracts earn by their product's own commission rule."),
        ),
    )


@requires("sales.view")
@require_GET
def plan_detail(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Show a plan: schedule, overrides, advance, clawback, and how its trial went."""
    row = plans.plan(plan_id)
    title, source = plans.regime_words(row.regime)
    before = plans.before(row)
    may_plan = may(request.user, "sales.plan")
    more = [
        Act(_("Arbitrage test"), f"{reverse('sales:arbitrage_board')}?plan={plan_id}", "chart-line")
    ]
    if before is not None:
        compare = reverse("sales:plan_compare", args=[plan_id])
        more.append(Act(_("Compare with the version before"), compare, "arrows-diff"))
    if may_plan and row.status == Status.ACTIVE:
        more.append(Act(_("Retire the plan"), reverse("sales:plan_retire", args=[plan_id]), "ban"))
    return record_page(
        request,
        row,
        title=row.product.product_name,
        number=plan_id,
        figures=_figures(row),
        facts=[
            (_("Product"), f"{row.product_id} · v{row.version}"),
            (_("Contract dates from"), row.period.lower),
            (_("Contract dates until"), row.period.upper or _("open")),
            (_("Regime"), f"{row.regime} · {title}"),
            (_("Source of the regime"), source),
            (_("What changed and why"), row.note or "–"),
            (_("Made by"), name_of(row.made_by)),
            (_("Checked by"), name_of(row.checked_by) or "–"),
        ],
        more=more,
        crumbs=[(_CRUMB, reverse("sales:plan_list"))],
        template="sales/plan_detail.html",
        context={
            "entries": row.value["schedule"],
            "maintenance": row.value.get("maintenance", []),
            "overrides": [
                (Agent.Rank(one["rank"]).label, one["percent"])
                for one in row.value.get("overrides", [])
            ],
            "advance": row.value.get("advance"),
            "bands": row.value.get("clawback", {}).get("table", []),
            "models": [_summed(one) for one in row.trial.get("models", [])],
            "evidence": [_evident(one) for one in plans.evidence(row.regime)],
            "decides": row.status == Status.DRAFT and may_plan,
        },
    )


_EVIDENT = {
    "starts": _("In force from"),
    "first_year_multiple": _("Cap of the first year"),
    "allowance": _("Agencies' allowance on top"),
    "counts": _("What counts against the cap"),
    "upfront_percent_of_cost": _("Paid in the first year, at most"),
    "maintenance_months": _("Maintenance fee spread over"),
    "maintenance_percent_of_cost": _("Maintenance fee a month, at most"),
    "long_term_from": _("Long-term fee from instalment"),
    "arbitrage_months": _("Arbitrage is tested over"),
}
_STATES = {
    "STATUTE": _("read in the regulation"),
    "PRESS": _("from the press, not confirmed"),
    "WEAK": _("one unofficial source, not confirmed"),
}


def _evident(one: plans.Evidence) -> dict[str, Any]:
    return {
        "figure": _EVIDENT[one.figure],
        "value": _evident_value(one),
        "source": one.source,
        "state": _STATES[one.state],
    }


def _evident_value(one: plans.Evidence) -> str:
    match one.figure:
        case "first_year_multiple":
            return _t("%(n)s monthly premiums") % {"n": one.value}
        case "allowance":
            return _t("%(n)s %% of a monthly premium") % {"n": f"{100 * one.value['GA']:g}"}
        case "counts":
            kinds = dict.fromkeys(k for kinds in one.value.values() for k in kinds)
            return " · ".join(str(Commission.Kind(kind).label) for kind in kinds)
        case "upfront_percent_of_cost" | "maintenance_percent_of_cost":
            return _t("%(n)s %% of the acquisition cost") % {"n": f"{one.value:g}"}
        case "maintenance_months" | "arbitrage_months" if one.value:
            return _t("%(n)s months from the start") % {"n": one.value}
        case "arbitrage_months":
            return _t("the whole contract")
    return str(one.value)


def _figures(row: CommissionPlan) -> list[Figure]:
    models = row.trial.get("models", [])
    slack = min((_slack(one) for one in models), default=0.0)
    return [
        Figure(
            _("First year, at most"),
            f"{row.trial.get('first_year_percent', 0):,.1f}",
            _("% of a premium"),
            kind="text",
            note=_("the law allows 1,200 %"),
        ),
        Figure(
            _("Least distance to arbitrage"),
            f"{slack:,.2f}",
            _("premiums"),
            kind="text",
            url=f"{reverse('sales:arbitrage_board')}?plan={row.pk}",
        ),
        Figure(_("Model contracts tried"), len(models), kind="count"),
    ]


def _slack(model: dict[str, Any]) -> float:
    gaps = zip(model["premiums"], model["kept"], model["value"], strict=True)
    return min((p - k - v) / model["premium"] for p, k, v in gaps)


def _summed(model: dict[str, Any]) -> dict[str, Any]:
    return {
        "term": model["term"],
        "pay": model["pay"],
        "premium": model["premium"],
        "months": len(model["kept"]),
        "kept": model["kept"][-1],
        "slack": f"{_slack(model):,.2f}",
    }


@requires("sales.view")
@require_GET
def plan_compare(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Show what differs between a plan and the version before it."""
    row = plans.plan(plan_id)
    before = plans.before(row)
    context = {
        "title": _("Compare plans"),
        "row": row,
        "before": before,
        "rows": differences(before.value, row.value) if before else [],
        "crumbs": [
            (_CRUMB, reverse("sales:plan_list")),
            (plan_id, reverse("sales:plan_detail", args=[plan_id])),
        ],
    }
    return render_page(request, "sales/plan_compare.html", context)


@requires("sales.plan")
@require_http_methods(["GET", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Draft a plan, starting from another one (``?from=``)."""
    listed = reverse("sales:plan_list")
    source = plans.plan_list().filter(plan_id=request.GET.get("from", "")).first()
    latest = source or plans.plan_list().filter(status=Status.ACTIVE).first()
    initial: dict[str, Any] = {"starts": business_date(), "value": latest.value if latest else {}}
    if source is not None:
        initial |= {
            "product_code": source.product_id,
            "starts": source.period.lower,
            "ends": source.period.upper,
        }
    return form_page(
        request,
        PlanForm,
        title=_("Draft a plan"),
        initial=initial,
        act=lambda form: services.draft(
            services.Proposal(**form.cleaned_data), business_date=business_date()
        ),
        done=lambda made: reverse("sales:plan_detail", args=[made.pk]),
        submit=_("Try it and keep it as a draft"),
        message=_("Tried and drafted. A second person activates it."),
        cancel=listed,
        crumbs=[(_CRUMB, listed)],
    )


@requires("sales.plan")
@require_POST
def plan_activate(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Activate a draft, as its second person."""
    plans.plan(plan_id)
    return act_button(
        request,
        act=lambda: services.activate(plan_id, business_date=business_date()),
        done=reverse("sales:plan_detail", args=[plan_id]),
        message=_("The plan is active."),
    )


@requires("sales.plan")
@require_http_methods(["GET", "POST"])
def plan_retire(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Retire a plan, with the reason."""
    plans.plan(plan_id)
    back = reverse("sales:plan_detail", args=[plan_id])
    return form_page(
        request,
        ReasonForm,
        title=_("Retire the plan"),
        act=lambda form: services.retire(
            plan_id, reason=form.cleaned_data["reason"], business_date=business_date()
        ),
        done=back,
        submit=_("Retire the plan"),
        message=_("The plan is retired; its contracts go on by the product's own rule."),
        danger=True,
        cancel=back,
        crumbs=[(_CRUMB, reverse("sales:plan_list")), (plan_id, back)],
    )


@requires("sales.view")
@require_GET
def arbitrage_board(request: HttpRequest) -> HttpResponse:
    """Show how far each active plan stays from arbitrage, month by month for one of them."""
    known = list(plans.plan_list().exclude(status=Status.RETIRED))
    chosen = next((one for one in known if one.pk == request.GET.get("plan")), None)
    chosen = chosen or (known[0] if known else None)
    tested = [(one, _slack(m), m) for one in known for m in one.trial.get("models", [])]
    worst = min(tested, key=lambda row: row[1], default=None)
    return board_page(
        request,
        title=_("Arbitrage test"),
        as_of=business_date(),
        figures=[
            Figure(_("Plans tried"), len(known), kind="count", url=reverse("sales:plan_list")),
            Figure(_("Model contracts tried"), len(tested), kind="count"),
            Figure(
                _("Least distance to arbitrage"),
                f"{worst[1]:,.2f}" if worst else "–",
                _("premiums"),
                kind="text",
                note=f"{worst[0].product.product_name} · {worst[0].regime}" if worst else "",
                url=reverse("sales:plan_detail", args=[worst[0].pk]) if worst else "",
            ),
        ],
        charts=list(_charts(chosen)) if chosen else [],
        more=[Act(_CRUMB, reverse("sales:plan_list"), "adjustments")],
        template="sales/arbitrage_board.html",
        context={"rows": tested, "chosen": chosen},
    )


def _charts(plan: CommissionPlan) -> Iterator[Chart]:
    for number, model in enumerate(plan.trial.get("models", [])):
        gaps = zip(model["premiums"], model["kept"], model["value"], strict=True)
        least, month = min((p - k - v, m) for m, (p, k, v) in enumerate(gaps, start=1))
        months = [str(m) for m in range(1, len(model["kept"]) + 1)]
        together = [k + v for k, v in zip(model["kept"], model["value"], strict=True)]
        yield Chart(
            f"plan{number}",
            _("Paid for %(pay)s months: closest after instalment %(month)s, by %(gap)s won")
            % {"pay": model["pay"], "month": month, "gap": f"{least:,}"},
            "line",
            months,
            [
                Series(_("Premiums paid in all"), model["premiums"]),
                Series(_("Commission kept + surrender value"), together),
                Series(_("Commission kept"), model["kept"]),
            ],
            unit=_("won"),
            note=_("Man of 40; commission kept = paid less the clawback of that month."),
        )
