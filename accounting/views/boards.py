"""The accountant's home and the executive report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting import services
from accounting.models import FiscalPeriod, ManualJournal, MeasurementFact, PostingRule
from accounting.rules.words import event_words
from accounting.selectors import balances, controls, ledger, measured, statements
from accounting.selectors.statements import Stated
from accounting.tables import record_url
from accounting.views.measured import waterfall
from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.errors import NotFound
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty
from core.models import OutboxMessage
from core.permissions import may, requires
from core.templatetags.house import percent, short_won

KEEP_SECONDS = 300


@requires("accounting.close")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the accountant's desk: what stands between today and the close."""
    today = business_date()
    month = FiscalPeriod.objects.filter(status="OPEN").order_by("period").first()
    points = services.closing.checklist(month.pk, business_date=today, quick=True) if month else []
    waiting = sum(not point.ok for point in points if point.code != "over")
    parked = OutboxMessage.objects.filter(state=OutboxMessage.State.PARKED).count()
    held = balances.by_account(balances.closing_at(today))
    figures = [
        Figure(
            _("Open month"),
            month.pk if month else "–",
            kind="text",
            url=reverse("accounting:period_detail", args=[month.pk]) if month else "",
        ),
        Figure(_("Open points of the close"), waiting, _("points"), kind="count", better="down"),
        Figure(
            _("Journals to post"),
            ManualJournal.objects.filter(status="DRAFT").count(),
            kind="count",
            url=reverse("accounting:journal_list") + "?status=DRAFT",
        ),
        Figure(
            _("Rules to check"),
            PostingRule.objects.filter(status="DRAFT").count(),
            kind="count",
            url=reverse("accounting:rule_list") + "?status=DRAFT",
        ),
        Figure(_("Parked messages"), parked, kind="count", better="down"),
        Figure(
            _("Cash and deposits"),
            held.get("1110", 0),
            _("won"),
            why=("account_balance", f"1110~{today}"),
        ),
    ]
    return board_page(
        request,
        title=_("Accounting desk"),
        as_of=today,
        figures=figures,
        place="home:accountant",
        primary=Act(
            _("Close checklist"), reverse("accounting:period_detail", args=[month.pk]), "checklist"
        )
        if month
        else None,
        more=[
            Act(_("Trial balance"), reverse("accounting:trial_balance"), "scale"),
            Act(_("Journal entries"), reverse("accounting:entry_list"), "receipt"),
            Act(_("New journal"), reverse("accounting:journal_new"), "plus"),
        ],
    )


@requires("accounting.view")
@require_GET
def executive_home(request: HttpRequest) -> HttpResponse:
    """Show the executive report: the last closed month against the one before, and the year."""
    months = statements.closed(13)
    if not months:
        empty = Empty(
            _("The first report comes with the first closed month"),
            _("The nightly chain closes a month on its last day."),
            reverse("accounting:statements_latest"),
            _("Financial statements so far"),
        )
        context = {"title": _("Executive report"), "empty": empty}
        return render_page(request, "accounting/no_statements.html", context)
    now, before = months[-1], months[-2] if len(months) > 1 else None
    return board_page(
        request,
        title=_("Executive report"),
        lead=_t("Closed month %(period)s") % {"period": now.period},
        figures=_figures(now, before),
        charts=_charts(months[-12:]),
        place="home:executive",
        primary=Act(
            _("Financial statements"),
            reverse("accounting:statements", args=[now.period]),
            "report-money",
        ),
        more=[
            Act(
                _("IFRS 17 measurement"),
                reverse("accounting:measurement") + f"?period={now.period}",
                "chart-histogram",
            ),
            Act(_("Journal entries"), reverse("accounting:entry_list"), "receipt"),
        ],
        template="accounting/executive.html",
        context={"trail": _trail(now.period), "period": now.period, "units_offered": True},
    )


def _ratio(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value / 100, 6)))


