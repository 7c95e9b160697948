"""The staff's side: partners, their keys, their use of the API, bulks, deliveries."""

from __future__ import annotations

from typing import Any

import redis
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
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
from core.permissions import may, requires
from core.records import record_page
from partners.filters import PartnerFilter
from partners.forms import KeyForm, PartnerForm, ReasonForm, RotateForm
from partners.models import Partner, PartnerKey
from partners.selectors import usage
from partners.services import accounts
from partners.services.door import store
from partners.services.secrets import secret_of
from partners.tables import PartnerTable

_CRUMB = _("Partners")
_SHOWN_SECONDS = 300


@requires("partners.view")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show what partners do now, and what waits for a person."""
    now = usage.today()
    bulk, told = reverse("partners:bulk_list"), reverse("partners:delivery_list")
    return board_page(
        request,
        title=_("Partner desk"),
        as_of=business_date(),
        lead=_("The last 24 hours of the API"),
        place="home:partner_manager",
        figures=[
            Figure(_("Connected partners"), now["partners"], kind="count",
                   url=reverse("partners:partner_list")),
            Figure(_("Calls"), now["calls"], kind="count"),
            Figure(_("Refused calls"), now["errors"], kind="count"),
            Figure(_("Faults of ours"), now["faults"], kind="count"),
            Figure(_("Bulks that wait"), now["waiting"], kind="count", url=bulk),
            Figure(_("Bulks stopped"), now["stopped"], kind="count", url=f"{bulk}?status=FAILED"),
            Figure(_("Deliveries given up"), now["parked"], kind="count",
                   url=f"{told}?state=PARKED"),
        ],
        template="partners/home.html",
        context={"rows": [(row, usage.usage_of(row)) for row in usage.partners()[:50]]},
    )  # fmt: skip


@requires("partners.view")
@require_GET
def partner_list(request: HttpRequest) -> HttpResponse:
    """List the partners."""
    new = Act(_("Connect a partner"), reverse("partners:partner_new"), "plug-connected")
    return list_page(
        request,
        title=_CRUMB,
        queryset=usage.partners(),
        filterset=PartnerFilter,
        table=PartnerTable,
        export_name="partners",
        primary=new if may(request.user, "partners.manage") else None,
        empty=Empty(_("No partners yet"), _("Connect the first one.")),
    )


@requires("partners.manage")
@require_http_methods(["GET", "POST"])
def partner_new(request: HttpRequest) -> HttpResponse:
    """Connect a partner."""

    def act(form: Any) -> Partner:
        given = {**form.cleaned_data, "products": form.cleaned_data["products"].upper().split()}
        return accounts.connect(**given, on=business_date())

    back = reverse("partners:partner_list")
    return form_page(
        request,
        PartnerForm,
        title=_("Connect a partner"),
        act=act,
        done=lambda made: reverse("partners:partner_detail", args=[made.code]),
        submit=_("Connect"),
        message=_("The partner is connected. Make its first key."),
        cancel=back,
        crumbs=[(_CRUMB, back)],
    )


@requires("partners.view")
@require_GET
def partner_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show a partner: use, quotas, keys, webhook, bulks, deliveries."""
    partner = get_object_or_404(Partner, pk=code)
    used = usage.usage_of(partner)
    manages = may(request.user, "partners.manage")
    first = used.minutes_to_first
    return record_page(
        request,
        partner,
        title=partner.name,
        number=partner.code,
        place="partner",
        figures=[
            Figure(_("Calls in 24 hours"), used.calls, kind="count"),
            Figure(_("Share refused"), used.error_rate, kind="percent"),
            Figure(_("Latency p95"), f"{used.p95:,} ms", kind="text",
                   note=_t("median %(m)s, p99 %(p)s ms") % {"m": used.median, "p": used.p99}),
            Figure(_("Busiest minute"), used.busiest, kind="count",
                   note=_t("of %s allowed") % f"{partner.requests_per_minute:,}"),
            Figure(_("Bulk lines in 24 hours"), used.lines, kind="count",
                   note=_t("of %s allowed") % f"{partner.lines_per_day:,}"),
            Figure(_("Key to first contract"),
                   "–" if first is None else _t("%s min") % f"{first:,.1f}", kind="text"),
        ],
        facts=[
            (_("Sells as"), partner.agent_id),
            (_("Products"), ", ".join(partner.products) or _t("all on sale")),
            (_("Technical contact"), partner.contact_email),
            (_("Conformance check passed"), partner.conformed_at),
        ],
        primary=Act(_("Make a key"), reverse("partners:key_new", args=[code]), "key")
        if manages and partner.status == Partner.Status.ACTIVE
        else None,
        more=_more(partner) if manages else [],
        crumbs=[(_CRUMB, reverse("partners:partner_list"))],
        template="partners/partner_detail.html",
        context={
            "keys": usage.keys_of(partner),
            "operations": usage.by_operation(partner),
            "problems": usage.by_problem(partner),
            "webhook": getattr(partner, "webhook", None),
            "used": used,
            "manages": manages,
            "bulks": usage.bulks().filter(partner=partner)[:5],
            "deliveries": usage.deliveries().filter(partner=partner)[:5],
        },
    )  # fmt: skip


def _more(partner: Partner) -> list[Act]:
    found = [Act(_("Dashboard"), reverse("partners:dashboard", args=[partner.code]), "chart-bar")]
    if partner.status == Partner.Status.ACTIVE:
        url = reverse("partners:partner_suspend", args=[partner.code])
        found.append(Act(_("Suspend access"), url, "hand-stop"))
    elif partner.status == Partner.Status.SUSPENDED:
        url = reverse("partners:partner_resume", args=[partner.code])
        found.append(Act(_("Open access again"), url, "player-play"))
    return found


