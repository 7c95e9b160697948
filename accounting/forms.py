"""What accountants type: rules, assumptions, journals, the close."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.models import AssumptionSet, FiscalPeriod, MeasurementRun, YieldCurve
from accounting.services import rulebook
from accounting.services.curves import CurveDraft
from accounting.services.journals import Row
from core.events import event_classes
from core.forms import HouseForm, MoneyField, PickerField

ROWS = 3


class JsonField(forms.CharField):
    """JSON, shown indented; what is wrong is said with its place."""

    widget = forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "form-control code"})

    def to_python(self, value: Any) -> Any:
        """Read the JSON."""
        if value in self.empty_values:
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError as wrong:
            raise forms.ValidationError(
                _t("Line %(line)s, column %(column)s: this is not JSON (%(why)s)")
                % {"line": wrong.lineno, "column": wrong.colno, "why": wrong.msg}
            ) from wrong

    def prepare_value(self, value: Any) -> Any:
        """Show data as indented JSON."""
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


def _events() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(event_classes())]


class RuleForm(HouseForm):
    """A new posting rule, or a new version of one."""

    code = forms.RegexField(r"^[A-Z][A-Z0-9_]{2,39}$", label=_("Rule code"))
    event_name = forms.ChoiceField(label=_("Event"), choices=_events)
    description = forms.CharField(label=_("Description in Korean"), max_length=200)
    description_en = forms.CharField(
        label=_("Description in English"), max_length=200, required=False
    )
    start = forms.DateField(label=_("Applies from"))
    keys = forms.CharField(
        label=_("Columns that identify the fact"),
        help_text=_("Names of event columns, separated by commas; the first is the reference."),
    )
    lines = JsonField(
        label=_("Ledger lines"),
        help_text=_(
            "A list of lines with side (D or C), account, amount, and where needed reference,"
            " when, group. Amounts are sums of columns such as amount + fee."
        ),
    )

    def clean_keys(self) -> list[str]:
        """Cut the names apart."""
        return [name.strip() for name in self.cleaned_data["keys"].split(",") if name.strip()]

    def clean(self) -> dict[str, Any]:
        """Check the rule as the service will, so that path and reason stand beside the field."""
        data = super().clean() or {}
        if {"event_name", "keys", "lines"} <= set(data):
            for problem in rulebook.problems_of(data["event_name"], data["keys"], data["lines"]):
                self.add_error("lines", problem)
        return data


class AssumptionForm(HouseForm):
    """A new set of measurement assumptions."""

    start = forms.DateField(label=_("Applies from (a month end)"))
    note = forms.CharField(
        label=_("What changed and why"), widget=forms.Textarea(attrs={"rows": 3})
    )
    provenance = forms.CharField(
        label=_("Source of the figures"),
        help_text=_("Studies, periods and people behind the figures."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    values = JsonField(label=_("Assumptions"))


class NumbersField(forms.CharField):
    """Numbers separated by commas or spaces."""

    def to_python(self, value: Any) -> Any:
        """Read the numbers."""
        if value in self.empty_values:
            return []
        try:
            return [Decimal(part) for part in str(value).replace(",", " ").split()]
        except InvalidOperation as wrong:
            raise forms.ValidationError(_t("Numbers separated by commas are needed.")) from wrong


class CurveForm(HouseForm):
    """The yields of a day and the parameters of the discount curve."""

    base_date = forms.DateField(label=_("Day of the yields"))
    tenors = NumbersField(label=_("Tenors (years)"), help_text=_("Ascending, separated by commas."))
    yields = NumbersField(label=_("Yields (% a year)"), help_text=_("One for each tenor."))
    ltfr = forms.DecimalField(label=_("Long-term forward rate (%)"))
    last_liquid_point = forms.DecimalField(label=_("Last liquid point (years)"))
    convergence_point = forms.DecimalField(label=_("Convergence point (years)"))
    liquidity_premium = forms.DecimalField(label=_("Liquidity premium (%)"))
    coupons_per_year = forms.TypedChoiceField(
        label=_("Coupons a year of the bonds"),
        coerce=int,
        choices=[(n, str(n)) for n in (1, 2, 4, 12)],
    )
    first_alpha = forms.DecimalField(label=_("Speed of the first pass (α)"), decimal_places=6)
    tolerance = forms.DecimalField(label=_("Counts as converged within (bp)"), decimal_places=4)
    lowest_alpha = forms.DecimalField(label=_("Lowest speed to converge (α)"), decimal_places=6)
    provenance = forms.CharField(
        label=_("Source of the figures"), widget=forms.Textarea(attrs={"rows": 2})
    )

    @property
    def draft(self) -> CurveDraft:
        """What was typed, rates as fractions."""
        data = self.cleaned_data
        return CurveDraft(
            base_date=data["base_date"],
            tenors=data["tenors"],
            yields=[one / 100 for one in data["yields"]],
            ltfr=data["ltfr"] / 100,
            last_liquid_point=data["last_liquid_point"],
            convergence_point=data["convergence_point"],
            liquidity_premium=data["liquidity_premium"] / 100,
            coupons_per_year=data["coupons_per_year"],
            first_alpha=data["first_alpha"],
            tolerance=data["tolerance"] / 10_000,
            lowest_alpha=data["lowest_alpha"],
            provenance=data["provenance"],
        )


class RunForm(HouseForm):
    """What a measurement run shall measure, and for what."""

    period = forms.ModelChoiceField(
        FiscalPeriod.objects.order_by("-period"), label=_("Month"), empty_label=None
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=MeasurementRun.Purpose.choices,
        help_text=_("For the books: of a month that is over and not closed. What if: of any."),
    )
    assumption_set = forms.ModelChoiceField(
        AssumptionSet.objects.order_by("-version"),
        label=_("Assumptions"),
        required=False,
        empty_label=_("those in force"),
        help_text=_("For “what if” only; drafts may be tried."),
    )
    curve = forms.ModelChoiceField(
        YieldCurve.objects.order_by("-base_date", "-version"),
        label=_("Yield curve"),
        required=False,
        empty_label=_("the latest by the month end"),
    )
    note = forms.CharField(label=_("What it shall answer"), max_length=200, required=False)

    def clean_period(self) -> str:
        """Give the month's name."""
        return str(self.cleaned_data["period"].pk)


