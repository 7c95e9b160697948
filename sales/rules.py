"""Commission, clawback, settlement and persistency: pure arithmetic on whole won and columns.

Rates travel as whole numbers so that no binary fraction touches money: a product's rate in
hundredths of a percent of the premium (``250.00 %`` = 25,000), an agent's factor in hundredths
(``1.05`` = 105).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Flags, Ints, Keys, Won

FIRST_YEAR = 12
MILESTONES = (1, 13, 25, 37, 61)
CLAWBACK_KINDS = ("LAPSE", "SURRENDER", "WITHDRAWAL")
_ALWAYS_FULL = {"WITHDRAWAL": "COOLING_OFF"}
_PERCENT = 10_000
_FACTOR = 100


class UnusableRule(ValueError):
    """A commission or clawback rule has a rate finer than a hundredth of a percent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A product version's commission rule.

    Args:
        instalments: (k,) paid premiums at which a part is earned, ascending.
        rates: (k,) rate at each, hundredths of a percent of that premium.
        first_year_multiple: hundredths of a premium up to which the first twelve instalments
            may earn (12 = the 1,200 % rule, here 1,200); None where the rule has no cap.
    """

    instalments: Ints
    rates: Ints
    first_year_multiple: int | None = None


@dataclass(frozen=True, slots=True)
class ClawbackTable:
    """A product version's clawback rule, by the number of paid instalments.

    Args:
        last: (k,) last number of each band, ascending.
        percents: (k + 1,) hundredths of a percent of each band; zero after the last one.
        always_full: causes for which everything is taken back at any time.
    """

    last: Ints
    percents: Ints
    always_full: frozenset[str] = frozenset()


def plan_of(value: Mapping[str, Any]) -> Plan:
    """Read a COMMISSION_RULE; without a list of instalments the first one earns ``comm_rate``.

    Raises:
        UnusableRule: a rate is finer than a hundredth of a percent.
    """
    steps = value.get("instalments") or [{"instalment": 1, "rate": value["comm_rate"]}]
    cap = value.get("cap", {}).get("first_year_multiple")
    return Plan(
        instalments=np.asarray([int(step["instalment"]) for step in steps], np.int64),
        rates=np.asarray([_hundredths(step["rate"]) for step in steps], np.int64),
        first_year_multiple=None if cap is None else _hundredths(cap),
    )


def clawback_of(value: Mapping[str, Any]) -> ClawbackTable:
    """Read a CLAWBACK rule.

    Raises:
        UnusableRule: a rate is finer than a hundredth of a percent.
    """
    bands = value.get("table", [])
    return ClawbackTable(
        last=np.asarray([int(band["to"]) for band in bands], np.int64),
        percents=np.asarray([*(_hundredths(band["percent"]) for band in bands), 0], np.int64),
        always_full=frozenset(value.get("always_full", ())),
    )


def _hundredths(value: Any) -> int:
    exact = Decimal(str(value)) * 100
    if exact != exact.to_integral_value():
        raise UnusableRule(f"{value} is finer than a hundredth.")
    return int(exact)


@dataclass(frozen=True, slots=True)
class Earned:
    """What instalments earn.

    Args:
        amount: (n,) won, after the cap.
        rate: (n,) the product's rate, hundredths of a percent; zero where nothing is earned.
        uncapped: (n,) won, before the first-year cap.
    """

    amount: Won
    rate: Ints
    uncapped: Won


def commission(*, premium: Won, instalment: Ints, agent_factor: Ints, plan: Plan) -> Earned:
    """Compute the commission on paid instalments of one product version.

    Premium × the product's rate at that instalment × the agent's factor, each instalment rounded
    half away from zero to whole won. What the first twelve instalments earn together never goes
    over the cap; the instalment that reaches it is cut, later ones of that year earn nothing.

    Args:
        premium: (n,) won, of one instalment.
        instalment: (n,) number of the paid instalment, from 1.
        agent_factor: (n,) hundredths, not negative.
        plan: the version's commission rule.

    Returns:
        What each row earns.

    Source: 보험업감독규정 제4-32조 (first-year commission at most twelve monthly premiums).
    """
    steps = len(plan.instalments)
    each = half_up(
        premium[:, None] * (plan.rates[None, :] * agent_factor[:, None]), _PERCENT * _FACTOR
    )
    capped = each.copy()
    if plan.first_year_multiple is not None:
        first_year = plan.instalments <= FIRST_YEAR
        ceiling = premium * plan.first_year_multiple // _FACTOR
        so_far = np.minimum(np.cumsum(each[:, first_year], axis=1), ceiling[:, None])
        capped[:, first_year] = np.diff(so_far, axis=1, prepend=0)
    place = np.searchsorted(plan.instalments, instalment)
    inside = place < steps
    place = np.where(inside, place, 0)
    hit = inside & (plan.instalments[place] == instalment)
    rows = np.arange(len(premium))
    return Earned(
        amount=np.where(hit, capped[rows, place], 0),
        rate=np.where(hit, plan.rates[place], 0),
        uncapped=np.where(hit, each[rows, place], 0),
    )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What is taken back now.

    Args:
        amount: (n,) won, positive: target less what was taken back before, never negative.
        percent: (n,) hundredths of a percent applied.
    """

    amount: Won
    percent: Ints


