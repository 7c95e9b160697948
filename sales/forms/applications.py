"""Forms of stage 2: agents, applications, reasons."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import HouseForm, MoneyField, PickerField
from core.privacy import BadResidentNumber, Sealed, born_and_sex, seal
from sales.models import Agent
from sales.selectors import catalogue
from sales.selectors.catalogue import Question
from sales.services.applications import NewApplications
from sales.services.organisation import Appointment

_SEAL_SALT = "sales.application.resident-number"
_SEAL_AGE = 8 * 60 * 60
_YES_NO = (("yes", _("Yes")), ("no", _("No")))
_PREFIX = "ask_"


def seal_token(sealed: Sealed) -> str:
    """Return a sealed resident number as a signed hidden value: index, ciphertext and mask."""
    body = {
        "i": sealed.index,
        "c": base64.b64encode(sealed.cipher).decode(),
        "m": sealed.mask,
        "b": sealed.born.isoformat(),
        "s": sealed.sex,
    }
    return signing.dumps(body, salt=_SEAL_SALT)


def sealed_of(token: str) -> Sealed | None:
    """Read a token that ``seal_token`` made; None when it is empty, old or not ours."""
    try:
        body = signing.loads(token, salt=_SEAL_SALT, max_age=_SEAL_AGE)
    except signing.BadSignature:
        return None
    cipher = base64.b64decode(body["c"])
    return Sealed(body["i"], cipher, body["m"], date.fromisoformat(body["b"]), body["s"])


def plan_label(term_months: int, pay_months: int) -> str:
    """Say a term and its payment period in words."""
    pay = ngettext("%(n)s year", "%(n)s years", pay_months // 12) % {"n": pay_months // 12}
    if term_months == 0:
        return _t("Whole of life, paid for %(pay)s") % {"pay": pay}
    term = ngettext("%(n)s year", "%(n)s years", term_months // 12) % {"n": term_months // 12}
    if term_months == pay_months:
        return _t("%(term)s, paid throughout") % {"term": term}
    return _t("%(term)s, paid for %(pay)s") % {"term": term, "pay": pay}


class ApplicationForm(HouseForm):
    """An application for one product version: its plans, sums and disclosure questions.

    The resident number is sealed as soon as it is read; what goes back to the page is a signed
    token and the mask, never the number.
    """

    agent_id = PickerField("agent", label=_("Agent"))
    applicant_name = forms.CharField(label=_("Applicant"), max_length=50)
    resident_number = forms.CharField(
        label=_("Resident number"),
        required=False,
        max_length=14,
        widget=forms.PasswordInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "900101-1······"}
        ),
        help_text=_("Encrypted at once; only the first seven digits are ever shown."),
    )
    sealed = forms.CharField(required=False, widget=forms.HiddenInput)
    phone = forms.CharField(label=_("Mobile phone"), max_length=20, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    job_code = forms.ChoiceField(label=_("Occupation"))
    plan = forms.ChoiceField(label=_("Term and payment"))
    sum_assured = MoneyField(label=_("Sum assured"))
    beneficiary_name = forms.CharField(
        label=_("Beneficiary"),
        max_length=50,
        required=False,
        help_text=_("Empty: the legal heirs."),
    )
    initial_premium_paid = forms.BooleanField(
        label=_("The first premium comes with the application"), required=False, initial=True
    )
    explained = forms.BooleanField(
        label=_(
            "I explained the important terms, and the applicant received the policy conditions "
            "and a copy of this application (Commercial Act, Article 638-3)."
        ),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        product_code: str,
        version: int,
        today: date,
        own_agent: str = "",
        finished: bool = True,
        kept: Sealed | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.product_code, self.version = product_code, version
        self.own_agent, self.finished, self.today = own_agent, finished, today
        self.kept = kept
        if own_agent:
            del self.fields["agent_id"]
        self.questions = catalogue.questions(product_code, version)
        self._offer()
        for question in self.questions:
            self.fields[_PREFIX + question.code] = _answer_field(question, required=finished)
        self.order_fields([*self.part_names(), "initial_premium_paid", "explained"])
        self._say_kept()

    def _offer(self) -> None:
        small, large, step = catalogue.sums(self.product_code, self.version)
        chosen = self.fields["sum_assured"]
        assert isinstance(chosen, MoneyField)
        chosen.min_value, chosen.max_value = small, large
        chosen.help_text = _t("%(small)s to %(large)s won, in steps of %(step)s.") % {
            "small": f"{small:,}",
            "large": f"{large:,}",
            "step": f"{step:,}",
        }
        job, plan = self.fields["job_code"], self.fields["plan"]
        assert isinstance(job, forms.ChoiceField)
        assert isinstance(plan, forms.ChoiceField)
        job.choices = [("", _t("Choose an occupation")), *_job_choices()]
        plan.choices = [
            (f"{term}/{pay}", plan_label(term, pay))
            for term, pay in catalogue.plans(self.product_code, self.version)
        ]

    def part_names(self) -> list[str]:
        """Return the names of the fields in the order of the page, without the confirmations."""
        first = [n for n in self.base_fields if n not in {"initial_premium_paid", "explained"}]
        return [*first, *(_PREFIX + question.code for question in self.questions)]

    def _say_kept(self) -> None:
        if self.is_bound:
            self.kept = sealed_of(str(self.data.get("sealed", ""))) or self.kept
        self.fields["resident_number"].required = self.kept is None
        if self.kept is not None:
            self.fields["resident_number"].help_text = _t(
                "Entered: %(mask)s. Leave the field empty to keep it."
            ) % {"mask": self.kept.mask}
            self.initial["sealed"] = seal_token(self.kept)

    def clean_resident_number(self) -> str:
        """Seal what was typed; the cleaned value is the mask."""
        typed = str(self.cleaned_data.get("resident_number") or "").strip()
        if typed:
            try:
                sealed = seal(typed)
            except BadResidentNumber as refusal:
                raise forms.ValidationError(
                    _t("Enter thirteen digits of a real date.")
                ) from refusal
            if sealed.born > self.today:
                raise forms.ValidationError(_t("This date of birth has not come yet."))
            self.kept = sealed
            shown = QueryDict(mutable=True)
            shown.update(self.data)
            shown["resident_number"], shown["sealed"] = "", seal_token(self.kept)
            self.data = shown
            self._say_kept()
            self["resident_number"].help_text = self.fields["resident_number"].help_text
        return self.kept.mask if self.kept else ""

    def clean_explained(self) -> bool:
        """Ask for the confirmation before the application leaves the desk."""
        confirmed = bool(self.cleaned_data.get("explained"))
        if self.finished and not confirmed:
            raise forms.ValidationError(
                _t("Explain the terms first and confirm it here; without it nothing is submitted.")
            )
        return confirmed

    @property
    def applicant_part(self) -> list[Any]:
        """Bound fields of the first part."""
        names = ("agent_id", "applicant_name", "resident_number", "phone", "address", "job_code")
        return [self[name] for name in names if name in self.fields]

    @property
    def cover_part(self) -> list[Any]:
        """Bound fields of what is insured."""
        return [self[name] for name in ("plan", "sum_assured", "beneficiary_name")]

    @property
    def question_part(self) -> list[Any]:
        """Bound fields of the disclosures."""
        return [self[_PREFIX + question.code] for question in self.questions]

    @property
    def confirmation_part(self) -> list[Any]:
        """Bound fields of the confirmations."""
        return [self["initial_premium_paid"], self["explained"]]

    def batch(self) -> NewApplications:
        """Return the valid form as a batch of one."""
        given = self.cleaned_data
        term, pay = (int(part) for part in given["plan"].split("/"))
        names = ("applicant_name", "phone", "address", "job_code", "beneficiary_name")
        assert self.kept is not None
        return NewApplications.of(
            [
                {name: given[name] for name in names}
                | {
                    "product_code": self.product_code,
                    "agent_id": self.own_agent or given["agent_id"].strip(),
                    "sealed": self.kept,
                    "sum_assured": given["sum_assured"],
                    "term_months": term,
                    "pay_months": pay,
                    "disclosures": self._answers(),
                    "explained": given["explained"],
                    "initial_premium_paid": given["initial_premium_paid"],
                }
            ]
        )

    def _answers(self) -> dict[str, Any]:
        found = {}
        for question in self.questions:
            answer = self.cleaned_data.get(_PREFIX + question.code)
            if answer not in (None, ""):
                found[question.code] = answer == "yes" if question.kind == "boolean" else answer
        return found


def initial_of(batch: NewApplications) -> dict[str, Any]:
    """Return a batch of one as the form's initial values."""
    names = ("applicant_name", "phone", "address", "job_code", "beneficiary_name", "agent_id")
    said = {True: "yes", False: "no"}
    answers = {
        _PREFIX + code: said.get(answer, answer) if isinstance(answer, bool) else answer
        for code, answer in batch.disclosures[0].items()
    }
    return {name: getattr(batch, name)[0] for name in names} | {
        "plan": f"{batch.term_months[0]}/{batch.pay_months[0]}",
        "sum_assured": int(batch.sum_assured[0]),
        "explained": bool(batch.explained[0]),
        "initial_premium_paid": bool(batch.initial_premium_paid[0]),
        **answers,
    }


