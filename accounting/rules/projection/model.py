"""Cells, books and conventions of a projection, and what forbids them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.errors import DomainError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class BadProjection(DomainError):
    """Cells, contracts or a curve that cannot be projected."""


class Flow(IntEnum):
    """The cash flows, and what each is per."""

    PREMIUM = 0  # won of premium
    CLAIMS_SUM = 1  # won of sum assured
    CLAIMS_FIXED = 2  # contract
    REPAID = 3  # won of sum assured: surrender values
    EXPENSE = 4  # contract
    EXPENSE_PREMIUM = 5  # won of premium
    COMMISSION = 6  # won of premium
    UNITS = 7  # won of sum assured: coverage units, never discounted
    MATURITY = 8  # won of sum assured: paid at the end of the term
    EXPENSE_ISSUE = 9  # contract: when it begins


FLOWS = len(Flow)


class Grid(StrEnum):
    """What a month is."""

    CALENDAR = "CALENDAR"
    """Calendar months from that of issue (0). A contract is issued in the middle of month 0,
    instalment k falls due in the middle of month k − 1, and cover of n months ends in the middle
    of month n. A valuation stands at the end of the month ``elapsed``."""
    CONTRACT = "CONTRACT"
    """The contract's own months: month d runs from d to d + 1 months after issue. A valuation
    stands at the start of month ``elapsed``; a negative one is issued so many months later."""


class Spread(StrEnum):
    """How the probability of a policy year lies over its months."""

    UNIFORM = "UNIFORM"
    """Events fall evenly over the year."""
    CONSTANT = "CONSTANT"
    """Each month has the same probability, 1 − (1 − q)^(1/12); a certain event falls evenly."""


class Inflation(StrEnum):
    """From when maintenance cost inflates."""

    ISSUE = "ISSUE"
    VALUATION = "VALUATION"


@dataclass(frozen=True, slots=True)
class Conventions:
    """How months are cut and when within them flows fall.

    Args:
        grid: what a month is.
        spread: how events lie over a policy year.
        inflation: from when maintenance inflates; backward passes know only ISSUE.
        usual: when within the month flows fall, in months: 0 start, ½ middle, 1 end.
        when: exceptions by flow.
    """

    grid: Grid = Grid.CALENDAR
    spread: Spread = Spread.UNIFORM
    inflation: Inflation = Inflation.ISSUE
    usual: float = 0.5
    when: Mapping[Flow, float] = field(default_factory=dict)

    @property
    def moments(self) -> Floats:
        """When each flow falls, (FLOWS,) months after the start of its month."""
        found = np.full(FLOWS, self.usual)
        if self.grid is Grid.CONTRACT:  # whoever is in force at the end is paid at that moment
            found[Flow.MATURITY] = 0.0
        for flow, moment in self.when.items():
            found[flow] = moment
        return found


CALENDAR = Conventions()
"""How the company measures its contracts: calendar months, flows in their middle."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells in columns: n cells, y policy years; the last year's rates stay.

    Args:
        exit_rate: (n, y) annual probability that an event ends the contract.
        claims_sum: (n, y) expected claims of a year per won of sum assured.
        claims_fixed: (n, y) expected claims of a year per contract, won.
        lapse: (n, y) annual rate of lapse and surrender.
        surrender: (n, y + 1) surrender value per won of sum assured at the policy year's ends.
        maturity: (n,) share of the sum assured paid at the end of the term.
        commission: (n, c) commission still to come per won of premium, by instalment.
        cover: (n,) months of cover.
        instalments: (n,) number of premiums.
        expense: (n,) maintenance, won a contract and month.
        inflation: (n,) of maintenance, annual.
        expense_premium: (n,) share of each premium.
        rate: (n,) annual effective discount rate of the backward pass.
        expense_issue: (n,) won a contract in its first month; none where left out.
        surrender_monthly: (n, months + 1) surrender value per won of sum assured at the ends of
            policy months, where it does not run straight between years; stands for ``surrender``.
        conventions: how months are cut.
    """

    exit_rate: Floats
    claims_sum: Floats
    claims_fixed: Floats
    lapse: Floats
    surrender: Floats
    maturity: Floats
    commission: Floats
    cover: Ints
    instalments: Ints
    expense: Floats
    inflation: Floats
    expense_premium: Floats
    rate: Floats
    expense_issue: Floats | None = None
    surrender_monthly: Floats | None = None
    conventions: Conventions = CALENDAR

    def __len__(self) -> int:
        return len(self.cover)

    def take(self, rows: Any) -> Cells:
        """Return the cells of a mask, a slice or an index array."""
        given: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            given[one.name] = value[rows] if isinstance(value, np.ndarray) else value
        return Cells(**given)

    def check(self) -> None:
        """Refuse what cannot be projected.

        Raises:
            BadProjection: columns of unequal length, figures that are not numbers, probabilities
                outside [0, 1], or cover without months.
        """
        for one in fields(self):
            value = getattr(self, one.name)
            if not isinstance(value, np.ndarray):
                continue
            if len(value) != len(self):
                params = {"name": one.name, "found": len(value), "wanted": len(self)}
                raise BadProjection(_("%(name)s has %(found)d cells, not %(wanted)d.") % params)
            if not np.all(np.isfinite(value)):
                raise BadProjection(_("%(name)s holds a gap.") % {"name": one.name})
        for name in ("exit_rate", "lapse"):
            value = getattr(self, name)
            if np.any((value < 0) | (value > 1)):
                cell = int(np.argwhere((value < 0) | (value > 1))[0][0])
                raise BadProjection(
                    _("%(name)s of cell %(cell)d is not between 0 and 1.")
                    % {"name": name, "cell": cell}
                )
        if np.any(self.cover < 1):
            raise BadProjection(_("A cell covers no month."))


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Contracts in columns, (c,) each.

    Args:
        cell: which cell.
        group: which group of contracts.
        elapsed: months since issue, as the cells' grid counts them.
        sum_assured: won.
        premium: won of one instalment.
        risk: expected claims against those of the cell (1.0: standard; extra for loadings).
        claims_expense: loss adjustment as a share of claims.
        count: contracts that the row stands for; one where left out.
    """

    cell: Ints
    group: Ints
    elapsed: Ints
    sum_assured: Floats
    premium: Floats
    risk: Floats
    claims_expense: Floats
    count: Floats = field(default_factory=lambda: np.ones(1))

    def __post_init__(self) -> None:
        object.__setattr__(self, "count", np.broadcast_to(self.count, (len(self.cell),)))

    def __len__(self) -> int:
        return len(self.cell)

    def take(self, rows: Any) -> Book:
        """Return the contracts of a mask, a slice or an index array."""
        return Book(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """Amounts in won: by contract (c,), by group (groups,) or by month and group."""

    premium: Floats
    claims: Floats
    claims_expense: Floats
    repaid: Floats
    expense: Floats
    commission: Floats
    units: Floats

    @property
    def services(self) -> Floats:
        """Claims and expenses: what revenue is released for."""
        return self.claims + self.claims_expense + self.expense

    @property
    def outflows(self) -> Floats:
        """Everything that goes out."""
        return self.services + self.repaid + self.commission

    @property
    def fulfilment(self) -> Floats:
        """Fulfilment cash flows: outflows less premiums."""
        return self.outflows - self.premium

    def by_group(self, group: Ints, groups: int) -> Amounts:
        """Sum amounts of contracts by group, (groups,)."""
        return Amounts(
            **{
                one.name: np.bincount(
                    group, weights=getattr(self, one.name), minlength=groups
                ).astype(np.float64)
                for one in fields(self)
            }
        )


def sized(units: Floats, book: Book) -> Amounts:
    """Multiply each contract's unit values by its size.

    Args:
        units: (FLOWS, c) unit values of the contracts.
        book: the contracts.

    Returns:
        Amounts by contract, (c,).
    """
    count = book.count
    fixed = units[Flow.CLAIMS_FIXED] * count
    claims = book.risk * (units[Flow.CLAIMS_SUM] * book.sum_assured + fixed)
    each = (units[Flow.EXPENSE] + units[Flow.EXPENSE_ISSUE]) * count
    return Amounts(
        premium=units[Flow.PREMIUM] * book.premium,
        claims=claims,
        claims_expense=claims * book.claims_expense,
        repaid=(units[Flow.REPAID] + units[Flow.MATURITY]) * book.sum_assured,
        expense=each + units[Flow.EXPENSE_PREMIUM] * book.premium,
        commission=units[Flow.COMMISSION] * book.premium,
        units=units[Flow.UNITS] * book.sum_assured,
    )
