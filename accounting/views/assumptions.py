"""Sets of measurement assumptions: drafted on a screen, compared, checked by a second person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounting import services
from accounting.filters import AssumptionFilter
from accounting.forms import AssumptionForm, CommentForm
from accounting.models import AssumptionSet
from accounting.rules.assumption_changes import differences
from accounting.tables import AssumptionTable
from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page

Draft = AssumptionSet.Status.DRAFT


@requires("accounting.view")
@require_GET
def assumption_list(request: HttpRequest) -> HttpResponse:
    """List sets of measurement assumptions."""
    new = reverse("accounting:assumption_new")
    return list_page(
        request,
        title=_("Measurement assumptions"),
        queryset=AssumptionSet.objects.order_by("-version"),
        filterset=AssumptionFilter,
        table=AssumptionTable,
        primary=Act(_("Draft assumptions"), new, "plus")
        if may(request.user, "accounting.rule")
        else None,
        more=[Act(_("Yield curves"), reverse("accounting:curve_list"), "chart-line")],
    )


@requires("accounting.view")
@require_GET
def assumption_detail(request: HttpRequest, version: int) -> HttpResponse:
    """Show a set of assumptions by portfolio."""
    found = get_object_or_404(AssumptionSet, version=version)
    return record_page(
        request,
        found,
        title=_("Measurement assumptions"),
        number=str(found),
        facts=[
            (_("Applies from"), found.period.lower),
            (_("Until"), found.period.upper or _("open")),
            (_("What changed and why"), found.note),
            (_("Source of the figures"), found.provenance or "–"),
            (_("Made by"), name_of(found.made_by)),
            (_("Checked by"), name_of(found.checked_by) or "–"),
        ],
        more=[
            Act(
                _("Compare with another set"),
                reverse("accounting:assumption_compare") + f"?after={version}",
                "arrows-diff",
            )
        ],
        crumbs=[(_("Measurement assumptions"), reverse("accounting:assumption_list"))],
        template="accounting/assumption_detail.html",
        context={
            "set": found,
            "discount": sorted(found.values["discount"].items()),
            "portfolios": sorted(found.values["lines"].items()),
            "decides": found.status == Draft and may(request.user, "accounting.rule"),
        },
    )


@requires("accounting.rule")
@require_http_methods(["GET", "POST"])
def assumption_new(request: HttpRequest) -> HttpResponse:
    """Draft a new set of assumptions, starting from those in force."""
    latest = AssumptionSet.objects.filter(status="ACTIVE").order_by("-version").first()
    listed = reverse("accounting:assumption_list")
    return form_page(
        request,
        AssumptionForm,
        title=_("Draft assumptions"),
        initial={"values": latest.values if latest else {}, "start": business_date()},
        act=lambda form: services.assumptions.draft(**form.cleaned_data),
        done=lambda made: reverse("accounting:assumption_detail", args=[made.version]),
        submit=_("Keep as a draft"),
        message=_("Drafted. A second person checks them and puts them in force."),
        cancel=listed,
        crumbs=[(_("Measurement assumptions"), listed)],
    )


@requires("accounting.rule")
@require_POST
def assumption_activate(request: HttpRequest, version: int) -> HttpResponse:
    """Put drafted assumptions in force, as their second person."""
    found = get_object_or_404(AssumptionSet, version=version)
    return act_button(
        request,
        act=lambda: services.assumptions.activate(found.pk),
        done=reverse("accounting:assumption_detail", args=[version]),
        message=_("The assumptions are in force."),
    )


@requires("accounting.rule")
@require_http_methods(["GET", "POST"])
def assumption_discard(request: HttpRequest, version: int) -> HttpResponse:
    """Send a drafted set away, with the reason."""
    found = get_object_or_404(AssumptionSet, version=version)
    back = reverse("accounting:assumption_detail", args=[version])
    return form_page(
        request,
        CommentForm,
        title=_("Discard the draft"),
        act=lambda form: services.assumptions.discard(
            found.pk, reason=form.cleaned_data["comment"]
        ),
        done=back,
        submit=_("Discard"),
        danger=True,
        cancel=back,
    )


@requires("accounting.view")
@require_GET
def assumption_compare(request: HttpRequest) -> HttpResponse:
    """Show what differs between two sets: ``?before=`` and ``?after=`` versions."""
    sets = {one.version: one for one in AssumptionSet.objects.order_by("-version")}
    versions = list(sets)
    after = _chosen(request, "after", versions) or (versions[0] if versions else 0)
    earlier = [version for version in versions if version < after]
    before = _chosen(request, "before", versions) or (earlier[0] if earlier else after)
    rows = differences(sets[before].values, sets[after].values) if sets else []
    return render_page(
        request,
        "accounting/assumption_compare.html",
        {
            "title": _("Compare assumptions"),
            "versions": versions,
            "before": sets.get(before),
            "after": sets.get(after),
            "rows": [(one.path.split("."), one.before, one.after) for one in rows],
            "crumbs": [(_("Measurement assumptions"), reverse("accounting:assumption_list"))],
        },
    )


def _chosen(request: HttpRequest, name: str, versions: list[int]) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdigit() and int(given) in versions else 0
