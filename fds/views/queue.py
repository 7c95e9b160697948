"""The queue of the investigators: filtered, in the order of expected saving, taken one by one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.boards import Figure
from core.clock import business_date
from core.forms import act_button, form_page, once
from core.htmx import redirect_to
from core.lists import Empty, list_page
from core.permissions import may, requires
from fds import selectors, services
from fds.filters import CaseFilter, QueueFilter
from fds.forms import AsideForm
from fds.models import Case
from fds.tables import CaseTable, QueueTable
from fds.views.common import fact_or_404

MOST_ASKED = 2_000
OF_THE_LIST = {"sort", "page", "per", "cols"}


@requires("fds.view")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """List the undecided cases by expected saving, with the clock of their claims."""
    today = business_date()
    counted = selectors.queue_figures(request.user.get_username(), today)
    own = reverse("fds:review")
    return list_page(
        request,
        title=_("Review queue"),
        queryset=selectors.queue(today),
        filterset=QueueFilter,
        table=QueueTable,
        template="fds/queue.html",
        export_name="siu-queue",
        personal=True,
        empty=Empty(
            _("The queue is empty"), _("Claims that score 70 or more come here by themselves.")
        ),
        context={
            "reviews": may(request.user, "fds.review"),
            "query": request.GET.urlencode(),
            "figures": [
                Figure(_("Cases waiting"), counted["open"], kind="count",
                       url=own + "?standing=free"),
                Figure(_("My cases"), counted["mine"], kind="count", url=own + "?standing=mine"),
                Figure(_("Past the due date"), counted["late"], kind="count",
                       url=own + "?clock=late"),
                Figure(_("Put aside"), counted["aside"], kind="count",
                       url=own + "?standing=aside", note=_("not counted elsewhere")),
                Figure(_("Expected saving"), counted["saving"], _("won"),
                       note=_("probability × amount at stake, less the cost")),
                Figure(_("At stake"), counted["amount"], _("won")),
            ],
        },
    )  # fmt: skip


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


@requires("fds.review")
@require_POST
def review_next(request: HttpRequest) -> HttpResponse:
    """Take the free case with the highest expected saving among those filtered, and open it."""
    today = business_date()
    asked = QueryDict(request.META.get("QUERY_STRING", ""))
    among = None
    if any(value for name, value in asked.items() if name not in OF_THE_LIST):
        found = QueueFilter(asked, queryset=selectors.queue(today), request=request)
        if found.is_valid():
            among = list(found.qs.values_list("claim_id", flat=True)[:MOST_ASKED])

    def take() -> str:
        number = services.take_next(business_date=today, among=among)
        if number is None:
            messages.info(request, _t("No case waits."))
            return reverse("fds:review") + "?reset=1"
        return reverse("fds:review_case", args=[number])

    return redirect_to(request, once(request, take))


@requires("fds.review")
@require_POST
def review_take(request: HttpRequest, number: str) -> HttpResponse:
    """Take one case that is free."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    return act_button(
        request,
        act=lambda: services.take(reception_id=number, business_date=today),
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
def review_aside(request: HttpRequest, number: str) -> HttpResponse:
    """Put a case aside until a day."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    return form_page(
        request,
        AsideForm,
        title=_("Put case %(number)s aside") % {"number": number},
        act=lambda form: services.put_aside(
            reception_id=number, business_date=today, **form.cleaned_data
        ),
        done=reverse("fds:review_case", args=[number]),
        submit=_("Put aside"),
        message=_("The case waits outside the queue."),
        cancel=reverse("fds:review_case", args=[number]),
        crumbs=[(_("Review queue"), reverse("fds:review"))],
    )


@requires("fds.review")
@require_POST
def review_call_back(request: HttpRequest, number: str) -> HttpResponse:
    """Bring a case that was put aside back into the queue."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    return act_button(
        request,
        act=lambda: services.call_back(reception_id=number, business_date=today),
        done=reverse("fds:review_case", args=[number]),
        message=_("The case stands in the queue again."),
    )
