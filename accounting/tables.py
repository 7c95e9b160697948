"""Tables of the books, and the way from a business key to its record."""

from __future__ import annotations

from typing import Any

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    Account,
    AssumptionSet,
    FiscalPeriod,
    JournalEntry,
    LedgerLine,
    ManualJournal,
    MeasurementRun,
    PostingRule,
    YieldCurve,
)
from accounting.rules.statements import layout
from accounting.rules.words import event_words
from core.explain import why_url
from core.reach import way
from core.tables import (
    CountColumn,
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

_RECORDS = {
    "CON-": "contracts:contract_detail",
    "CLM-": "claims:claim_detail",
    "AST-": "investments:asset_detail",
    "AGT-": "sales:agent_detail",
    "STL-": "sales:settlement_detail",
    "JNL-": "accounting:journal_detail",
}


def record_url(reference: str, event_name: str = "") -> str:
    """Return the address of the record of a business key, or nothing if it is not the reader's."""
    name = next((v for prefix, v in _RECORDS.items() if reference.startswith(prefix)), "")
    if not name and event_name.startswith("reinsurance."):
        name = "reinsurance:treaty_detail"
    if not name and event_name == "accounting.liabilities_measured.v1":
        return reverse("accounting:measurement") + f"?group={reference}"
    return way(name, reference) if name else ""


class ReferenceColumn(django_tables2.Column):
    """A business key that leads to its record, where it has a page."""

    css = "nowrap"

    def render(self, value: Any, record: Any) -> Any:
        """Show the link."""
        event = getattr(record, "event_name", "") or getattr(record.entry, "event_name", "")
        url = record_url(str(value), event)
        return format_html('<a class="number" href="{}">{}</a>', url, value) if url else value

    def value(self, value: Any) -> str:
        """Give the key to a spreadsheet."""
        return str(value)


class EventColumn(TextColumn):
    """What an event is called, its name beside it in small print."""

    def render(self, value: Any) -> Any:
        """Show words and name."""
        words = event_words(str(value))
        return format_html('{} <small class="muted">{}</small>', words, value)

    def value(self, value: Any) -> str:
        """Give the name to a spreadsheet."""
        return str(value)


class EntryTable(HouseTable):
    """Journal entries."""

    hidden = ("event_name", "posted_by", "posted_at")
    entry_id = NumberLinkColumn("accounting:entry_detail", verbose_name=_("Entry"))
    entry_date = DateColumn(verbose_name=_("Date"))
    description = TextColumn(verbose_name=_("Entry text"), order_by="rule__rule_code")
    reference_id = ReferenceColumn(verbose_name=_("Reference"), orderable=False)
    amount = MoneyColumn(verbose_name=_("Amount (KRW)"), orderable=False)
    event_name = EventColumn(verbose_name=_("Event"))
    posted_by = PersonColumn(verbose_name=_("Posted by"))
    posted_at = DateColumn(verbose_name=_("Posted at"))

    class Meta:
        model = JournalEntry
        fields = (
            "entry_id",
            "entry_date",
            "description",
            "reference_id",
            "amount",
            "event_name",
            "posted_by",
            "posted_at",
        )

    def render_description(self, record: JournalEntry) -> str:
        """Show the rule's description in the language of the page."""
        return record.rule.label if record.rule else record.description


class LineTable(HouseTable):
    """Lines of the general ledger."""

    hidden = ("group_code", "line_no")
    transaction_date = DateColumn(verbose_name=_("Date"))
    entry_id = NumberLinkColumn("accounting:entry_detail", verbose_name=_("Entry"))
    line_no = CountColumn(verbose_name=_("Line number"))
    account = TextColumn(accessor="account", order_by="account_id", verbose_name=_("Account"))
    description = TextColumn(
        accessor="entry__description", verbose_name=_("Entry text"), orderable=False
    )
    reference_id = ReferenceColumn(verbose_name=_("Reference"), orderable=False)
    group_code = TextColumn(verbose_name=_("Group"))
    debit_amount = MoneyColumn(total=True, verbose_name=_("Debit (KRW)"))
    credit_amount = MoneyColumn(total=True, verbose_name=_("Credit (KRW)"))

    class Meta:
        model = LedgerLine
        fields = (
            "transaction_date",
            "entry_id",
            "line_no",
            "account",
            "description",
            "reference_id",
            "group_code",
            "debit_amount",
            "credit_amount",
        )

    def render_description(self, record: LedgerLine) -> str:
        """Show the rule's description in the language of the page."""
        rule = record.entry.rule
        return rule.label if rule else record.entry.description

    def render_account(self, record: LedgerLine) -> Any:
        """Lead to the account."""
        url = reverse("accounting:account_detail", args=[record.account_id])
        return format_html('<a href="{}">{}</a>', url, record.account)

    def _amount(self, record: LedgerLine, value: Any) -> Any:
        if not value:
            return ""
        url = why_url("entry_amount", f"{record.entry_id}~{record.line_no}")
        return format_html(
            '<a class="why" href="{url}" hx-get="{url}" hx-target="#drawer-body"'
            ' hx-swap="innerHTML">{text}</a>',
            url=url,
            text=f"{value:,.0f}",
        )

    def render_debit_amount(self, record: LedgerLine, value: Any) -> Any:
        """Answer why."""
        return self._amount(record, value)

    def render_credit_amount(self, record: LedgerLine, value: Any) -> Any:
        """Answer why."""
        return self._amount(record, value)


class AccountTable(HouseTable):
    """The chart of accounts."""

    hidden = ("name_en",)
    account_code = NumberLinkColumn("accounting:account_detail", verbose_name=_("Account code"))
    account_name = TextColumn(verbose_name=_("Account"))
    name_en = TextColumn(verbose_name=_("Name in English"))
    account_type = TextColumn(
        accessor="get_account_type_display", order_by="account_type", verbose_name=_("Element")
    )
    is_ifrs17_relevant = django_tables2.BooleanColumn(verbose_name=_("IFRS 17"), yesno="✓,–")
    is_control = django_tables2.BooleanColumn(verbose_name=_("Subledger"), yesno="✓,–")
    is_memorandum = django_tables2.BooleanColumn(verbose_name=_("Memorandum"), yesno="✓,–")
    statement_line = TextColumn(verbose_name=_("Line of the statements"))

    class Meta:
        model = Account
        fields = (
            "account_code",
            "account_name",
            "account_type",
            "is_ifrs17_relevant",
            "is_control",
            "is_memorandum",
            "statement_line",
            "name_en",
        )

    def render_statement_line(self, value: str) -> str:
        """Call the line as the statements do."""
        korean = (get_language() or "ko").startswith("ko")
        for one in layout():
            if one.line == value:
                return one.name if korean else one.name_en
        return value


class RuleTable(HouseTable):
    """Posting rules with their versions."""

    rule_code = NumberLinkColumn("accounting:rule_detail", key="pk", verbose_name=_("Rule"))
    version = CountColumn(verbose_name=_("Version"))
    label = TextColumn(order_by="description", verbose_name=_("Entry text"))
    event_name = EventColumn(verbose_name=_("Event"))
    status = StatusColumn(verbose_name=_("Status"))
    starts = DateColumn(accessor="period__lower", order_by="period", verbose_name=_("Applies from"))
    made_by = PersonColumn(verbose_name=_("Made by"))
    checked_by = PersonColumn(verbose_name=_("Checked by"))

    class Meta:
        model = PostingRule
        fields = (
            "rule_code",
            "version",
            "label",
            "event_name",
            "status",
            "starts",
            "made_by",
            "checked_by",
        )


class AssumptionTable(HouseTable):
    """Sets of measurement assumptions."""

    version = NumberLinkColumn("accounting:assumption_detail", verbose_name=_("Version"))
    status = StatusColumn(verbose_name=_("Status"))
    starts = DateColumn(accessor="period__lower", order_by="period", verbose_name=_("Applies from"))
    note = TextColumn(verbose_name=_("What changed and why"))
    made_by = PersonColumn(verbose_name=_("Made by"))
    checked_by = PersonColumn(verbose_name=_("Checked by"))

    class Meta:
        model = AssumptionSet
        fields = ("version", "status", "starts", "note", "made_by", "checked_by")


class CurveTable(HouseTable):
    """Yield curves by day."""

    version = NumberLinkColumn("accounting:curve_detail", verbose_name=_("Version"))
    base_date = DateColumn(verbose_name=_("Day of the yields"))
    ltfr = PercentColumn(verbose_name=_("Long-term forward rate"))
    liquidity_premium = PercentColumn(verbose_name=_("Liquidity premium"))
    status = StatusColumn(verbose_name=_("Status"))
    made_by = PersonColumn(verbose_name=_("Made by"))
    checked_by = PersonColumn(verbose_name=_("Checked by"))

    class Meta:
        model = YieldCurve
        fields = (
            "version",
            "base_date",
            "ltfr",
            "liquidity_premium",
            "status",
            "made_by",
            "checked_by",
        )


class RunTable(HouseTable):
    """Measurement runs."""

    name = NumberLinkColumn(
        "accounting:run_detail", accessor="key", order_by="period_id", verbose_name=_("Run")
    )
    purpose = TextColumn(
        accessor="get_purpose_display", order_by="purpose", verbose_name=_("Purpose")
    )
    posted = django_tables2.BooleanColumn(
        accessor="posted", orderable=False, verbose_name=_("Posted"), yesno="✓,–"
    )
    assumption_set = TextColumn(verbose_name=_("Assumptions"))
    curve = TextColumn(verbose_name=_("Yield curve"))
    contracts = CountColumn(
        accessor="assumptions__contracts", orderable=False, verbose_name=_("Contracts")
    )
    seconds = CountColumn(verbose_name=_("Seconds taken"))
    made_by = PersonColumn(verbose_name=_("Made by"))
    made_at = DateColumn(verbose_name=_("Made at"))

    class Meta:
        model = MeasurementRun
        fields = (
            "name",
            "purpose",
            "posted",
            "assumption_set",
            "curve",
            "contracts",
            "seconds",
            "made_by",
            "made_at",
        )


class JournalTable(HouseTable):
    """Manual journals."""

    journal_no = NumberLinkColumn("accounting:journal_detail", verbose_name=_("Number"))
    entry_date = DateColumn(verbose_name=_("Date"))
    description = TextColumn(verbose_name=_("Entry text"))
    status = StatusColumn(verbose_name=_("Status"), tones={"DRAFT": "amber"})
    made_by = PersonColumn(verbose_name=_("Made by"))
    checked_by = PersonColumn(verbose_name=_("Checked by"))

    class Meta:
        model = ManualJournal
        fields = ("journal_no", "entry_date", "description", "status", "made_by", "checked_by")


class PeriodTable(HouseTable):
    """Accounting months with what they closed at."""

    period = NumberLinkColumn("accounting:period_detail", verbose_name=_("Month"))
    status = StatusColumn(verbose_name=_("Status"), tones={"OPEN": "blue", "CLOSED": "green"})
    net_income = WhyColumn(
        "statement_line",
        key="income_key",
        orderable=False,
        verbose_name=_("Net income (KRW)"),
    )
    csm = WhyColumn("csm", key="pk", orderable=False, verbose_name=_("CSM (KRW)"))
    closed_by = PersonColumn(verbose_name=_("Closed by"))
    closed_at = DateColumn(verbose_name=_("Closed at"))

    class Meta:
        model = FiscalPeriod
        fields = ("period", "status", "net_income", "csm", "closed_by", "closed_at")