@requires("partners.view")
@require_GET
def dashboard(request: HttpRequest, code: str) -> HttpResponse:
    """Show a partner's day by the hour."""
    partner = get_object_or_404(Partner, pk=code)
    used, hours = usage.usage_of(partner), usage.by_hour(partner)
    problems = usage.by_problem(partner)
    title = _t("%(n)s calls in 24 hours, %(bad)s refused") % {
        "n": f"{used.calls:,}", "bad": f"{used.errors:,}"}  # fmt: skip
    return board_page(
        request,
        title=_t("Dashboard of %s") % partner.name,
        lead=_("The last 24 hours of the API"),
        figures=[
            Figure(_("Calls"), used.calls, kind="count"),
            Figure(_("Refused calls"), used.errors, kind="count"),
            Figure(_("Latency p95"), f"{used.p95:,} ms", kind="text"),
            Figure(_("Bulk lines bound"), used.accepted, kind="count"),
            Figure(_("Deliveries that wait"), used.waiting, kind="count"),
            Figure(_("Deliveries given up"), used.parked, kind="count"),
        ],
        charts=[
            Chart("calls", title, "stack", [hour for hour, _good, _bad in hours],
                  [Series(_("Answered"), [good for _h, good, _b in hours]),
                   Series(_("Refused calls"), [bad for _h, _g, bad in hours])],
                  unit=_t("calls"), wide=True),
            Chart("problems", _t("Why calls were refused"), "hbar",
                  [code for code, _n in problems],
                  [Series(_("Refused calls"), [n for _c, n in problems])], unit=_t("calls"),
                  wide=True),
        ],
        crumbs=[
            (_CRUMB, reverse("partners:partner_list")),
            (partner.name, reverse("partners:partner_detail", args=[code])),
        ],
    )  # fmt: skip


def _of_partner(code: str) -> dict[str, Any]:
    back = reverse("partners:partner_detail", args=[code])
    return {"cancel": back, "crumbs": [(_CRUMB, reverse("partners:partner_list")), (code, back)]}


@requires("partners.manage")
@require_http_methods(["GET", "POST"])
def key_new(request: HttpRequest, code: str) -> HttpResponse:
    """Make a key."""
    get_object_or_404(Partner, pk=code)
    return form_page(
        request,
        KeyForm,
        title=_("Make a key"),
        act=lambda form: accounts.make_key(partner=code, **form.cleaned_data),
        done=lambda made: _shown_once(request, made.key_id),
        submit=_("Make a key"),
        **_of_partner(code),
    )


@requires("partners.manage")
@require_http_methods(["GET", "POST"])
def key_rotate(request: HttpRequest, key_id: str) -> HttpResponse:
    """Make a successor of a key."""
    key = get_object_or_404(PartnerKey, pk=key_id)
    return form_page(
        request,
        RotateForm,
        title=_("Rotate key %s") % key_id,
        act=lambda form: accounts.rotate(key_id=key_id, **form.cleaned_data),
        done=lambda made: _shown_once(request, made.key_id),
        submit=_("Make the successor"),
        **_of_partner(key.partner_id),
    )


def _shown_once(request: HttpRequest, key_id: str) -> str:
    """Allow one look at the secret, for five minutes, to the person who made the key."""
    try:
        store().set(f"partner:show:{key_id}", str(request.user.pk), ex=_SHOWN_SECONDS)
    except redis.RedisError:
        return reverse("partners:key_shown", args=[key_id])
    return reverse("partners:key_shown", args=[key_id])


@requires("partners.manage")
@require_GET
def key_shown(request: HttpRequest, key_id: str) -> HttpResponse:
    """Show the secret of a new key, this once."""
    key = get_object_or_404(PartnerKey.objects.select_related("partner"), pk=key_id)
    try:
        allowed = store().getdel(f"partner:show:{key_id}")
    except redis.RedisError:
        allowed = None
    mine = isinstance(allowed, bytes) and allowed.decode() == str(request.user.pk)
    shown = {
        "title": _t("Key %s") % key_id,
        "key": key,
        "secret": secret_of(key) if mine else "",
        "crumbs": _of_partner(key.partner_id)["crumbs"],
    }
    response = render_page(request, "partners/key_shown.html", shown)
    response["Cache-Control"] = "no-store"
    return response


@requires("partners.manage")
@require_POST
def key_revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(PartnerKey, pk=key_id)
    return act_button(
        request,
        act=lambda: accounts.revoke(key_id=key_id),
        done=reverse("partners:partner_detail", args=[key.partner_id]),
        message=_("The key is revoked."),
    )


@requires("partners.manage")
@require_http_methods(["GET", "POST"])
def partner_suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Close the door to a partner."""
    get_object_or_404(Partner, pk=code)
    return form_page(
        request,
        ReasonForm,
        title=_("Suspend access"),
        act=lambda form: accounts.suspend(partner=code, **form.cleaned_data),
        done=reverse("partners:partner_detail", args=[code]),
        submit=_("Suspend access"),
        danger=True,
        **_of_partner(code),
    )


@requires("partners.manage")
@require_http_methods(["GET", "POST"])
def partner_resume(request: HttpRequest, code: str) -> HttpResponse:
    """Open the door to a partner again."""
    get_object_or_404(Partner, pk=code)
    return form_page(
        request,
        ReasonForm,
        title=_("Open access again"),
        act=lambda form: accounts.resume(partner=code, **form.cleaned_data),
        done=reverse("partners:partner_detail", args=[code]),
        submit=_("Open access again"),
        **_of_partner(code),
    )
