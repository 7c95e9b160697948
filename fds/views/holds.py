"""Holds, as pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.clock import business_date
from core.forms import form_page
from core.lists import Empty, list_page
from core.permissions import requires
from fds import selectors, services
from fds.filters import HoldFilter
from fds.forms import HoldForm, ReleaseForm
from fds.models import Hold
from fds.tables import HoldTable
from fds.views.common import fact_or_404


@requires("fds.view")
@require_http_methods(["GET", "POST"])
def hold_list(request: HttpRequest) -> HttpResponse:
    """List the holds with their day of review."""
    return list_page(
        request,
        title=_("Payment holds"),
        queryset=Hold.objects.order_by("released_on", "due_on", "pk"),
        filterset=HoldFilter,
        table=HoldTable,
        export_name="holds",
        personal=True,
        empty=Empty(
            _("No payment is held"),
            _("A person holds a payment on a statutory ground, from the page of the claim."),
        ),
    )


@requires("fds.hold")
@require_http_methods(["GET", "POST"])
def hold_new(request: HttpRequest, number: str) -> HttpResponse:
    """Hold the payment of a claim."""
    fact = fact_or_404(request, number, "fds.hold")
    today = business_date()
    back = reverse("fds:risk", args=[number])
    return form_page(
        request,
        HoldForm,
        title=_("Hold the payment of %(number)s") % {"number": number},
        confirm=True,
        initial={"notified_on": today},
        act=lambda form: services.place_hold(
            reception_id=number, business_date=today, **form.cleaned_data
        ),
        done=back,
        submit=_("Hold"),
        message=_("The payment is held."),
        danger=True,
        cancel=back,
        crumbs=[(_("Payment holds"), reverse("fds:hold_list"))],
        template="fds/hold_new.html",
        context={"fact": fact, "today": today},
    )


@requires("fds.hold")
@require_http_methods(["GET", "POST"])
def hold_release(request: HttpRequest, number: str) -> HttpResponse:
    """Show the hold of a claim, and release it."""
    fact_or_404(request, number, "fds.hold")
    today = business_date()
    hold = selectors.hold_of(number) or Hold.objects.filter(claim_id=number).last()
    if hold is None:
        raise Http404(number)
    back = reverse("fds:hold_list")
    return form_page(
        request,
        ReleaseForm,
        title=_("Hold of %(number)s") % {"number": number},
        confirm=True,
        act=lambda form: services.release_hold(
            reception_id=number, business_date=today, reason=form.cleaned_data["reason"]
        ),
        done=reverse("fds:risk", args=[number]),
        submit=_("Release the hold"),
        message=_("The hold was released."),
        cancel=back,
        crumbs=[(_("Payment holds"), back)],
        template="fds/hold_release.html",
        context={"line": selectors.holds([hold], today)[0], "today": today},
    )
