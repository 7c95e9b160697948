"""The reinsurance home, what is owed by age, and the panels of the home."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.frame import Act
from core.htmx import render_page
from core.permissions import may, requires
from products import api as products
from reinsurance import selectors
from reinsurance.models import Treaty

AGE_LABELS: tuple[Promise, ...] = (
    _("up to 30 days"),
    _("31 to 60 days"),
    _("61 to 90 days"),
    _("more than 90 days"),
)


def _owed(age: int | None = None) -> str:
    listed = reverse("reinsurance:recovery_list") + "?status=PENDING"
    return listed if age is None else f"{listed}&age={age}"


@requires("reinsurance.view")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the reinsurance desk: what is owed, what was ceded, what waits."""
    today = business_date()
    rows = selectors.ageing(today)
    totals = [sum(row.amounts[age] for row in rows) for age in range(len(AGE_LABELS))]
    year = selectors.year_so_far(today)
    figures = [
        Figure(_("Owed by reinsurers"), sum(totals), _("won"), url=_owed()),
        Figure(_("Owed for more than 90 days"), totals[-1], _("won"), better="down", url=_owed(3)),
        Figure(_("Recoveries this year"), year.recovered, _("won")),
        Figure(_("Ceded premium this year"), year.ceded, _("won")),
        Figure(
            _("Owed to reinsurers"),
            sum(row.payable for row in selectors.accounts_on(today)),
            _("won"),
            url=reverse("reinsurance:accounts"),
        ),
        Figure(_("Share of losses ceded this year"), year.ceded_share, kind="percent"),
        Figure(
            _("Treaties to sign"),
            Treaty.objects.filter(status="DRAFT").count(),
            kind="count",
            url=reverse("reinsurance:treaty_list") + "?status=DRAFT",
        ),
    ]
    return board_page(
        request,
        title=_("Reinsurance desk"),
        as_of=today,
        figures=figures,
        charts=[*_age_chart(totals), *_line_chart(year)],
        place="home:reinsurance",
        primary=Act(_("Draft a treaty"), reverse("reinsurance:treaty_new"), "plus")
        if may(request.user, "reinsurance.draft")
        else None,
        more=[
            Act(_("Bordereau of claims"), reverse("reinsurance:recovery_list"), "list"),
            Act(_("Bordereau of premiums"), reverse("reinsurance:cession_list"), "list"),
            Act(_("Treaties"), reverse("reinsurance:treaty_list"), "contract"),
            Act(_("Programme"), reverse("reinsurance:programme"), "layers-subtract"),
            Act(_("Accounts with reinsurers"), reverse("reinsurance:accounts"), "receipt-2"),
        ],
    )


def _age_chart(totals: list[int]) -> list[Chart]:
    owed = sum(totals)
    if not owed:
        return []
    return [
        Chart(
            id="ageing",
            title=_t("%(share)s %% of what reinsurers owe is older than 60 days")
            % {"share": f"{(totals[2] + totals[3]) / owed * 100:.0f}"},
            kind="bar",
            categories=[str(label) for label in AGE_LABELS],
            series=[Series(_("Outstanding"), totals)],
            unit=_("won"),
            urls=[_owed(age) for age in range(len(AGE_LABELS))],
        )
    ]


def _line_chart(year: selectors.YearSoFar) -> list[Chart]:
    if not year.by_line:
        return []
    names = products.lines()
    shares = {
        line: (ceded / gross if gross else 0) for line, (gross, ceded) in year.by_line.items()
    }
    most = max(shares, key=shares.__getitem__)
    listed = reverse("reinsurance:loss_list")
    return [
        Chart(
            id="lines",
            title=_t("%(line)s cedes most of its losses: %(share)s %%")
            % {"line": names.get(most, most), "share": f"{shares[most] * 100:.0f}"},
            kind="stack",
            categories=[names.get(line, line) for line in year.by_line],
            series=[
                Series(_("Ceded"), [ceded for _gross, ceded in year.by_line.values()]),
                Series(_("Kept"), [gross - ceded for gross, ceded in year.by_line.values()]),
            ],
            unit=_("won"),
            urls=[f"{listed}?line={line}" for line in year.by_line],
            note=_("paid losses of this year"),
        )
    ]


def _ageing_context(today: date) -> dict[str, Any]:
    rows = selectors.ageing(today)
    totals = [sum(row.amounts[age] for row in rows) for age in range(len(AGE_LABELS))]
    return {
        "rows": rows,
        "labels": AGE_LABELS,
        "totals": totals,
        "total": sum(totals),
        "title": _("Owed by reinsurers, by age"),
    }


@requires("reinsurance.view")
@require_GET
def ageing(request: HttpRequest) -> HttpResponse:
    """Show what each reinsurer owes by age."""
    today = business_date()
    context = _ageing_context(today)
    return board_page(
        request,
        title=context["title"],
        as_of=today,
        charts=_age_chart(context["totals"]),
        crumbs=[(_("Reinsurance desk"), reverse("reinsurance:home"))],
        template="reinsurance/ageing.html",
        context=context,
    )


@requires("reinsurance.view")
@require_GET
def panel_ageing(request: HttpRequest) -> HttpResponse:
    """Show what each reinsurer owes by age, on the home."""
    context = _ageing_context(business_date())
    return render_page(request, "reinsurance/panel_ageing.html", context, partial="panel")


@requires("reinsurance.view")
@require_GET
def panel_capacity(request: HttpRequest) -> HttpResponse:
    """Show how much of each treaty in force is used."""
    names = products.lines()
    rows = [
        (use, names.get(use.treaty.line, use.treaty.line))
        for use in selectors.capacities(business_date())
    ]
    context = {"rows": rows, "title": _("Capacity used")}
    return render_page(request, "reinsurance/panel_capacity.html", context, partial="panel")


@requires("reinsurance.view")
@require_GET
def panel_drafts(request: HttpRequest) -> HttpResponse:
    """List the drafts that wait for a signature."""
    rows = Treaty.objects.filter(status="DRAFT").order_by("period", "treaty_code")[:20]
    context = {"rows": rows, "title": _("Treaties to sign")}
    return render_page(request, "reinsurance/panel_drafts.html", context, partial="panel")


@requires("reinsurance.view")
@require_GET
def panel_cessions(request: HttpRequest) -> HttpResponse:
    """Show the latest month's bordereau of premiums, and what this month comes to so far."""
    today = business_date()
    context = {
        "rows": selectors.cessions().filter(month=selectors.last_ceded_month()),
        "so_far": selectors.subject_so_far(today),
        "names": products.lines(),
        "month": f"{today:%Y-%m}",
        "title": _("Bordereau of premiums"),
    }
    return render_page(request, "reinsurance/panel_cessions.html", context, partial="panel")
