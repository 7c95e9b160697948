"""Tables of the lists of fraud detection."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.clock import business_date
from core.people import name_of
from core.reach import way
from core.tables import (
    DateColumn,
    HouseTable,
    MoneyColumn,
    NumberLinkColumn,
    PersonColumn,
    StatusColumn,
    TextColumn,
    WhyColumn,
)
from core.templatetags.house import chip, dday
from fds.models import Case, Hold, WatchEntry


class HoldTable(HouseTable):
    """Holds with their day of review."""

    claim = NumberLinkColumn("fds:risk", accessor="claim_id", verbose_name=_("Claim"))
    ground = TextColumn(verbose_name=_("Ground"))
    placed_on = DateColumn(verbose_name=_("Placed"))
    notified_on = DateColumn(verbose_name=_("Claimant told on"))
    due_on = DateColumn(verbose_name=_("To be reviewed by"))
    placed_by = PersonColumn(verbose_name=_("By"))
    released_on = DateColumn(verbose_name=_("Released"))
    explanation = TextColumn(verbose_name=_("Facts"))

    class Meta:
        model = Hold
        fields = (
            "claim",
            "ground",
            "due_on",
            "placed_on",
            "notified_on",
            "placed_by",
            "released_on",
            "explanation",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.today = business_date()
        super().__init__(*args, **kwargs)

    def render_due_on(self, value: date, record: Hold) -> SafeString | str:
        """Show the D-day while it is in force."""
        return dday(value, self.today, closed=record.released_on is not None)


class WatchTable(HouseTable):
    """The watch-list."""

    provider = TextColumn(accessor="provider__provider_name", verbose_name=_("Provider"))
    code = TextColumn(accessor="provider_id", verbose_name=_("Provider code"))
    period = TextColumn(verbose_name=_("Period"))
    reason = TextColumn(verbose_name=_("Reason"))
    made_by = PersonColumn(verbose_name=_("Proposed by"))
    approved_by = PersonColumn(empty_values=(None,), verbose_name=_("Agreed by"))

    class Meta:
        model = WatchEntry
        fields = ("provider", "code", "period", "reason", "made_by", "approved_by")

    def render_period(self, value: Any) -> str:
        """Show [start, end)."""
        return f"{value.lower} – {value.upper or ''}"

    def render_provider(self, value: str, record: WatchEntry) -> SafeString:
        """Lead to the entry."""
        start = record.period.lower.isoformat()
        url = way("fds:watch_detail", record.provider_id, start) or way(
            "claims:provider_detail", record.provider_id
        )
        return format_html('<a class="number" href="{}">{}</a>', url, value)

    def render_approved_by(self, value: str) -> Any:
        """Show who agreed, or that it waits."""
        return name_of(value) or chip(_("Waits for a second person"), "amber")


class CaseTable(HouseTable):
    """Cases, decided ones too."""

    claim = NumberLinkColumn("fds:review_case", accessor="claim_id", verbose_name=_("Claim"))
    status = StatusColumn(verbose_name=_("Status"))
    risk_score = WhyColumn("risk-score", key="claim_id", verbose_name=_("Score"))
    amount = MoneyColumn(total=True, verbose_name=_("At stake (KRW)"))
    expected_saving = MoneyColumn(total=True, verbose_name=_("Expected saving (KRW)"))
    opened_on = DateColumn(verbose_name=_("Opened"))
    investigator = PersonColumn(verbose_name=_("Investigator"))
    decided_on = DateColumn(verbose_name=_("Decided on"))
    decision_reason = TextColumn(verbose_name=_("Reason"))

    class Meta:
        model = Case
        fields = (
            "claim",
            "status",
            "risk_score",
            "amount",
            "expected_saving",
            "opened_on",
            "investigator",
            "decided_on",
            "decision_reason",
        )


__all__ = ["CaseTable", "HoldTable", "WatchTable"]
