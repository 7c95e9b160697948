"""What later stages ask of products: who sells what, at which price, by which rule.

Versions are named by (product code, version number). Batches belong to one version each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike, NDArray

from core.columns import Ints, Won
from core.errors import DomainError
from core.explain import Step
from products import selectors, services
from products.rules import ages, explanation, rating, valuation
from products.rules import eligibility as limits
from products.rules import schedule as schedules
from products.rules import underwriting as underwriting_rules
from products.rules.eligibility import Refusal
from products.rules.expectations import Expected, expected_of
from products.rules.jdm import RuleFailed
from products.rules.ruleset import ClawbackPlan, CommissionPlan, RuleSet
from products.rules.schedule import ScheduleRow
from products.rules.underwriting import Finding, Outcome, Underwritten
from products.rules.valuation import Reserves, SurrenderValues
from products.selectors import VersionRow as Version
from products.selectors import lines

__all__ = [
    "ClawbackPlan",
    "CommissionPlan",
    "Expected",
    "Finding",
    "NotOnSale",
    "Offer",
    "Outcome",
    "Quote",
    "Rated",
    "Refusal",
    "Refused",
    "Reserves",
    "Rule",
    "RuleFailed",
    "ScheduleRow",
    "SurrenderValues",
    "Underwritten",
    "Version",
    "lines",
]


class NotOnSale(DomainError):
    """The product may not be sold on this day."""


class Refused(DomainError):
    """The product does not accept these inputs; `refusals` says why."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(refusal.reason for refusal in self.refusals))


@dataclass(frozen=True, slots=True)
class Rated:
    """Premiums of a batch.

    Attributes:
        premiums: (n,) won of one instalment.
        rating_ids: (n,) stored traces; many rows share one.
    """

    premiums: Won
    rating_ids: Ints


@dataclass(frozen=True, slots=True)
class Quote:
    """A premium for one person.

    Attributes:
        product_code, version: what was quoted.
        premium: won of one instalment.
        rating_id: stored trace.
    """

    product_code: str
    version: int
    premium: int
    rating_id: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a version, with the id by which records refer to it."""

    rule_id: int
    rule_type: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a form must ask and may offer for a version.

    Attributes:
        min_age, max_age: insurance age at entry, inclusive.
        plans: terms with the payment periods offered, in months (term 0: whole of life).
        min_sum, max_sum, step: won.
        payments_per_year: 12 monthly, 0 single.
        inputs: declared inputs (name, type, label by language, default, choices, source); those
            whose source is ``applicant`` are asked of the customer.
        coverages: code, name by language, peril, sum_ratio or fixed_sum, waiting_days,
            first_year_percent, ends_contract, per_event.
    """

    min_age: int
    max_age: int
    plans: tuple[Mapping[str, Any], ...]
    min_sum: int
    max_sum: int
    step: int
    payments_per_year: tuple[int, ...]
    inputs: tuple[Mapping[str, Any], ...]
    coverages: tuple[Mapping[str, Any], ...]


def line_name(code: str) -> str:
    """Return what a portfolio is called; the code where there is none such."""
    return str(dict(lines()).get(code, code))


def version(product_code: str, number: int) -> Version:
    """Return a version, whatever its status. Raises core.errors.NotFound."""
    return selectors.version_row(product_code=product_code, version=number)


def version_by_id(version_id: int) -> Version:
    """Return a version by the id that foreign keys hold. Raises core.errors.NotFound."""
    return selectors.version_by_pk(version_id)


def on_sale(on: date, product_codes: Iterable[str] | None = None) -> list[Version]:
    """Return the version of each product that may be sold on a day, by product code."""
    return selectors.versions_on_sale(on, product_codes)


