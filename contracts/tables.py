"""The lists of stage 3."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, Customer, PremiumBill, Underwriting
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

RECORD = "contracts:contract_detail"


class ContractTable(HouseTable):
    """Contracts."""

    hidden = ("branch", "line", "uw_result", "coverage_end", "insurance_age", "ended_on")
    contract_id = NumberLinkColumn(RECORD, verbose_name=_("Contract"))
    customer = TextColumn(accessor="customer__name", verbose_name=_("Customer"))
    product = TextColumn(accessor="product__product_name", verbose_name=_("Product"))
    policy_status = StatusColumn(verbose_name=_("Status"))
    contract_date = DateColumn(verbose_name=_("Contract date"))
    premium_amount = WhyColumn(
        "contract_premium", key="contract_id", total=True, verbose_name=_("Premium (KRW)")
    )
    sum_assured = MoneyColumn(total=True, verbose_name=_("Sum assured (KRW)"))
    paid_instalments = CountColumn(verbose_name=_("Paid instalments"))
    next_due_date = DateColumn(verbose_name=_("Next due"))
    agent = TextColumn(accessor="agent__agent_name", verbose_name=_("Agent"))
    branch = TextColumn(accessor="agent__branch_name", verbose_name=_("Branch"))
    line = TextColumn(verbose_name=_("Line"))
    uw_result = StatusColumn(verbose_name=_("Underwriting"))
    coverage_end = DateColumn(verbose_name=_("Cover ends"))
    insurance_age = CountColumn(verbose_name=_("Insurance age"))
    ended_on = DateColumn(verbose_name=_("Ended on"))

    class Meta:
        model = Contract
        fields = (
            "contract_id",
            "customer",
            "product",
            "policy_status",
            "contract_date",
            "premium_amount",
            "sum_assured",
            "paid_instalments",
            "next_due_date",
            "agent",
            "branch",
            "line",
            "uw_result",
            "coverage_end",
            "insurance_age",
            "ended_on",
        )

    def render_line(self, value: str) -> str:
        """Call the portfolio by its name."""
        return products.line_name(value)


class CustomerContractTable(ContractTable):
    """The contracts of one customer."""

    class Meta(ContractTable.Meta):
        exclude = ("customer", *ContractTable.hidden)


class BillTable(HouseTable):
    """Premium bills."""

    hidden = ("channel", "agent", "reminded_on")
    contract = NumberLinkColumn(RECORD, accessor="contract_id", verbose_name=_("Contract"))
    customer = TextColumn(accessor="contract__customer__name", verbose_name=_("Customer"))
    instalment = CountColumn(verbose_name=_("Instalment"))
    due_date = DateColumn(verbose_name=_("Premium due on"))
    amount = MoneyColumn(total=True, verbose_name=_("Premium (KRW)"))
    status = StatusColumn(verbose_name=_("Status"))
    collected_on = DateColumn(verbose_name=_("Collected on"))
    lapse_on = DateColumn(verbose_name=_("Lapses on"))
    reminded_on = DateColumn(verbose_name=_("Notice on"))
    channel = TextColumn(verbose_name=_("Paid through"))
    agent = TextColumn(accessor="contract__agent__agent_name", verbose_name=_("Agent"))

    def render_channel(self, record: PremiumBill) -> Any:
        """Say how it was paid."""
        return record.channel_label

    class Meta:
        model = PremiumBill
        fields = (
            "contract",
            "customer",
            "instalment",
            "due_date",
            "amount",
            "status",
            "collected_on",
            "lapse_on",
            "reminded_on",
            "channel",
            "agent",
        )


class CustomerTable(HouseTable):
    """Customers; the resident number is masked."""

    hidden = ("job_code", "address")
    name = NumberLinkColumn(
        "contracts:customer_detail", key="customer_id", verbose_name=_("Customer")
    )
    rrn_mask = TextColumn(verbose_name=_("Resident number"), orderable=False)
    sex = TextColumn(verbose_name=_("Sex"))
    birth_date = DateColumn(verbose_name=_("Born"))
    phone = TextColumn(verbose_name=_("Phone"), orderable=False)
    contract_count = CountColumn(verbose_name=_("Contracts"))
    in_force_count = CountColumn(verbose_name=_("In force"))
    premium_sum = MoneyColumn(verbose_name=_("Monthly premium (KRW)"))
    job_code = TextColumn(verbose_name=_("Occupation"))
    address = TextColumn(verbose_name=_("Address"), orderable=False)

    class Meta:
        model = Customer
        fields = (
            "name",
            "rrn_mask",
            "sex",
            "birth_date",
            "phone",
            "contract_count",
            "in_force_count",
            "premium_sum",
            "job_code",
            "address",
        )


class UnderwritingTable(HouseTable):
    """Underwriting decisions and referrals."""

    hidden = ("comment",)
    application = NumberLinkColumn(
        "contracts:underwriting_case", accessor="application_id", verbose_name=_("Application")
    )
    applicant = TextColumn(
        accessor="application__applicant_name", verbose_name=_("Applicant"), orderable=False
    )
    product = TextColumn(accessor="application__product_code", verbose_name=_("Product"))
    sum_assured = MoneyColumn(
        accessor="application__sum_assured", verbose_name=_("Sum assured (KRW)")
    )
    status = StatusColumn(verbose_name=_("Status"))
    result = StatusColumn(verbose_name=_("Result"))
    loading_percent = MoneyColumn(verbose_name=_("Loading in percent"))
    due_on = DateColumn(verbose_name=_("Accepted by silence after"))
    decided_by = PersonColumn(verbose_name=_("Decided by"))

    comment = TextColumn(verbose_name=_("Comment"))

    def render_decided_by(self, record: Underwriting) -> str:
        """Say who decided."""
        return record.decider

    class Meta:
        model = Underwriting
        fields = (
            "application",
            "applicant",
            "product",
            "sum_assured",
            "status",
            "result",
            "loading_percent",
            "due_on",
            "decided_by",
            "comment",
        )
