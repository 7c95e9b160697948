"""General measurement model: one period of a group's liability for remaining coverage.

Order of the margin (44): new contracts → interest at the locked-in rate → changes of future
service → release by coverage units on the balance after all else. Order of the loss component:
new losses → systematic allocation of finance and releases (50(a)) → changes of future service
(50(b)).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from accounting.rules.ifrs17.arrays import Floats, Steps, Table, closed, column, ratio
from accounting.rules.ifrs17.arrays import share as share_of
from accounting.rules.ifrs17.errors import NegativeBalance
from accounting.rules.ifrs17.margin import (
    Absorbed,
    LossAllocation,
    absorb,
    loss_ratio,
    released_share,
)
from accounting.rules.ifrs17.records import Balance, Period, Result


def roll(
    opening: Balance, period: Period, *, allocation: LossAllocation = LossAllocation.RATIO
) -> Result:
    """Measure one period.

    Args:
        opening: balances at its start, (groups,).
        period: what happened.
        allocation: how the loss component is released.

    Returns:
        The roll-forwards, revenue, expense and finance, and the closing balance.

    Raises:
        LengthMismatch: a column fits neither one nor all groups.
        NegativeBalance: opening margin or loss component is below zero.
        NegativeUnits: coverage units are below zero.
        BadShare: a share is not between 0 and 1.

    Source: IFRS 17.40–46, .50–52, B96–B100, B119, B121–B125.
    """
    groups = len(opening.pvfcf)
    if (opening.csm < 0).any() or (opening.lc < 0).any():
        raise NegativeBalance("Margin and loss component of issued contracts are never below 0.")
    p = _columns(period, groups)
    share_of(p["premiums_future"], "premiums_future")
    share_of(np.nan_to_num(p["acquisition_share"]), "acquisition_share")
    joined = _interest_and_new(opening, p, allocation)
    allocated = _allocate(opening, p, joined, allocation)
    future = -(p["future_locked"] + p["future_ra"] + _variance(p))
    news = absorb(joined.csm, allocated["after"], future)
    ended = p["units_future"] <= 0  # cover is over: what was just lost is released with it (52)
    allocated["released"] = allocated["released"] + np.where(ended, news.lc, 0.0)
    share = released_share(p["units"], p["units_future"])
    amortised = np.where(np.isnan(p["acquisition_share"]), share, p["acquisition_share"]) * (
        opening.acquisition + p["acquisition"] + p["new_assets"]
    )
    return _result(opening, p, _Moves(joined, allocated, news, share * news.csm, amortised))


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """Margin and loss component after new contracts and interest."""

    csm: Floats
    lc: Floats
    margin: Floats
    loss: Floats
    finance: Floats
    loss_finance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    joined: _Joined
    allocated: Steps
    news: Absorbed
    released: Floats
    amortised: Floats


def _columns(period: Period, groups: int) -> Steps:
    """Return every field as a column; what was left open takes its default."""
    same = {
        "premiums_expected": period.premiums,
        "acquisition_expected": period.acquisition,
        "claims_expected": period.claims,
        "investment_expected": period.investment,
        "future_current": period.future_locked,
        "locked_new": period.locked,
    }
    filled = replace(
        period, **{name: v for name, v in same.items() if getattr(period, name) is None}
    )
    nothing = np.full(groups, np.nan)
    return {
        f.name: nothing
        if getattr(filled, f.name) is None
        else column(getattr(filled, f.name), groups, f.name)
        for f in fields(Period)
    }


def _result(opening: Balance, p: Steps, moves: _Moves) -> Result:
    """Put the tables together."""
    gap = (p["premiums"] - p["premiums_expected"]) - (p["acquisition"] - p["acquisition_expected"])
    experience = (1.0 - p["premiums_future"]) * gap
    components = _components(opening, p, moves, experience)
    loss = _loss(opening, moves)
    result = Result(
        components=components,
        loss=loss,
        coverage={},
        revenue=_revenue(p, moves, experience),
        expense={
            "CLAIMS": p["claims"],
            "ACQUISITION": moves.amortised,
            "LOSS": loss["NEW"] + loss["LOSS"] + loss["REVERSAL"] + loss["RELEASE"],
        },
        finance={name: components[name]["FINANCE"] for name in ("PVFCF", "RA", "CSM")},
        closing=_closing(opening, p, components, moves),
    )
    return replace(result, coverage=_coverage(opening, p, result, moves))


def _interest_and_new(opening: Balance, p: Steps, allocation: LossAllocation) -> _Joined:
    """Accrete until new contracts join, absorb them, accrete to the period end (44(a), (b)).

    A loss component earns interest of its own only where coverage units release it; by ratio it
    takes its share of the finance on outflows.
    """
    before = (1.0 + p["locked"]) / (1.0 + p["locked_new"]) - 1.0
    bears = float(allocation is LossAllocation.UNITS)
    early, early_loss = opening.csm * before, bears * opening.lc * before
    new = absorb(
        opening.csm + early,
        opening.lc + early_loss,
        -(p["new_pvfcf"] + p["new_ra"] + p["new_assets"]),
    )
    late = new.csm * p["locked_new"]
    return _Joined(
        csm=new.csm + late,
        lc=new.lc,
        margin=new.margin,
        loss=new.loss - new.reversed,
        finance=early + late,
        loss_finance=early_loss,
    )


def _allocate(opening: Balance, p: Steps, joined: _Joined, allocation: LossAllocation) -> Steps:
    """Split finance and releases systematically between loss component and the rest (50(a))."""
    services = p["claims_expected"] + p["investment_expected"]
    served = released_share(p["units"], p["units_future"])
    if allocation is LossAllocation.RATIO:
        share = loss_ratio(
            joined.lc, opening.outflows + p["new_outflows"], opening.ra + p["new_ra"]
        )
        finance = share * (p["finance_outflows"] + p["finance_ra"])
        # no outflow carries the loss (acquisition cost alone makes it): service does
        released = np.where(share > 0, share * (services + p["release_ra"]), served * joined.lc)
    else:
        share = served
        finance = joined.lc * p["locked_new"]
        released = share * (joined.lc + finance)
    finance = np.maximum(finance, -joined.lc)
    ended = p["units_future"] <= 0  # by the end of cover nothing is left (52)
    released = np.where(ended, joined.lc + finance, np.minimum(released, joined.lc + finance))
    return {
        "finance": joined.loss_finance + finance,
        "released": released,
        "after": joined.lc + finance - released,
    }


def _variance(p: Steps) -> Floats:
    """Return the experience of the period that belongs to future service (increase positive)."""
    cash = (p["acquisition"] - p["acquisition_expected"]) - (p["premiums"] - p["premiums_expected"])
    return p["premiums_future"] * cash + p["investment"] - p["investment_expected"]


def _components(opening: Balance, p: Steps, moves: _Moves, experience: Floats) -> Table:
    """Return present value, risk adjustment, margin and their total by step (101, 104)."""
    discounting = p["future_current"] - p["future_locked"]
    pvfcf = {
        "OPENING": opening.pvfcf,
        "NEW": p["new_pvfcf"],
        "CASH_IN": p["premiums"] - p["acquisition"],
        "FINANCE": p["finance_pvfcf"] + p["financial"] + discounting,
        "FUTURE": p["future_locked"] + _variance(p),
        "CURRENT": p["claims"] - p["claims_expected"] - experience,
        "CASH_OUT": -(p["claims"] + p["investment"]),
    }
    ra = {
        "OPENING": opening.ra,
        "NEW": p["new_ra"],
        "FINANCE": p["finance_ra"],
        "FUTURE": p["future_ra"],
        "CURRENT": -p["release_ra"],
    }
    csm = {
        "OPENING": opening.csm,
        "NEW": moves.joined.margin,
        "FINANCE": moves.joined.finance,
        "FUTURE": moves.news.margin,
        "CURRENT": -moves.released,
    }
    groups = len(opening.pvfcf)
    table: Table = {
        name: closed({step: steps.get(step, 0.0) for step in pvfcf}, groups)
        for name, steps in (("PVFCF", pvfcf), ("RA", ra), ("CSM", csm))
    }
    steps = table["PVFCF"]
    table["TOTAL"] = {s: np.sum([table[c][s] for c in ("PVFCF", "RA", "CSM")], 0) for s in steps}
    return table


def _loss(opening: Balance, moves: _Moves) -> Steps:
    """Return the roll-forward of the loss component."""
    return closed(
        {
            "OPENING": opening.lc,
            "NEW": moves.joined.loss,
            "FINANCE": moves.allocated["finance"],
            "RELEASE": -moves.allocated["released"],
            "LOSS": moves.news.loss,
            "REVERSAL": -moves.news.reversed,
        },
        len(opening.lc),
    )


def _revenue(p: Steps, moves: _Moves, experience: Floats) -> Steps:
    """Analyse revenue: what the loss component carries is not revenue (B123, B124)."""
    released = moves.allocated["released"]
    services = p["claims_expected"] + p["investment_expected"]
    of_ra = released * ratio(p["release_ra"], services + p["release_ra"])
    return {
        "CLAIMS": p["claims_expected"] - (released - of_ra),
        "RA": p["release_ra"] - of_ra,
        "CSM": moves.released,
        "EXPERIENCE": experience,
        "ACQUISITION": moves.amortised,
    }


def _coverage(opening: Balance, p: Steps, result: Result, moves: _Moves) -> Table:
    """Return the liability for remaining coverage without and of the loss component (100)."""
    groups = len(opening.pvfcf)
    return {
        "LRC": closed(
            {
                "OPENING": opening.total - opening.lc,
                "NEW": -p["new_assets"],
                "CASH_IN": p["premiums"] - p["acquisition"],
                "REVENUE": -np.sum(list(result.revenue.values()), axis=0),
                "ACQUISITION": moves.amortised,
                "INVESTMENT": -p["investment"],
                "FINANCE": np.sum(list(result.finance.values()), axis=0) - result.loss["FINANCE"],
            },
            groups,
        ),
        "LC": closed(
            {
                "OPENING": opening.lc,
                "EXPENSE": result.expense["LOSS"],
                "FINANCE": result.loss["FINANCE"],
            },
            groups,
        ),
    }


def _closing(opening: Balance, p: Steps, components: Table, moves: _Moves) -> Balance:
    rolled = (
        opening.outflows
        + p["new_outflows"]
        + p["finance_outflows"]
        - p["claims_expected"]
        - p["investment_expected"]
        + p["future_current"]
        + p["financial"]
    )
    given = p["closing_outflows"]
    return Balance(
        pvfcf=components["PVFCF"]["CLOSING"],
        ra=components["RA"]["CLOSING"],
        csm=np.maximum(moves.news.csm - moves.released, 0.0),  # exact where the sums leave dust
        lc=np.where(p["units_future"] > 0, moves.news.lc, 0.0),
        outflows=np.where(np.isnan(given), np.maximum(rolled, 0.0), given),
        acquisition=opening.acquisition + p["acquisition"] + p["new_assets"] - moves.amortised,
    )
