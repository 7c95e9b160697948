"""The roll-forward tables of the notes, from the ledger, tied to the measurement run."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import ContractGroup, FiscalPeriod
from accounting.rules.notes import (
    COMPONENTS,
    COVERAGE,
    HELD_COMPONENTS,
    REINSURANCE,
    RowDef,
    layout,
)
from accounting.rules.statements import ASSET, LIABILITY
from accounting.selectors import measured, notes, portfolios
from accounting.selectors.notes import Tied
from core.errors import NotFound
from core.excel import write_workbook
from core.htmx import render_page
from core.permissions import requires

TITLES = {
    COVERAGE: _("Remaining coverage and incurred claims (IFRS 17.100)"),
    COMPONENTS: _("Present value, risk adjustment and margin: general model (IFRS 17.101)"),
    REINSURANCE: _("Reinsurance held: remaining coverage and incurred claims (IFRS 17.98, .100)"),
    HELD_COMPONENTS: _(
        "Reinsurance held: present value, risk adjustment and margin (IFRS 17.98, .101)"
    ),
}
COLUMNS = {
    "LRC": _("Remaining coverage without loss component"),
    "LC": _("Loss component"),
    "LIC": _("Incurred claims"),
    "PVFCF": _("Present value of future cash flows"),
    "RA": _("Risk adjustment"),
    "CSM": _("Contractual service margin"),
    "ARC": _("Remaining coverage without recovery of losses"),
    "LR": _("Loss-recovery component"),
    "AIC": _("Recoverable of incurred claims"),
    "RI_PVFCF": _("Present value of future cash flows"),
    "RI_RA": _("Risk adjustment"),
    "RI_CSM": _("Contractual service margin"),
}

SIDES = {
    LIABILITY: _("of which in portfolios that are liabilities"),
    ASSET: _("of which in portfolios that are assets"),
}


@requires("accounting.view")
@require_GET
def show(request: HttpRequest, period: str) -> HttpResponse:
    """Show both tables of a month, or of the year to it: ``?span=year``, ``?group=``."""
    month = get_object_or_404(FiscalPeriod, pk=period)
    year = request.GET.get("span") == "year"
    groups = list(ContractGroup.objects.order_by("pk").values_list("pk", flat=True))
    group = request.GET.get("group", "")
    group = group if group in groups else ""
    start = date(month.starts_on.year, 1, 1) if year else month.starts_on
    try:
        run = measured.run_of(period)
    except NotFound:
        run = None
    posted = run if run is not None and run.event_id else None
    tables = [
        _table(name, notes.table(name, start, month.ends_on, group=group, run=posted))
        for name in TITLES
    ]
    if not group:
        _add_sides(tables[0], start - timedelta(days=1), month.ends_on)
    if request.GET.get("export") == "xlsx":
        return _workbook(period, tables)
    return render_page(
        request,
        "accounting/notes.html",
        {
            "title": _("Notes to the statements of %(period)s") % {"period": period},
            "month": month,
            "months": FiscalPeriod.objects.order_by("-period")[:36],
            "start": start,
            "year": year,
            "groups": groups,
            "group": group,
            "run": posted,
            "tables": tables,
            "crumbs": [
                (_("Financial statements"), reverse("accounting:statements", args=[period]))
            ],
        },
    )


def _table(name: str, tied: Tied) -> dict[str, Any]:
    note = tied.note
    columns = list(note.columns)

    def row(label: str, amounts: Any, *, strong: bool = False) -> dict[str, Any]:
        values = [amounts[column] for column in columns]
        return {"label": label, "amounts": values, "total": sum(values), "strong": strong}

    rows = [row(_t("Opening"), note.opening, strong=True)]
    rows += [row(_name(definition), amounts) for definition, amounts in note.rows]
    rows.append(row(_t("Closing"), note.closing, strong=True))
    checks = []
    if tied.measured is not None:
        checks = [
            row(_t("Measured by the run"), tied.measured),
            row(_t("Ledger less run"), {column: tied.gap(column) for column in columns}),
        ]
    return {
        "name": name,
        "title": TITLES[name],
        "columns": [COLUMNS[column] for column in columns],
        "rows": rows,
        "checks": checks,
        "ties": all(tied.gap(c) == 0 and note.miss(c) == 0 for c in columns),
    }


def _add_sides(table: dict[str, Any], before: date, end: date) -> None:
    """Say under opening and closing how much stands in portfolios of either side (99(b))."""
    columns = layout(COVERAGE).columns
    sides = [
        {"label": label, "amounts": list(amounts.values()), "total": sum(amounts.values())}
        for day in (before, end)
        for side, amounts in portfolios.by_side(day, columns).items()
        for label in (SIDES[side],)
    ]
    rows = table["rows"]
    table["rows"] = [rows[0], *sides[:2], *rows[1:], *sides[2:]]


def _name(definition: RowDef | None) -> str:
    if definition is None:
        return _t("Other entries")
    korean = (get_language() or "ko").startswith("ko")
    return definition.name if korean else definition.name_en


def _workbook(period: str, tables: list[dict[str, Any]]) -> Any:
    cells: list[list[Any]] = []
    for table in tables:
        cells.append([str(table["title"]), *(str(c) for c in table["columns"]), _t("Total")])
        cells += [
            [row["label"], *row["amounts"], row["total"]]
            for row in [*table["rows"], *table["checks"]]
        ]
        cells.append([""])
    headers = [_t("Note"), "", "", "", ""]
    file = write_workbook(period, headers, cells)
    return FileResponse(file, as_attachment=True, filename=f"notes-{period}.xlsx")
