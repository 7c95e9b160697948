"""Lists of reinsurance."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.tables import (
    CountColumn,
    DateColumn,
    HouseTable,
    MoneyColumn,
    NumberLinkColumn,
    PersonColumn,
    StatusColumn,
    TextColumn,
    WhyColumn,
)
from products import api as products
from reinsurance.models import (
    AccountEntry,
    CatastropheEvent,
    CededLoss,
    PremiumCession,
    Recoverable,
    Recovery,
    Settlement,
    Treaty,
)


class LineColumn(TextColumn):
    """A portfolio by its name."""

    def render(self, value: Any) -> str:
        """Show the name."""
        return products.lines().get(value, value)

    def value(self, value: Any) -> str:
        """Give the name to a spreadsheet."""
        return products.lines().get(value, value)


class TreatyTable(HouseTable):
    """All treaties in programme order."""

    hidden = ("treaty_name", "starts", "aggregate_limit", "made_by", "checked_by")
    treaty_code = NumberLinkColumn("reinsurance:treaty_detail", verbose_name=_("Treaty"))
    treaty_name = TextColumn(verbose_name=_("Name"))
    line = LineColumn(verbose_name=_("Portfolio"))
    kind = TextColumn(
        accessor="get_kind_display", order_by="kind", verbose_name=_("Kind of treaty")
    )
    reinsurer_name = TextColumn(verbose_name=_("Reinsurer"))
    status = StatusColumn(verbose_name=_("Status"))
    starts = DateColumn(accessor="period__lower", order_by="period", verbose_name=_("Losses from"))
    ends = DateColumn(accessor="last_day", order_by="period", verbose_name=_("Losses until"))
    cession_percent = TextColumn(verbose_name=_("Ceded (%)"))
    retention = MoneyColumn(verbose_name=_("Retention (KRW)"))
    layer_limit = MoneyColumn(verbose_name=_("Limit of a loss (KRW)"))
    aggregate_limit = MoneyColumn(verbose_name=_("Limit of the period (KRW)"))
    recovered = MoneyColumn(verbose_name=_("Recoveries (KRW)"))
    made_by = PersonColumn(verbose_name=_("Drafted by"))
    checked_by = PersonColumn(verbose_name=_("Signed by"))

    class Meta:
        model = Treaty
        fields = (
            "treaty_code",
            "treaty_name",
            "line",
            "kind",
            "reinsurer_name",
            "status",
            "starts",
            "ends",
            "cession_percent",
            "retention",
            "layer_limit",
            "aggregate_limit",
            "recovered",
            "made_by",
            "checked_by",
        )

    def render_cession_percent(self, value: Any) -> str:
        """Show the percent without needless zeros."""
        return f"{value.normalize():f}" if value else "–"


class RecoveryTable(HouseTable):
    """Claims on reinsurers: the bordereau of losses."""

    hidden = ("contract_number", "receipt_reference")
    ri_claim_id = NumberLinkColumn("reinsurance:recovery_detail", verbose_name=_("Recovery"))
    claim_number = NumberLinkColumn("claims:claim_detail", verbose_name=_("Claim"))
    contract_number = NumberLinkColumn("contracts:contract_detail", verbose_name=_("Contract"))
    treaty = NumberLinkColumn(
        "reinsurance:treaty_detail", accessor="treaty_id", verbose_name=_("Treaty")
    )
    reinsurer_name = TextColumn(verbose_name=_("Reinsurer"))
    line = LineColumn(verbose_name=_("Portfolio"))
    status = StatusColumn(verbose_name=_("Status"))
    billed_on = DateColumn(verbose_name=_("Billed on"))
    age_days = CountColumn(verbose_name=_("Days outstanding"))
    received_on = DateColumn(verbose_name=_("Received on"))
    receipt_reference = TextColumn(verbose_name=_("Receipt"))
    recovery_amount = WhyColumn(
        "recovery", key="ri_claim_id", total=True, verbose_name=_("Amount (KRW)")
    )

    class Meta:
        model = Recovery
        fields = (
            "ri_claim_id",
            "claim_number",
            "contract_number",
            "treaty",
            "reinsurer_name",
            "line",
            "status",
            "billed_on",
            "age_days",
            "received_on",
            "receipt_reference",
            "recovery_amount",
        )


class LossTable(HouseTable):
    """Paid losses, gross and net of reinsurance."""

    hidden = ("contract_number",)
    claim_number = NumberLinkColumn("claims:claim_detail", verbose_name=_("Claim"))
    contract_number = NumberLinkColumn("contracts:contract_detail", verbose_name=_("Contract"))
    line = LineColumn(verbose_name=_("Portfolio"))
    loss_date = DateColumn(verbose_name=_("Loss on"))
    paid_on = DateColumn(verbose_name=_("Paid on"))
    treaties = TextColumn(verbose_name=_("Treaties"), orderable=False)
    gross = MoneyColumn(total=True, verbose_name=_("Paid (KRW)"))
    ceded_whole = WhyColumn("ceded-loss", key="pk", total=True, verbose_name=_("Ceded (KRW)"))
    kept = MoneyColumn(total=True, verbose_name=_("Kept (KRW)"))

    class Meta:
        model = CededLoss
        fields = (
            "claim_number",
            "contract_number",
            "line",
            "loss_date",
            "paid_on",
            "treaties",
            "gross",
            "ceded_whole",
            "kept",
        )

    def render_treaties(self, value: Any) -> str:
        """Show the codes in a row."""
        return ", ".join(value) or "–"

    def value_treaties(self, value: Any) -> str:
        """Give the codes to a spreadsheet."""
        return ", ".join(value)


class CessionTable(HouseTable):
    """Ceded premium: the bordereau of premiums."""

    month = TextColumn(verbose_name=_("Month"))
    treaty = NumberLinkColumn(
        "reinsurance:treaty_detail", accessor="treaty_id", verbose_name=_("Treaty")
    )
    reinsurer = TextColumn(accessor="treaty__reinsurer_name", verbose_name=_("Reinsurer"))
    line = LineColumn(accessor="treaty__line", verbose_name=_("Portfolio"))
    subject_premium = MoneyColumn(total=True, verbose_name=_("Premium of the line (KRW)"))
    ceded_premium = WhyColumn(
        "ceded-premium", key="pk", total=True, verbose_name=_("Ceded premium (KRW)")
    )
    commission = MoneyColumn(total=True, verbose_name=_("Reinsurance commission (KRW)"))
    net = MoneyColumn(total=True, verbose_name=_("Net (KRW)"))

    class Meta:
        model = PremiumCession
        fields = (
            "month",
            "treaty",
            "reinsurer",
            "line",
            "subject_premium",
            "ceded_premium",
            "commission",
            "net",
        )


class EntryTable(HouseTable):
    """Entries of accounts current."""

    entry_date = DateColumn(verbose_name=_("Day"))
    reinsurer_name = TextColumn(verbose_name=_("Reinsurer"))
    treaty = NumberLinkColumn(
        "reinsurance:treaty_detail", accessor="treaty_id", verbose_name=_("Treaty")
    )
    line = LineColumn(verbose_name=_("Portfolio"))
    kind = TextColumn(
        accessor="get_kind_display", order_by="kind", verbose_name=_("Kind of account entry")
    )
    reference = TextColumn(verbose_name=_("Origin of the entry"))
    amount = WhyColumn(
        "ri-entry", key="pk", total=True, verbose_name=_("Owed to the reinsurer (KRW)")
    )

    class Meta:
        model = AccountEntry
        fields = (
            "entry_date", "reinsurer_name", "treaty", "line", "kind", "reference", "amount",
        )  # fmt: skip


class SettlementTable(HouseTable):
    """Settlements with reinsurers."""

    settlement_no = NumberLinkColumn(
        "reinsurance:settlement_detail", verbose_name=_("Settlement number")
    )
    reinsurer_name = TextColumn(verbose_name=_("Reinsurer"))
    status = StatusColumn(verbose_name=_("Status"))
    until = DateColumn(verbose_name=_("Entries up to"))
    made_on = DateColumn(verbose_name=_("Drawn up on"))
    paid_on = DateColumn(verbose_name=_("Settled on"))
    payable = MoneyColumn(total=True, verbose_name=_("Owed to the reinsurer (KRW)"))
    offset = MoneyColumn(total=True, verbose_name=_("Recoveries cleared (KRW)"))
    cash_paid = MoneyColumn(total=True, verbose_name=_("Cash to the reinsurer (KRW)"))

    class Meta:
        model = Settlement
        fields = (
            "settlement_no", "reinsurer_name", "status", "until", "made_on", "paid_on", "payable",
            "offset", "cash_paid",
        )  # fmt: skip


class CatastropheTable(HouseTable):
    """Catastrophes."""

    event_code = NumberLinkColumn("reinsurance:event_detail", verbose_name=_("Event code"))
    event_name = TextColumn(verbose_name=_("Name"))
    line = LineColumn(verbose_name=_("Portfolio"))
    starts_at = DateColumn(verbose_name=_("Hours begin"))
    hours = CountColumn(verbose_name=_("Hours"))
    n = CountColumn(verbose_name=_("Claims"))

    class Meta:
        model = CatastropheEvent
        fields = ("event_code", "event_name", "line", "starts_at", "hours", "n")


class RecoverableTable(HouseTable):
    """The reinsurers' share of open claims."""

    claim_number = NumberLinkColumn("claims:claim_detail", verbose_name=_("Claim"))
    contract_number = NumberLinkColumn("contracts:contract_detail", verbose_name=_("Contract"))
    treaty = NumberLinkColumn(
        "reinsurance:treaty_detail", accessor="treaty_id", verbose_name=_("Treaty")
    )
    reinsurer = TextColumn(accessor="treaty__reinsurer_name", verbose_name=_("Reinsurer"))
    line = LineColumn(verbose_name=_("Portfolio"))
    case_reserve = MoneyColumn(verbose_name=_("Case reserve (KRW)"))
    amount = WhyColumn(
        "recoverable", key="pk", total=True, verbose_name=_("Share of open claims (KRW)")
    )

    class Meta:
        model = Recoverable
        fields = (
            "claim_number", "contract_number", "treaty", "reinsurer", "line", "case_reserve",
            "amount",
        )  # fmt: skip
