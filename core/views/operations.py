"""Operations: the nightly chain by business date, failures by item, the outbox, parked messages."""

from __future__ import annotations

from datetime import date

import django_filters
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import jobs, nights, selectors
from core import outbox as outbox_module
from core.filters import HouseFilterSet, PeriodFilter
from core.forms import HouseForm, act_button, form_page
from core.frame import Act
from core.htmx import redirect_to, render_page
from core.lists import Bulk, Empty, list_page
from core.models import JobFailure, JobRun, OutboxMessage
from core.permissions import may, requires
from core.tables import CountColumn, DateColumn, HouseTable, StatusColumn, TextColumn

_POLL_ENDS = 286


@require_GET
@requires("core.operations")
def operations(request: HttpRequest, day: str = "") -> HttpResponse:
    """Show the steps of one business date; the part polls itself while something runs."""
    days = selectors.chain_days()
    chosen = _day(day) if day else (days[0]["business_date"] if days else None)
    steps = selectors.steps_of(chosen) if chosen else []
    now = nights.stand()
    running = any(not step.finished for step in steps) or (now.order and not now.failed)
    operates = may(request.user, "core.operate")
    context = {
        "title": _("Nightly chain"),
        "days": days,
        "day": chosen,
        "steps": steps,
        "failures": selectors.failures_of(chosen) if chosen else [],
        "outbox": selectors.outbox(),
        "running": running,
        "operates": operates,
        "nights": now,
        "primary": _RUN if operates and now.may_order else None,
    }
    response = render_page(request, "core/operations.html", context, partial="chain")
    if request.htmx and not running:  # type: ignore[attr-defined]
        response.status_code = _POLL_ENDS
    return response


_RUN = Act(_("Run the night"), reverse_lazy("run_nights"), "moon-stars")


class NightForm(HouseForm):
    """Up to which business date the nightly chain runs."""

    until = forms.DateField(
        label=_("Up to the night of"),
        help_text=_("The present business date runs one night; a later one runs each in order."),
    )


@require_http_methods(["GET", "POST"])
@requires("core.operate")
def run_nights(request: HttpRequest) -> HttpResponse:
    """Order one or more nights; the workers run them, and the operations screen follows."""
    now = nights.stand()
    due = {step.name for step in jobs.chain() if now.today and step.due(now.today)}
    return form_page(
        request,
        NightForm,
        title=_("Run the night"),
        act=lambda form: nights.order(until=form.cleaned_data["until"]),
        done=reverse("operations"),
        initial={"until": now.today},
        submit=_("Run the night"),
        message=_("The night has been ordered; the workers run it."),
        cancel=reverse("operations"),
        crumbs=[(_("Nightly chain"), reverse("operations"))],
        template="core/run_nights.html",
        context={"nights": now, "steps": [(s.label, s.name in due) for s in jobs.chain()]},
    )


@require_POST
@requires("core.operate")
def retry_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Put a failed step's chunks back in line; the next wake does them."""
    run = get_object_or_404(JobRun, pk=run_id)
    return act_button(
        request,
        act=lambda: jobs.retry_run(run),
        done=reverse("operations_day", args=[run.business_date.isoformat()]),
        message=_("The step is back in line; the next wake of the chain does it."),
    )


@require_POST
@requires("core.operate")
def retry_failure(request: HttpRequest, failure_id: int) -> HttpResponse:
    """Do one failed item again, for its own business date."""
    failure = get_object_or_404(JobFailure.objects.select_related("run"), pk=failure_id)
    return act_button(
        request,
        act=lambda: jobs.retry_failure(failure),
        done=reverse("operations_day", args=[failure.run.business_date.isoformat()]),
        message=_t("%(key)s is done.") % {"key": failure.key},
    )


class MessageTable(HouseTable):
    """Outbox messages."""

    hidden = ("due_at", "sent_at")
    created_at = DateColumn(verbose_name=_("Waiting since"))
    state = StatusColumn(verbose_name=_("State"))
    name = TextColumn(verbose_name=_("Event"))
    handler = TextColumn(verbose_name=_("Handler"))
    attempts = CountColumn(verbose_name=_("Attempts"))
    last_error = TextColumn(verbose_name=_("Last error"), orderable=False)
    due_at = DateColumn(verbose_name=_("Due at"))
    sent_at = DateColumn(verbose_name=_("Sent at"))


class MessageFilter(HouseFilterSet):
    """Outbox messages by state, event and day."""

    search_fields = ("name__icontains", "handler__icontains", "last_error__icontains")
    state = django_filters.ChoiceFilter(label=_("State"), choices=OutboxMessage.State.choices)
    created_at = PeriodFilter(label=_("Waiting since"))

    class Meta:
        model = OutboxMessage
        fields = ("state", "created_at")


@require_GET
@requires("core.operations")
def parked(request: HttpRequest) -> HttpResponse:
    """List what waits or was parked in the outbox."""
    operates = may(request.user, "core.operate")
    bulk = [Bulk(_("Send again"), reverse("parked_retry"), "refresh")] if operates else []
    return list_page(
        request,
        title=_("Parked messages"),
        queryset=OutboxMessage.objects.exclude(state=OutboxMessage.State.DONE).order_by(
            "state", "created_at"
        ),
        filterset=MessageFilter,
        table=MessageTable,
        bulk=bulk,
        bulk_key="pk",
        empty=Empty(
            _("Nothing waits and nothing is parked"),
            _("A message is parked after eight failed attempts, and stays here until it is sent."),
        ),
    )


@require_POST
@requires("core.operate")
def parked_retry(request: HttpRequest) -> HttpResponse:
    """Send parked messages again, their attempts counted afresh."""
    keys = [int(key) for key in request.POST.getlist("keys") if key.isdecimal()]
    state = OutboxMessage.State.PARKED
    chosen = OutboxMessage.objects.filter(pk__in=keys, state=state).values_list("pk", flat=True)
    sent = 0
    for key in list(chosen):
        outbox_module.retry(key)
        sent += 1
    messages.success(
        request,
        ngettext("%(n)s message is on its way.", "%(n)s messages are on their way.", sent)
        % {"n": sent},
    )
    return redirect_to(request, reverse("parked"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Http404(text) from wrong
