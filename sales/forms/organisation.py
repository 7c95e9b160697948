"""Forms of agents and branches, and the reason that an act asks for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm
from sales.models import Agent
from sales.services.organisation import Appointment


class ReasonForm(HouseForm):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class AgentForm(HouseForm):
    """An agent's master data."""

    name = forms.CharField(label=_("Name"), max_length=50)
    branch_code = forms.ChoiceField(label=_("Branch"))
    rank = forms.ChoiceField(label=_("Rank"), choices=Agent.Rank.choices)
    channel = forms.ChoiceField(
        label=_("Engaged by"),
        choices=Agent.Channel.choices,
        initial=Agent.Channel.EXCLUSIVE,
        required=False,
        help_text=_("Decides which first-year cap applies."),
    )
    commission_rate = forms.DecimalField(
        label=_("Commission factor"),
        min_value=Decimal(0),
        max_value=Decimal(5),
        max_digits=5,
        decimal_places=2,
        initial=Decimal("1.00"),
        help_text=_("Multiplies the product's commission; 1.00 is the full one."),
    )
    licence_number = forms.CharField(label=_("Licence number"), max_length=30)
    sells_life = forms.BooleanField(label=_("Licensed for life"), required=False, initial=True)
    sells_non_life = forms.BooleanField(
        label=_("Licensed for non-life"), required=False, initial=True
    )
    appointed_on = forms.DateField(label=_("Appointed on"))
    training_valid_until = forms.DateField(
        label=_("Training valid until"), help_text=_("After this day nothing can be applied for.")
    )

    def __init__(self, *args: Any, branches: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["branch_code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(branches)

    def clean_channel(self) -> str:
        """Read none as exclusive."""
        return self.cleaned_data["channel"] or Agent.Channel.EXCLUSIVE.value

    def appointment(self) -> Appointment:
        """Return the valid form."""
        return Appointment(**self.cleaned_data)


class TrainingForm(HouseForm):
    """A refresher course."""

    valid_until = forms.DateField(label=_("Training valid until"))


class ReappointForm(HouseForm):
    """A new appointment of a retired agent."""

    on = forms.DateField(label=_("Appointed on"))
    training_valid_until = forms.DateField(label=_("Training valid until"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class RetireForm(HouseForm):
    """The end of an appointment."""

    on = forms.DateField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
