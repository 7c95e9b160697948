"""Forms of stage 1: registration with rules, quotes, decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, MoneyField
from products.models import Product, ProductRule, ProductVersion
from products.rules import schemas
from products.rules.eligibility import months
from products.rules.problems import Problem
from products.rules.ruleset import RuleSet
from products.rules.words import TITLES, spoken

RULE_ORDER = tuple(TITLES)


class MasterForm(HouseForm):
    """Master data of a product."""

    product_code = forms.RegexField(
        r"^[A-Z][A-Z0-9]{2,19}$",
        label=_("Product code"),
        help_text=_("Three to twenty capital letters and digits, for example TERM02."),
        error_messages={"invalid": _("Capital letters and digits only, a letter first.")},
    )
    product_name = forms.CharField(label=_("Product name"), max_length=100)
    name_en = forms.CharField(label=_("English name"), max_length=100, required=False)
    product_type = forms.ChoiceField(label=_("Life or non-life"), choices=Product.Type.choices)
    line = forms.ChoiceField(label=_("Portfolio"), choices=Product.Line.choices)
    measurement = forms.ChoiceField(
        label=_("Measurement"), choices=ProductVersion.Measurement.choices
    )
    sale_start_date = forms.DateField(label=_("First day of sale"), required=False)
    sale_end_date = forms.DateField(label=_("Last day of sale"), required=False)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value is not None else ""


class RulesForm(HouseForm):
    """Rules of a version: the figures most often changed, and each rule in full as JSON.

    A figure that was changed wins over the same figure in the JSON.
    """

    live = False
    min_age = forms.IntegerField(label=_("Entry age from"), min_value=0, max_value=120)
    max_age = forms.IntegerField(label=_("Entry age to"), min_value=0, max_value=120)
    min_sum = MoneyField(label=_("Sum assured from (won)"), min_value=1)
    max_sum = MoneyField(label=_("Sum assured to (won)"), min_value=1)
    interest = forms.DecimalField(
        label=_("Interest rate (%)"), min_value=0, max_value=20, max_digits=7, decimal_places=4
    )
    alpha = forms.DecimalField(
        label=_("Acquisition (α), multiple of the annual premium"),
        min_value=0, max_value=10, max_digits=8, decimal_places=4, required=False,
    )  # fmt: skip
    beta = forms.DecimalField(
        label=_("Maintenance (β), % of each premium"),
        min_value=0, max_value=90, max_digits=8, decimal_places=4, required=False,
    )  # fmt: skip
    gamma = forms.DecimalField(
        label=_("Collection (γ), % of each premium"),
        min_value=0, max_value=90, max_digits=8, decimal_places=4, required=False,
    )  # fmt: skip
    comm_rate = forms.DecimalField(
        label=_("Commission, % of one premium"),
        help_text=_("Of the first premium; the other instalments are scaled in proportion."),
        min_value=0, max_value=Decimal("999.99"), max_digits=5, decimal_places=2,
    )  # fmt: skip
    note = forms.CharField(
        label=_("What changes and why"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, rules: Mapping[str, Any], **kwargs: Any) -> None:
        self.rules = rules
        given = {**figures_of(rules), **{f"rule_{t}": _json(rules.get(t)) for t in RULE_ORDER}}
        given |= {f"q_{name}": value for name, value in usual_quote(rules).items()}
        kwargs["initial"] = {**given, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for rule_type in RULE_ORDER:
            self.fields[f"rule_{rule_type}"] = forms.CharField(
                label=TITLES[rule_type],
                required=False,
                widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "code"}),
            )
        self._add_quote_fields()

    def _add_quote_fields(self) -> None:
        plans = plan_choices({"AGE_LIMIT": self._typed("AGE_LIMIT")}) or plan_choices(self.rules)
        self.fields["q_age"] = forms.IntegerField(label=_("Insurance age"), min_value=0)
        self.fields["q_sex"] = forms.ChoiceField(
            label=_("Sex"), choices=[("M", _("Male")), ("F", _("Female"))]
        )
        self.fields["q_plan"] = forms.ChoiceField(label=_("Term / payment"), choices=plans)
        self.fields["q_sum"] = MoneyField(label=_("Sum assured (won)"), min_value=1)

    def _typed(self, rule_type: str) -> dict[str, Any]:
        """Return a rule as it was typed, empty where it cannot be read."""
        try:
            found = json.loads(self.data.get(f"rule_{rule_type}", ""))
        except ValueError:
            return {}
        sound = isinstance(found, dict) and not schemas.problems_of(rule_type, found)
        return found if sound else {}

    @property
    def rule_fields(self) -> list[Any]:
        """Return the bound JSON fields in order."""
        return [self[f"rule_{rule_type}"] for rule_type in RULE_ORDER]

    @property
    def figure_fields(self) -> list[Any]:
        """Return the bound fields of single figures."""
        return [self[name] for name in FIGURES]

    @property
    def quote_fields(self) -> list[Any]:
        """Return the bound fields of the sample quote."""
        return [self[name] for name in QUOTE_FIELDS]

    def clean(self) -> dict[str, Any]:
        """Parse the rules and put the changed figures into them."""
        cleaned = super().clean() or {}
        rules: dict[str, Any] = {}
        for rule_type in RULE_ORDER:
            text = cleaned.get(f"rule_{rule_type}", "")
            if not text.strip():
                continue
            try:
                rules[rule_type] = json.loads(text)
            except json.JSONDecodeError as error:
                place = {"line": error.lineno, "column": error.colno}
                said = _t("This is not JSON: line %(line)s, column %(column)s.") % place
                self.add_error(f"rule_{rule_type}", said)
        changed = {name: cleaned.get(name) for name in FIGURES if name in self.changed_data}
        cleaned["rules"] = with_figures(rules, changed)
        return cleaned

    @property
    def quote_ready(self) -> bool:
        """Whether everything that a quote needs was readable."""
        needed = {*QUOTE_FIELDS, *FIGURES, *(f"rule_{t}" for t in RULE_ORDER)}
        return not needed & set(self.errors)

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Put each fault to the field of its rule, with path and reason."""
        for problem in problems:
            name = f"rule_{problem.rule_type}"
            said = f"{problem.path}: {problem.reason}"
            self.add_error(name if name in self.fields else None, said)


