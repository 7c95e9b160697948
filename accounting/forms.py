"""What accountants type: rules, assumptions, journals, the close."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.services import rulebook
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
    values = JsonField(label=_("Assumptions"))


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
