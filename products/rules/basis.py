"""Technical basis of a product: tables, interest, benefits and loadings, read from its rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from products.rules import commutation, tables
from products.rules.commutation import Commutation, Instalments, Timing
from products.rules.tables import RateTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS_OF_YEAR = 365
WHOLE_LIFE = 0
"""``term_months`` of a contract that runs until death."""


@dataclass(frozen=True)
class Coverage:
    """One benefit of a product.

    Attributes:
        code: name of the coverage within the product.
        table: rate table of the event, or empty when ``annual_rate`` is given.
        annual_rate: flat annual frequency of the event.
        rate_factor: multiplier on the rate, for example the share of traffic in accidents.
        sum_ratio: benefit as a share of the contract's sum assured.
        fixed_sum: benefit in won that does not depend on the sum assured.
        waiting_days: days from the start without cover.
        first_year_percent: percent of the benefit paid within the first policy year.
        name: display name by language code.
    """

    code: str
    table: str = ""
    annual_rate: float = 0.0
    rate_factor: float = 1.0
    sum_ratio: float = 0.0
    fixed_sum: int = 0
    waiting_days: int = 0
    first_year_percent: float = 100.0
    name: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def first_year_share(self) -> float:
        """Share of a full year's benefit cost that the first policy year bears."""
        return (1.0 - self.waiting_days / DAYS_OF_YEAR) * self.first_year_percent / 100.0


@dataclass(frozen=True)
class Loadings:
    """Expense loadings of the gross premium.

    Attributes:
        alpha_sum: α_S, acquisition, share of the sum assured, once.
        alpha_standard: α on the standard annual net premium, once.
        alpha_premium: α_P, acquisition, multiple of the annual gross premium, once.
        alpha_each_premium: acquisition, share of each gross premium.
        beta_sum: β_S, maintenance while premiums are paid, share of the sum assured a year.
        beta_paid_up: maintenance after premiums end, share of the sum assured a year.
        beta_premium: β_P, maintenance, share of each gross premium.
        gamma: γ, collection, share of each gross premium.
        claim_expense: share of each gross premium.
    """

    alpha_sum: float = 0.0
    alpha_standard: float = 0.0
    alpha_premium: float = 0.0
    alpha_each_premium: float = 0.0
    beta_sum: float = 0.0
    beta_paid_up: float = 0.0
    beta_premium: float = 0.0
    gamma: float = 0.0
    claim_expense: float = 0.0

    @property
    def share_of_premium(self) -> float:
        """Sum of the loadings that are a share of each gross premium."""
        return self.alpha_each_premium + self.beta_premium + self.gamma + self.claim_expense


