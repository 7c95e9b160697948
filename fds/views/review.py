"""The review of suspicious claims: a work page with queue, case and decision."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.clock import business_date
from core.htmx import render_page
from core.permissions import may, requires
from fds import selectors
from fds.models import Case, Label, Outcome, Task
from fds.views.casepage import TABS, context_of, tab_of
from fds.views.common import fact_or_404


@requires("fds.view")
@require_GET
def review_case(request: HttpRequest, number: str) -> HttpResponse:
    """Show one case: why, time line, relations, journal; the decision stands beside them."""
    today = business_date()
    fact = fact_or_404(request, number)
    case = Case.objects.filter(claim_id=number).first()
    if case is None:
        raise Http404(number)
    hold = selectors.hold_of(number)
    mine = case.investigator == request.user.get_username()
    working = case.status == Case.Status.WORKING
    lying = case.kept_until is not None and case.kept_until < today
    before, after = selectors.neighbours(case, today)
    tab = tab_of(request)
    return render_page(
        request,
        "fds/case.html",
        {
            "title": _("Case %(number)s") % {"number": number},
            "line": selectors.cases([case], today)[0],
            "case": case,
            "fact": fact,
            "label": Label.State(selectors.label_of(case)).label,
            "summary": selectors.summaries([number])[number],
            "said": selectors.latest_prediction(number),
            "hold": selectors.holds([hold], today)[0] if hold else None,
            "today": today,
            "tab": tab,
            "tabs": [(key, words, key == tab) for key, words in TABS],
            "before": before,
            "after": after,
            "reviews": may(request.user, "fds.review"),
            "holds": may(request.user, "fds.hold"),
            "undecided": case.status in selectors.UNDECIDED,
            "taken": working and not mine and not lying,
            "mine": working and mine,
            "aside": case.aside_until is not None and case.aside_until > today,
            "outcome": Outcome.objects.filter(case=case).first(),
            "tasks": list(Task.objects.filter(case=case).order_by("pk")),
            "alarms": Outcome.FalseAlarm.choices,
            "crumbs": [(_("Review queue"), reverse("fds:review"))],
            **context_of(request, tab, case, fact, today),
        },
    )
