"""The review of suspicious claims: a work page with queue, case and decision."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import business_date
from core.forms import form_page
from core.htmx import render_page
from core.permissions import may, requires
from core.privacy import log_view
from fds import selectors, services
from fds.forms import DecisionForm
from fds.models import Case
from fds.views.common import fact_or_404

_QUEUE = 40


def _queue(today: date) -> list[selectors.CaseLine]:
    rows = Case.objects.filter(selectors.in_queue(today)).order_by(
        "-expected_saving", "opened_on", "pk"
    )
    return selectors.cases(rows[:_QUEUE], today)


@requires("fds.view")
@require_GET
def review_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case with the evidence of every rule, and the decision."""
    today = business_date()
    fact = fact_or_404(request, number)
    case = Case.objects.filter(claim_id=number).first()
    if case is None:
        raise Http404(number)
    log_view(number, "fraud case")
    hold = selectors.hold_of(number)
    mine = case.investigator == request.user.get_username()
    lying = case.kept_until is not None and case.kept_until < today
    decision = DecisionForm()
    decision.check_at = reverse("fds:review_decide", args=[number])
    return render_page(
        request,
        "fds/review.html",
        {
            "title": _("Review"),
            "lines": _queue(today),
            "line": selectors.cases([case], today)[0],
            "case": case,
            "fact": fact,
            "summary": selectors.summaries([number])[number],
            "evaluations": selectors.evaluations_of(number),
            "hold": selectors.holds([hold], today)[0] if hold else None,
            "today": today,
            "reviews": may(request.user, "fds.review"),
            "holds": may(request.user, "fds.hold"),
            "undecided": case.status in selectors.UNDECIDED,
            "taken": case.status == Case.Status.WORKING and not mine and not lying,
            "mine": case.status == Case.Status.WORKING and mine,
            "form": decision,
            "crumbs": [(_("Review queue"), reverse("fds:review"))],
        },
    )


@requires("fds.review")
@require_http_methods(["GET", "POST"])
def review_decide(request: HttpRequest, number: str) -> HttpResponse:
    """Decide a case with one's own reason."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    return form_page(
        request,
        DecisionForm,
        title=_("Decide case %(number)s") % {"number": number},
        act=lambda form: services.decide(
            reception_id=number, business_date=today, **form.cleaned_data
        ),
        done=reverse("fds:review"),
        submit=_("Record the decision"),
        message=_("Decided."),
        cancel=reverse("fds:review_case", args=[number]),
        crumbs=[(_("Review queue"), reverse("fds:review"))],
    )