class JournalForm(HouseForm):
    """A manual journal of up to three entries."""

    entry_date = forms.DateField(label=_("Date"))
    description = forms.CharField(label=_("What it is for"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, ROWS + 1):
            needed = n == 1
            self.fields[f"debit_{n}"] = PickerField(
                "account", label=_("Debit account %(n)s") % {"n": n}, required=needed
            )
            self.fields[f"credit_{n}"] = PickerField(
                "account", label=_("Credit account %(n)s") % {"n": n}, required=needed
            )
            self.fields[f"amount_{n}"] = MoneyField(
                label=_("Amount %(n)s") % {"n": n}, required=needed, min_value=1
            )
            self.fields[f"reference_{n}"] = forms.CharField(
                label=_("Reference %(n)s") % {"n": n}, max_length=50, required=False
            )

    @property
    def rows(self) -> list[Row]:
        """The entries that were typed."""
        data = self.cleaned_data
        return [
            Row(
                debit=data[f"debit_{n}"],
                credit=data[f"credit_{n}"],
                amount=int(data[f"amount_{n}"]),
                reference=data.get(f"reference_{n}", ""),
            )
            for n in range(1, ROWS + 1)
            if data.get(f"debit_{n}") and data.get(f"credit_{n}") and data.get(f"amount_{n}")
        ]


class ReversalForm(HouseForm):
    """Why an entry is taken back, and when."""

    entry_date = forms.DateField(label=_("Date of the reversal"))
    reason = forms.CharField(label=_("Why"), max_length=200)


class CommentForm(HouseForm):
    """Why something is sent back."""

    comment = forms.CharField(label=_("Why"), max_length=200)


class ConfirmForm(HouseForm):
    """Nothing to type: the act is rehearsed and confirmed."""
