"""What a contract is worth as it grows older: the schedule shown at sale (가입시 예시표)."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import ngettext
from numpy.typing import NDArray

from products.rules import reserve, rounding, surrender
from products.rules.reserve import Contracts
from products.rules.ruleset import RuleSet

Ints = NDArray[np.int64]

SHORT = 24
"""Months of cover up to which every month is shown; longer contracts are shown by years."""
EARLY = (3, 6, 9)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One row of a schedule; see `Schedule`."""

    month: int
    premiums: int
    reserve: int
    deduction: int
    value: int

    @property
    def words(self) -> str:
        """The elapsed time in years where it is whole years."""
        if self.month % 12:
            return ngettext("%(n)s month", "%(n)s months", self.month) % {"n": self.month}
        years = self.month // 12
        return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}

    @property
    def ratio(self) -> float | None:
        """Surrender value as a share of the premiums paid (환급률), None where none is paid."""
        return self.value / self.premiums if self.premiums else None


@dataclass(frozen=True, eq=False)
class Schedule:
    """Months after the start and what stands then if every premium due is paid, all (rows,).

    Attributes:
        month: completed months; the premium of that very day is not yet counted.
        premiums: won, sum of the premiums paid.
        reserve: won, policy reserve.
        deduction: won, acquisition cost not yet written off.
        value: won, paid back on surrender.
    """

    month: Ints
    premiums: Ints
    reserve: Ints
    deduction: Ints
    value: Ints

    def rows(self) -> list[ScheduleRow]:
        """Return the rows one by one, ready to show."""
        columns = (self.month, self.premiums, self.reserve, self.deduction, self.value)
        return [ScheduleRow(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def months_shown(cover_months: int) -> Ints:
    """Return the months that a schedule shows, (rows,).

    Args:
        cover_months: months of cover, those of whole life too; at least 1.

    Returns:
        Every month up to two years of cover; else three, six and nine months and every year.
    """
    if cover_months <= SHORT:
        return np.arange(1, cover_months + 1)
    years = np.arange(12, cover_months + 1, 12)
    return np.concatenate([np.array(EARLY), years]).astype(np.int64)


def cover_months(ruleset: RuleSet, *, sex: int, age: int, term_months: int) -> int:
    """Return the months of cover: of whole life those to the end of the table.

    Args:
        ruleset: rules of the version.
        sex: 0 male, 1 female.
        age: insurance age at issue.
        term_months: 0 whole of life.
    """
    if term_months:
        return term_months
    return 12 * (ruleset.reserve_basis.table.omega[sex] + 1 - age)


def schedule(
    ruleset: RuleSet,
    *,
    sex: int,
    age: int,
    term_months: int,
    pay_months: int,
    per_year: int,
    sum_assured: int,
    premium: int,
) -> Schedule | None:
    """Compute the schedule of a life contract before it is made.

    Args:
        ruleset: rules of the version.
        sex: 0 male, 1 female.
        age: insurance age at issue.
        term_months: months of cover, 0 whole of life.
        pay_months: months of payment, 0 the whole term.
        per_year: 12 monthly, 0 single.
        sum_assured: won.
        premium: won, gross premium of one instalment.

    Returns:
        The schedule; None for a product whose reserve is unearned premium.
    """
    if ruleset.reserve_method != "NET_PREMIUM":
        return None
    month = months_shown(cover_months(ruleset, sex=sex, age=age, term_months=term_months))
    contracts = Contracts.of(
        sex=sex,
        age=age,
        term_months=term_months,
        pay_months=pay_months,
        elapsed_months=month,
        sum_assured=sum_assured,
        premium=premium,
        per_year=per_year,
    )
    basis, terms = ruleset.reserve_basis, ruleset.surrender
    most = pay_months or cover_months(ruleset, sex=sex, age=age, term_months=term_months)
    paid = np.minimum(month, most) * per_year // 12 if per_year else np.ones_like(month)
    ahead = np.minimum(month, most) if per_year else np.zeros_like(month)
    owed = surrender.unamortised_cost(basis, contracts, surrender=terms)
    return Schedule(
        month=month,
        premiums=paid * premium,
        reserve=reserve.policy_reserve(basis, contracts, paid_months=ahead),
        deduction=rounding.whole(owed),
        value=surrender.surrender_value(basis, contracts, surrender=terms, paid_months=ahead),
    )