def _figures(now: Stated, before: Stated | None) -> list[Figure]:
    period = now.period

    def line(label: Any, section: str, code: str, better: str = "") -> Figure:
        return Figure(
            label,
            now.get(section, code),
            _("won"),
            before=before.get(section, code) if before else None,
            better=better,
            why=("statement_line", f"{period}~{section}~{code}"),
        )

    def ratio(label: Any, name: str) -> Figure:
        return Figure(
            label,
            _ratio(now.ratios[name]),
            kind="percent",
            before=_ratio(before.ratios[name]) if before else None,
            better="down",
            why=(f"{name}_ratio", period),
        )

    new = _new_business([period, *([before.period] if before else [])])
    return [
        line(_("Net income"), "IS", "NET_INCOME", "up"),
        Figure(
            _("Contractual service margin (CSM)"),
            now.csm,
            _("won"),
            before=before.csm if before else None,
            better="up",
            why=("csm", period),
        ),
        ratio(_("Loss ratio"), "loss"),
        ratio(_("Expense ratio"), "expense"),
        ratio(_("Combined ratio"), "combined"),
        Figure(
            _("Margin of new business"),
            new.get(period, 0),
            _("won"),
            before=new.get(before.period) if before else None,
            better="up",
            why=("csm", period),
        ),
        line(_("Total assets"), "BS", "ASSETS", "up"),
        line(_("Total equity"), "BS", "EQUITY", "up"),
    ]


def _new_business(periods: list[str]) -> dict[str, int]:
    """Return the margin of the contracts issued in each month, won."""
    rows = MeasurementFact.objects.filter(
        run__period_id__in=periods, run__event_id__isnull=False, estimate="CSM", step="NEW"
    ).values_list("run__period_id", "amount")
    sums: dict[str, int] = {}
    for period, amount in rows:
        sums[period] = sums.get(period, 0) + int(amount)
    return sums


def _charts(months: list[Stated]) -> list[Chart]:
    names = [one.period for one in months]
    urls = [reverse("accounting:statements", args=[name]) for name in names]
    income = [one.get("IS", "NET_INCOME") for one in months]
    revenue = [one.get("IS", "INS_REVENUE") for one in months]
    won = _("won")
    new = _new_business(names)
    charts = [
        Chart(
            "net-income",
            _t("Net income of the last %(n)s months: %(sum)s won")
            % {"n": len(months), "sum": short_won(sum(income)) or "0"},
            "bar",
            names,
            [
                Series(_("Net income"), income),
                Series(_("Insurance service result"), [o.get("IS", "INS_RESULT") for o in months]),
                Series(_("Investment result"), [o.get("IS", "INV_RESULT") for o in months]),
            ],
            unit=won,
            urls=urls,
        ),
        Chart(
            "ratios",
            _combined_title(months[-1]),
            "line",
            names,
            [
                Series(_("Loss ratio"), [_ratio(o.ratios["loss"]) for o in months]),
                Series(_("Expense ratio"), [_ratio(o.ratios["expense"]) for o in months]),
                Series(_("Combined ratio"), [_ratio(o.ratios["combined"]) for o in months]),
            ],
            urls=urls,
            percent=True,
        ),
        Chart(
            "csm",
            _t("CSM stands at %(csm)s won") % {"csm": short_won(months[-1].csm) or "0"},
            "area",
            names,
            [Series(_("CSM"), [one.csm for one in months])],
            unit=won,
            urls=[reverse("accounting:measurement") + f"?period={name}" for name in names],
        ),
        Chart(
            "new-business",
            _t("New business added %(sum)s won of margin")
            % {"sum": short_won(sum(new.values())) or "0"},
            "bar",
            names,
            [Series(_("Margin of new business"), [new.get(name, 0) for name in names])],
            unit=won,
            urls=[reverse("accounting:measurement") + f"?period={name}" for name in names],
        ),
        Chart(
            "revenue",
            _t("Insurance revenue of %(sum)s won, by where it comes from")
            % {"sum": short_won(sum(revenue)) or "0"},
            "stack",
            names,
            [
                Series(label, [one.get("IS", code) for one in months])
                for label, code in (
                    (_("Expected claims"), "REV_CLAIMS"),
                    (_("Expected maintenance expenses"), "REV_EXPENSES"),
                    (_("Release of risk adjustment"), "REV_RISK"),
                    (_("CSM release"), "REV_CSM"),
                    (_("Acquisition recovery"), "REV_ACQ"),
                    (_("Premium allocation"), "REV_PAA"),
                )
            ],
            unit=won,
            urls=urls,
        ),
        Chart(
            "assets",
            _t("Assets of %(assets)s won against liabilities of %(liabilities)s won")
            % {
                "assets": short_won(months[-1].get("BS", "ASSETS")) or "0",
                "liabilities": short_won(months[-1].get("BS", "LIABILITIES")) or "0",
            },
            "line",
            names,
            [
                Series(_("Assets"), [one.get("BS", "ASSETS") for one in months]),
                Series(_("Liabilities"), [one.get("BS", "LIABILITIES") for one in months]),
            ],
            unit=won,
            urls=urls,
        ),
    ]
    try:
        forward = measured.roll_forward(measured.run_of(names[-1]), "CSM")
    except NotFound:
        return charts
    return [*charts, waterfall(forward, names[-1])]


