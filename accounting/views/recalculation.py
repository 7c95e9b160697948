"""A workbook in which a reviewer recalculates a group: flows, factors, formulas, checks.

Every formula is written here; amounts and names of a run are values and never become formulas.
"""

from __future__ import annotations

import tempfile
from typing import Any

from django.utils.translation import gettext as _t
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from accounting.models import MeasurementRun
from accounting.selectors import measured, runs
from accounting.selectors.measured import KINDS, STEPS

MONEY = ("PREMIUM", "CLAIMS", "EXPENSES", "REPAID", "COMMISSION", "RISK")
_BOLD = Font(bold=True)
_WON = "#,##0;△#,##0"
_FIRST = 6
"""Row of the first month in the sheet of flows."""


def workbook(run: MeasurementRun, group: str) -> Any:
    """Return the workbook of a group of a run as an open temporary file."""
    book = Workbook()
    flows = runs.flows_of(run, group)
    months = max((len(values) for values in flows.values()), default=0)
    _about(book.active, run, group)
    _flow_sheet(book.create_sheet("Flows"), run, group, flows, months)
    _roll_sheet(book.create_sheet("RollForward"), run, group, months)
    _margin_sheet(book.create_sheet("Margin"), run, group)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _about(sheet: Any, run: MeasurementRun, group: str) -> None:
    sheet.title = "About"
    month, own, _ahead = runs.rates_of(run, group, 1)
    rows = [
        (_t("Measurement run"), str(run)),
        (_t("Group"), group),
        (_t("Month"), run.period_id),
        (_t("Assumptions"), str(run.assumption_set)),
        (_t("Yield curve"), str(run.curve)),
        (_t("Inputs (SHA-256)"), run.inputs_id or ""),
        (_t("Figures (SHA-256)"), run.facts_hash),
        (_t("Engine"), run.engine),
        (_t("Rate locked in, of this month"), month),
        (_t("Rate locked in, of this month's new contracts"), own),
    ]
    for number, (label, value) in enumerate(rows, 1):
        _put(sheet, number, 1, label, bold=True)
        _put(sheet, number, 2, value)
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 70
    note = len(rows) + 2
    _put(sheet, note, 1, _t("White cells are values of the run; formulas recalculate them."))


