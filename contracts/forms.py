"""What people type into the screens of stage 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from contracts.models import DebitFailure, PremiumReceipt, UnderwritingResult
from core.forms import HouseForm, MoneyField
from sales.api import Question


class CollectForm(HouseForm):
    """Money that came in for premiums."""

    amount = MoneyField(
        label=_("Amount (KRW)"),
        min_value=1,
        help_text=_("The oldest unpaid instalments, in full: one, two, or all of them."),
    )
    received_on = forms.DateField(label=_("Premium received on"))
    channel = forms.ChoiceField(label=_("Paid through"), choices=PremiumReceipt.Channel)
    receipt_key = forms.CharField(
        label=_("Receipt number"),
        max_length=80,
        required=False,
        help_text=_("Of the bank line or the slip; the same number is never booked twice."),
    )

    def clean_receipt_key(self) -> str:
        """Take a number of our own where the money brought none."""
        return self.cleaned_data["receipt_key"].strip() or f"COUNTER-{uuid4()}"


class SurrenderForm(HouseForm):
    """The policyholder's wish to end the contract."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    despite_claims = forms.BooleanField(
        label=_("The policyholder knows of the open claim and ends the contract all the same."),
        required=False,
    )

    def __init__(self, *args: Any, claims: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not claims:
            del self.fields["despite_claims"]


class WithdrawForm(HouseForm):
    """The policyholder's declaration of withdrawal."""

    sent_on = forms.DateField(
        label=_("Sent on"),
        help_text=_("The day on which the declaration was sent decides."),
    )
    evidence = forms.CharField(
        label=_("Evidence of the sending day"),
        max_length=300,
        required=False,
        help_text=_("Postmark or receipt number, where it arrives after the period."),
    )


class LateWithdrawalForm(HouseForm):
    """A second person's decision on a withdrawal that came late."""

    live = False
    accept = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("It was sent in time")), ("no", _("It was not sent in time"))],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(label=_("Reason"), max_length=300)


class ReinstateForm(CollectForm):
    """Money for the arrears with interest, and the answers that underwriting needs again."""

    ASKED = "ask_"

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        self.fields["amount"].help_text = _("Arrears and interest, exactly as shown above.")
        for question in questions:
            self.fields[self.ASKED + question.code] = self._answer_field(question)

    @staticmethod
    def _answer_field(question: Question) -> forms.Field:
        told: dict[str, Any] = {"label": question.text}
        if question.kind == "boolean":
            choices = [("", _("Choose an answer")), ("yes", _("Yes")), ("no", _("No"))]
            return forms.ChoiceField(choices=choices, **told)
        if question.choices:
            language = (get_language() or "ko")[:2]
            named = [(str(v), label.get(language, label["ko"])) for v, label in question.choices]
            return forms.ChoiceField(choices=[("", _("Choose an answer")), *named], **told)
        return forms.IntegerField(min_value=question.minimum, max_value=question.maximum, **told)

    def answers(self) -> dict[str, Any]:
        """Return the valid answers by the codes of their questions."""
        found: dict[str, Any] = {}
        for question in self.questions:
            given: Any = self.cleaned_data[self.ASKED + question.code]
            if question.kind == "boolean":
                given = given == "yes"
            elif question.choices:
                given = next(value for value, _label in question.choices if str(value) == given)
            found[question.code] = given
        return found


class PayValueForm(HouseForm):
    """The policyholder's request for the surrender value of a lapsed contract."""

    live = False
    final = forms.BooleanField(
        label=_("The policyholder knows that the contract cannot be reinstated after this payment.")
    )


class DebitForm(HouseForm):
    """What the bank says of a contract's automatic debit."""

    RESTORED = "RESTORED"
    reason = forms.ChoiceField(
        label=_("What the bank says"),
        choices=[*DebitFailure.Reason.choices, (RESTORED, _("The debit works again"))],
    )
    start = forms.DateField(label=_("Refused from"))


class CorrectForm(HouseForm):
    """How a customer is reached."""

    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    job_code = forms.CharField(label=_("Occupation"), max_length=10)


class UnmaskForm(HouseForm):
    """Why the whole resident number is needed."""

    live = False
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=200,
        help_text=_("Kept in the access log with your name."),
    )


class EscalationForm(HouseForm):
    """Why a referral is passed on."""

    note = forms.CharField(
        label=_("Note for the chief underwriter"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you found, and what is above your authority."),
    )


class DecisionForm(HouseForm):
    """An underwriter's decision on a referral."""

    live = False
    result = forms.ChoiceField(
        label=_("Decision"), choices=UnderwritingResult, widget=forms.RadioSelect
    )
    loading_percent = forms.IntegerField(
        label=_("Loading in percent"), min_value=0, max_value=500, required=False
    )
    exclusion = forms.CharField(
        label=_("Exclusion"),
        max_length=200,
        required=False,
        help_text=_("What is not covered; with a decision on conditions."),
    )
    comment = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the decision."),
    )

    def clean_loading_percent(self) -> int:
        """Read an empty loading as none."""
        return self.cleaned_data["loading_percent"] or 0
