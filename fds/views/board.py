"""The board of fraud detection: what is found, what it saves, what it costs in days."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.frame import Act
from core.permissions import requires
from fds import selectors
from fds.rules import names
from fds.selectors import board as figures_of

PERIODS = {"30": 30, "90": 90, "365": 365}


@requires("fds.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Show alerts a day, precision, detection rate, saved damage, days, overdue, rules, drift."""
    today = business_date()
    days = PERIODS.get(request.GET.get("days", ""), 90)
    until = today + timedelta(days=1)
    since = until - timedelta(days=days)
    now, before = (
        figures_of.board(since, until, today),
        figures_of.board(since - timedelta(days=days), since, today),
    )
    rules = figures_of.rule_figures(since, until)
    return board_page(
        request,
        title=_("Board of fraud detection"),
        as_of=today,
        lead=_t("The last %(n)d days") % {"n": days},
        figures=[
            Figure(_("Alerts a day"), f"{now.alerts / days:.1f}", kind="text",
                   note=_t("%(n)d of %(all)d claims scored") % {
                       "n": now.alerts, "all": now.scored}),
            Figure(_("Precision of the best 20"), now.precision, kind="percent", better="up",
                   before=before.precision, note=_("by expected saving, decided")),
            Figure(_("Detection rate"), now.rate, kind="percent", better="up",
                   before=before.rate,
                   note=_t("%(f)d of %(n)d decided") % {"f": now.frauds, "n": now.decided}),
            Figure(_("Established damage"), now.saved, _("won"), before=before.saved or None,
                   better="up"),
            Figure(_("Days to a decision"), "–" if now.days is None else f"{now.days:.1f}",
                   kind="text"),
            Figure(_("Past the due date"), now.late, kind="count",
                   url=reverse("fds:review") + "?clock=late"),
            Figure(_("Fraud among random audits"), _audited(now.recall), kind="text",
                   note=_recall(now.recall)),
        ],
        charts=[_alerts(since, until), _hits(rules)],
        more=[
            Act(_("30 days"), "?days=30"),
            Act(_("90 days"), "?days=90"),
            Act(_("A year"), "?days=365"),
        ],
        template="fds/board.html",
        context={
            "rules": rules,
            "checks": selectors.alarming_checks(),
            "champion": selectors.champion(),
            "challenger": selectors.challenger(),
        },
    )  # fmt: skip


def _audited(recall: dict[str, float]) -> str:
    if not recall.get("audited"):
        return "–"
    return f"{recall['frauds']:.0f} / {recall['audited']:.0f}"


def _recall(recall: dict[str, float]) -> str:
    if "share" not in recall:
        return _t("no audit is decided yet")
    return _t("%(share)s %% of all fraud is found (%(low)s to %(high)s)") % {
        name: f"{100 * recall.get(name, 0):.0f}" for name in ("share", "low", "high")
    }


def _alerts(since: object, until: object) -> Chart:
    weeks = figures_of.alerts_by_week(since, until)  # type: ignore[arg-type]
    opened, found = sum(w[1] for w in weeks), sum(w[2] for w in weeks)
    return Chart(
        "alerts",
        _t("%(n)d cases opened, %(f)d frauds established") % {"n": opened, "f": found},
        "bar",
        [f"{day:%m-%d}" for day, _n, _f in weeks],
        [
            Series(_t("Cases opened"), [n for _day, n, _f in weeks]),
            Series(_t("Frauds established"), [f for _day, _n, f in weeks]),
        ],
        note=_t("By week from its first day."),
    )


def _hits(rules: list[figures_of.RuleFigure]) -> Chart:
    hit = [rule for rule in rules if rule.hits]
    most = max(hit, key=lambda rule: rule.hits, default=None)
    title = (
        _t("%(rule)s hits most: %(n)d claims") % {"rule": names.title_of(most.code), "n": most.hits}
        if most
        else _t("No rule has hit a claim")
    )
    return Chart(
        "hits",
        title,
        "hbar",
        [f"{rule.code} {names.title_of(rule.code)}" for rule in hit],
        [Series(_t("Claims hit"), [rule.hits for rule in hit])],
        unit=_t("claims"),
    )
