"""The underwriter's desk: the referral queue, the case, the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contracts import services
from contracts.filters import UnderwritingFilter
from contracts.forms import DecisionForm, EscalationForm
from contracts.models import Contract, Underwriting
from contracts.selectors import pages, sums_assured_of
from contracts.selectors.silence import silence
from contracts.tables import UnderwritingTable
from core.clock import business_date
from core.errors import NotFound
from core.forms import form_page, once, posted, refused_into
from core.htmx import redirect_to, render_page
from core.lists import Empty, list_page
from core.permissions import limit_of, may, requires, roles, scope_of
from core.privacy import log_view
from core.reach import way
from products import api as products
from sales import api as sales
from sales.api import ApplicationInfo

from .words import months_in_words, occupation

RIGHT = "contracts.underwrite"
VIEW = "contracts.view"
_QUEUE = 60


@requires(RIGHT)
@require_GET
def underwriting_home(request: HttpRequest) -> HttpResponse:
    """Open the referral that is accepted by silence first."""
    first = _queue(request).values_list("application_id", flat=True).first()
    if first is None:
        decided = Underwriting.objects.filter(status=Underwriting.Status.DECIDED).count()
        context = {
            "title": _("Underwriting"),
            "queue": [],
            "case": None,
            "decided": decided,
            "silence": silence(business_date()),
        }
        return render_page(request, "contracts/underwriting.html", context)
    return _work(request, first, DecisionForm())


@requires(VIEW)
@require_http_methods(["GET", "POST"])
def underwriting_list(request: HttpRequest) -> HttpResponse:
    """List decisions and referrals."""
    log_view("applications", "list of underwriting decisions")
    rows = pages.underwriting_list()
    agents = sales.agents_in_scope(scope_of(request.user, VIEW))
    if agents is not None:
        rows = rows.filter(application__agent_id__in=agents)
    return list_page(
        request,
        title=_("Underwriting decisions"),
        queryset=rows,
        filterset=UnderwritingFilter,
        table=UnderwritingTable,
        export_name="underwriting",
        personal=True,
        empty=Empty(
            _("No decisions yet"), _("Every submitted application is underwritten at once.")
        ),
    )


@requires(VIEW)
@require_http_methods(["GET", "POST"])
def underwriting_case(request: HttpRequest, application_id: str) -> HttpResponse:
    """Show a case, in the queue to those who decide; a decision leads on to the next one."""
    if request.method == "POST" and not may(request.user, RIGHT):
        raise PermissionDenied(RIGHT)
    form = DecisionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            return redirect_to(
                request, once(request, lambda: _decide(request, application_id, form))
            )
    return _work(request, application_id, form)


def _decide(request: HttpRequest, application_id: str, form: DecisionForm) -> str:
    services.decide(
        application_id=application_id,
        by=request.user.get_username(),
        own_number=request.user.own_number,
        limit=limit_of(request.user, RIGHT),
        business_date=business_date(),
        **form.cleaned_data,
    )
    following = _queue(request).values_list("application_id", flat=True).first()
    if following is None:
        return reverse("contracts:underwriting_home")
    return reverse("contracts:underwriting_case", args=[following])


def _queue(request: HttpRequest) -> QuerySet[Underwriting]:
    """Return the queue; who decides on any sum sees first what was passed on to them."""
    return pages.referrals(escalated_first=_is_last(request))


def _is_last(request: HttpRequest) -> bool:
    """Say whether nobody has a higher authority than this person."""
    highest = max(role.limits.get(RIGHT, 0) for role in roles().values())
    return limit_of(request.user, RIGHT) >= highest


@requires(RIGHT)
@require_http_methods(["GET", "POST"])
def underwriting_escalate(request: HttpRequest, application_id: str) -> HttpResponse:
    """Pass a referral on to the chief underwriter."""
    case = _case(request, application_id)
    log_view(application_id, "underwriting case")
    own = reverse("contracts:underwriting_case", args=[application_id])
    home = reverse("contracts:underwriting_home")
    return form_page(
        request,
        EscalationForm,
        title=_("Pass on to the chief underwriter"),
        act=lambda form: services.escalate(
            application_id=application_id,
            note=form.cleaned_data["note"],
            by=request.user.get_username(),
            business_date=business_date(),
        ),
        done=home,
        cancel=own,
        crumbs=[(_("Underwriting"), home), (case.row.application_id, own)],
        submit=_("Pass on"),
        message=_("The case is passed on to the chief underwriter."),
        template="contracts/underwriting_escalate.html",
        context={"case": case},
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A referral with all that its decision needs."""

    row: Underwriting
    application: ApplicationInfo
    product_name: str
    plan: str
    occupation: str
    reasons: list[tuple[str, str, str]]
    disclosures: list[tuple[str, str, bool]]
    held: int
    limit: int
    contracts: list[Contract]
    contract: Contract | None
    application_url: str

    @property
    def at_risk(self) -> int:
        """Sum assured with what is held already, won."""
        return int(self.application.sum_assured) + self.held

    @property
    def within(self) -> bool:
        """Whether the person's authority reaches."""
        return self.at_risk <= self.limit

    def days_left(self, today: date) -> int:
        """Days until silence is acceptance."""
        return (self.row.due_on - today).days


