"""How the lists of stage 3 are narrowed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, Customer, PremiumBill, Underwriting, UnderwritingResult
from contracts.selectors.facts import matches, named
from core.filters import AmountFilter, HouseFilterSet, PeriodFilter

_ATTENTION = [
    ("unpaid", _("An instalment is unpaid")),
    ("grace", _("Noticed, in the grace period")),
    ("refused", _("The bank refuses the debit")),
]


class ContractFilter(HouseFilterSet):
    """Contracts by number, customer, last four digits of the phone, status, product, dates."""

    search_fields = ("contract_id",)
    policy_status = django_filters.ChoiceFilter(choices=Contract.Status, label=_("Status"))
    contract_date = PeriodFilter(label=_("Contract date"))
    attention = django_filters.ChoiceFilter(
        choices=_ATTENTION, method="needing", label=_("Needs attention")
    )
    product = django_filters.CharFilter(field_name="product_id", label=_("Product code"))
    agent = django_filters.CharFilter(method="sold_by", label=_("Agent"))
    branch = django_filters.CharFilter(
        field_name="agent__branch_name", lookup_expr="icontains", label=_("Branch")
    )
    premium_amount = AmountFilter(label=_("Premium"))
    next_due_date = PeriodFilter(label=_("Next due"))
    uw_result = django_filters.ChoiceFilter(
        choices=UnderwritingResult.choices[:2], label=_("Underwriting")
    )
    customer = django_filters.NumberFilter(field_name="customer_id", label=_("Customer number"))

    class Meta:
        model = Contract
        fields = (
            "policy_status",
            "contract_date",
            "attention",
            "product",
            "agent",
            "branch",
            "uw_result",
            "premium_amount",
            "next_due_date",
            "customer",
        )

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep contracts whose number, customer's name or last four phone digits match."""
        for word in value.split():
            queryset = named(queryset, word)
        return queryset

    def sold_by(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep the contracts of an agent, by number or name."""
        return queryset.filter(Q(agent_id=value) | Q(agent__agent_name__icontains=value))

    def needing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep contracts that someone should look at."""
        if value == "refused":
            return queryset.filter(
                debit_failures__period__endswith=None, policy_status=Contract.Status.ACTIVE
            )
        bills = PremiumBill.objects.filter(
            contract_id=OuterRef("pk"), status=PremiumBill.Status.DUE
        )
        if value == "grace":
            bills = bills.filter(lapse_on__isnull=False)
        return queryset.filter(Exists(bills))


class BillFilter(HouseFilterSet):
    """Bills by contract, customer, status and dates."""

    search_fields = ("contract_id",)
    status = django_filters.ChoiceFilter(choices=PremiumBill.Status, label=_("Status"))
    due_date = PeriodFilter(label=_("Premium due on"))
    lapse_on = PeriodFilter(label=_("Lapses on"))
    noticed = django_filters.BooleanFilter(
        field_name="reminded_on", lookup_expr="isnull", exclude=True, label=_("Noticed")
    )
    collected_on = PeriodFilter(label=_("Collected on"))
    channel = django_filters.ChoiceFilter(choices=PremiumBill.CHANNELS, label=_("Paid through"))

    class Meta:
        model = PremiumBill
        fields = ("status", "due_date", "lapse_on", "noticed", "collected_on", "channel")

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep bills of contracts that match by number, customer or phone."""
        for word in value.split():
            queryset = queryset.filter(matches(word, contract="contract"))
        return queryset


class CustomerFilter(HouseFilterSet):
    """Customers by name or the last four digits of the phone."""

    search_fields = ("name",)
    sex = django_filters.ChoiceFilter(choices=Customer.Sex, label=_("Sex"))
    birth_date = PeriodFilter(label=_("Born"))
    job_code = django_filters.CharFilter(label=_("Occupation"))

    class Meta:
        model = Customer
        fields = ("sex", "birth_date", "job_code")

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep customers by name, or by the last four digits of the phone."""
        for word in value.split():
            if word.isdecimal():
                queryset = queryset.annotate(ending=Right("phone", 4)).filter(ending=word)
            else:
                queryset = queryset.filter(name__icontains=word)
        return queryset


class UnderwritingFilter(HouseFilterSet):
    """Decisions by application, applicant, result and clock."""

    search_fields = (
        "application_id__startswith",
        "application__applicant_name__icontains",
        "decided_by",
    )
    status = django_filters.ChoiceFilter(choices=Underwriting.Status, label=_("Status"))
    result = django_filters.ChoiceFilter(choices=UnderwritingResult, label=_("Result"))
    due_on = PeriodFilter(label=_("Accepted by silence after"))

    class Meta:
        model = Underwriting
        fields = ("status", "result", "due_on")
