"""The review of suspicious claims: a work page with queue, case and decision."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page, once
from core.htmx import redirect_to, render_page
from core.lists import Empty, list_page
from core.permissions import may, requires
from core.privacy import log_view
from fds import selectors, services
from fds.filters import CaseFilter
from fds.forms import DecisionForm
from fds.models import Case
from fds.tables import CaseTable
from fds.views.common import fact_or_404

_QUEUE = 40


def _queue(today: object) -> list[selectors.CaseLine]:
    rows = Case.objects.filter(status__in=selectors.UNDECIDED).order_by(
        "-expected_saving", "opened_on", "pk"
    )
    return selectors.cases(rows[:_QUEUE], today)  # type: ignore[arg-type]


@requires("fds.view")
@require_http_methods(["GET", "POST"])
def case_list(request: HttpRequest) -> HttpResponse:
    """List all cases, decided ones too."""
    return list_page(
        request,
        title=_("Fraud cases"),
        queryset=Case.objects.order_by("-opened_on", "-pk"),
        filterset=CaseFilter,
        table=CaseTable,
        export_name="fraud-cases",
        personal=True,
        empty=Empty(_("No cases yet"), _("A claim that scores 70 or more opens one.")),
    )


@requires("fds.view")
@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Show the queue; the first case is opened beside it."""
    today = business_date()
    lines = _queue(today)
    if lines:
        return review_case(request, lines[0].case.claim_id)
    return render_page(
        request, "fds/review.html", {"title": _("Review"), "lines": [], "today": today}
    )


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
            "taken": case.status == Case.Status.WORKING and not mine,
            "mine": case.status == Case.Status.WORKING and mine,
            "form": decision,
            "crumbs": [(_("Review queue"), reverse("fds:review"))],
        },
    )


@requires("fds.review")
@require_POST
def review_next(request: HttpRequest) -> HttpResponse:
    """Take the waiting case with the highest expected saving, and open it."""

    def take() -> str:
        number = services.take_next()
        if number is None:
            return reverse("fds:home") + "?none=1"
        return reverse("fds:review_case", args=[number])

    return redirect_to(request, once(request, take))


@requires("fds.review")
@require_POST
def review_take(request: HttpRequest, number: str) -> HttpResponse:
    """Take one waiting case."""
    fact_or_404(request, number, "fds.review")
    return act_button(
        request,
        act=lambda: services.take(reception_id=number),
        done=reverse("fds:review_case", args=[number]),
        message=_("The case is yours."),
    )


@requires("fds.review")
@require_POST
def review_put_back(request: HttpRequest, number: str) -> HttpResponse:
    """Put a case back into the queue."""
    fact_or_404(request, number, "fds.review")
    return act_button(
        request,
        act=lambda: services.put_back(reception_id=number),
        done=reverse("fds:review_case", args=[number]),
        message=_("The case is back in the queue."),
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