@dataclass(frozen=True)
class Basis:
    """Everything that a net premium and a reserve are computed from.

    Attributes:
        interest: annual effective rate (예정이율).
        timing: discounting of benefits within the year.
        exits: ids of the tables whose events end the contract.
        coverages: the benefits.
        maturity_ratio: share of the sum assured paid at the end of the term.
        loadings: expenses of the gross premium.
        own_tables: tables of this basis that are not shipped, by id.
        waivers: ids of the tables whose events waive the premiums (납입면제).
        lapse: annual rates of lapse by policy year, the last one stays; empty where lapses bring
            nothing to the premium. Products with low or no surrender values (무·저해지) have them.
        selection: multiple of all rates in the first policy years; empty for none.
        instalments: how k payments a year are valued.
        annual_reserve: the reserve is that of an annual premium whatever the instalments
            (보험업감독규정 7-65조②); False: that of the instalments themselves.
        per_cover: a cover of less than a year is taken for one year; the rates are of the cover.
    """

    interest: float
    exits: tuple[str, ...]
    coverages: tuple[Coverage, ...]
    timing: Timing = Timing.MID_YEAR
    maturity_ratio: float = 0.0
    loadings: Loadings = field(default_factory=Loadings)
    own_tables: Mapping[str, RateTable] = field(default_factory=dict)
    waivers: tuple[str, ...] = ()
    lapse: tuple[float, ...] = ()
    selection: tuple[float, ...] = ()
    instalments: Instalments = Instalments.SUBTRACT
    annual_reserve: bool = True
    per_cover: bool = False

    def rate_table(self, table_id: str) -> RateTable:
        """Return a table by id, the basis' own before the shipped ones."""
        return self.own_tables.get(table_id) or tables.load(table_id)

    def rates(self, coverage: Coverage, length: int) -> Floats:
        """Return the annual probability of a coverage's event, (2, length), male first."""
        if coverage.table:
            own = self.rate_table(coverage.table).rates(length)
            return np.minimum(1.0, own * coverage.rate_factor)
        return np.full((2, length), coverage.annual_rate * coverage.rate_factor)

    @cached_property
    def length(self) -> int:
        """How many ages the columns have before the last."""
        exits = [self.rate_table(name) for name in self.exits]
        closed = [max(exit_.last_age) for exit_ in exits if exit_.closed]
        return (max(closed) if closed else commutation.OLDEST) + 1

    @cached_property
    def exit_rates(self) -> Floats:
        """Annual probability that an event ends the contract, (2, length)."""
        stay = [1.0 - self.rate_table(name).rates(self.length) for name in self.exits]
        return 1.0 - np.prod(stay, axis=0)

    @cached_property
    def table(self) -> Commutation:
        """Commutation columns of the basis."""
        length = self.length
        return commutation.build(
            exits=[self.rate_table(name).rates(length) for name in self.exits],
            benefits=[self.rates(coverage, length) for coverage in self.coverages],
            interest=self.interest,
            timing=self.timing,
            waivers=[self.rate_table(name).rates(length) for name in self.waivers],
            lapse=np.array(self.lapse) if self.lapse else None,
            selection=np.array(self.selection) if self.selection else None,
        )

    @cached_property
    def ratios(self) -> Floats:
        """Benefit per won of sum assured, (coverages,)."""
        return np.array([coverage.sum_ratio for coverage in self.coverages])

    @cached_property
    def fixed(self) -> Floats:
        """Benefit in won that does not depend on the sum assured, (coverages,)."""
        return np.array([float(coverage.fixed_sum) for coverage in self.coverages])

    @cached_property
    def first_year_shares(self) -> Floats:
        """Share of a full year's cost borne by the first policy year, (coverages,)."""
        return np.array([coverage.first_year_share for coverage in self.coverages])

    def check(
        self, *, sex: ArrayLike, age: ArrayLike, term_months: ArrayLike, pay_months: ArrayLike
    ) -> None:
        """Refuse contracts that the columns cannot price: they know ages and whole years.

        Args:
            sex: (n,) 0 male, 1 female.
            age: (n,) insurance age at issue.
            term_months: (n,) months of cover, 0 whole of life.
            pay_months: (n,) months of payment, 0 the whole term.

        Raises:
            BadRates: an age before the first of an exit's table or after the last of the columns;
                a cover or a payment that is not of whole years.
        """
        for name, months in (("cover", term_months), ("payment", pay_months)):
            odd = np.atleast_1d(np.asarray(months, np.int64))
            broken = (odd < 0) | (odd % 12 != 0)
            if self.per_cover:
                broken &= (odd < 0) | (odd > 12)
            if np.any(broken):
                msg = f"a {name} of {int(odd[broken][0])} months: it takes whole years."
                raise commutation.BadRates(msg)
        given = np.asarray(age, np.int64)
        first = max((self.rate_table(name).first_age for name in self.exits), default=0)
        last = np.array(self.table.omega, np.int64)[np.asarray(sex, np.int64)]
        outside = (given < first) | (given > last)
        if np.any(outside):
            found = int(np.broadcast_to(given, outside.shape)[outside][0])
            msg = f"age {found}: the tables begin at {first} and end at {int(np.min(last))}."
            raise commutation.BadRates(msg)

    def years(
        self, *, sex: ArrayLike, age: ArrayLike, term_months: ArrayLike, pay_months: ArrayLike
    ) -> tuple[Ints, Ints]:
        """Return whole years of cover n and of payment m.

        Args:
            sex: (n,) 0 male, 1 female.
            age: (n,) insurance age at issue.
            term_months: (n,) months of cover; 0 is whole of life.
            pay_months: (n,) months of payment; 0 is the whole term.
        """
        omega = np.array(self.table.omega, np.int64)[np.asarray(sex, np.int64)]
        term = np.asarray(term_months, np.int64)
        pay = np.asarray(pay_months, np.int64)
        cover = np.where(term == WHOLE_LIFE, omega + 1 - np.asarray(age, np.int64), -(-term // 12))
        return cover, np.where(pay == 0, cover, np.minimum(-(-pay // 12), cover))


def read(calc: Mapping[str, Any], limits: Mapping[str, Any]) -> Basis:
    """Read the basis from a PREMIUM_CALC (or RESERVE) basis and the coverages of COVERAGE_LIMIT.

    Args:
        calc: the ``basis`` object of the rule.
        limits: the COVERAGE_LIMIT rule; it says what each coverage pays and from when.

    Raises:
        KeyError: a coverage that the limits do not define.
    """
    benefits = {entry["code"]: entry for entry in limits["coverages"]}
    coverages = tuple(_coverage(entry, benefits[entry["code"]]) for entry in calc["coverages"])
    known = {one.name for one in fields(Loadings)}
    loadings = {name: float(v) for name, v in calc.get("loadings", {}).items() if name in known}
    return Basis(
        interest=float(calc["interest"]),
        timing=Timing(calc.get("claim_timing", Timing.MID_YEAR)),
        exits=tuple(calc["exits"]),
        coverages=coverages,
        maturity_ratio=float(calc.get("maturity_ratio", 0.0)),
        per_cover=bool(calc.get("per_cover", False)),
        loadings=Loadings(**loadings),
        waivers=tuple(calc.get("waivers", ())),
        lapse=tuple(float(rate) for rate in calc.get("lapse", ())),
        selection=tuple(float(one) for one in calc.get("selection", ())),
        instalments=Instalments(calc.get("instalments", Instalments.SUBTRACT)),
        annual_reserve=bool(calc.get("annual_reserve", True)),
    )


def _coverage(rate: Mapping[str, Any], benefit: Mapping[str, Any]) -> Coverage:
    """Join what a coverage costs with what it pays."""
    return Coverage(
        code=rate["code"],
        table=rate.get("table", ""),
        annual_rate=float(rate.get("annual_rate", 0.0)),
        rate_factor=float(rate.get("rate_factor", 1.0)),
        sum_ratio=float(benefit.get("sum_ratio", 0.0)),
        fixed_sum=int(benefit.get("fixed_sum", 0)),
        waiting_days=int(benefit.get("waiting_days", 0)),
        first_year_percent=float(benefit.get("first_year_percent", 100.0)),
        name=benefit.get("name", {}),
    )
