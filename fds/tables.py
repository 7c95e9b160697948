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
    PercentColumn,
    PersonColumn,
    StatusColumn,
    TextColumn,
    WhyColumn,
)
from core.templatetags.house import chip, dday, why_link, won
from fds import selectors
from fds.models import Case, Hold, Snooze, Task, WatchEntry
from fds.rules import names


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


class QueueTable(HouseTable):
    """Undecided cases by expected saving, with the clock of their claims."""

    hidden = ("opened_on", "percentile")
    claim = NumberLinkColumn("fds:review_case", accessor="claim_id", verbose_name=_("Claim"))
    claimant = TextColumn(accessor="claim__claimant_name", verbose_name=_("Claimant"))
    origin = TextColumn(verbose_name=_("Opened by"))
    risk_score = WhyColumn("risk-score", key="claim_id", verbose_name=_("Rule score"))
    probability = PercentColumn(verbose_name=_("Probability"))
    percentile = PercentColumn(verbose_name=_("Below it, of all claims"))
    amount = MoneyColumn(total=True, verbose_name=_("At stake (KRW)"))
    expected_saving = MoneyColumn(total=True, verbose_name=_("Expected saving (KRW)"))
    due = TextColumn(accessor="claim__due_on", verbose_name=_("Due"))
    interest = MoneyColumn(accessor="claim_id", orderable=False, verbose_name=_("Interest (KRW)"))
    investigator = PersonColumn(empty_values=(), verbose_name=_("Investigator"))
    opened_on = DateColumn(verbose_name=_("Opened"))

    class Meta:
        model = Case
        fields = (
            "claim",
            "claimant",
            "origin",
            "risk_score",
            "probability",
            "percentile",
            "amount",
            "expected_saving",
            "due",
            "interest",
            "investigator",
            "opened_on",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.today = business_date()
        self.won: dict[str, int] | None = None
        super().__init__(*args, **kwargs)

    def render_due(self, value: date, record: Case) -> SafeString | str:
        """Show the D-day of the payment."""
        return dday(value, self.today, closed=record.claim.closed_on is not None)

    def value_due(self, value: date) -> date:
        """Give the day to a spreadsheet."""
        return value

    def render_interest(self, value: str) -> SafeString | str:
        """Show the interest that a payment would carry today."""
        return why_link("late-interest", value, won(self.interest_of(value)))

    def value_interest(self, value: str) -> int:
        """Give the interest to a spreadsheet."""
        return self.interest_of(value)

    def interest_of(self, number: str) -> int:
        """Return the interest of a claim, read for the whole page at once."""
        if self.won is None:
            shown = self.page.object_list if hasattr(self, "page") else self.rows
            self.won = selectors.late_interest([row.record.claim_id for row in shown], self.today)
        return self.won.get(number, 0)

    def render_investigator(self, record: Case) -> SafeString | str:
        """Show who has the case and until when, or that it waits."""
        if record.aside_until and record.aside_until > self.today:
            text = _("put aside until %(day)s") % {"day": record.aside_until}
            return chip(text, "grey", "clock-pause")
        if record.status != Case.Status.WORKING:
            return "–"
        if record.kept_until and record.kept_until < self.today:
            return format_html("{} {}", name_of(record.investigator), chip(_("let lie"), "amber"))
        return name_of(record.investigator)

    def value_investigator(self, record: Case) -> str:
        """Give the name to a spreadsheet."""
        return name_of(record.investigator)


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


class TaskTable(HouseTable):
    """What adjusters have to do because of decided cases."""

    claim = TextColumn(accessor="case__claim_id", verbose_name=_("Claim"))
    kind = TextColumn(verbose_name=_("Task"))
    status = StatusColumn(verbose_name=_("Status"))
    due_on = DateColumn(verbose_name=_("Due"))
    amount = MoneyColumn(verbose_name=_("Amount (KRW)"))
    text = TextColumn(verbose_name=_("What is to be done"))
    made_by = PersonColumn(verbose_name=_("By"))
    done_by = PersonColumn(verbose_name=_("Done by"))
    note = TextColumn(verbose_name=_("Note"))

    class Meta:
        model = Task
        fields = (
            "claim",
            "kind",
            "status",
            "due_on",
            "amount",
            "text",
            "made_by",
            "done_by",
            "note",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.today = business_date()
        super().__init__(*args, **kwargs)

    def render_claim(self, value: str, record: Task) -> SafeString:
        """Lead to the task where the reader does it, to the claim's risk otherwise."""
        url = way("fds:task_done", value, record.kind.lower()) or way("fds:risk", value)
        return format_html('<a class="number" href="{}">{}</a>', url, value)

    def value_claim(self, value: str) -> str:
        """Give the number to a spreadsheet."""
        return value

    def render_due_on(self, value: date, record: Task) -> SafeString | str:
        """Show the D-day while it is open."""
        return dday(value, self.today, closed=record.status == Task.Status.DONE)

    def value_due_on(self, value: date) -> date:
        """Give the day to a spreadsheet."""
        return value


class SnoozeTable(HouseTable):
    """Rules that do not count for one key for a while."""

    code = TextColumn(verbose_name=_("Rule"))
    entity = TextColumn(verbose_name=_("Whose claims"))
    key = TextColumn(verbose_name=_("Number or code"))
    period = TextColumn(verbose_name=_("Period"))
    reason = TextColumn(verbose_name=_("Reason"))
    made_by = PersonColumn(verbose_name=_("Proposed by"))
    approved_by = PersonColumn(empty_values=(None,), verbose_name=_("Agreed by"))

    class Meta:
        model = Snooze
        fields = ("code", "entity", "key", "period", "reason", "made_by", "approved_by")

    def render_code(self, value: str, record: Snooze) -> SafeString:
        """Lead to the snooze."""
        words = f"{value} {names.title_of(value)}"
        start = record.period.lower.isoformat()
        url = way("fds:snooze_detail", value, record.entity.lower(), record.key, start)
        if not url:
            return format_html("{}", words)
        return format_html('<a class="number" href="{}">{}</a>', url, words)

    def value_code(self, value: str) -> str:
        """Give the rule to a spreadsheet."""
        return f"{value} {names.title_of(value)}"

    def render_period(self, value: Any) -> str:
        """Show [start, end)."""
        return f"{value.lower} – {value.upper}"

    def value_period(self, value: Any) -> str:
        """Give the period to a spreadsheet."""
        return f"{value.lower} – {value.upper}"

    def render_approved_by(self, value: str) -> Any:
        """Show who agreed, or that it waits."""
        return name_of(value) or chip(_("Waits for a second person"), "amber")


__all__ = ["CaseTable", "HoldTable", "QueueTable", "SnoozeTable", "TaskTable", "WatchTable"]