def _job_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    grouped: dict[int, list[tuple[str, str]]] = {}
    for job in catalogue.jobs().values():
        grouped.setdefault(job.job_class, []).append((job.code, catalogue.in_language(job.name)))
    return [
        (_t("Risk class %(number)s") % {"number": number}, grouped[number])
        for number in sorted(grouped)
    ]


def _answer_field(question: Question, *, required: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.text,
        "required": required,
        "help_text": catalogue.in_language(question.help) if question.help else "",
    }
    if question.kind == "boolean":
        return forms.ChoiceField(choices=_YES_NO, widget=forms.RadioSelect, **common)
    if question.choices:
        numeric = isinstance(question.choices[0][0], int)
        return forms.TypedChoiceField(
            coerce=int if numeric else str,
            choices=[("", "")] + [(v, catalogue.in_language(t)) for v, t in question.choices],
            **common,
        )
    return forms.IntegerField(min_value=question.minimum, max_value=question.maximum, **common)


class QuoteForm(HouseForm):
    """What a premium rests on, of a form that may be half filled in."""

    resident_number = forms.CharField(required=False)
    sealed = forms.CharField(required=False)
    job_code = forms.CharField(required=False)
    plan = forms.RegexField(r"^\d+/\d+$", required=False)
    sum_assured = MoneyField(required=False)

    def person(self) -> tuple[date, str] | None:
        """Return birth date and sex, from seven typed digits or the sealed number."""
        typed = "".join(c for c in self.cleaned_data["resident_number"] if c.isdigit())
        if len(typed) >= 7:
            try:
                return born_and_sex(typed[:7].ljust(13, "0"))
            except BadResidentNumber:
                return None
        kept = sealed_of(self.cleaned_data["sealed"])
        return (kept.born, kept.sex) if kept else None

    def answers(self, asked: Sequence[Question]) -> Mapping[str, Any]:
        """Return the answers given so far."""
        found: dict[str, Any] = {}
        for question in asked:
            text = self.data.get(_PREFIX + question.code, "")
            if question.kind == "boolean" and text in {"yes", "no"}:
                found[question.code] = text == "yes"
            elif question.choices:
                values = {str(value): value for value, _label in question.choices}
                if text in values:
                    found[question.code] = values[text]
            elif text.isdecimal():
                found[question.code] = int(text)
        return found


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
