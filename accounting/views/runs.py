"""Measurement runs: launched, watched, looked at, compared, repeated."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounting import services
from accounting.filters import RunFilter
from accounting.forms import RunForm
from accounting.models import MeasurementOrder, MeasurementRun
from accounting.rules.assumptions import BENKTANDER, BF, CAPE_COD, CHAIN
from accounting.selectors import measured, runs
from accounting.selectors.measured import COMPONENTS, STEPS
from accounting.tables import RunTable
from core.boards import Chart, Figure, Series
from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.htmx import Progress, progress_fragment, redirect_to, render_page
from core.lists import Empty, list_page
from core.permissions import may, requires
from core.records import record_page
from products import api as products

RIGHT = "accounting.close"
METHODS = {
    BF: _("Bornhuetter–Ferguson: expected claims"),
    BENKTANDER: _("Benktander: expected claims, corrected once"),
    CAPE_COD: _("Cape Cod: expected claims, at the level that has emerged"),
    CHAIN: _("Chain ladder: claims reported so far"),
}


def run_url(run: MeasurementRun) -> str:
    """Return the address of a run."""
    return reverse("accounting:run_detail", args=[run.key])


@requires("accounting.view")
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """List measurement runs."""
    new = reverse("accounting:run_new")
    return list_page(
        request,
        title=_("Measurement runs"),
        queryset=MeasurementRun.objects.select_related("assumption_set", "curve").order_by(
            "-period", "-number"
        ),
        filterset=RunFilter,
        table=RunTable,
        export_name="measurement-runs",
        empty=Empty(_("Nothing is measured yet"), _("The first close measures all groups.")),
        primary=Act(_("Launch a run"), new, "player-play") if may(request.user, RIGHT) else None,
        more=[
            Act(_("Compare two runs"), reverse("accounting:run_compare"), "arrows-diff"),
            Act(_("Assumptions"), reverse("accounting:assumption_list"), "adjustments"),
            Act(_("Yield curves"), reverse("accounting:curve_list"), "chart-line"),
            Act(_("Claims triangles"), reverse("accounting:triangles"), "triangle"),
        ],
    )


@requires("accounting.view")
@require_GET
def run_detail(request: HttpRequest, key: str) -> HttpResponse:
    """Show a run: what went in, what came out, where it stands."""
    run = runs.by_key(key)
    later = MeasurementRun.objects.filter(supersedes=run).first()
    forwards = measured.roll_forwards(run)
    return record_page(
        request,
        run,
        title=_("Measurement run"),
        number=str(run),
        status_field="",
        figures=[
            Figure(
                COMPONENTS[one.component],
                one.total("CLOSING"),
                _("won"),
                before=one.total("OPENING"),
                why=("measured", f"{key}~{one.component}~"),
            )
            for one in forwards
            if one.component in {"CSM", "PVFCF", "RA", "LRC", "LIC", "LC"}
        ],
        facts=_facts(run, later),
        crumbs=[(_("Measurement runs"), reverse("accounting:run_list"))],
        primary=Act(
            _("Roll-forward"),
            reverse("accounting:measurement") + f"?period={run.period_id}&run={run.number}",
            "chart-histogram",
        ),
        more=[
            Act(_("Groups"), reverse("accounting:run_groups", args=[key]), "list"),
            Act(_("Reinsurance held"), reverse("accounting:run_held", args=[key]), "shield-check"),
            Act(_("Run-off of the margin"), reverse("accounting:run_margin", args=[key]), "clock"),
            Act(
                _("Notes to the statements"),
                reverse("accounting:notes", args=[run.period_id]),
                "report-money",
            ),
            Act(
                _("Compare two runs"),
                reverse("accounting:run_compare") + f"?second={key}",
                "arrows-diff",
            ),
        ],
        template="accounting/run_detail.html",
        context={
            "run": run,
            "key": key,
            "rows": [
                (COMPONENTS[one.component], one.total("OPENING"), one.total("CLOSING"))
                for one in forwards
            ],
            "eligibility": _eligibility(run),
            "methods": _methods(run),
            "repeats": run.inputs_id is not None and may(request.user, RIGHT),
        },
    )


def _eligibility(run: MeasurementRun) -> list[tuple[str, int, object, object]]:
    """Return (group, longest cover, how it was asked, difference) of groups that grew."""
    return [
        (
            code,
            one["months"],
            _("a year at most") if one["short"] else _("by scenarios"),
            None if one["short"] else Decimal(str(one["difference"])),
        )
        for code, one in sorted(run.assumptions.get("eligibility", {}).items())
    ]


def _methods(run: MeasurementRun) -> list[tuple[str, object]]:
    """Return (portfolio, how claims not yet reported were estimated)."""
    found = run.assumptions.get("ibnr", {})
    return [(products.line_name(line), METHODS[name]) for line, name in sorted(found.items())]


def _facts(run: MeasurementRun, later: MeasurementRun | None) -> list[tuple[object, object]]:
    kept = run.inputs
    return [
        (_("Month"), run.period_id),
        (_("Purpose"), run.get_purpose_display()),
        (_("Posted"), _("with the close") if run.event_id else _("not posted")),
        (_("Assumptions"), str(run.assumption_set or f"v{run.assumptions['set']}")),
        (_("Yield curve"), str(run.curve or "–")),
        (_("Contracts"), f"{run.assumptions['contracts']:,}"),
        (_("Supersedes"), str(run.supersedes or "–")),
        (_("Superseded by"), str(later or "–")),
        (_("Inputs (SHA-256)"), f"{kept.pk[:16]}… · {kept.size:,} B" if kept else "–"),
        (_("Figures (SHA-256)"), f"{run.facts_hash[:16]}…" if run.facts_hash else "–"),
        (_("Engine"), run.engine or "–"),
        (_("Seconds taken"), f"{run.seconds:.1f}"),
        (_("Made by"), run.made_by),
    ]


@requires(RIGHT)
@require_POST
def run_repeat(request: HttpRequest, key: str) -> HttpResponse:
    """Calculate a run again from its stored inputs and say whether every figure is the same."""
    run = runs.by_key(key)
    return act_button(
        request,
        act=lambda: services.measuring.reproduce(run),
        done=run_url(run),
        message=_("Repeated from the stored inputs: every figure is the same."),
    )


@requires(RIGHT)
@require_http_methods(["GET", "POST"])
def run_new(request: HttpRequest) -> HttpResponse:
    """Order a run; a worker measures while the page shows how far it is."""
    listed = reverse("accounting:run_list")
    return form_page(
        request,
        RunForm,
        title=_("Launch a measurement run"),
        initial={"purpose": "WHATIF"},
        act=lambda form: services.ordering.order(
            business_date=business_date(), **form.cleaned_data
        ),
        done=lambda made: reverse("accounting:order_detail", args=[made.pk]),
        submit=_("Launch"),
        cancel=listed,
        crumbs=[(_("Measurement runs"), listed)],
    )


@requires("accounting.view")
@require_GET
def order_detail(request: HttpRequest, order_no: str) -> HttpResponse:
    """Show an order: its progress while a worker measures, then its run or its refusal."""
    found = get_object_or_404(MeasurementOrder.objects.select_related("run"), pk=order_no)
    return record_page(
        request,
        found,
        title=_("Ordered measurement"),
        number=found.pk,
        facts=[
            (_("Month"), found.period_id),
            (_("Purpose"), found.get_purpose_display()),
            (_("Assumptions"), str(found.assumption_set or _("those in force"))),
            (_("Yield curve"), str(found.curve or _("the latest by the month end"))),
            (_("What it shall answer"), found.note or "–"),
            (_("Asked by"), found.asked_by),
        ],
        crumbs=[(_("Measurement runs"), reverse("accounting:run_list"))],
        template="accounting/order_detail.html",
        context={
            "order": found,
            "progress": _progress(found),
            "run_url": run_url(found.run) if found.run else "",
        },
    )


@requires("accounting.view")
@require_GET
def order_progress(request: HttpRequest, order_no: str) -> HttpResponse:
    """Answer a poll: how far the worker is, or the way to the result."""
    found = get_object_or_404(MeasurementOrder.objects.select_related("run"), pk=order_no)
    if found.status == MeasurementOrder.Status.WAITING:
        return progress_fragment(request, _progress(found))
    back = reverse("accounting:order_detail", args=[order_no])
    return redirect_to(request, run_url(found.run) if found.run else back)


def _progress(order: MeasurementOrder) -> Progress:
    words = {
        "READ": _("reading contracts and ledger"),
        "PROJECT": _("projecting cash flows"),
        "DISCOUNT": _("discounting"),
        "ROLL": _("rolling groups forward"),
        "INCURRED": _("incurred claims and expenses"),
        "KEEP": _("keeping the figures"),
    }
    stages = services.ordering.STAGES
    done = services.ordering.stage_of(order.pk)
    waits = order.status == MeasurementOrder.Status.WAITING
    return Progress(
        url=reverse("accounting:order_progress", args=[order.pk]),
        label=_t("Measuring %(period)s") % {"period": order.period_id},
        done=done if waits else len(stages),
        total=len(stages),
        finished=not waits,
        note=words[stages[min(done, len(stages) - 1)]] if waits else "",
    )


@requires("accounting.view")
@require_GET
def run_compare(request: HttpRequest) -> HttpResponse:
    """Show two runs beside each other: ``?first=`` and ``?second=`` keys."""
    found = list(MeasurementRun.objects.order_by("-period", "-number")[:200])
    keys = {run.key: run for run in found}
    title = _("Compare two runs")
    if len(keys) < 2:
        empty = Empty(_("There are not two runs yet"), _("Launch a run with other assumptions."))
        return render_page(
            request, "accounting/no_statements.html", {"title": title, "empty": empty}
        )
    order = list(keys)
    second = request.GET.get("second", "")
    second = second if second in keys else order[0]
    first = request.GET.get("first", "")
    first = first if first in keys else _beside(second, order)
    closings, steps = runs.compared(keys[first], keys[second])
    return render_page(
        request,
        "accounting/run_compare.html",
        {
            "title": title,
            "order": order,
            "first": first,
            "second": second,
            "closings": [(g, COMPONENTS[e], a, b, b - a) for g, e, a, b in closings],
            "steps": [(STEPS[s], a, b, b - a) for s, a, b in steps],
            "chart": _compare_chart(closings, first, second),
            "crumbs": [(_("Measurement runs"), reverse("accounting:run_list"))],
        },
    )


def _beside(key: str, order: list[str]) -> str:
    place = order.index(key)
    return order[place + 1] if place + 1 < len(order) else order[0]


def _compare_chart(
    closings: list[tuple[str, str, int, int]], first: str, second: str
) -> Chart | None:
    margins = [(group, a, b) for group, estimate, a, b in closings if estimate == "CSM"]
    if not margins:
        return None
    change = sum(b - a for _g, a, b in margins)
    return Chart(
        "compare",
        _t("The margin (CSM) of %(second)s is %(change)s won away from %(first)s")
        % {"first": first, "second": second, "change": f"{change:+,}"},
        "bar",
        [group for group, _a, _b in margins],
        [
            Series(first, [a for _g, a, _b in margins]),
            Series(second, [b for _g, _a, b in margins]),
        ],
        unit=_("won"),
        wide=True,
    )
