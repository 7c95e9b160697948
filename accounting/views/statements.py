"""Balance sheet and income statement, with comparison, each line leading to its accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import FiscalPeriod
from accounting.rules.statements import ASSET, LineDef, Position, layout
from accounting.selectors import portfolios, statements
from core.boards import Figure
from core.excel import write_workbook
from core.htmx import render_page
from core.lists import Empty
from core.permissions import requires


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a statement as the page shows it, won."""

    definition: LineDef
    name: str
    now: int
    before: int
    year: int | None
    key: str

    @property
    def change(self) -> int:
        """Change against the month before."""
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class PortfolioShown:
    """A portfolio of contracts with its side, and how it stood a month before."""

    now: Position
    before: Position | None
    period: str

    @property
    def family(self) -> str:
        """What kind of contracts."""
        return str(portfolios.FAMILIES[self.now.family])

    @property
    def name(self) -> str:
        """What the portfolio is called."""
        return portfolios.named(self.now)

    @property
    def asset(self) -> bool:
        """Whether it stands among the assets."""
        return self.now.side == ASSET

    @property
    def turned(self) -> bool:
        """Whether it stood on the other side a month before."""
        return self.before is not None and self.before.side != self.now.side

    @property
    def balance(self) -> int:
        """What it holds, on its side, won."""
        return abs(self.now.balance)

    @property
    def balance_before(self) -> int:
        """What it held a month before, in the sign of today's side, won."""
        held = self.before.balance if self.before else 0
        return held if self.asset else -held

    @property
    def key(self) -> str:
        """Of its explanation."""
        return f"{self.period}~{self.now.family}~{self.now.portfolio}"


def name_of(definition: LineDef) -> str:
    """Return a line's name in the language of the page."""
    korean = (get_language() or "ko").startswith("ko")
    return definition.name if korean else definition.name_en


@requires("accounting.view")
@require_GET
def latest(request: HttpRequest) -> HttpResponse:
    """Go to the statements of the last closed month, or of the first open one."""
    closed = FiscalPeriod.objects.filter(status="CLOSED").order_by("-period").first()
    month = closed or FiscalPeriod.objects.order_by("-period").first()
    if month is None:
        empty = Empty(
            _("No financial statements yet"), _("The first closed month has the first statements.")
        )
        return render_page(
            request,
            "accounting/no_statements.html",
            {"title": _("Financial statements"), "empty": empty},
        )
    return redirect("accounting:statements", month.pk)


@requires("accounting.view")
@require_GET
def show(request: HttpRequest, period: str) -> HttpResponse:
    """Show the statements of a month beside the month before and the year to date."""
    now = statements.stated(period)
    months = list(FiscalPeriod.objects.order_by("-period").values_list("period", flat=True))
    earlier = [month for month in months if month < period]
    before = (
        statements.stated(earlier[0], now.presentation)
        if earlier
        else statements.Stated(period, final=True, amounts={})
    )
    year = statements.year_to_date(period)
    rows = {section: _rows(section, period, now, before, year) for section in ("BS", "IS")}
    if request.GET.get("export") == "xlsx":
        return _workbook(period, rows)
    net, comparison = now.get("IS", "NET_INCOME"), before.get("IS", "NET_INCOME")
    return render_page(
        request,
        "accounting/statements.html",
        {
            "title": _("Financial statements of %(period)s") % {"period": period},
            "stated": now,
            "before": before.period if earlier else "",
            "balance_sheet": rows["BS"],
            "income_statement": rows["IS"],
            "figures": [
                Figure(
                    _("Net income"),
                    net,
                    _("won"),
                    before=comparison if earlier else None,
                    better="up",
                    why=("statement_line", f"{period}~IS~NET_INCOME"),
                ),
                Figure(
                    _("Total assets"),
                    now.get("BS", "ASSETS"),
                    _("won"),
                    before=before.get("BS", "ASSETS") if earlier else None,
                    why=("statement_line", f"{period}~BS~ASSETS"),
                ),
                Figure(
                    _("Insurance contract assets"),
                    now.get("BS", "INS_ASSETS"),
                    _("won"),
                    before=before.get("BS", "INS_ASSETS") if earlier else None,
                    why=("statement_line", f"{period}~BS~INS_ASSETS"),
                ),
                Figure(
                    _("Insurance contract liabilities"),
                    now.get("BS", "INS_LIABILITIES"),
                    _("won"),
                    before=before.get("BS", "INS_LIABILITIES") if earlier else None,
                    why=("statement_line", f"{period}~BS~INS_LIABILITIES"),
                ),
                Figure(_("CSM"), now.csm, _("won"), why=("csm", period)),
            ],
            "portfolios": _portfolios(period),
            "months": months[:36],
            "period": period,
            "export": "?export=xlsx",
            "crumbs": [(_("Months and closing"), reverse("accounting:period_list"))],
        },
    )


def _portfolios(period: str) -> list[PortfolioShown]:
    """Return the portfolios of a month beside the month before: those that turned stand out."""
    month = FiscalPeriod.objects.get(pk=period)
    before = {
        (one.family, one.portfolio): one
        for one in portfolios.positions_at(month.starts_on - timedelta(days=1))
    }
    return [
        PortfolioShown(one, before.get((one.family, one.portfolio)), period)
        for one in portfolios.positions_at(month.ends_on)
    ]


def _rows(
    section: str,
    period: str,
    now: statements.Stated,
    before: statements.Stated,
    year: dict[statements.Key, int],
) -> list[Shown]:
    shown = [
        Shown(
            definition=one,
            name=name_of(one),
            now=now.get(section, one.line),
            before=before.get(section, one.line),
            year=year.get((section, one.line), 0) if section == "IS" else None,
            key=f"{period}~{section}~{one.line}",
        )
        for one in layout(now.presentation)
        if one.section == section
    ]
    return [row for row in shown if row.definition.total or row.now or row.before or row.year]


def _workbook(period: str, rows: dict[str, list[Shown]]) -> Any:
    headers = [
        _t("Financial statement"),
        _t("Item of the statement"),
        _t("The month"),
        _t("Month before"),
        _t("Year to date"),
    ]
    words = {"BS": _t("Balance sheet"), "IS": _t("Income statement")}
    cells = [
        [words[section], row.name, row.now, row.before, row.year]
        for section, lines in rows.items()
        for row in lines
    ]
    file = write_workbook(period, headers, cells)
    return FileResponse(file, as_attachment=True, filename=f"statements-{period}.xlsx")
