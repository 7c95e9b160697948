"""Parts of a contract: what is measured under other standards, what stays and is only left out.

A distinct investment component leaves the contract (IFRS 9); one that is not distinct stays in the
measurement and is neither revenue nor expense. Goods and services that are distinct go to IFRS 15.
"""

from __future__ import annotations

from enum import Enum

from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, ratio


class Treatment(Enum):
    """Where a part of a contract is measured."""

    INSURANCE = "insurance"  # with the contract
    FINANCIAL_INSTRUMENT = "financial_instrument"  # IFRS 9
    SERVICE = "service"  # IFRS 15


def investment_component(
    *,
    measurable_apart: bool,
    benefit_apart: bool,
    sold_separately: bool,
    participating: bool = False,
) -> Treatment:
    """Say where an investment component belongs.

    Args:
        measurable_apart: each component can be measured without considering the other.
        benefit_apart: the policyholder benefits from one when the other is gone: neither lapses or
            matures with the other.
        sold_separately: equivalent terms are, or could be, sold in the same market.
        participating: it is an investment contract with discretionary participation features.

    Source: IFRS 17.11(b), B31–B32; Illustrative Example 4.
    """
    distinct = measurable_apart and benefit_apart and sold_separately
    if distinct and not participating:
        return Treatment.FINANCIAL_INSTRUMENT
    return Treatment.INSURANCE


def service_component(
    *, benefit_alone: bool, interrelated: bool, significant_integration: bool
) -> Treatment:
    """Say where promised goods or services other than insurance contract services belong.

    Args:
        benefit_alone: the policyholder can benefit from them alone or with what is readily
            available (claims processing for claims the policyholder bears itself).
        interrelated: their cash flows and risks are highly interrelated with the insurance.
        significant_integration: the entity integrates them with the insurance.

    Source: IFRS 17.12, B33–B35; Illustrative Example 5.
    """
    if benefit_alone and not interrelated and not significant_integration:
        return Treatment.SERVICE
    return Treatment.INSURANCE


def not_distinct(
    repaid_in_all_circumstances: ArrayLike, benefit: ArrayLike
) -> tuple[Floats, Floats]:
    """Split a benefit into its investment component and its insurance part.

    Args:
        repaid_in_all_circumstances: what the policyholder is paid whatever happens, for example
            the surrender value at that time.
        benefit: what is paid now.

    Returns:
        Investment component (never more than the benefit) and the rest, revenue and expense.

    Source: IFRS 17 Appendix A ("investment component"), 85, B124(b)(ii).
    """
    paid = floats(benefit, "benefit")
    repaid = floats(repaid_in_all_circumstances, "repaid in all circumstances").clip(min=0.0)
    deposit = paid.clip(max=repaid)
    return deposit, paid - deposit


def allocate_inflows(premium: ArrayLike, stand_alone: ArrayLike) -> Floats:
    """Split premiums between the insurance and distinct services by their stand-alone prices.

    Args:
        premium: received in all, 0-d.
        stand_alone: (parts,) price of each part sold by itself.

    Source: IFRS 17.12; IFRS 15.73–80.
    """
    prices = floats(stand_alone, "stand-alone prices")
    return floats(premium, "premium") * ratio(prices, prices.sum())
