"""Words for the codes that rules use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

Text = str | Promise

TITLES: dict[str, Text] = {
    "AGE_LIMIT": gettext_lazy("Entry age and terms"),
    "COVERAGE_LIMIT": gettext_lazy("Coverages and limits"),
    "PREMIUM_CALC": gettext_lazy("Premium calculation"),
    "RESERVE": gettext_lazy("Reserve and surrender value"),
    "UNDERWRITING": gettext_lazy("Underwriting"),
    "COMMISSION_RULE": gettext_lazy("Commission"),
    "CLAWBACK": gettext_lazy("Clawback"),
}
WORDS: dict[str, Text] = {
    "MID_YEAR": gettext_lazy("in the middle of the year"),
    "YEAR_END": gettext_lazy("at the end of the year"),
    "DEATH": gettext_lazy("Death"),
    "ACCIDENT_DEATH": gettext_lazy("Accidental death"),
    "DIAGNOSIS": gettext_lazy("Diagnosis"),
    "DISABILITY": gettext_lazy("Disability"),
    "EXPENSE": gettext_lazy("Expense"),
    "LIABILITY": gettext_lazy("Liability"),
    "ONCE": gettext_lazy("once"),
    "EACH": gettext_lazy("each event"),
    "HALF_UP": gettext_lazy("half up"),
    "DOWN": gettext_lazy("cut off"),
    "UP": gettext_lazy("up"),
    "NET_PREMIUM": gettext_lazy("Net premium reserve"),
    "UNEARNED_DAILY": gettext_lazy("Unearned premium by days"),
    "UNEARNED_24": gettext_lazy("Unearned premium by 1/24"),
    "UNEARNED_8": gettext_lazy("Unearned premium by 1/8"),
    "SUBTRACT": gettext_lazy("less (k − 1)/2k of a year"),
    "EXACT": gettext_lazy("payment by payment"),
    "PROTECTION": gettext_lazy("Protection with a death benefit"),
    "PROTECTION_NO_DEATH": gettext_lazy("Protection without a death benefit"),
    "INDEMNITY": gettext_lazy("Indemnity of medical expenses"),
    "SAVINGS": gettext_lazy("Savings"),
    "LIFE_ANNUITY": gettext_lazy("Annuity for life"),
    "PENSION_SAVINGS": gettext_lazy("Pension savings"),
    "PENSION_SAVINGS_NON_PAR": gettext_lazy("Pension savings (non-participating)"),
    "PASS": gettext_lazy("Accepted"),
    "CONDITION": gettext_lazy("On conditions"),
    "REFER": gettext_lazy("To an underwriter"),
    "REJECT": gettext_lazy("Declined"),
    "COOLING_OFF": gettext_lazy("withdrawal within the cooling-off period"),
    "VOID": gettext_lazy("void contract"),
    "QUALITY": gettext_lazy("cancelled for mis-selling"),
    "risk": gettext_lazy("cost of risk"),
    "gross": gettext_lazy("whole premium"),
    "M": gettext_lazy("Male"),
    "F": gettext_lazy("Female"),
}
LOADINGS: dict[str, Text] = {
    "alpha_sum": gettext_lazy("Acquisition (α), share of the sum assured"),
    "alpha_standard": gettext_lazy("Acquisition (α), of the standard annual premium"),
    "alpha_premium": gettext_lazy("Acquisition (α), multiple of the annual premium"),
    "alpha_each_premium": gettext_lazy("Acquisition (α), share of each premium"),
    "beta_sum": gettext_lazy("Maintenance (β), share of the sum assured a year"),
    "beta_paid_up": gettext_lazy("Maintenance after payment, share of the sum assured a year"),
    "beta_premium": gettext_lazy("Maintenance (β), share of each premium"),
    "gamma": gettext_lazy("Collection (γ), share of each premium"),
    "claim_expense": gettext_lazy("Claim expenses, share of each premium"),
}
FREQUENCIES: dict[int, Text] = {
    0: gettext_lazy("single"),
    1: gettext_lazy("annual"),
    2: gettext_lazy("half-yearly"),
    4: gettext_lazy("quarterly"),
    12: gettext_lazy("monthly"),
}


def word(code: str) -> str:
    """Return the word for a code of the rules."""
    return str(WORDS.get(code, code))


def spoken(names: Mapping[str, str], otherwise: str = "") -> str:
    """Return a name kept by language code in the language of the reader."""
    language = (get_language() or "ko").split("-")[0]
    return names.get(language) or names.get("ko") or otherwise


INPUT_NAMES: dict[str, str | Promise] = {
    "age": gettext_lazy("Insurance age"),
    "sex": gettext_lazy("Sex"),
    "term_months": gettext_lazy("Term in months"),
    "pay_months": gettext_lazy("Payment in months"),
    "per_year": gettext_lazy("Instalments a year"),
    "sum_assured": gettext_lazy("Sum assured"),
}


_COMPARE: tuple[tuple[str, Text], ...] = (
    (">=", gettext_lazy("%(value)s or more")),
    ("<=", gettext_lazy("%(value)s or less")),
    (">", gettext_lazy("more than %(value)s")),
    ("<", gettext_lazy("less than %(value)s")),
)
_BETWEEN = re.compile(r"^([\[(])\s*(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)\s*([\])])$")


def spoken_cell(cell: str, entry: Mapping[str, Any] | None = None) -> str:
    """Say a condition of a decision table in words.

    Args:
        cell: for example ``>= 40``, ``[26..65)`` or ``'PRIVATE'``.
        entry: the declared input that the column tests, for the labels of its choices.
    """
    text = cell.strip()
    if not text:
        return "–"
    if text in ("true", "false"):
        return _("yes") if text == "true" else _("no")
    for choice in (entry or {}).get("choices", []):
        if text.strip("'\"") == str(choice["value"]):
            return spoken(choice["label"], text)
    for sign, template in _COMPARE:
        rest = text.removeprefix(sign).strip()
        if text.startswith(sign) and re.fullmatch(r"-?\d+(\.\d+)?", rest):
            return str(template) % {"value": _separated(rest)}
    if found := _BETWEEN.match(text):
        opened, low, high, closed = found.groups()
        template = _("%(low)s to below %(high)s") if closed == ")" else _("%(low)s to %(high)s")
        start = _separated(low) if opened == "[" else "> " + _separated(low)
        return template % {"low": start, "high": _separated(high)}
    return text


def _separated(text: str) -> str:
    return f"{float(text):,g}" if "." in text else f"{int(text):,}"


def input_name(name: str, declared: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the label of a standard or declared input."""
    if name in declared:
        return spoken(declared[name]["label"], name)
    return str(INPUT_NAMES.get(name) or name)


def spoken_conditions(cells: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]]) -> str:
    """Say the conditions of a rule in words, those that test nothing left out.

    Args:
        cells: condition by input.
        declared: declared inputs by name.
    """
    return " · ".join(
        f"{input_name(name, declared)} {spoken_cell(cell, declared.get(name))}"
        for name, cell in cells.items()
        if cell.strip()
    )
