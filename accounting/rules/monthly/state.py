"""What a measurement starts from and what it is given, by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from accounting.rules.assumptions import DEFER
from accounting.rules.curves import middles
from accounting.rules.flows import KINDS, SIGN, Expected, Kind
from accounting.rules.locked import Locked
from accounting.rules.monthly.facts import Fact, Facts, Won
from accounting.rules.projection import Floats, Ints
from core.money import round_won_array

T = TypeVar("T")
KIND_NAMES = [kind.name for kind in Kind]
_RISK = Kind.RISK + 1


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """How a group is measured.

    Args:
        measurement: GMM or PAA.
        finance: PL or OCI.
        loss: RATIO or UNITS.
        acquisition: DEFER or EXPENSE (premium allocation).
        financing: whether premium allocation bears interest.
    """

    measurement: str
    finance: str
    loss: str
    acquisition: str = DEFER
    financing: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """Closing balances of the run before, and what it expected of this month; won.

    Args:
        locked: (groups, 6) present values by kind (PREMIUM … RISK) at locked-in rates, in the sign
            of the liability.
        current: likewise at current rates.
        csm, lc, acq, upr: (groups,) as the facts of these names.
        ibnr, discount, risk_incurred: (groups,) parts of the liability for incurred claims.
        case: (groups,) case reserves.
        cost: (groups,) expenses allocated and not yet paid.
        unwind: (groups,) interest of this month on incurred claims, at the rates of then.
        discount_locked: (groups,) discount of incurred claims at rates locked in.
        coming: (groups, KINDS) flows and units expected in this month.
    """

    locked: Won
    current: Won
    csm: Won
    lc: Won
    acq: Won
    upr: Won
    ibnr: Won
    discount: Won
    risk_incurred: Won
    case: Won
    cost: Won
    unwind: Won
    discount_locked: Won
    coming: Won

    def take(self, rows: Ints) -> Opening:
        """Return the rows of some groups."""
        return cut(self, rows)


@dataclass(frozen=True, slots=True, eq=False)
class Cash:
    """What the ledger booked on remaining coverage in this month, (groups,) won, all ≥ 0."""

    premiums: Won
    acquisition: Won
    refunds: Won


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """Incurred claims at the month end.

    Args:
        case: (groups,) case reserves, won.
        ibnr_month, ibnr_earlier: (groups,) incurred but not reported, of this month's accidents
            and of earlier ones, won.
        factor: (groups,) present value of one won of them, paid as expected, at current rates.
        factor_locked: likewise at the rates locked in.
        interest, interest_locked: (groups,) of the coming month, of a month at locked-in rates.
        risk: (groups,) risk adjustment per won of their present value.
        oci: (groups,) whether changed rates go to OCI.
    """

    case: Won
    ibnr_month: Won
    ibnr_earlier: Won
    factor: Floats
    factor_locked: Floats
    interest: Floats
    interest_locked: Floats
    risk: Floats
    oci: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """The contracts of a month end by group.

    Args:
        locked, current: (groups, 6) present values by kind, signed as the liability.
        new: (groups, 6) at issue, of the contracts issued in this month, at locked-in rates.
        coming: (groups, KINDS) expected in the month after.
        first: (groups, KINDS) expected of new contracts in their month of issue.
        units: (groups,) coverage units to come.
        unearned, earned: (groups,) premiums due less premium earned by service; premium earned.
        left: (groups,) premium that later service earns, due or not.
        kept: (groups, 6) as ``locked``, at the rates before the contracts of this month were
            averaged in, and these at their own.
        month: (groups,) rate locked in for this month, effective a month.
        own: (groups,) the same of the contracts issued in this month.
        contracts: (groups,) how many.
    """

    locked: Floats
    current: Floats
    new: Floats
    kept: Floats
    coming: Floats
    first: Floats
    units: Floats
    unearned: Floats
    earned: Floats
    left: Floats
    month: Floats
    own: Floats
    contracts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Facts of a run, and the movements that the ledger posts: name → (groups,) won."""

    facts: Facts
    moves: dict[str, Won] = field(default_factory=dict)


