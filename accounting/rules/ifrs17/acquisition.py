"""Acquisition cash flows paid before their contracts: an asset, its recovery, its end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, ratio, share, units
from accounting.rules.ifrs17.errors import BadShare, NegativeBalance


@dataclass(frozen=True, slots=True, eq=False)
class AcquisitionAsset:
    """Assets for acquisition cash flows by group, existing or expected, (groups,) each.

    Args:
        carrying: carrying amount, ≥ 0.
        impaired: impairment losses not yet reversed, ≥ 0.
    """

    carrying: Floats
    impaired: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Recoverability:
    """What the test at a period end did, (groups,) each.

    Args:
        asset: after the test.
        loss: impairment recognised.
        reversal: impairment reversed, income.
    """

    asset: AcquisitionAsset
    loss: Floats
    reversal: Floats


def allocate(
    paid: float,
    weights: ArrayLike,
    *,
    to_portfolio: float = 1.0,
) -> tuple[Floats, float]:
    """Allocate acquisition cash flows of a portfolio to groups, future renewals included.

    Args:
        paid: paid or owed.
        weights: (groups,) systematic and rational base, for example premiums of the contracts
            and of their expected renewals.
        to_portfolio: share directly attributable to the portfolio.

    Returns:
        (groups,) amounts that sum to the attributable part, and the rest, an expense at once.

    Raises:
        NegativeUnits: a weight is below zero.
        BadShare: the share is not between 0 and 1, or no weight is above zero.

    Source: IFRS 17.28A, B35A–B35B, B65(e).
    """
    base = units(weights, "weights")
    attributable = paid * float(share(to_portfolio, "share of the portfolio"))
    if attributable and not base.sum() > 0:
        raise BadShare("No group has a weight: nothing says to whom the cash flows belong.")
    return attributable * ratio(base, base.sum()), paid - attributable


def pay(asset: AcquisitionAsset, amounts: ArrayLike) -> AcquisitionAsset:
    """Add what was paid for groups not yet recognised (28B).

    Args:
        asset: before.
        amounts: (groups,) paid or owed in the period.
    """
    return AcquisitionAsset(asset.carrying + floats(amounts, "paid"), asset.impaired)


def new_asset(carrying: ArrayLike, impaired: ArrayLike = 0.0) -> AcquisitionAsset:
    """Make an asset.

    Args:
        carrying: (groups,) carrying amounts.
        impaired: (groups,) or one number, impairment losses not yet reversed.

    Raises:
        NegativeBalance: an amount is below zero.
    """
    held = np.atleast_1d(floats(carrying, "carrying"))
    lost = np.broadcast_to(floats(impaired, "impaired"), held.shape).copy()
    if (held < 0).any() or (lost < 0).any():
        raise NegativeBalance("An asset for acquisition cash flows is never below 0.")
    return AcquisitionAsset(held, lost)


def derecognise(asset: AcquisitionAsset, recognised: ArrayLike) -> tuple[AcquisitionAsset, Floats]:
    """Take the asset into the groups as their contracts are recognised.

    Args:
        asset: before.
        recognised: (groups,) share of the group's expected contracts recognised in this period,
            of those not recognised before.

    Returns:
        The asset that is left, and what enters the measurement of each group
        (``Period.new_assets``).

    Raises:
        BadShare: a share is not between 0 and 1.

    Source: IFRS 17.28C, .38(c)(i), B35C.
    """
    part = share(recognised, "recognised")
    moved = asset.carrying * part
    return AcquisitionAsset(asset.carrying - moved, asset.impaired * (1.0 - part)), moved


def recover(
    asset: AcquisitionAsset,
    net_inflow: ArrayLike,
    *,
    renewals: ArrayLike | None = None,
    renewals_inflow: ArrayLike = 0.0,
) -> Recoverability:
    """Test at a period end whether the asset will be earned back.

    Args:
        asset: before the test.
        net_inflow: (groups,) expected net cash inflow of the related group, fulfilment cash flows
            as an inflow positive, before the acquisition cash flows themselves.
        renewals: (groups,) part of the carrying amount allocated to expected renewals.
        renewals_inflow: (groups,) expected net cash inflow of those renewals.

    Returns:
        The asset after loss or reversal; a reversal never exceeds earlier losses.

    Source: IFRS 17.28E–28F, B35D.
    """
    inflow = np.maximum(0.0, floats(net_inflow, "net inflow"))
    first = np.maximum(0.0, asset.carrying - inflow)
    second = np.zeros_like(first)
    if renewals is not None:
        excess = np.maximum(
            0.0,
            floats(renewals, "renewals") - np.maximum(0.0, floats(renewals_inflow, "renewals")),
        )
        second = np.maximum(0.0, excess - first)
    loss = np.minimum(first + second, asset.carrying)
    room = np.where(loss > 0, 0.0, np.maximum(0.0, inflow - asset.carrying))
    reversal = np.minimum(asset.impaired, room)
    after = AcquisitionAsset(asset.carrying - loss + reversal, asset.impaired + loss - reversal)
    return Recoverability(after, loss, reversal)