def _work(request: HttpRequest, application_id: str, form: DecisionForm) -> HttpResponse:
    today = business_date()
    case = _case(request, application_id)
    log_view(application_id, "underwriting case")
    decides = may(request.user, RIGHT)
    open_case = case.row.status == Underwriting.Status.REFERRED
    context = {
        "title": _("Underwriting"),
        "queue": _queue(request)[:_QUEUE] if decides else [],
        "silence": silence(today) if decides else None,
        "passes_on": decides and open_case and not case.row.escalated_on and not _is_last(request),
        "waiting": pages.referrals().count() if decides else 0,
        "case": case,
        "form": form if open_case and decides else None,
        "discloses": decides or may(request.user, "core.audit"),
        "today": today,
        "days_left": case.days_left(today),
    }
    status = 422 if form.errors else 200
    return render_page(request, "contracts/underwriting.html", context, status=status)


def _case(request: HttpRequest, application_id: str) -> Case:
    row = pages.underwriting(application_id)
    application = sales.applications([application_id])[0]
    agents = sales.agents_in_scope(scope_of(request.user, VIEW))
    if agents is not None and application.agent_id not in agents:
        raise NotFound(_("There is no referral of application %s.") % application_id)
    version = products.version(application.product_code, application.version)
    held = sums_assured_of([application.rrn_hash], application.product_code)
    owned = Contract.objects.filter(customer__rrn_hash=application.rrn_hash).select_related(
        "product"
    )
    return Case(
        row=row,
        application=application,
        product_name=f"{version.product_name} v{version.version}",
        plan=" · ".join(
            months_in_words(n) for n in (application.term_months, application.pay_months)
        ),
        occupation=occupation(application.job_code),
        reasons=pages.reasons_of(row, get_language()),
        disclosures=_answers(application),
        held=held.get(application.rrn_hash, 0),
        limit=limit_of(request.user, RIGHT),
        contracts=list(owned.order_by("-contract_date")[:10]),
        contract=Contract.objects.filter(application_id=application_id).first(),
        application_url=way("sales:application_detail", application_id),
    )


def _answers(application: ApplicationInfo) -> list[tuple[str, str, bool]]:
    """Return question, answer, and whether the answer differs from the usual one."""
    found = []
    for question in sales.questions(application.product_code, application.version):
        answer = application.disclosures.get(question.code, question.default)
        said = str(answer)
        if isinstance(answer, bool):
            said = _("Yes") if answer else _("No")
        language = (get_language() or "ko")[:2]
        for value, label in question.choices:
            if value == answer:
                said = str(label.get(language) or label.get("ko", ""))
        found.append((question.text, said, answer != question.default))
    return found
