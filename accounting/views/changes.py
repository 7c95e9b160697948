"""Statement of changes in equity and statement of cash flows, tied to the other statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import FiscalPeriod
from accounting.rules.changes import (
    COLUMNS,
    FINANCING,
    INVESTING,
    OPERATING,
    RowDef,
)
from accounting.selectors import changes
from accounting.selectors.changes import Span
from core.boards import Figure
from core.excel import write_workbook
from core.htmx import render_page
from core.permissions import requires

NAMES = {
    "CAPITAL": _("Share capital"),
    "RETAINED": _("Retained earnings"),
    "SURRENDER_RESERVE": _("Surrender value reserve"),
    "CURRENT_YEAR": _("Net income of the year to date"),
    "AOCI": _("Accumulated other comprehensive income"),
}
PARTS = {
    OPERATING: _("Cash flows from operating activities"),
    INVESTING: _("Cash flows from investing activities"),
    FINANCING: _("Cash flows from financing activities"),
}


@requires("accounting.view")
@require_GET
def show(request: HttpRequest, period: str) -> HttpResponse:
    """Show both statements of a month, or of the year to it: ``?span=year``."""
    month = get_object_or_404(FiscalPeriod, pk=period)
    year = request.GET.get("span") == "year"
    found = changes.span(month, year=year)
    key = f"{period}~{'year' if year else 'month'}"
    equity, cash = _equity(found), _cash(found, key)
    if request.GET.get("export") == "xlsx":
        return _workbook(period, equity, cash)
    return render_page(
        request,
        "accounting/changes.html",
        {
            "title": _("Changes in equity and cash flows of %(period)s") % {"period": period},
            "month": month,
            "months": FiscalPeriod.objects.order_by("-period")[:36],
            "year": year,
            "found": found,
            "figures": [
                Figure(PARTS[part], found.cash.of(part), _("won"), url=f"#{part.lower()}")
                for part in PARTS
            ],
            "columns": [NAMES[column] for column in COLUMNS],
            "equity": equity,
            "cash": cash,
            "crumbs": [
                (_("Financial statements"), reverse("accounting:statements", args=[period]))
            ],
        },
    )


def _name(definition: RowDef) -> str:
    korean = (get_language() or "ko").startswith("ko")
    return definition.name if korean else definition.name_en


def _equity(found: Span) -> list[dict[str, Any]]:
    def row(label: str, amounts: Mapping[str, int], *, strong: bool = False) -> dict[str, Any]:
        values = [amounts[column] for column in COLUMNS]
        return {"label": label, "amounts": values, "total": sum(values), "strong": strong}

    return [
        row(_t("Opening"), found.equity.opening, strong=True),
        *(row(_name(definition), amounts) for definition, amounts in found.equity.rows),
        row(_t("Closing"), found.equity.closing, strong=True),
    ]


def _cash(found: Span, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for part, label in PARTS.items():
        rows += [
            {"label": _name(one), "amount": amount, "key": f"{key}~{one.row}"}
            for one, amount, _rules in found.cash.rows
            if one.part == part
        ]
        rows.append(
            {"label": label, "amount": found.cash.of(part), "strong": True, "id": part.lower()}
        )
    opening, closing = found.cash.opening, found.cash.closing
    return [
        *rows,
        {"label": _t("Change of cash and deposits"), "amount": closing - opening, "strong": True},
        {"label": _t("Cash and deposits at the start"), "amount": opening},
        {"label": _t("Cash and deposits at the end"), "amount": closing, "strong": True},
    ]


def _workbook(period: str, equity: list[dict[str, Any]], cash: list[dict[str, Any]]) -> Any:
    headers = [_t("Changes in equity"), *(str(NAMES[column]) for column in COLUMNS), _t("Total")]
    cells: list[list[Any]] = [[row["label"], *row["amounts"], row["total"]] for row in equity]
    cells += [[""], [_t("Cash flows")]]
    cells += [[str(row["label"]), row["amount"]] for row in cash]
    file = write_workbook(period, headers, cells)
    return FileResponse(file, as_attachment=True, filename=f"changes-{period}.xlsx")
