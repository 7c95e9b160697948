"""Workbooks: streamed row by row, no cell can run, personal data leaves with a purpose."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .errors import DomainError
from .privacy import log_export
from .tables import HouseTable

MAX_ROWS = 200_000
_CHUNK = 2_000
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class TooManyRows(DomainError):
    """The list is longer than a workbook should be."""


def send_workbook(
    request: HttpRequest,
    everything: Callable[[], tuple[HouseTable, Any]],
    name: str,
    title: str | Promise,
    personal: bool,
) -> HttpResponse:
    """Send a list as a workbook, all its pages.

    Args:
        request: POST with ``purpose`` where ``personal``.
        everything: gives the table (columns) and the sorted queryset.
        name: file name without ending.
        title: name of the sheet.
        personal: log the download with its purpose.

    Raises:
        TooManyRows: more than ``MAX_ROWS``.
        core.privacy.PurposeMissing: personal data and no purpose.
    """
    table, rows = everything()
    found = rows.count()
    if found > MAX_ROWS:
        raise TooManyRows(
            _("%(n)s rows are too many for one workbook (%(most)s at most): filter the list.")
            % {"n": f"{found:,}", "most": f"{MAX_ROWS:,}"}
        )
    if personal:
        log_export(
            _("%(n)s rows") % {"n": found}, f"{title} ({name})", request.POST.get("purpose", "")
        )
    headers = [str(column.header) for column in table.columns]
    file = write_workbook(str(title), headers, _values(table, rows))
    response = FileResponse(file, content_type=_TYPE)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return response  # type: ignore[return-value]  # a file is streamed


def _values(table: HouseTable, rows: Any) -> Iterator[list[Any]]:
    names = [column.name for column in table.columns]
    stream = iter(rows.iterator(chunk_size=_CHUNK))
    while chunk := list(islice(stream, _CHUNK)):
        part = type(table)(chunk)
        for row in part.rows:
            yield [row.get_cell_value(name) for name in names]


def write_workbook(title: str, headers: list[str], rows: Iterable[list[Any]]) -> Any:
    """Write rows to a temporary workbook file and return it, open at its start.

    Text stays text, whatever it begins with: no cell is a formula.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31] or "list")
    sheet.freeze_panes = "A2"
    for number, header in enumerate(headers, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(12, len(header) * 2)
    sheet.append([_cell(sheet, header, bold=True) for header in headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cell(sheet: Any, value: Any, *, bold: bool = False) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool | int | float | Decimal):
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
        if not isinstance(value, bool):
            cell.number_format = "#,##0" if value == int(value) else "#,##0.####"
        return cell
    if isinstance(value, date | datetime):
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
        cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
        return cell
    text = _CONTROL.sub("", str(value))[:32_767]
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl would make a formula of what begins with "="
    if text.startswith(_FORMULA):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