def _combined_title(latest: Stated) -> str:
    combined = _ratio(latest.ratios["combined"])
    if combined is None:
        return _t("No insurance revenue in the last month")
    shown = percent(combined)
    if combined < 1:
        return _t("Before reinsurance the service earns money: combined ratio %(ratio)s") % {
            "ratio": shown
        }
    return _t("Before reinsurance the service loses money: combined ratio %(ratio)s") % {
        "ratio": shown
    }


def _trail(period: str) -> list[dict[str, Any]]:
    """Return the latest entries of a month with the ways back to their sources."""
    found = ledger.entries().filter(period_id=period)[:12]
    return [
        {
            "entry": entry,
            "url": record_url(entry.reference_id, entry.event_name),
            "event": event_words(entry.event_name),
        }
        for entry in found
    ]


@requires("accounting.view")
@require_GET
def panel_breaks(request: HttpRequest) -> HttpResponse:
    """Show the subledgers beside the ledger; the comparison is kept for five minutes."""
    rows = cache.get_or_set("accounting:reconciliations", controls.reconciliations, KEEP_SECONDS)
    return render_page(
        request,
        "accounting/panel_breaks.html",
        {"title": _("Subledgers against the ledger"), "rows": rows},
        partial="panel",
    )


@requires("accounting.view")
@require_GET
def panel_parked(request: HttpRequest) -> HttpResponse:
    """Show messages that wait or are parked."""
    states = [OutboxMessage.State.PARKED, OutboxMessage.State.WAITING]
    rows = OutboxMessage.objects.filter(state__in=states).order_by("-attempts", "id")[:15]
    return render_page(
        request,
        "accounting/panel_parked.html",
        {
            "title": _("Parked and waiting messages"),
            "rows": rows,
            "may_open": may(request.user, "core.operations"),
        },
        partial="panel",
    )


@requires("accounting.view")
@require_GET
def panel_waiting(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second person."""
    return render_page(
        request,
        "accounting/panel_waiting.html",
        {
            "title": _("Waits for a second accountant"),
            "journals": ManualJournal.objects.filter(status="DRAFT").order_by("entry_date")[:10],
            "rules": PostingRule.objects.filter(status="DRAFT").order_by("-pk")[:10],
            "months": FiscalPeriod.objects.filter(status="OPEN").exclude(requested_by=""),
        },
        partial="panel",
    )


@requires("accounting.view")
@require_GET
def panel_trial(request: HttpRequest) -> HttpResponse:
    """Show the trial balance by element, on the accountant's home."""
    today = business_date()
    held = balances.by_account(balances.closing_at(today))
    sums: dict[str, int] = {}
    for one in statements.natures():
        if not one.memorandum:
            sums[one.type] = sums.get(one.type, 0) + held.get(one.code, 0)
    return render_page(
        request,
        "accounting/panel_trial.html",
        {
            "title": _("Trial balance"),
            "rows": [
                (_("Assets"), sums.get("ASSET", 0), 0),
                (_("Expenses"), sums.get("EXPENSE", 0), 0),
                (_("Liabilities"), 0, -sums.get("LIABILITY", 0)),
                (_("Equity"), 0, -sums.get("EQUITY", 0)),
                (_("Revenue"), 0, -sums.get("REVENUE", 0)),
            ],
            "debit": sums.get("ASSET", 0) + sums.get("EXPENSE", 0),
            "credit": -sums.get("LIABILITY", 0) - sums.get("EQUITY", 0) - sums.get("REVENUE", 0),
            "today": today,
        },
        partial="panel",
    )
