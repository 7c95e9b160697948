"""What people type about cases, holds, the watch-list and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, PickerField
from fds import services
from fds.models import Case, Hold

_VERDICTS = (
    (Case.Status.CLEARED, _("Cleared: the claim may be paid")),
    (Case.Status.CONFIRMED, _("Fraud established: the claim is not paid")),
)


class DecisionForm(HouseForm):
    """A verdict with the person's own reason."""

    decision = forms.ChoiceField(label=_("Decision"), choices=[("", "–"), *_VERDICTS])
    reason = forms.CharField(
        label=_("Your reason"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        help_text=_("What you looked at and what it shows, in your own words."),
    )


class AsideForm(HouseForm):
    """Until when a case waits, and for what."""

    until = forms.DateField(
        label=_("Back in the queue on"),
        help_text=_("Sixty days at most. The due date of the payment stays as it is."),
    )
    text = forms.CharField(
        label=_("What it waits for"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500
    )


class StepForm(HouseForm):
    """A step of an investigation."""

    kind = forms.ChoiceField(
        label=_("Kind of step"),
        choices=[(kind, kind.label) for kind in services.STEPS],
    )
    text = forms.CharField(
        label=_("In your own words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        help_text=_("It stays as it is: a mistake is corrected by another step."),
    )


class LinkForm(HouseForm):
    """Another case."""

    other = forms.CharField(label=_("Other claim"), max_length=30)
    text = forms.CharField(
        label=_("What they have in common"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )


class EvidenceForm(HouseForm):
    """A file and what it shows."""

    file = forms.FileField(label=_("File"), help_text=_("PDF, JPEG, PNG, HEIC, WebP or TIFF."))
    text = forms.CharField(
        label=_("What it shows"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500
    )


class HoldForm(HouseForm):
    """A hold on a statutory ground."""

    ground = forms.ChoiceField(label=_("Statutory ground"), choices=Hold.Ground)
    explanation = forms.CharField(
        label=_("Facts"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text=_("The facts that make the ground. A score is no ground."),
    )
    notified_on = forms.DateField(
        label=_("Claimant told on"), help_text=_("The claimant must know the reason first.")
    )
    due_on = forms.DateField(
        label=_("To be reviewed by"),
        required=False,
        help_text=_("Ten working days if left empty."),
    )


class ReleaseForm(HouseForm):
    """Why a hold ends."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


class WatchForm(HouseForm):
    """A provider to watch."""

    provider_code = PickerField("provider", label=_("Hospital or garage"))
    start = forms.DateField(label=_("From"))
    end = forms.DateField(
        label=_("Until"), required=False, help_text=_("First day without; empty: open.")
    )
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )


class WatchEndForm(HouseForm):
    """When an entry ends."""

    on = forms.DateField(label=_("Ends on"), help_text=_("First day without."))


class NameForm(HouseForm):
    """The name of a new version."""

    name = forms.CharField(label=_("Name"), max_length=100)


class RulesForm(HouseForm):
    """Threshold, points and parameters of a draft."""

    threshold = forms.IntegerField(
        label=_("Suspicious from this score on"), min_value=1, max_value=100
    )

    def __init__(self, *args: Any, rules: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = list(rules)
        for rule in self.rules:
            self.fields[f"points_{rule.code}"] = forms.IntegerField(
                label=f"{rule.code} {rule.title} — {_('points')}",
                min_value=0,
                max_value=100,
                initial=rule.points,
            )
            for name, value in rule.params.items():
                self.fields[f"param_{rule.code}_{name}"] = forms.IntegerField(
                    label=f"{rule.code} {PARAMS.get(name, name)}", min_value=0, initial=value
                )

    def terms(self) -> dict[str, Any]:
        """Return the arguments of ``services.edit_draft``."""
        data = self.cleaned_data
        points = {rule.code: data[f"points_{rule.code}"] for rule in self.rules}
        params: Mapping[str, Mapping[str, int]] = {
            rule.code: {name: data[f"param_{rule.code}_{name}"] for name in rule.params}
            for rule in self.rules
        }
        return {"threshold": data["threshold"], "points": points, "params": params}


PARAMS = {
    "max_days": _("days from the start of cover, at most"),
    "window_days": _("window, days"),
    "at_least": _("accidents, at least"),
}
