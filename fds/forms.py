"""What people type about cases, holds, the watch-list and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, MoneyField, PickerField
from fds import services
from fds.models import Hold, LearnedModel, Outcome, Snooze
from fds.rules import names

_FOUND = [
    ("", "–"),
    *((state, state.label) for states in services.OUTCOMES.values() for state in states),
]
_HANDOVERS = [("", _("Nothing to do for the adjuster"))]
_HANDOVERS += [(kind, kind.label) for kind in services.HANDOVERS]


class OutcomeForm(HouseForm):
    """What an inquiry found, in the person's own words, with ground and evidence of a fraud."""

    state = forms.ChoiceField(label=_("What the inquiry found"), choices=_FOUND)
    reason = forms.CharField(
        label=_("Your reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text=_("What you looked at and what it shows, in your own words."),
    )
    false_alarm = forms.ChoiceField(
        label=_("Why it was a false alarm"),
        choices=[("", "–"), *Outcome.FalseAlarm.choices],
        required=False,
        help_text=_("Only where no suspicion is left. It teaches the rules."),
    )
    kind = forms.ChoiceField(
        label=_("Sort of fraud"),
        choices=[("", "–"), *Outcome.Kind.choices],
        required=False,
        help_text=_("Needed where fraud is established or referred."),
    )
    ground = forms.ChoiceField(
        label=_("Legal ground of the decision"),
        choices=[("", "–"), *Outcome.Ground.choices],
        required=False,
        help_text=_("Needed where fraud is established or referred."),
    )
    amount = MoneyField(label=_("Established damage (KRW)"), required=False)
    evidence = forms.CharField(
        label=_("Proof"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        required=False,
        help_text=_("Papers, statements, pictures: what proves it and where it is kept."),
    )
    handover = forms.ChoiceField(
        label=_("Hand over to the adjuster"), choices=_HANDOVERS, required=False
    )
    handover_amount = MoneyField(label=_("Reduced by (KRW)"), required=False)
    handover_text = forms.CharField(
        label=_("What the adjuster is told"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )

    def finding(self) -> services.Finding:
        """Return what was typed."""
        data = dict(self.cleaned_data)
        for name in ("amount", "handover_amount"):
            data[name] = int(data[name] or 0)
        return services.Finding(**data)


class DoneForm(HouseForm):
    """How a task was done."""

    note = forms.CharField(
        label=_("What was done about it"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
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


class SnoozeForm(HouseForm):
    """A rule that shall not count for one key."""

    code = forms.ChoiceField(
        label=_("Rule"),
        choices=lambda: [(code, f"{code} {names.title_of(code)}") for code in names.TITLES],
    )
    entity = forms.ChoiceField(label=_("Whose claims"), choices=Snooze.Entity)
    key = forms.CharField(
        label=_("Number or code"),
        max_length=30,
        help_text=_("Customer number, provider code or agent number."),
    )
    start = forms.DateField(label=_("From"))
    end = forms.DateField(
        label=_("Counts again on"), help_text=_("At most a year later; it always has an end.")
    )
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )


class LiftForm(HouseForm):
    """From when a rule counts again."""

    on = forms.DateField(
        label=_("Counts again on"), help_text=_("From tomorrow on; earlier scores stay.")
    )


class PromoteForm(HouseForm):
    """Where a model goes, and why."""

    to = forms.ChoiceField(label=_("It becomes"))
    reason = forms.CharField(
        label=_("Your reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=300
    )

    def __init__(self, *args: Any, moves: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(LearnedModel.Status.choices)
        self.fields["to"].choices = [(move, labels[move]) for move in moves]  # type: ignore[attr-defined]


class PeriodForm(HouseForm):
    """A period of the past."""

    since = forms.DateField(label=_("First report"))
    until = forms.DateField(label=_("Last report"), help_text=_("Both days are included."))


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
                label=f"{rule.code} {names.title_of(rule.code, rule.title)} — {_('points')}",
                min_value=0,
                max_value=100,
                initial=rule.points,
            )
            for name, value in rule.params.items():
                self.fields[f"param_{rule.code}_{name}"] = forms.IntegerField(
                    label=f"{rule.code} {names.param_label(name)}", min_value=0, initial=value
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
