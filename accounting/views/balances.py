"""The chart of accounts, one account, and the trial balance of any days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.filters import AccountFilter
from accounting.models import Account, FiscalPeriod
from accounting.rules.statements import layout
from accounting.selectors import balances
from accounting.tables import AccountTable
from core.boards import Chart, Figure, Series
from core.clock import business_date, month_end
from core.excel import write_workbook
from core.frame import Act
from core.htmx import render_page
from core.lists import list_page
from core.permissions import requires
from core.records import record_page


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of the trial balance, won; closing debit minus credit."""

    account: Account
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        """Debit minus credit at the end."""
        return self.opening + self.debit - self.credit

    @property
    def sides(self) -> tuple[int, int]:
        """The closing balance on its side: (debit, credit)."""
        return max(0, self.closing), max(0, -self.closing)


@requires("accounting.view")
@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """List the chart of accounts."""
    return list_page(
        request,
        title=_("Chart of accounts"),
        queryset=Account.objects.order_by("position", "account_code"),
        filterset=AccountFilter,
        table=AccountTable,
        export_name="chart-of-accounts",
    )


@requires("accounting.view")
@require_GET
def account_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show an account: its balance, its months, and the way to its lines."""
    account = get_object_or_404(Account, pk=code)
    today = business_date()
    months = list(FiscalPeriod.objects.order_by("-period")[:12])[::-1]
    sign = 1 if account.debit_natured else -1
    moved = balances.months_of(code, months)
    lines = reverse("accounting:line_list") + f"?account={code}"
    held = sign * balances.by_account(balances.closing_at(today)).get(code, 0)
    chart = Chart(
        "months",
        _t("Balance of %(account)s at each month end") % {"account": account.label},
        "bar",
        [month.pk for month in months],
        [Series(_("Balance"), [sign * moved[month.pk][1] for month in months])],
        unit=_("won"),
        urls=[_lines_of(code, month) for month in months],
        wide=True,
    )
    return record_page(
        request,
        account,
        title=account.label,
        number=code,
        place="account",
        status_field="",
        figures=[
            Figure(_("Balance"), held, _("won"), why=("account_balance", f"{code}~{today}")),
            Figure(_("Moved this month"), sign * _latest(moved), _("won"), url=lines),
        ],
        facts=[
            (_("Korean name"), account.account_name),
            (_("Name in English"), account.name_en),
            (_("Element"), account.get_account_type_display()),
            (_("IFRS 17"), account.is_ifrs17_relevant),
            (_("Kept by a subledger"), account.is_control),
            (_("Memorandum"), account.is_memorandum),
            (_("Line of the statements"), _statement_line(account)),
        ],
        primary=Act(_("Lines of this account"), lines, "list-details"),
        crumbs=[(_("Chart of accounts"), reverse("accounting:account_list"))],
        template="accounting/account_detail.html",
        context={"chart": chart if months else None},
    )


def _statement_line(account: Account) -> str:
    """Return the name of the line where statements show an account."""
    found = next((one for one in layout() if one.line == account.statement_line), None)
    if found is None:
        return "–"
    return found.name if account.label == account.account_name else found.name_en


def _latest(moved: dict[str, tuple[int, int]]) -> int:
    return moved[max(moved)][0] if moved else 0


def _lines_of(code: str, month: FiscalPeriod) -> str:
    days = f"transaction_date_after={month.starts_on}&transaction_date_before={month.ends_on}"
    return reverse("accounting:line_list") + f"?account={code}&{days}"


@requires("accounting.view")
@require_GET
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Show the trial balance of a month or of any days, from snapshots and open lines."""
    start, end = _days(request)
    rows = _trial(start, end)
    if request.GET.get("export") == "xlsx":
        return _workbook(rows, start, end)
    books = [row for row in rows if not row.account.is_memorandum]
    memo = [row for row in rows if row.account.is_memorandum]
    return render_page(
        request,
        "accounting/trial_balance.html",
        {
            "title": _("Trial balance"),
            "rows": books,
            "memorandum": memo,
            "totals": _totals(books),
            "start": start,
            "end": end,
            "end_key": end.isoformat(),
            "months": FiscalPeriod.objects.order_by("-period")[:24],
            "export": f"?start={start}&end={end}&export=xlsx",
            "lines": reverse("accounting:line_list"),
        },
        partial="trial",
    )


def _days(request: HttpRequest) -> tuple[date, date]:
    """Read the days: a month, or from and to; without either the running month."""
    if month := FiscalPeriod.objects.filter(pk=request.GET.get("period", "")).first():
        return month.starts_on, month.ends_on
    today = business_date()
    first, last = _day(request.GET.get("start")), _day(request.GET.get("end"))
    end = last or (month_end(first) if first else today)
    start = first or end.replace(day=1)
    return (start, end) if start <= end else (end, start)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _trial(start: date, end: date) -> list[TrialRow]:
    accounts = Account.objects.in_bulk()
    sums: dict[str, list[int]] = {}
    for one in balances.between(start, end):
        row = sums.setdefault(one.account, [0, 0, 0])
        row[0] += one.opening
        row[1] += one.debit
        row[2] += one.credit
    rows = [TrialRow(accounts[code], *values) for code, values in sums.items() if any(values)]
    return sorted(rows, key=lambda row: (row.account.position, row.account.pk))


def _totals(rows: list[TrialRow]) -> dict[str, int]:
    return {
        "opening": sum(max(0, row.opening) for row in rows),
        "debit": sum(row.debit for row in rows),
        "credit": sum(row.credit for row in rows),
        "closing_debit": sum(row.sides[0] for row in rows),
        "closing_credit": sum(row.sides[1] for row in rows),
    }


def _workbook(rows: list[TrialRow], start: date, end: date) -> Any:
    headers = [
        _t("Account code"),
        _t("Account"),
        _t("Opening"),
        _t("Debit"),
        _t("Credit"),
        _t("Closing debit"),
        _t("Closing credit"),
    ]
    cells = [[r.account.pk, r.account.label, r.opening, r.debit, r.credit, *r.sides] for r in rows]
    file = write_workbook(_t("Trial balance"), headers, cells)
    return FileResponse(file, as_attachment=True, filename=f"trial-balance-{start}-{end}.xlsx")