def clawback(
    *, earned: Won, recovered: Won, paid_instalments: Ints, kind: Keys, table: ClawbackTable
) -> TakenBack:
    """Compute what an early end takes back: the target less what was already taken back.

    Doing it twice takes back nothing more.

    Args:
        earned: (n,) won, all commissions of the contract so far.
        recovered: (n,) won, all clawbacks of the contract so far, positive.
        paid_instalments: (n,) instalments paid; none counts as the first band.
        kind: (n,) LAPSE, SURRENDER or WITHDRAWAL; other ends take nothing back.
        table: the version's clawback rule.
    """
    band = np.searchsorted(table.last, np.maximum(paid_instalments, 1))
    percent = table.percents[band]
    full = [k for k, cause in _ALWAYS_FULL.items() if cause in table.always_full]
    percent = np.where(np.isin(kind, full), 100 * 100, percent)
    percent = np.where(np.isin(kind, CLAWBACK_KINDS), percent, 0)
    target = half_up(earned * percent, _PERCENT)
    return TakenBack(amount=np.maximum(target - recovered, 0), percent=percent)


@dataclass(frozen=True, slots=True)
class Settled:
    """The figures of statements, (n,) won each."""

    recovered: Won
    carried_out: Won
    income_tax: Won
    local_tax: Won
    withheld: Won
    net_paid: Won


def settle(*, carried_in: Won, earned: Won, clawed_back: Won) -> Settled:
    """Compute statements: clawbacks first, then 3.3 % withholding, the rest is paid.

    What the clawbacks, with what was owed from before, leave over what was earned is carried to
    the next month. Income tax is 3 % of what is left after clawbacks, cut to tens of won; the
    local income tax is a tenth of that, cut to tens of won.

    Args:
        carried_in: (n,) won, zero or negative.
        earned: (n,) won.
        clawed_back: (n,) won, positive.

    Source: 소득세법 제129조 제1항 제3호 (3 %), 지방세법 제103조의13 (10 % of it), 국고금 관리법
        제47조 (a remainder under ten won is dropped).
    """
    owed = clawed_back - carried_in
    recovered = np.minimum(earned, owed)
    taxable = earned - recovered
    income_tax = taxable * 3 // 100 // 10 * 10
    local_tax = income_tax // 10 // 10 * 10
    withheld = income_tax + local_tax
    return Settled(
        recovered=recovered,
        carried_out=recovered - owed,
        income_tax=income_tax,
        local_tax=local_tax,
        withheld=withheld,
        net_paid=taxable - withheld,
    )


def half_up(numerator: NDArray[np.int64], divisor: int) -> Won:
    """Divide and round half away from zero, exactly; numerators are not negative."""
    return (numerator + divisor // 2) // divisor


def persistency(*, premium: Won, reached: Ints, in_force: Flags, instalment: int) -> float | None:
    """Compute a cohort's persistency: premium still paid and in force over premium sold.

    Args:
        premium: (n,) won, monthly premium of the cohort's contracts, withdrawals left out.
        reached: (n,) highest measured instalment paid.
        in_force: (n,) whether the contract still runs.
        instalment: 13, 25, 37 or 61.

    Returns:
        A ratio, or None for an empty cohort.

    Source: the supervisor's ratio of contracts normally in force after one, two, … years, by
        premium (유지율).
    """
    sold = int(premium.sum())
    if not sold:
        return None
    return int(premium[(reached >= instalment) & in_force].sum()) / sold


@dataclass(frozen=True, slots=True)
class Seller:
    """What decides whether someone may sell."""

    active: bool
    licensed: bool
    appointed_on: date
    training_valid_until: date
    sells: frozenset[str]


def bar_to_sell(seller: Seller | None, *, product_type: str, on: date) -> str:
    """Return why someone may not sell a product on a day, as a code; empty if they may.

    Args:
        seller: None when there is no such agent.
        product_type: LIFE or NON_LIFE.
        on: the day of the application.

    Source: 보험업법 제83조, 제84조 (only registered people solicit), 제85조의2 (training).
    """
    if seller is None:
        return "UNKNOWN"
    if not seller.active:
        return "RETIRED"
    if on < seller.appointed_on:
        return "NOT_YET"
    if not seller.licensed or product_type not in seller.sells:
        return "UNLICENSED"
    if on > seller.training_valid_until:
        return "UNTRAINED"
    return ""
