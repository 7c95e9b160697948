"""Variable fee approach: contracts whose policyholders take part in underlying items.

The insurer owes the fair value of the underlying items less a fee for service that varies with it.
What underlying items earn is finance expense; what the fulfilment cash flows do beyond that is the
fee's change and adjusts the margin.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, column, floats, share
from accounting.rules.ifrs17.gmm import roll
from accounting.rules.ifrs17.margin import LossAllocation
from accounting.rules.ifrs17.records import Balance, Period, Result


@dataclass(frozen=True, slots=True, eq=False)
class FeePeriod:
    """What happened in a period, (groups,) or one number each.

    Args:
        underlying: signed; change of the fair value of the underlying items by their returns, cash
            in and out left aside (an increase positive).
        fcf_change: signed; every change of the present value of future cash flows except cash and
            the flows expected of the period: returns credited, guarantees, discount rates,
            changes of estimate (an increase positive). None: it equals ``underlying``.
        mitigated: signed; part of the change of the fee that financial risk mitigation offsets
            (derivatives, reinsurance held, assets at fair value), a cost positive: profit or loss
            instead of the margin (B115).
        future_ra: signed; change of the risk adjustment for future service.
        new_pvfcf, new_ra, new_outflows, new_assets: contracts added, see ``records.Period``.
        premiums, premiums_expected: received, and expected.
        premiums_future: share of their variance that belongs to future service.
        acquisition, acquisition_expected: acquisition cash flows paid, and expected; their
            variance goes with that of premiums.
        acquisition_share: share of them amortised (None: by coverage units).
        claims, claims_expected: without amounts repaid in any case.
        investment, investment_expected: repaid in any case, account balances above all.
        release_ra: risk adjustment released.
        units, units_future: coverage units provided, and expected.
        finance_outflows: part of finance that belongs to outflows, for the loss ratio (None:
            ``underlying``).
        closing_outflows: present value of outflows at the period end, for the loss ratio.
    """

    underlying: ArrayLike = 0.0
    fcf_change: ArrayLike | None = None
    mitigated: ArrayLike = 0.0
    future_ra: ArrayLike = 0.0
    new_pvfcf: ArrayLike = 0.0
    new_ra: ArrayLike = 0.0
    new_outflows: ArrayLike = 0.0
    new_assets: ArrayLike = 0.0
    premiums: ArrayLike = 0.0
    premiums_expected: ArrayLike | None = None
    premiums_future: ArrayLike = 1.0
    acquisition: ArrayLike = 0.0
    acquisition_expected: ArrayLike | None = None
    acquisition_share: ArrayLike | None = None
    claims: ArrayLike = 0.0
    claims_expected: ArrayLike | None = None
    investment: ArrayLike = 0.0
    investment_expected: ArrayLike | None = None
    release_ra: ArrayLike = 0.0
    units: ArrayLike = 0.0
    units_future: ArrayLike = 0.0
    finance_outflows: ArrayLike | None = None
    closing_outflows: ArrayLike | None = None


def participates_directly(
    *,
    identified_pool: bool,
    returns_share: float,
    varying_share: float,
    substantial: float = 0.5,
) -> bool:
    """Say whether a contract is one with direct participation features at its inception.

    Args:
        identified_pool: the contract names the pool of underlying items.
        returns_share: expected share of its fair value returns that policyholders are paid.
        varying_share: expected share of the changes of what they are paid that varies with the
            pool's fair value (probability-weighted, guarantees in).
        substantial: what the entity takes as substantial.

    Raises:
        BadShare: ``substantial`` is not between 0 and 1.

    Source: IFRS 17.B101–B107; assessed once (B102).
    """
    enough = float(share(substantial, "substantial"))
    return identified_pool and returns_share >= enough and varying_share >= enough


def variable_fee(
    underlying_change: ArrayLike, entity_share: ArrayLike, not_varying: ArrayLike = 0.0
) -> Floats:
    """Return what changes of the variable fee do to the margin, an increase positive.

    Args:
        underlying_change: change of the fair value of the underlying items.
        entity_share: the entity's share of it, the fee.
        not_varying: increase of fulfilment cash flows that do not vary with underlying items
            (guarantees, expenses), for future service.

    Source: IFRS 17.45(b)–(c), B104(b), B112–B113.
    """
    part = share(entity_share, "entity share") * floats(underlying_change, "underlying items")
    return part - floats(not_varying, "not varying")


def roll_fee(
    opening: Balance, period: FeePeriod, *, allocation: LossAllocation = LossAllocation.RATIO
) -> Result:
    """Measure one period by the variable fee approach.

    The margin earns no interest of its own: the change of the fee carries it (45, B113(b)).

    Args:
        opening: balances at the period start.
        period: what happened.
        allocation: how a loss component is released.

    Returns:
        The tables of the general model; FINANCE of PVFCF is the return of the underlying items
        (and what was mitigated), FUTURE of PVFCF what the fee changed by.

    Raises:
        NegativeBalance, NegativeUnits, LengthMismatch: see ``gmm.roll``.

    Source: IFRS 17.45, B101–B118; Illustrative Example 9.
    """
    groups = len(opening.pvfcf)
    earned = column(period.underlying, groups, "underlying items")
    mitigated = column(period.mitigated, groups, "mitigated")
    change = (
        earned
        if period.fcf_change is None
        else column(period.fcf_change, groups, "change of fulfilment cash flows")
    )
    outflows = earned if period.finance_outflows is None else period.finance_outflows
    return roll(
        opening,
        Period(
            new_pvfcf=period.new_pvfcf,
            new_ra=period.new_ra,
            new_outflows=period.new_outflows,
            new_assets=period.new_assets,
            premiums=period.premiums,
            premiums_expected=period.premiums_expected,
            premiums_future=period.premiums_future,
            acquisition=period.acquisition,
            acquisition_expected=period.acquisition_expected,
            acquisition_share=period.acquisition_share,
            claims=period.claims,
            claims_expected=period.claims_expected,
            investment=period.investment,
            investment_expected=period.investment_expected,
            finance_pvfcf=earned + mitigated,
            finance_outflows=outflows,
            future_locked=change - earned - mitigated,
            future_ra=period.future_ra,
            release_ra=period.release_ra,
            units=period.units,
            units_future=period.units_future,
            closing_outflows=period.closing_outflows,
        ),
        allocation=allocation,
    )
