"""Treaties: list, record, draft, signature, end."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Figure
from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page
from products import api as products
from reinsurance import selectors, services
from reinsurance.filters import TreatyFilter
from reinsurance.forms import EndForm, SignForm, TreatyForm
from reinsurance.models import Treaty
from reinsurance.tables import TreatyTable

_TREATIES = _("Treaties")


def _listed() -> str:
    return reverse("reinsurance:treaty_list")


def _detail(code: str) -> str:
    return reverse("reinsurance:treaty_detail", args=[code])


def _crumbs(code: str) -> list[tuple[Any, str]]:
    return [(_TREATIES, _listed()), (code, _detail(code))]


@requires("reinsurance.view")
@require_GET
def treaty_list(request: HttpRequest) -> HttpResponse:
    """List all treaties."""
    drafts = may(request.user, "reinsurance.draft")
    new = reverse("reinsurance:treaty_new")
    return list_page(
        request,
        title=_TREATIES,
        queryset=selectors.treaties(),
        filterset=TreatyFilter,
        table=TreatyTable,
        export_name="treaties",
        primary=Act(_("Draft a treaty"), new, "plus") if drafts else None,
        empty=Empty(
            _("No treaties yet"),
            _("Draft a treaty; a colleague signs it."),
            new if drafts else "",
            _("Draft a treaty"),
        ),
    )


@requires("reinsurance.view")
@require_GET
def treaty_detail(request: HttpRequest, treaty_code: str) -> HttpResponse:
    """Show one treaty with what it took and paid."""
    treaty = get_object_or_404(selectors.treaties(), pk=treaty_code)
    sums = selectors.treaty_sums(treaty_code)
    return record_page(
        request,
        treaty,
        title=treaty.treaty_name,
        number=treaty.treaty_code,
        place="treaty",
        figures=[
            Figure(_("Recoveries"), sums.recovered, _("won"), url=_recoveries(treaty_code)),
            Figure(_("Outstanding"), sums.outstanding, _("won"), url=_recoveries(treaty_code)),
            Figure(_("Ceded premium"), sums.ceded, _("won")),
            Figure(_("Reinsurance commission"), sums.commission, _("won")),
            Figure(_("Loss ratio of the treaty"), sums.ratio, kind="percent"),
        ],
        facts=_facts(treaty),
        crumbs=[(_TREATIES, _listed())],
        primary=_primary(request, treaty),
        more=_more(request, treaty),
    )


def _recoveries(code: str) -> str:
    return reverse("reinsurance:recovery_list") + f"?q={code}"


def _facts(treaty: Treaty) -> list[tuple[Any, Any]]:
    common = [
        (_("Kind of treaty"), treaty.get_kind_display()),
        (_("Reinsurer"), treaty.reinsurer_name),
        *_panel(treaty),
        (_("Portfolio"), products.lines().get(treaty.line, treaty.line)),
        (_("Losses from"), treaty.period.lower),
        (_("Losses until"), treaty.last_day),
        (_("Order in the programme"), treaty.position),
    ]
    return [
        *common,
        *_shares(treaty),
        (_("Reinsurance commission (%)"), treaty.commission_percent.normalize()),
        *_returns(treaty),
        (_("Limit of the period"), treaty.aggregate_limit or None),
        *_cover_bought_back(treaty),
        (_("Inures to later treaties"), _("yes") if treaty.inures else _("no")),
        (_("Drafted by"), name_of(treaty.made_by)),
        (_("Signed by"), name_of(treaty.checked_by)),
    ]


def _panel(treaty: Treaty) -> list[tuple[Any, Any]]:
    if not treaty.panel:
        return []
    lines = " · ".join(f"{name} {part / 100:g} %" for name, part in treaty.signed_lines)
    return [(_("Signed lines (%)"), lines)]


def _shares(treaty: Treaty) -> list[tuple[Any, Any]]:
    if treaty.kind in (Treaty.Kind.QUOTA_SHARE, Treaty.Kind.FACULTATIVE):
        found: list[tuple[Any, Any]] = [(_("Ceded (%)"), treaty.cession_percent.normalize())]
        if treaty.contract_number:
            url = reverse("contracts:contract_detail", args=[treaty.contract_number])
            link = format_html('<a class="number" href="{}">{}</a>', url, treaty.contract_number)
            found.append((_("Contract"), link))
        return found
    found = [(_("Retention"), treaty.retention), (_("Limit of the treaty"), treaty.layer_limit)]
    if treaty.kind == Treaty.Kind.SURPLUS:
        return [*found, (_("Lines"), treaty.surplus_lines.normalize())]
    found.append((_("Premium (%)"), treaty.premium_percent.normalize()))
    if treaty.deposit_premium:
        found += [
            (_("Deposit premium"), treaty.deposit_premium),
            (_("Instalments of the deposit"), treaty.deposit_instalments),
            (_("Minimum premium"), treaty.minimum_premium),
        ]
    if treaty.net_premium_base:
        found.append((_("Premium of what treaties before it leave"), _("yes")))
    if treaty.hours:
        found.append((_("Hours clause"), treaty.hours))
    return found


def _returns(treaty: Treaty) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if treaty.scale:
        points = ", ".join(f"{ratio} % → {rate} %" for ratio, rate in treaty.scale)
        found.append((_("Sliding scale"), points))
    if treaty.profit_percent:
        found += [
            (_("Profit commission (%)"), treaty.profit_percent.normalize()),
            (_("Expenses of the reinsurer (%)"), treaty.profit_expense_percent.normalize()),
        ]
    if treaty.follows:
        found += [
            (_("Renews the treaty"), _link(treaty.follows)),
            (_("Deficit carried forward (treaties)"), treaty.deficit_years),
        ]
    return found


def _link(code: str) -> SafeString:
    return format_html('<a class="number" href="{}">{}</a>', _detail(code), code)


def _cover_bought_back(treaty: Treaty) -> list[tuple[Any, Any]]:
    if not treaty.reinstatements:
        return []
    time = (
        _("pro rata as to amount and time")
        if treaty.reinstatement_time
        else _("pro rata as to amount")
    )
    prices = ", ".join(f"{percent} %" for percent in treaty.reinstatements)
    return [
        (_("Reinstatements"), format_html("{} · {}", prices, time)),
        (_("Premium of the layer"), treaty.layer_premium),
    ]


def _primary(request: HttpRequest, treaty: Treaty) -> Act | None:
    own = treaty.made_by == request.user.get_username()
    if treaty.status != Treaty.Status.DRAFT or own or not may(request.user, "reinsurance.sign"):
        return None
    return Act(_("Sign"), reverse("reinsurance:treaty_sign", args=[treaty.pk]), "signature")


def _more(request: HttpRequest, treaty: Treaty) -> list[Act]:
    if treaty.status == Treaty.Status.DRAFT and may(request.user, "reinsurance.draft"):
        url = reverse("reinsurance:treaty_edit", args=[treaty.pk])
        return [Act(_("Change the draft"), url, "edit")]
    if treaty.status == Treaty.Status.SIGNED and may(request.user, "reinsurance.sign"):
        url = reverse("reinsurance:treaty_end", args=[treaty.pk])
        return [Act(_("End before its time"), url, "calendar-x")]
    return []


@requires("reinsurance.draft")
@require_http_methods(["GET", "POST"])
def treaty_new(request: HttpRequest) -> HttpResponse:
    """Draft a treaty."""
    year = business_date().year + 1
    return form_page(
        request,
        TreatyForm,
        title=_("Draft a treaty"),
        initial={"start": f"{year}-01-01", "last_day": f"{year}-12-31"},
        act=lambda form: services.draft(form.draft()),
        done=_detail,
        message=_("Drafted. A colleague signs it."),
        cancel=_listed(),
        crumbs=[(_TREATIES, _listed())],
    )


@requires("reinsurance.draft")
@require_http_methods(["GET", "POST"])
def treaty_edit(request: HttpRequest, treaty_code: str) -> HttpResponse:
    """Change a draft."""
    treaty = get_object_or_404(Treaty, pk=treaty_code)
    names = (
        "treaty_code", "treaty_name", "kind", "reinsurer_name", "line", "position", "inures",
        "net_premium_base", "contract_number", "scale", "reinstatements", "reinstatement_time",
        "hours", "panel", "deposit_instalments", "follows", "deficit_years",
    )  # fmt: skip
    percents = (
        "cession_percent", "commission_percent", "premium_percent", "surplus_lines",
        "profit_percent", "profit_expense_percent",
    )  # fmt: skip
    amounts = (
        "retention", "layer_limit", "aggregate_limit", "layer_premium", "deposit_premium",
        "minimum_premium",
    )  # fmt: skip
    return form_page(
        request,
        TreatyForm,
        title=_("Change the draft"),
        initial={
            **{name: getattr(treaty, name) for name in names},
            **{name: getattr(treaty, name).normalize() for name in percents},
            **{name: int(getattr(treaty, name)) for name in amounts},
            "start": treaty.period.lower,
            "last_day": treaty.last_day,
        },
        act=lambda form: services.draft(form.draft()),
        done=_detail,
        message=_("Changed. A colleague signs it."),
        cancel=_detail(treaty_code),
        crumbs=_crumbs(treaty_code),
    )


@requires("reinsurance.sign")
@require_http_methods(["GET", "POST"])
def treaty_sign(request: HttpRequest, treaty_code: str) -> HttpResponse:
    """Sign a draft after its terms were shown."""
    treaty = get_object_or_404(Treaty, pk=treaty_code)
    return form_page(
        request,
        SignForm,
        title=_("Sign the treaty"),
        act=lambda form: services.sign(treaty_code),
        done=_detail(treaty_code),
        submit=_("Sign"),
        message=_("Signed. From now on its terms stand."),
        cancel=_detail(treaty_code),
        crumbs=_crumbs(treaty_code),
        template="reinsurance/treaty_sign.html",
        context={"treaty": treaty, "facts": _facts(treaty)},
    )


@requires("reinsurance.sign")
@require_http_methods(["GET", "POST"])
def treaty_end(request: HttpRequest, treaty_code: str) -> HttpResponse:
    """End a treaty before its time."""
    get_object_or_404(Treaty, pk=treaty_code)
    return form_page(
        request,
        EndForm,
        title=_("End before its time"),
        act=lambda form: services.end(treaty_code, **form.cleaned_data),
        done=_detail(treaty_code),
        danger=True,
        submit=_("End"),
        message=_("Ended. Earlier losses stay covered."),
        cancel=_detail(treaty_code),
        crumbs=_crumbs(treaty_code),
    )
