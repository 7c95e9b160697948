"""Forms of commission plans, the hierarchy, shares and grants."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, MoneyField, PickerField
from sales.models import Agent


class _PlanField(forms.JSONField):
    """JSON that is shown with line breaks."""

    def prepare_value(self, value: Any) -> Any:
        """Show a plan as text."""
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False, indent=1)
        return super().prepare_value(value)


class PlanForm(HouseForm):
    """A commission plan to draft."""

    live = False
    product_code = PickerField("product", label=_("Product"))
    starts = forms.DateField(label=_("Contract dates from"))
    ends = forms.DateField(
        label=_("Contract dates until"), required=False, help_text=_("This day no longer counts.")
    )
    value = _PlanField(
        label=_("Plan (JSON)"),
        widget=forms.Textarea(attrs={"rows": 18, "class": "form-control mono"}),
        help_text=_(
            "schedule by tier and rank, maintenance, overrides, advance, clawback; rates in "
            "percent of one premium."
        ),
    )
    note = forms.CharField(label=_("What changed and why"), max_length=500)


class PostForm(HouseForm):
    """A place in the hierarchy."""

    rank = forms.ChoiceField(label=_("Rank"), choices=Agent.Rank)
    tier = forms.CharField(
        label=_("Performance tier"),
        max_length=10,
        required=False,
        help_text=_("As the commission plans name it; empty: none."),
    )
    reports_to = PickerField("agent", label=_("Reports to"), required=False)
    starts = forms.DateField(label=_("From"))


class ShareForm(HouseForm):
    """Who shares a contract, one agent a line."""

    live = False
    shares = forms.CharField(
        label=_("Shares"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control mono"}),
        help_text=_("One agent a line: number and percent, for example A00001 60. Together 100."),
    )
    starts = forms.DateField(label=_("From"))

    def clean_shares(self) -> dict[str, int]:
        """Read lines into agent → hundredths of a percent."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["shares"].splitlines():
            parts = re.split(r"[\s,:]+", line.strip().removesuffix("%").strip())
            if not line.strip():
                continue
            try:
                agent, percent = parts
                share = Decimal(percent) * 100
            except (ValueError, InvalidOperation) as fault:
                raise forms.ValidationError(_t("This line cannot be read: %s") % line) from fault
            if share != share.to_integral_value() or agent in found:
                raise forms.ValidationError(_t("This line cannot be read: %s") % line)
            found[agent] = int(share)
        return found


class GrantForm(HouseForm):
    """An incentive or settlement support."""

    kind = forms.ChoiceField(
        label=_("Kind of grant"),
        choices=[("INCENTIVE", _("Incentive")), ("SUPPORT", _("Settlement support"))],
    )
    agent_id = PickerField("agent", label=_("Agent"))
    amount = MoneyField(label=_("Amount"), min_value=1)
    contracts = forms.CharField(
        label=_("Contracts that it rests on"),
        widget=forms.Textarea(attrs={"rows": 4, "class": "form-control mono"}),
        help_text=_("One number a line; the amount is spread by their premiums."),
    )

    def clean_contracts(self) -> list[str]:
        """Read the numbers."""
        return [part for part in re.split(r"[\s,]+", self.cleaned_data["contracts"]) if part]