def sellable(product_code: str, on: date) -> Version:
    """Return the version to sell on a day.

    Raises:
        NotOnSale: inactive, outside the sale period, or no published version on that day.
        NotFound: there is no such product.
    """
    found = selectors.versions_on_sale(on, [product_code])
    if found:
        return found[0]
    product = selectors.product(product_code)
    if product.status != product.Status.ACTIVE:
        why = _("it is not on sale")
    elif product.sale_start_date and on < product.sale_start_date:
        why = _("its sale starts on %(day)s") % {"day": product.sale_start_date}
    elif product.sale_end_date and on > product.sale_end_date:
        why = _("its sale ended on %(day)s") % {"day": product.sale_end_date}
    else:
        why = _("no version of it is published for this day")
    raise NotOnSale(
        _("%(code)s cannot be sold on %(day)s: %(why)s.")
        % {"code": product_code, "day": on, "why": why}
    )


def offer(product_code: str, number: int) -> Offer:
    """Return what a form must ask and may offer."""
    rules = _rules(product_code, number)
    age, sums = rules.rules["AGE_LIMIT"], rules.limits
    return Offer(
        min_age=age["min_age"],
        max_age=age["max_age"],
        plans=tuple(age["plans"]),
        min_sum=sums["min_sum"],
        max_sum=sums["max_sum"],
        step=sums["step"],
        payments_per_year=tuple(rules.calc["payments_per_year"]),
        inputs=tuple(rules.inputs().values()),
        coverages=coverages(product_code, number),
    )


def coverages(product_code: str, number: int) -> tuple[Mapping[str, Any], ...]:
    """Return the coverages of a version, with defaults filled in."""
    usual = {
        "sum_ratio": 0,
        "fixed_sum": 0,
        "waiting_days": 0,
        "first_year_percent": 100,
        "ends_contract": False,
        "per_event": "EACH",
        "automatic_max": 0,
    }
    return tuple({**usual, **entry} for entry in _rules(product_code, number).limits["coverages"])


def rule(product_code: str, number: int, rule_type: str) -> Rule | None:
    """Return one rule of a version, None where the version has none of this type."""
    row = selectors.version_row(product_code=product_code, version=number)
    value = selectors.ruleset(row).rules.get(rule_type)
    if value is None:
        return None
    return Rule(selectors.rule_ids(row.pk)[rule_type], rule_type, value)


def commission_plan(product_code: str, number: int) -> CommissionPlan:
    """Return instalments and rates in percent of one premium, and the first-year cap."""
    return _rules(product_code, number).commission


def clawback_plan(product_code: str, number: int) -> ClawbackPlan:
    """Return the share taken back by paid instalments: ``plan.percent(array)``."""
    return _rules(product_code, number).clawback


def expected(product_code: str, number: int) -> Expected:
    """Return the exits, claims and commissions that the premium supposes, by attained age."""
    return expected_of(_rules(product_code, number))


def insurance_age(*, born: ArrayLike, on: ArrayLike) -> Ints:
    """Return insurance ages (보험나이), (n,). See products.rules.ages."""
    return ages.insurance_age(born=born, on=on)


def eligible(product_code: str, number: int, columns: Mapping[str, ArrayLike]) -> list[Refusal]:
    """Return every reason against every row of a batch; empty when all are accepted.

    Args:
        product_code: the product.
        number: its version.
        columns: ``age``, ``sex``, ``term_months``, ``pay_months``, ``per_year``, ``sum_assured``,
            optionally ``existing_sum`` and declared inputs; (n,) arrays or scalars.
    """
    return limits.eligible(_rules(product_code, number), columns)


def underwrite(product_code: str, number: int, columns: Mapping[str, ArrayLike]) -> Underwritten:
    """Apply the underwriting rules to a batch: PASS, CONDITION, REFER or REJECT with reasons.

    Args:
        product_code: the product.
        number: its version.
        columns: as for `eligible`, with the answers to the declared questions.
    """
    return underwriting_rules.underwrite(_rules(product_code, number), columns)


def rate(product_code: str, number: int, columns: Mapping[str, ArrayLike]) -> Rated:
    """Price a batch and keep the traces; call it in the transaction that uses the premiums.

    Args:
        product_code: the product.
        number: its version.
        columns: as for `eligible`; ``extra_percent`` carries the underwriter's extra.

    Raises:
        RuleFailed: an input that no rule can price.
    """
    row = selectors.version_row(product_code=product_code, version=number)
    rated = rating.rate(selectors.ruleset(row), columns)
    ids = services.store_ratings(version_pk=row.pk, rated=rated)
    return Rated(premiums=rated.premiums, rating_ids=ids)


