"""Snoozes, as pages: a rule does not count for one key until a day; a second person agrees."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import may, requires
from fds import services
from fds.filters import SnoozeFilter
from fds.forms import LiftForm, SnoozeForm
from fds.models import Snooze
from fds.tables import SnoozeTable

USUAL = timedelta(days=90)


def _snooze(code: str, entity: str, key: str, start: str) -> Snooze:
    try:
        day = date.fromisoformat(start)
    except ValueError as wrong:
        raise Http404(start) from wrong
    found = Snooze.objects.filter(
        code=code, entity=entity.upper(), key=key, period__startswith=day
    ).first()
    if found is None:
        raise Http404(key)
    return found


@requires("fds.view")
@require_http_methods(["GET", "POST"])
def snooze_list(request: HttpRequest) -> HttpResponse:
    """List the snoozes, proposals first."""
    new = reverse("fds:snooze_new")
    edits = may(request.user, "fds.rules")
    return list_page(
        request,
        title=_("Snoozed rules"),
        queryset=Snooze.objects.order_by("approved_by", "-period"),
        filterset=SnoozeFilter,
        table=SnoozeTable,
        export_name="snoozes",
        personal=True,
        primary=Act(_("Propose a snooze"), new, "plus") if edits else None,
        empty=Empty(
            _("No rule is snoozed"),
            _("A snooze silences one rule for one policyholder, provider or agent; hits stay."),
            new if edits else "",
            _("Propose a snooze") if edits else "",
        ),
    )


@requires("fds.rules")
@require_http_methods(["GET", "POST"])
def snooze_new(request: HttpRequest) -> HttpResponse:
    """Propose that a rule does not count for a key."""
    today = business_date()
    asked = {name: request.GET[name] for name in ("code", "entity", "key") if name in request.GET}
    return form_page(
        request,
        SnoozeForm,
        title=_("Propose a snooze"),
        initial={"start": today + timedelta(days=1), "end": today + USUAL, **asked},
        act=lambda form: services.propose_snooze(**form.cleaned_data),
        done=reverse("fds:snooze_list"),
        submit=_("Propose"),
        message=_("Proposed. A second person agrees."),
        cancel=reverse("fds:snooze_list"),
        crumbs=[(_("Snoozed rules"), reverse("fds:snooze_list"))],
    )


@requires("fds.rules")
@require_http_methods(["GET", "POST"])
def snooze_detail(
    request: HttpRequest, code: str, entity: str, key: str, start: str
) -> HttpResponse:
    """Show a snooze; agree to it, refuse it, or lift it."""
    snooze = _snooze(code, entity, key, start)
    today = business_date()
    return form_page(
        request,
        LiftForm,
        title=f"{snooze.code} · {snooze.get_entity_display()} {snooze.key}",
        initial={"on": today + timedelta(days=1)},
        act=lambda form: services.lift_snooze(
            snooze_id=snooze.pk, on=form.cleaned_data["on"], business_date=today
        ),
        done=reverse("fds:snooze_list"),
        submit=_("Lift the snooze") if snooze.approved_by else _("Refuse the proposal"),
        message=_("The rule counts again.") if snooze.approved_by else _("Refused."),
        danger=True,
        cancel=reverse("fds:snooze_list"),
        crumbs=[(_("Snoozed rules"), reverse("fds:snooze_list"))],
        template="fds/snooze_detail.html",
        context={
            "snooze": snooze,
            "agrees": not snooze.approved_by and snooze.made_by != request.user.get_username(),
        },
    )


@requires("fds.rules")
@require_POST
def snooze_approve(
    request: HttpRequest, code: str, entity: str, key: str, start: str
) -> HttpResponse:
    """Agree to a snooze."""
    snooze = _snooze(code, entity, key, start)
    return act_button(
        request,
        act=lambda: services.approve_snooze(snooze_id=snooze.pk),
        done=reverse("fds:snooze_list"),
        message=_("The rule is snoozed; its hits are still written down."),
    )
