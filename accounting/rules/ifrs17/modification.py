"""Contracts changed, ended or handed on: what leaves the group, and what the margin does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats
from accounting.rules.ifrs17.initial import Recognition, recognise
from accounting.rules.ifrs17.margin import absorb


class Reason(Enum):
    """Why the modified contract is derecognised (72); NONE: a change of estimates (73)."""

    NONE = "none"
    OUT_OF_SCOPE = "out_of_scope"  # 72(a)(i)
    SEPARATED = "separated"  # 72(a)(ii)
    BOUNDARY = "boundary"  # 72(a)(iii)
    OTHER_GROUP = "other_group"  # 72(a)(iv)
    PARTICIPATION = "participation"  # 72(b)
    ALLOCATION = "allocation"  # 72(c)


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """A group after contracts have left it, (groups,) or 0-d each.

    Args:
        pvfcf, ra: what is left.
        csm, lc: margin and loss component after it.
        margin: change of the margin.
        loss: loss recognised beyond the margin.
        units: coverage units still expected.
    """

    pvfcf: Floats
    ra: Floats
    csm: Floats
    lc: Floats
    margin: Floats
    loss: Floats
    units: Floats


def must_derecognise(
    *,
    in_scope: bool = True,
    same_components: bool = True,
    same_boundary: bool = True,
    same_group: bool = True,
    same_participation: bool = True,
    allocation_still_allowed: bool = True,
) -> Reason:
    """Say whether a modification ends the old contract, had its new terms held from the start.

    Args:
        in_scope: the contract would have been in the standard's scope.
        same_components: the same components would have been separated.
        same_boundary: its boundary would not be substantially different.
        same_group: it would have been in the same group.
        same_participation: direct participation features neither came nor went.
        allocation_still_allowed: premium allocation was not used, or may still be.

    Returns:
        The first reason of paragraph 72, or ``Reason.NONE``: then the change adjusts fulfilment
        cash flows like any other.

    Source: IFRS 17.72–73; exercising a right of the contract is no modification.
    """
    answers = (
        (in_scope, Reason.OUT_OF_SCOPE),
        (same_components, Reason.SEPARATED),
        (same_boundary, Reason.BOUNDARY),
        (same_group, Reason.OTHER_GROUP),
        (same_participation, Reason.PARTICIPATION),
        (allocation_still_allowed, Reason.ALLOCATION),
    )
    return next((reason for holds, reason in answers if not holds), Reason.NONE)


def leave(
    *,
    pvfcf: ArrayLike,
    ra: ArrayLike,
    csm: ArrayLike,
    lc: ArrayLike,
    units: ArrayLike,
    pvfcf_gone: ArrayLike,
    ra_gone: ArrayLike,
    units_gone: ArrayLike,
    price: ArrayLike = 0.0,
) -> Left:
    """Take contracts out of a group that goes on.

    Args:
        pvfcf: present value of the group's cash flows before.
        ra: its risk adjustment.
        csm: its margin.
        lc: its loss component.
        units: coverage units it still expected.
        pvfcf_gone: present value of rights and obligations that end with the contracts.
        ra_gone: their risk adjustment.
        units_gone: coverage units that they would have provided.
        price: what ending them costs, positive: 0 where they are simply over; the premium that a
            third party charges (77(a)); for a modification the premium that the entity would have
            charged for the new contract less the additional premium it did charge (77(b)).

    Returns:
        The group after: the margin takes the difference between what ends and its price.

    Source: IFRS 17.74–77.
    """
    gone = floats(pvfcf_gone, "pvfcf gone") + floats(ra_gone, "ra gone")
    change = absorb(csm, lc, gone - floats(price, "price"))
    return Left(
        pvfcf=floats(pvfcf, "pvfcf") - floats(pvfcf_gone, "pvfcf gone"),
        ra=floats(ra, "ra") - floats(ra_gone, "ra gone"),
        csm=change.csm,
        lc=change.lc,
        margin=change.margin,
        loss=change.loss - change.reversed,
        units=np.maximum(0.0, floats(units, "units") - floats(units_gone, "units gone")),
    )


def recognise_modified(
    *, outflows: ArrayLike, inflows: ArrayLike, ra: ArrayLike, hypothetical_premium: ArrayLike
) -> Recognition:
    """Recognise the new contract as if the hypothetical premium had been received for it (77).

    Args:
        outflows: present value of its future outflows.
        inflows: present value of its future premiums, the additional premium left out.
        ra: risk adjustment.
        hypothetical_premium: what would have been charged for an equivalent contract, less the
            additional premium charged: it enters as an asset derecognised, negative.

    Source: IFRS 17.77.
    """
    return recognise(
        inflows=inflows,
        outflows=outflows,
        ra=ra,
        flows_today=floats(hypothetical_premium, "hypothetical premium"),
    )
