"""The monitor of claims and scores, the home of the investigators, and panels on other pages."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from claims import api as claims
from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.htmx import render_page
from core.permissions import may, requires, scope_of
from core.privacy import log_view
from fds import selectors
from fds.models import Hold
from fds.views.common import fact_or_404

_CARDS = 30
_QUEUE = 25
STOP_POLLING = 286


@requires("fds.view")
@require_GET
def monitor(request: HttpRequest) -> HttpResponse:
    """Show claims as they come in with their scores, the suspicious ones marked; it stays live."""
    today = business_date()
    wanted = request.GET.get("show", "all")
    rows = selectors.analyses(wanted)
    page = Paginator(rows, _CARDS).get_page(request.GET.get("page"))
    numbers = [row.claim_id for row in page]
    facts, summaries = claims.facts(numbers), selectors.summaries(numbers)
    context: dict[str, Any] = {
        "cards": [(facts[number], summaries[number]) for number in numbers],
        "page": page,
        "show": wanted,
        "shows": [
            ("all", _("All")),
            ("waiting", _("Waits for a decision")),
            ("suspicious", _("Suspicious")),
            ("held", _("Held")),
        ],
        "today": today,
        "reviews": may(request.user, "fds.review"),
        "query": request.GET.urlencode(),
    }
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        return render_page(request, "fds/monitor.html", context, partial="cards")
    figures = selectors.monitor_figures(today)
    own = reverse("fds:monitor")
    return board_page(
        request,
        title=_("Claim review and fraud monitoring"),
        as_of=today,
        figures=[
            Figure(_("Scored today"), figures["today"], kind="count"),
            Figure(_("Suspicious, waits"), figures["waiting"], kind="count",
                   url=own + "?show=waiting"),
            Figure(_("At stake"), figures["amount"], _("won")),
            Figure(_("Held"), figures["held"], kind="count", url=reverse("fds:hold_list")),
            Figure(_("Suspicious of all"), figures["share"], kind="percent"),
        ],
        charts=[_score_chart()],
        template="fds/monitor.html",
        context=context,
    )  # fmt: skip


def _score_chart() -> Chart:
    counts = selectors.score_counts()
    total = sum(counts.values())
    high = sum(n for score, n in counts.items() if score >= 70)
    title = _t("%(n)d of %(all)d claims score 70 or more") % {"n": high, "all": total}
    return Chart(
        "scores",
        title,
        "bar",
        [str(score) for score in counts],
        [Series(_t("Claims"), list(counts.values()))],
        unit=_t("claims"),
        wide=True,
    )


@requires("fds.review")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show an investigator the queue by expected saving, the holds by review day, the next case."""
    today, name = business_date(), request.user.get_username()
    figures = selectors.queue_figures(name, today)
    rows = selectors.queue(today).filter(selectors.in_queue(today))
    holds = Hold.objects.filter(released_on=None).order_by("due_on", "pk")
    return board_page(
        request,
        title=_("Investigations"),
        place="home:siu",
        as_of=today,
        figures=[
            Figure(_("Cases waiting"), figures["open"], kind="count",
                   url=reverse("fds:review") + "?standing=free"),
            Figure(_("My cases"), figures["mine"], kind="count",
                   url=reverse("fds:review") + "?standing=mine"),
            Figure(_("Expected saving"), figures["saving"], _("won"),
                   note=_("probability × amount at stake, less the cost")),
            Figure(_("At stake"), figures["amount"], _("won")),
            Figure(_("Holds in force"), holds.count(), kind="count",
                   url=reverse("fds:hold_list") + "?state=open"),
        ],
        template="fds/home.html",
        context={
            "lines": selectors.cases(rows[:_QUEUE], today),
            "holds": selectors.holds(holds[:10], today),
            "proposals": selectors.watch_entries().filter(approved_by="")[:5],
            "today": today,
            "none": request.GET.get("none"),
        },
    )  # fmt: skip


@requires("fds.view")
@require_GET
def risk(request: HttpRequest, number: str) -> HttpResponse:
    """Show the risk of a claim with its rules; the fragment polls until nothing can change."""
    fact = fact_or_404(request, number)
    summary = selectors.summaries([number]).get(number)
    hold = selectors.hold_of(number)
    settled = not fact.open or (summary is not None and hold is None and fact.gate in ("CLEAR",))
    if not request.htmx:  # type: ignore[attr-defined]
        log_view(number, "fraud score")
    return render_page(
        request,
        "fds/risk.html",
        {
            "title": _("Risk of claim %(number)s") % {"number": number},
            "fact": fact,
            "summary": summary,
            "hold": selectors.holds([hold], business_date())[0] if hold else None,
            "settled": settled,
            "today": business_date(),
            "holds": may(request.user, "fds.hold"),
            "reviews": may(request.user, "fds.review"),
        },
        partial="risk",
        status=STOP_POLLING if settled and request.htmx else 200,  # type: ignore[attr-defined]
    )


@requires("fds.view")
@require_GET
def panel_contract(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the scores of a contract's claims on its page."""
    facts = claims.facts_of_contract(contract_id)
    if facts and not claims.visible(facts[0].reception_id, scope_of(request.user, "fds.view")):
        raise Http404(contract_id)
    summaries = selectors.summaries([fact.reception_id for fact in facts])
    return render_page(
        request,
        "fds/panel_contract.html",
        {
            "title": _("Fraud check"),
            "lines": [
                (fact, summaries[fact.reception_id])
                for fact in facts
                if fact.reception_id in summaries
            ],
        },
        partial="panel",
    )


@requires("fds.view")
@require_GET
def panel_provider(request: HttpRequest, code: str) -> HttpResponse:
    """Show whether a provider is, was or may be watched, on its page."""
    return render_page(
        request,
        "fds/panel_provider.html",
        {
            "title": _("Watch-list"),
            "entries": list(selectors.watch_entries().filter(provider_id=code)),
            "watches": may(request.user, "fds.watch"),
            "code": code,
            "today": business_date(),
        },
        partial="panel",
    )