def value(
    flows: Expected,
    *,
    locked: Locked,
    current: Floats,
    unearned: Floats,
    earned: Floats,
    left: Floats,
    contracts: Ints,
) -> Valued:
    """Discount expected flows at the locked-in rates and at the current curve.

    Args:
        flows: expected flows with risk.
        locked: the rates locked in, as far ahead as the flows.
        current: (months,) discount factors of the middle of each coming month, at least as many
            as the flows are long.
        unearned: see ``Valued``.
        earned: see ``Valued``.
        left: see ``Valued``.
        contracts: see ``Valued``.

    Source: IFRS 17.36, B72 (current rates for fulfilment cash flows, locked-in ones for the CSM).
    """
    months = flows.coming.shape[2]
    money, fresh = flows.coming[:, :_RISK], flows.fresh[:, :_RISK]
    own = middles(locked.own)
    return Valued(
        locked=_worth(money, locked.factors),
        current=SIGN * (money @ current[:months]),
        new=_worth(flows.new[:, :_RISK], own / own[:, :1]),
        kept=_worth(money - fresh, middles(locked.before))
        + _worth(fresh, middles(locked.own[:, 1:])),
        coming=flows.coming[:, :, 0],
        first=flows.new[:, :, 0],
        units=flows.coming[:, Kind.UNITS].sum(axis=1),
        unearned=unearned,
        earned=earned,
        left=left,
        month=locked.month,
        own=locked.own[:, 0],
        contracts=contracts,
    )


def _worth(money: Floats, factors: Floats) -> Floats:
    return SIGN * np.einsum("gkm,gm->gk", money, factors)


def cut(columns: T, rows: Ints) -> T:
    """Return some rows of a dataclass of arrays by group."""
    return type(columns)(
        **{f.name: getattr(columns, f.name)[rows] for f in fields(columns)}  # type: ignore[arg-type]
    )


def expectations(facts: Facts, now: Valued) -> None:
    """Add what the next run needs to know: flows of the coming month, units, contracts."""
    for kind in Kind:
        fact = Fact("EXPECTED", kind.name, "N", "COMING")
        facts[fact] = round_won_array(now.coming[:, kind])
    facts[Fact("EXPECTED", "UNITS", "N", "FUTURE")] = round_won_array(now.units)
    facts[Fact("EXPECTED", "CONTRACTS", "N", "COUNT")] = now.contracts.astype(np.int64)


def opening_of(groups: Sequence[str], known: Callable[[str, Fact], int]) -> Opening:
    """Read an opening from the facts of the run before.

    Args:
        groups: their codes, in order.
        known: (group, fact) → won, 0 if there is none.
    """

    def column(estimate: str, step: str = "CLOSING", kind: str = "", basis: str = "C") -> Won:
        fact = Fact(estimate, kind, basis, step)
        return np.array([known(group, fact) for group in groups], np.int64)

    def present(basis: str) -> Won:
        found = [column("PVFCF", kind=name, basis=basis) for name in KIND_NAMES[: Kind.RISK]]
        return np.stack([*found, column("RA", basis=basis)], axis=1)

    coming = [
        column("EXPECTED", kind=KIND_NAMES[k], step="COMING", basis="N") for k in range(KINDS)
    ]
    return Opening(
        locked=present("L"),
        current=present("C"),
        csm=column("CSM"),
        lc=column("LC"),
        acq=column("ACQ"),
        upr=column("UPR"),
        ibnr=column("IBNR"),
        discount=column("LIC", kind="DISCOUNT"),
        risk_incurred=column("LIC", kind="RISK"),
        case=column("LIC", kind="CASE"),
        cost=column("COST"),
        unwind=column("EXPECTED", step="COMING", kind="LIC_INTEREST", basis="N"),
        discount_locked=column("LIC", kind="DISCOUNT", basis="L"),
        coming=np.stack(coming, axis=1),
    )
