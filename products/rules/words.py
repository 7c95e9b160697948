"""Words for the codes that rules use."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

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
    "PROTECTION": gettext_lazy("Protection with a death benefit"),
    "PROTECTION_NO_DEATH": gettext_lazy("Protection without a death benefit"),
    "SAVINGS": gettext_lazy("Savings"),
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