def quote(*, product_code: str, on: date, inputs: Mapping[str, Any]) -> Quote:
    """Price one application on a day, if the product accepts it.

    Args:
        product_code: the product.
        on: day of the application.
        inputs: one value for each input, as for `eligible`.

    Raises:
        NotOnSale, NotFound.
        Refused: with every reason.
    """
    row = sellable(product_code, on)
    columns = {name: np.atleast_1d(np.asarray(value)) for name, value in inputs.items()}
    if refusals := eligible(product_code, row.version, columns):
        raise Refused(refusals)
    rated = rate(product_code, row.version, columns)
    return Quote(product_code, row.version, int(rated.premiums[0]), int(rated.rating_ids[0]))


def reserves(
    product_code: str, number: int, columns: Mapping[str, Any], *, as_of: ArrayLike
) -> Reserves:
    """Compute policy reserves of a batch at the end of a day, or of a day for each row.

    Args:
        product_code: the product.
        number: its version.
        columns: for life ``sex``, ``age``, ``term_months``, ``pay_months``, ``elapsed_months``
            (completed), ``sum_assured``, ``premium``, ``per_year`` and optionally ``paid_months``;
            for non-life ``premium`` paid for the period [``period_start``, ``period_end``).
        as_of: base date (or (n,) base dates), for unearned premiums.

    Returns:
        Whole won, never negative.
    """
    return valuation.reserves(_rules(product_code, number), columns, as_of=as_of)


def surrender_values(
    product_code: str, number: int, columns: Mapping[str, Any], *, as_of: ArrayLike
) -> SurrenderValues:
    """Compute what is paid back on early termination at the end of a day.

    Args:
        product_code: the product.
        number: its version.
        columns: as for `reserves`.
        as_of: base date.

    Returns:
        Life: reserve less acquisition cost not written off. Non-life: the unearned premium.
    """
    return valuation.surrender_values(_rules(product_code, number), columns, as_of=as_of)


def schedule_months(
    product_code: str, number: int, *, sex: str, age: int, term_months: int
) -> NDArray[np.int64]:
    """Return the months after its start that a contract's schedule shows, (rows,).

    Args:
        product_code: the product.
        number: its version.
        sex: M or F.
        age: insurance age at issue.
        term_months: months of cover, 0 whole of life.
    """
    rules = _rules(product_code, number)
    cover = schedules.cover_months(rules, sex=int(sex == "F"), age=age, term_months=term_months)
    return schedules.months_shown(cover)


def schedule(product_code: str, number: int, **inputs: Any) -> list[ScheduleRow]:
    """Return what a contract would be worth as it grows older (가입시 예시표).

    Args:
        product_code: the product.
        number: its version.
        inputs: ``sex`` (M or F), ``age``, ``term_months``, ``pay_months``, ``per_year``,
            ``sum_assured`` and the ``premium`` of one instalment, one value each.

    Returns:
        Rows of months, won; none for a product whose reserve is unearned premium.
    """
    given = {**inputs, "sex": int(inputs["sex"] == "F")}
    found = schedules.schedule(_rules(product_code, number), **given)
    return found.rows() if found else []


def premium_steps(rating_id: int, sum_assured: int) -> list[Step]:
    """Explain a premium from its stored trace, ready for an Explanation."""
    return explanation.premium_steps(selectors.rating(rating_id).trace, sum_assured)


def reserve_steps(product_code: str, number: int, columns: Mapping[str, Any]) -> list[Step]:
    """Explain the net premium reserve of one contract (arrays of one), ready to show."""
    return explanation.reserve_steps(_rules(product_code, number), valuation.contracts(columns))


def _rules(product_code: str, number: int) -> RuleSet:
    row = selectors.version_row(product_code=product_code, version=number)
    return selectors.ruleset(row)
