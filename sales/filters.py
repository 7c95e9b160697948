"""Filters of the lists of stage 2."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import AmountFilter, HouseFilterSet, PeriodFilter
from sales.models import Agent, Application, Commission, CommissionPlan, CommissionSettlement

_YES_NO = (("yes", _("Yes")), ("no", _("No")))


class AgentFilter(HouseFilterSet):
    """Filter agents."""

    search_fields = ("agent_id__icontains", "agent_name__icontains", "licence_number__icontains")
    training_valid_until = PeriodFilter(label=_("Training until"))
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Agent.Status.choices)
    rank = django_filters.ChoiceFilter(label=_("Rank"), choices=Agent.Rank.choices)
    branch_name = django_filters.CharFilter(label=_("Branch"), lookup_expr="icontains")

    class Meta:
        model = Agent
        fields = ("status", "rank", "branch_name", "training_valid_until")


class ApplicationFilter(HouseFilterSet):
    """Filter applications."""

    search_fields = (
        "application_id__icontains",
        "applicant_name__icontains",
        "agent__agent_name__icontains",
    )
    status = django_filters.ChoiceFilter(label=_("Step"), choices=Application.Status.choices)
    applied_on = PeriodFilter(label=_("Applied on"))
    product_code = django_filters.CharFilter(label=_("Product"), lookup_expr="icontains")
    premium_amount = AmountFilter(label=_("Monthly premium"))
    agent_id = django_filters.CharFilter(label=_("Agent no."))

    class Meta:
        model = Application
        fields = ("status", "applied_on", "product_code", "premium_amount", "agent_id")


class CommissionFilter(HouseFilterSet):
    """Filter commissions."""

    search_fields = ("contract_id__icontains", "agent__agent_name__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Commission.Status.choices)
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Commission.Kind.choices)
    payment_date = PeriodFilter(label=_("Payable on"))
    accrued_on = PeriodFilter(label=_("Arose on"))
    amount = AmountFilter(label=_("Commission"))
    agent_id = django_filters.CharFilter(label=_("Agent no."))
    product_code = django_filters.CharFilter(label=_("Product"), lookup_expr="icontains")

    class Meta:
        model = Commission
        fields = ("status", "kind", "payment_date", "accrued_on", "amount", "agent_id")


class ContractSumFilter(HouseFilterSet):
    """Filter the sums by contract."""

    search_fields = ("contract_id__icontains", "agent__agent_name__icontains")
    product_code = django_filters.CharFilter(label=_("Product"), lookup_expr="icontains")
    agent_id = django_filters.CharFilter(label=_("Agent no."))
    taken = django_filters.ChoiceFilter(
        label=_("Clawed back"), method="with_clawback", choices=_YES_NO
    )

    class Meta:
        model = Commission
        fields = ("product_code", "agent_id", "taken")

    def with_clawback(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep contracts of which something was, or was not, taken back."""
        return (
            queryset.filter(taken_back__lt=0) if value == "yes" else queryset.filter(taken_back=0)
        )


class SettlementFilter(HouseFilterSet):
    """Filter statements."""

    search_fields = (
        "settlement_id__icontains",
        "agent__agent_name__icontains",
        "agent__agent_id__icontains",
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=CommissionSettlement.Status.choices
    )
    month = django_filters.CharFilter(label=_("Month"), lookup_expr="startswith")
    net_paid = AmountFilter(label=_("Paid out"))
    owes = django_filters.ChoiceFilter(
        label=_("Carries a debt"), method="that_owe", choices=_YES_NO
    )
    paid_on = PeriodFilter(label=_("Paid on"))
    agent_id = django_filters.CharFilter(label=_("Agent no."))

    class Meta:
        model = CommissionSettlement
        fields = ("status", "month", "net_paid", "owes", "paid_on", "agent_id")

    def that_owe(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep statements that carry a debt forward, or those that do not."""
        return (
            queryset.filter(carried_out__lt=0) if value == "yes" else queryset.filter(carried_out=0)
        )


class PlanFilter(HouseFilterSet):
    """Filter commission plans."""

    search_fields = ("plan_id__icontains", "product__product_name__icontains", "note__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=CommissionPlan.Status.choices)
    regime = django_filters.CharFilter(label=_("Regime"), lookup_expr="icontains")
    product_id = django_filters.CharFilter(label=_("Product"), lookup_expr="icontains")

    class Meta:
        model = CommissionPlan
        fields = ("status", "regime", "product_id")