class RegisterForm(RulesForm, MasterForm):
    """A new product: master data and rules."""

    @property
    def master_fields(self) -> list[Any]:
        """Return the bound fields of the master data."""
        return [self[name] for name in self.master_names()]

    @staticmethod
    def master_names() -> list[str]:
        """Return the names of the master data's fields."""
        return list(MasterForm.base_fields)


FIGURES = (
    "min_age",
    "max_age",
    "min_sum",
    "max_sum",
    "interest",
    "alpha",
    "beta",
    "gamma",
    "comm_rate",
)
QUOTE_FIELDS = ("q_age", "q_sex", "q_plan", "q_sum")
_LOADINGS = {"alpha": ("alpha_premium", 1), "beta": ("beta_premium", 100), "gamma": ("gamma", 100)}


def figures_of(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the single figures that the rules hold, in the units of the form."""
    age, limits = rules.get("AGE_LIMIT", {}), rules.get("COVERAGE_LIMIT", {})
    basis = rules.get("PREMIUM_CALC", {}).get("basis", {})
    loadings = basis.get("loadings", {})
    found: dict[str, Any] = {name: age.get(name) for name in ("min_age", "max_age")}
    found |= {name: limits.get(name) for name in ("min_sum", "max_sum")}
    found["interest"] = _times(basis.get("interest"), 100)
    for name, (key, size) in _LOADINGS.items():
        found[name] = _times(loadings.get(key), size)
    found["comm_rate"] = rules.get("COMMISSION_RULE", {}).get("comm_rate")
    return found


def _times(value: float | None, size: int) -> Decimal | None:
    return None if value is None else (Decimal(str(value)) * size).normalize() + 0


def with_figures(rules: Mapping[str, Any], figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules with single figures put in.

    Args:
        rules: rule by type.
        figures: changed figures in the units of the form; None leaves the rule as it is.
    """
    out = deepcopy(dict(rules))
    for name, value in figures.items():
        if value is None:
            continue
        if name in ("min_age", "max_age"):
            _put(out, int(value), "AGE_LIMIT", name)
        elif name in ("min_sum", "max_sum"):
            _put(out, int(value), "COVERAGE_LIMIT", name)
        elif name == "interest":
            _put(out, float(value / 100), "PREMIUM_CALC", "basis", "interest")
        elif name in _LOADINGS:
            key, size = _LOADINGS[name]
            _put(out, float(value / size), "PREMIUM_CALC", "basis", "loadings", key)
        elif isinstance(out.get("COMMISSION_RULE"), dict):
            out["COMMISSION_RULE"] = _scaled(out["COMMISSION_RULE"], value)
    return out


def _put(rules: dict[str, Any], value: Any, *path: str) -> None:
    place: Any = rules
    for key in path[:-1]:
        if not isinstance(place, dict) or key not in place:
            return
        place = place[key]
    if isinstance(place, dict):
        place[path[-1]] = value


def _scaled(rule: dict[str, Any], first: Decimal) -> dict[str, Any]:
    """Scale the instalments of a commission rule to a new rate of the first premium."""
    try:
        parts = [Decimal(str(entry["rate"])) for entry in rule["instalments"]]
    except (KeyError, TypeError, InvalidOperation):
        return rule  # the schema says what is wrong with it
    if not parts or not parts[0]:
        return {**rule, "comm_rate": float(first)}
    scaled = [(part * first / parts[0]).quantize(Decimal("0.01")) for part in parts]
    instalments = [
        {**entry, "rate": float(rate)}
        for entry, rate in zip(rule["instalments"], scaled, strict=True)
    ]
    return {**rule, "comm_rate": float(first), "instalments": instalments}


def plan_choices(rules: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the terms offered as choices ``term/pay`` in months."""
    found = []
    for plan in rules.get("AGE_LIMIT", {}).get("plans", []):
        term = plan["term_months"]
        said = _t("whole of life") if term == 0 else months(term)
        found.extend((f"{term}/{pay}", f"{said} / {months(pay)}") for pay in plan["pay_months"])
    return found


def usual_quote(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of the first sample quote."""
    age, limits = rules.get("AGE_LIMIT", {}), rules.get("COVERAGE_LIMIT", {})
    plans = plan_choices(rules)
    total = min(max(100_000_000, limits.get("min_sum", 0)), limits.get("max_sum", 10**12))
    middle = min(max(40, age.get("min_age", 0)), age.get("max_age", 120))
    return {"age": middle, "sex": "M", "plan": plans[-1][0] if plans else "", "sum": total}


class QuoteForm(HouseForm):
    """A quote for one person, with every question that the version asks."""

    live = False
    age = forms.IntegerField(label=_("Insurance age"), min_value=0, max_value=120)
    sex = forms.ChoiceField(label=_("Sex"), choices=[("M", _("Male")), ("F", _("Female"))])
    plan = forms.ChoiceField(label=_("Term / payment"))
    sum_assured = MoneyField(label=_("Sum assured (won)"), min_value=1)

    def __init__(self, *args: Any, ruleset: RuleSet, **kwargs: Any) -> None:
        usual = usual_quote(ruleset.rules)
        usual["sum_assured"] = usual.pop("sum")
        declared = ruleset.inputs()
        usual |= {name: entry["default"] for name, entry in declared.items()}
        super().__init__(*args, initial=usual, **kwargs)
        self.fields["plan"].choices = plan_choices(ruleset.rules)  # type: ignore[attr-defined]
        for name, entry in declared.items():
            self.fields[name] = input_field(entry)

    def columns(self) -> dict[str, Any]:
        """Return the inputs as the engines take them."""
        given = dict(self.cleaned_data)
        term, pay = given.pop("plan").split("/")
        given["sum_assured"] = int(given["sum_assured"])
        return {**given, "term_months": int(term), "pay_months": int(pay)}


def input_field(entry: Mapping[str, Any]) -> forms.Field:
    """Return the form field of a declared input."""
    label = spoken(entry["label"], entry["name"])
    help_text = spoken(entry.get("help", {}))
    if entry["type"] == "boolean":
        return forms.BooleanField(label=label, help_text=help_text, required=False)
    if entry["type"] == "choice":
        whole = isinstance(entry["choices"][0]["value"], int)
        choices = [(c["value"], spoken(c["label"])) for c in entry["choices"]]
        return forms.TypedChoiceField(
            label=label, help_text=help_text, choices=choices, coerce=int if whole else str
        )
    limits = {"min_value": entry.get("minimum"), "max_value": entry.get("maximum")}
    if entry["type"] == "integer":
        return forms.IntegerField(label=label, help_text=help_text, **limits)
    return forms.FloatField(label=label, help_text=help_text, **limits)


class SalePeriodForm(HouseForm):
    """First and last day of sale."""

    start = forms.DateField(label=_("First day of sale"), required=False)
    end = forms.DateField(
        label=_("Last day of sale"), required=False, help_text=_("Empty: open end.")
    )


class ReasonForm(HouseForm):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecisionForm(HouseForm):
    """Publish a version or send it back."""

    live = False
    start = forms.DateField(label=_("First day of sale"), required=False)
    reason = forms.CharField(
        label=_("Reason for sending it back"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        """Demand the day where the version is to be published."""
        cleaned = super().clean() or {}
        if self.data.get("decision") == "publish" and not cleaned.get("start"):
            self.add_error("start", _t("Say from which day it is sold."))
        return cleaned


def first_day(today: date, version: ProductVersion) -> date:
    """Return the day of sale that the decision form proposes."""
    start = version.product.sale_start_date
    return max(today, start) if start else today


assert set(RULE_ORDER) == set(ProductRule.Type.values)
