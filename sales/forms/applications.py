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
from sales.selectors import catalogue
from sales.selectors.catalogue import Question
from sales.services.applications import NewApplications

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
    partner_id = PickerField("agent", label=_("Sold together with"), required=False)
    partner_share = forms.DecimalField(
        label=_("Their share of the commission (%)"),
        min_value=Decimal("0.01"),
        max_value=Decimal("99.99"),
        max_digits=4,
        decimal_places=2,
        required=False,
        help_text=_("The seller keeps the rest; all shares come to 100 %."),
    )
    second_partner_id = PickerField("agent", label=_("And with"), required=False)
    second_partner_share = forms.DecimalField(
        label=_("Their share as well (%)"),
        min_value=Decimal("0.01"),
        max_value=Decimal("99.99"),
        max_digits=4,
        decimal_places=2,
        required=False,
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
        last = {"initial_premium_paid", "explained"}
        first = [name for name in self.base_fields if name not in last]
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

    def clean(self) -> dict[str, Any]:
        """Work out the shares: the partners get theirs, the seller what is left."""
        given = super().clean() or self.cleaned_data
        seller = self.own_agent or str(given.get("agent_id") or "").strip()
        shares: dict[str, int] = {}
        for name in ("partner", "second_partner"):
            agent, share = str(given.get(f"{name}_id") or "").strip(), given.get(f"{name}_share")
            if bool(agent) != (share is not None):
                lacks = f"{name}_share" if agent else f"{name}_id"
                if lacks not in self.errors:
                    self.add_error(lacks, _t("Name the agent and the share, or neither."))
            elif agent and agent in {seller, *shares}:
                self.add_error(f"{name}_id", _t("Each agent has one share; name another."))
            elif agent and share is not None:
                shares[agent] = int(share * 100)
        left = 10_000 - sum(shares.values())
        if shares and left < 1:
            text = _t("The partners' shares come to %(sum)s %%; leave the seller some of it.")
            self.add_error("partner_share", text % {"sum": f"{(10_000 - left) / 100:g}"})
        given["shares"] = {seller: left, **shares} if shares else {}
        return given

    @property
    def sharing_part(self) -> list[Any]:
        """Bound fields of who sold it together."""
        names = ("partner_id", "partner_share", "second_partner_id", "second_partner_share")
        return [self[name] for name in names]

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
                    "shares": given["shares"],
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
    seller = batch.agent_id[0]
    shares = batch.shares[0] if batch.shares else {}
    partners = [(agent, share) for agent, share in shares.items() if agent != seller]
    shared = {
        f"{name}_{what}": value
        for name, (agent, share) in zip(("partner", "second_partner"), partners, strict=False)
        for what, value in (("id", agent), ("share", Decimal(share) / 100))
    }
    return {name: getattr(batch, name)[0] for name in names} | {
        "plan": f"{batch.term_months[0]}/{batch.pay_months[0]}",
        "sum_assured": int(batch.sum_assured[0]),
        "explained": bool(batch.explained[0]),
        "initial_premium_paid": bool(batch.initial_premium_paid[0]),
        **answers,
        **shared,
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
