"""Columns of the lists of stage 2."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
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
from sales.models import Agent, Application, Commission, CommissionPlan, CommissionSettlement


class ContractLinkColumn(tables.Column):
    """A contract's number that leads to its record in stage 3."""

    css = "nowrap"

    def render(self, value: Any) -> SafeString:
        """Show the link."""
        return format_html('<a class="number" href="{}">{}</a>', contract_url(str(value)), value)

    def value(self, value: Any) -> Any:
        """Give the number to a spreadsheet."""
        return str(value)


def contract_url(contract_id: str) -> str:
    """Return the address of a contract's record."""
    return reverse("contracts:contract_detail", args=[contract_id])


class AgentTable(HouseTable):
    """Agents."""

    hidden = ("licence_number", "appointed_on", "sells_life", "sells_non_life")
    agent_id = NumberLinkColumn("sales:agent_detail", verbose_name=_("Agent no."))
    agent_name = TextColumn(verbose_name=_("Name"))
    branch_name = TextColumn(verbose_name=_("Branch"))
    rank = TextColumn(verbose_name=_("Rank"))
    status = StatusColumn(verbose_name=_("Status"))
    commission_rate = tables.Column(verbose_name=_("Factor"), attrs={"td": {"class": "num"}})
    training_valid_until = DateColumn(verbose_name=_("Training until"))
    appointed_on = DateColumn(verbose_name=_("Appointed"))
    licence_number = TextColumn(verbose_name=_("Licence"))

    sells_life = tables.BooleanColumn(verbose_name=_("Licensed for life"), yesno="✓,–")
    sells_non_life = tables.BooleanColumn(verbose_name=_("Licensed for non-life"), yesno="✓,–")

    class Meta:
        model = Agent
        fields = (
            "agent_id",
            "agent_name",
            "branch_name",
            "rank",
            "status",
            "commission_rate",
            "training_valid_until",
            "appointed_on",
            "licence_number",
            "sells_life",
            "sells_non_life",
        )


class ApplicationTable(HouseTable):
    """Applications."""

    hidden = ("insurance_age", "version")
    application_id = NumberLinkColumn("sales:application_detail", verbose_name=_("Application"))
    applied_on = DateColumn(verbose_name=_("Applied on"))
    applicant_name = TextColumn(verbose_name=_("Applicant"))
    product_code = TextColumn(verbose_name=_("Product"))
    agent = TextColumn(accessor="agent__agent_name", verbose_name=_("Agent"))
    status = StatusColumn(verbose_name=_("Step"))
    sum_assured = MoneyColumn(verbose_name=_("Sum assured (KRW)"))
    premium_amount = MoneyColumn(total=True, verbose_name=_("Monthly premium (KRW)"))
    insurance_age = CountColumn(verbose_name=_("Insurance age"))
    version = CountColumn(verbose_name=_("Version"))

    class Meta:
        model = Application
        fields = (
            "application_id",
            "applied_on",
            "applicant_name",
            "product_code",
            "agent",
            "status",
            "sum_assured",
            "premium_amount",
            "insurance_age",
            "version",
        )


class ShareColumn(CountColumn):
    """A share of a contract in percent."""

    def render(self, value: int) -> str:
        """Show hundredths of a percent as percent."""
        return f"{value / 100:g} %"


class CommissionTable(HouseTable):
    """Commissions and clawbacks; each amount answers why."""

    hidden = ("accrued_on", "settlement_id", "product_code", "plan_id", "share")
    contract_id = ContractLinkColumn(verbose_name=_("Contract"))
    agent = TextColumn(accessor="agent__agent_name", verbose_name=_("Agent"))
    product_code = TextColumn(verbose_name=_("Product"))
    kind = TextColumn(verbose_name=_("Kind"))
    instalment = CountColumn(verbose_name=_("Instalment"))
    base_amount = MoneyColumn(verbose_name=_("Base (KRW)"))
    amount = WhyColumn("commission", key="pk", total=True, verbose_name=_("Commission (KRW)"))
    status = StatusColumn(verbose_name=_("Status"))
    payment_date = DateColumn(verbose_name=_("Payable on"))
    accrued_on = DateColumn(verbose_name=_("Arose on"))
    settlement_id = TextColumn(verbose_name=_("Statement"))
    share = ShareColumn(verbose_name=_("Share of the commission"))
    plan_id = TextColumn(verbose_name=_("Commission plan"))

    class Meta:
        model = Commission
        fields = (
            "contract_id",
            "agent",
            "product_code",
            "kind",
            "instalment",
            "base_amount",
            "amount",
            "status",
            "payment_date",
            "accrued_on",
            "settlement_id",
            "share",
            "plan_id",
        )


