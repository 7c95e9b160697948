"""Search, pickers, previews of entries, and panels on records and on the accountant's home."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.face.keys import RIGHT
from accounting.models import Account
from accounting.selectors import balances, ledger, readiness
from core import panels
from core.notices import tells
from core.permissions import Scope
from core.pickers import picks
from core.rehearsal import Line, collects
from core.search import Hit, searches

CASH = "1110"


@searches(RIGHT)
def find_entries(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find entries by number or business key."""
    for entry in ledger.search(query, limit):
        yield Hit(
            kind=_("Journal entry"),
            number=str(entry.pk),
            title=entry.rule.label if entry.rule else entry.description,
            url=reverse("accounting:entry_detail", args=[entry.pk]),
            note=f"{entry.entry_date} · {entry.reference_id}",
        )


@picks("account", right=RIGHT)
def pick_account(query: str, scope: Scope, limit: int) -> Iterable[tuple[str, str]]:
    """Offer accounts that may be posted by hand."""
    found = Account.objects.filter(is_control=False).order_by("position")
    if query:
        by_code = found.filter(account_code__startswith=query)
        found = by_code | found.filter(account_name__icontains=query)
    return [(account.pk, account.label) for account in found[:limit]]


@collects
def preview(event_ids: list[UUID]) -> Iterable[Line]:
    """Show what an act posts, summed by account (전표 미리보기)."""
    for one in ledger.posted_by(event_ids):
        note = _t("%(n)s lines") % {"n": f"{one.lines:,}"} if one.lines > 1 else ""
        if one.account.pk == CASH and one.credit:
            note = " · ".join(filter(None, [note, _short_of_cash()]))
        yield Line(str(one.account), one.debit, one.credit, note)


def _short_of_cash() -> str:
    """Say that the books would have less than no cash, and what to do; it is no refusal.

    The rehearsed payment counts already.
    """
    held = balances.held_now(CASH)
    if held >= 0:
        return ""
    return _t(
        "Cash would be short by %(won)s won: collect what is due, sell an asset or move money in"
        " before it is paid."
    ) % {"won": f"{-held:,}"}


def _at(name: str) -> Callable[[str], str]:
    return lambda _key: reverse(name)


def _entries(key: str) -> str:
    return reverse("accounting:panel_entries", args=[key])


panels.register(
    panels.Panel(
        place="board:investment-risk",
        title=_("Assets against liabilities"),
        url=_at("accounting:panel_gap"),
        right=RIGHT,
        order=10,
        wide=True,
    )
)
for _place in ("contract", "claim", "asset", "agent", "treaty", "settlement"):
    panels.register(
        panels.Panel(
            place=_place,
            title=_("Entries in the books"),
            url=_entries,
            right=RIGHT,
            order=90,
            wide=True,
        )
    )
for _url, _title, _order, _wide in (
    ("panel_checklist", _("Close checklist"), 10, True),
    ("panel_waiting", _("Waits for a second accountant"), 20, False),
    ("panel_parked", _("Parked and waiting messages"), 30, False),
    ("panel_breaks", _("Subledgers against the ledger"), 40, True),
    ("panel_trial", _("Trial balance"), 50, False),
):
    panels.register(
        panels.Panel(
            place="home:accountant",
            title=_title,
            url=_at(f"accounting:{_url}"),
            right=RIGHT,
            order=_order,
            wide=_wide,
        )
    )


@tells(_("Entries, rules and closes to check"), url="accounting:home", right="accounting.close")
def books_to_check(user: Any, today: date) -> int:
    """Count what colleagues have drafted and somebody else puts in force."""
    return readiness.waits_for_another(user.get_username())
