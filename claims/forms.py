"""What people type about claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, Payout, Provider
from claims.rules.adjustment import Coverage
from core.forms import HouseForm, MoneyField, PickerField


def _clock_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ReceptionForm(HouseForm):
    """Report of an accident or an illness."""

    contract_id = PickerField(
        "claim_contract",
        label=_("Contract"),
        help_text=_("Type a contract number or the customer's name."),
    )
    claim_type = forms.ChoiceField(label=_("Kind of event"), choices=Claim.Type)
    incident_on = forms.DateField(label=_("Day of the accident"))
    incident_time = forms.TimeField(
        label=_("Time of the accident"),
        required=False,
        widget=_clock_input(),
        help_text=_("As far as known, for example 14:30."),
    )
    claimant_name = forms.CharField(label=_("Claimant"), max_length=50)
    claimed = MoneyField(
        label=_("Claimed amount"), help_text=_("0 if it is not known yet: the cover is reserved.")
    )
    provider_code = PickerField(
        "provider", label=_("Hospital or garage"), required=False, help_text=_("Code or name.")
    )
    location = forms.CharField(label=_("Where it happened"), max_length=255, required=False)
    description = forms.CharField(
        label=_("Circumstances"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000
    )
    channel = forms.ChoiceField(label=_("Reported by"), choices=Claim.Channel)
    reported_on = forms.DateField(label=_("Day of the report"))
    reported_time = forms.TimeField(label=_("Time of the report"), widget=_clock_input())
    accident_no = PickerField(
        "claim",
        label=_("Same accident as"),
        required=False,
        help_text=_("Reception number of the first claim of this accident, if there is one."),
    )
    confirmed = forms.BooleanField(
        label=_("I have looked at the similar claim: this one is another."), required=False
    )

    def row(self) -> dict[str, Any]:
        """Return the report as a row of ``services.NewClaims``."""
        data = self.cleaned_data
        known = data["incident_time"] or time()
        return {
            "contract_id": data["contract_id"],
            "claim_type": data["claim_type"],
            "channel": data["channel"],
            "incident_at": datetime.combine(data["incident_on"], known),
            "reported_at": datetime.combine(data["reported_on"], data["reported_time"]),
            "claimed": int(data["claimed"]),
            "provider_code": data["provider_code"],
            "location": data["location"],
            "description": data["description"],
            "claimant_name": data["claimant_name"],
            "accident_no": data["accident_no"],
        }


class AdjustmentForm(HouseForm):
    """Loss, own fault, deductible: what is payable."""

    coverage_code = forms.ChoiceField(label=_("Coverage that pays"))
    loss = MoneyField(label=_("Assessed loss"), min_value=1)
    fault_percent = forms.DecimalField(
        label=_("Own fault (%)"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        initial=Decimal(0),
    )
    deductible = MoneyField(label=_("Deductible"), initial=0)
    fee = MoneyField(
        label=_("Cost of the adjustment"), initial=0, help_text=_("Paid to the adjusting firm.")
    )
    opinion = forms.CharField(
        label=_("Opinion"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Cause, assessment and grounds; it stands in the adjustment report."),
    )

    def __init__(self, *args: Any, coverages: Sequence[Coverage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["coverage_code"].choices = [(c.code, c.name) for c in coverages]  # type: ignore[attr-defined]

    def terms(self) -> dict[str, Any]:
        """Return the arguments of ``services.propose``."""
        data = self.cleaned_data
        return self.amounts() | {"fee": int(data["fee"]), "opinion": data["opinion"]}

    def amounts(self) -> dict[str, Any]:
        """Return the arguments of ``services.payable``."""
        data = self.cleaned_data
        return {
            "coverage_code": data["coverage_code"],
            "loss": int(data["loss"]),
            "fault_bp": int(data["fault_percent"] * 100),
            "deductible": int(data["deductible"]),
        }


class PreviewForm(AdjustmentForm):
    """The amounts alone, while they are typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("fee", "opinion"):
            del self.fields[name]


class ReasonForm(HouseForm):
    """A reason, nothing else."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


class ApprovalForm(HouseForm):
    """Approval of a proposal."""

    note = forms.CharField(
        label=_("Comment on the decision"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class PaymentForm(HouseForm):
    """To whom it is paid."""

    recipient = forms.CharField(label=_("Recipient"), max_length=50)
    relation = forms.ChoiceField(
        label=_("Who the recipient is"),
        choices=Payout.Relation,
        initial=Payout.Relation.CUSTOMER,
    )
    reason = forms.CharField(
        label=_("Why another than the customer"),
        max_length=200,
        required=False,
        help_text=_("Document that shows it: family register, assignment, power of attorney."),
    )


class ReserveForm(HouseForm):
    """A new estimate."""

    to = MoneyField(label=_("New case reserve"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class AssignForm(HouseForm):
    """Who adjusts."""

    adjuster = forms.CharField(label=_("Adjuster"), max_length=150, help_text=_("User name."))


class DocumentForm(HouseForm):
    """One document."""

    live = False
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, JPEG, PNG, HEIC, WebP or TIFF, at most 10 MB.")
    )


class ProviderForm(HouseForm):
    """A hospital or a garage."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Provider.Kind)
    region = forms.CharField(label=_("Region"), max_length=30, required=False)