class PlanTable(HouseTable):
    """Commission plans."""

    hidden = ("note", "made_by", "checked_by")
    plan_id = NumberLinkColumn("sales:plan_detail", verbose_name=_("Commission plan"))
    product = TextColumn(accessor="product__product_name", verbose_name=_("Product"))
    version = CountColumn(verbose_name=_("Version"))
    starts = DateColumn(
        accessor="period__lower", orderable=False, verbose_name=_("Contract dates from")
    )
    ends = DateColumn(
        accessor="period__upper", orderable=False, verbose_name=_("Contract dates until")
    )
    regime = TextColumn(verbose_name=_("Regime"))
    status = StatusColumn(verbose_name=_("Status"))
    note = TextColumn(verbose_name=_("What changed and why"))
    made_by = PersonColumn(verbose_name=_("Made by"))
    checked_by = PersonColumn(verbose_name=_("Checked by"))

    class Meta:
        model = CommissionPlan
        fields = (
            "plan_id",
            "product",
            "version",
            "starts",
            "ends",
            "regime",
            "status",
            "note",
            "made_by",
            "checked_by",
        )


class ContractSumTable(HouseTable):
    """Commissions summed by contract."""

    contract_id = ContractLinkColumn(verbose_name=_("Contract"))
    product_code = TextColumn(verbose_name=_("Product"))
    agent_id = NumberLinkColumn("sales:agent_detail", verbose_name=_("Agent no."))
    instalments = CountColumn(verbose_name=_("Instalments that earned"))
    earned = MoneyColumn(verbose_name=_("Earned (KRW)"))
    taken_back = MoneyColumn(verbose_name=_("Clawed back (KRW)"))
    paid = MoneyColumn(verbose_name=_("Settled (KRW)"))
    waiting = MoneyColumn(verbose_name=_("Waiting (KRW)"))
    latest = DateColumn(verbose_name=_("Last movement"))

    class Meta:
        fields = (
            "contract_id",
            "product_code",
            "agent_id",
            "instalments",
            "earned",
            "taken_back",
            "paid",
            "waiting",
            "latest",
        )


class SettlementTable(HouseTable):
    """Statements."""

    hidden = ("carried_in", "income_tax", "local_tax", "made_by", "checked_by")
    settlement_id = NumberLinkColumn("sales:settlement_detail", verbose_name=_("Statement"))
    month = TextColumn(verbose_name=_("Month"))
    agent = TextColumn(accessor="agent__agent_name", verbose_name=_("Agent"))
    branch = TextColumn(accessor="agent__branch_name", verbose_name=_("Branch"))
    status = StatusColumn(verbose_name=_("Status"))
    earned = MoneyColumn(total=True, verbose_name=_("Earned (KRW)"))
    clawed_back = MoneyColumn(total=True, verbose_name=_("Clawed back (KRW)"))
    carried_in = MoneyColumn(total=True, verbose_name=_("Brought forward (KRW)"))
    income_tax = MoneyColumn(total=True, verbose_name=_("Income tax (KRW)"))
    local_tax = MoneyColumn(total=True, verbose_name=_("Local income tax (KRW)"))
    withheld = MoneyColumn(total=True, verbose_name=_("Withheld (KRW)"))
    net_paid = WhyColumn("settlement", key="pk", total=True, verbose_name=_("Paid out (KRW)"))
    carried_out = MoneyColumn(total=True, verbose_name=_("Carried forward (KRW)"))
    paid_on = DateColumn(verbose_name=_("Paid on"))
    made_by = PersonColumn(verbose_name=_("Made by"))
    checked_by = PersonColumn(verbose_name=_("Released by"))

    class Meta:
        model = CommissionSettlement
        fields = (
            "settlement_id",
            "month",
            "agent",
            "branch",
            "status",
            "earned",
            "clawed_back",
            "carried_in",
            "income_tax",
            "local_tax",
            "withheld",
            "net_paid",
            "carried_out",
            "paid_on",
            "made_by",
            "checked_by",
        )