def _flow_sheet(
    sheet: Any, run: MeasurementRun, group: str, flows: dict[str, list[float]], months: int
) -> None:
    """Write months, flows, factors, and the present values as SUMPRODUCT over them."""
    locked_at, current_at, units_at = 2 + len(MONEY), 3 + len(MONEY), 4 + len(MONEY)
    headers = [
        _t("Month from now"),
        *(str(KINDS[kind]) for kind in MONEY),
        _t("Factor, locked-in rate"),
        _t("Factor, current curve"),
        str(KINDS["UNITS"]),
        _t("Rate locked in, effective a month"),
    ]
    for column, header in enumerate(headers, 1):
        _put(sheet, _FIRST - 1, column, header, bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 20
    _put(sheet, 1, 1, _t("Present value, locked-in rate"), bold=True)
    _put(sheet, 2, 1, _t("Present value, current curve"), bold=True)
    last = _FIRST + max(months, 1) - 1
    for column in range(2, 2 + len(MONEY)):
        letter = get_column_letter(column)
        for row, factor in ((1, locked_at), (2, current_at)):
            by = get_column_letter(factor)
            formula = f"=SUMPRODUCT({letter}{_FIRST}:{letter}{last},{by}{_FIRST}:{by}{last})"
            _formula(sheet, row, column, formula)
    units = get_column_letter(units_at)
    _put(sheet, 3, 1, _t("Coverage units to come"), bold=True)
    _formula(sheet, 3, 2, f"=SUM({units}{_FIRST}:{units}{last})")
    current = runs.current_factors(run, max(months, 1))
    _month, _own, rates = runs.rates_of(run, group, max(months, 1))
    by, at = get_column_letter(units_at + 1), get_column_letter(locked_at)
    for month in range(months):
        row = _FIRST + month
        _put(sheet, row, 1, month + 1)
        for column, kind in enumerate(MONEY, 2):
            _put(sheet, row, column, flows.get(kind, [0.0] * months)[month])
        first = f"=(1+{by}{row})^-0.5"
        later = f"={at}{row - 1}/((1+{by}{row - 1})*(1+{by}{row}))^0.5"
        _formula(sheet, row, locked_at, later if month else first, shown="0.00000000")
        _put(sheet, row, units_at + 1, float(rates[month]), shown="0.00000000")
        _put(sheet, row, current_at, float(current[month]), shown="0.00000000")
        _put(sheet, row, units_at, flows.get("UNITS", [0.0] * months)[month])
    sheet.freeze_panes = f"B{_FIRST}"


def _roll_sheet(sheet: Any, run: MeasurementRun, group: str, months: int) -> None:
    """Write the roll-forward at current rates by kind; closings are sums, checked twice."""
    present = measured.by_amount_type(run, "PVFCF", group)
    present |= {
        ("RISK", step): v for (_, step), v in measured.by_amount_type(run, "RA", group).items()
    }
    steps = [
        step
        for step in STEPS
        if step != "CLOSING" and any(present.get((kind, step), 0) for kind in MONEY)
    ]
    _put(sheet, 1, 1, _t("Step"), bold=True)
    for column, kind in enumerate(MONEY, 2):
        _put(sheet, 1, column, str(KINDS[kind]), bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 20
    sheet.column_dimensions["A"].width = 40
    for row, step in enumerate(steps, 2):
        _put(sheet, row, 1, str(STEPS[step]))
        for column, kind in enumerate(MONEY, 2):
            _put(sheet, row, column, present.get((kind, step), 0))
    closing = len(steps) + 2
    labels = (
        _t("Closing: sum of the steps"),
        _t("Closing of the run"),
        _t("Difference"),
        _t("Present value of the flows"),
        _t("Difference (rounding to the won)"),
    )
    for offset, label in enumerate(labels):
        _put(sheet, closing + offset, 1, label, bold=True)
    for column, kind in enumerate(MONEY, 2):
        at = get_column_letter(column)
        sign = "-" if kind == "PREMIUM" else ""
        _formula(sheet, closing, column, f"=SUM({at}2:{at}{max(2, closing - 1)})")
        _put(sheet, closing + 1, column, present.get((kind, "CLOSING"), 0))
        _formula(sheet, closing + 2, column, f"={at}{closing}-{at}{closing + 1}")
        worth = f"={sign}Flows!{at}2" if months else "=0"
        _formula(sheet, closing + 3, column, worth)
        _formula(sheet, closing + 4, column, f"={at}{closing + 3}-{at}{closing + 1}", shown="0.00")


def _margin_sheet(sheet: Any, run: MeasurementRun, group: str) -> None:
    """Write the margin: interest and release as formulas beside those of the run."""
    found = measured.by_amount_type(run, "CSM", group)
    step = {name: found.get(("", name), 0) for name in STEPS}
    rows: list[tuple[str, Any]] = [
        (_t("Opening"), step["OPENING"]),
        (_t("New contracts"), step["NEW"]),
        (_t("Interest of the run"), step["FINANCE"]),
        (
            _t("Interest recalculated"),
            "=ROUND(B1*About!B9+B2*((1+About!B10)^0.5-1),0)",
        ),
        (_t("Changes of estimates"), step["ESTIMATES"]),
        (_t("Balance before release"), "=B1+B2+B3+B5"),
        (_t("Release of the run"), step["RELEASE"]),
        (_t("Share released"), '=IF(B6=0,"–",-B7/B6)'),
        (_t("Closing: sum of the steps"), "=B6+B7"),
        (_t("Closing of the run"), step["CLOSING"]),
        (_t("Difference"), "=B9-B10"),
    ]
    for number, (label, value) in enumerate(rows, 1):
        _put(sheet, number, 1, label, bold=True)
        if isinstance(value, str):
            shown = "0.0000%" if number == 8 else _WON
            _formula(sheet, number, 2, value, shown=shown)
        else:
            _put(sheet, number, 2, value)
    sheet.column_dimensions["A"].width = 40
    sheet.column_dimensions["B"].width = 24


def _put(
    sheet: Any, row: int, column: int, value: Any, *, bold: bool = False, shown: str = ""
) -> None:
    """Write a value; a text that begins like a formula stays a text."""
    cell = sheet.cell(row=row, column=column, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, int | float):
        cell.number_format = shown or (_WON if float(value).is_integer() else "#,##0.00####")
    if bold:
        cell.font = _BOLD


def _formula(sheet: Any, row: int, column: int, formula: str, *, shown: str = _WON) -> None:
    """Write one of this module's own formulas."""
    cell = sheet.cell(row=row, column=column, value=formula)
    cell.number_format = shown
