"""One group's month, as the tests of the monthly measurement give and read it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st

from accounting.rules.flows import Kind
from accounting.rules.monthly import (
    Cash,
    Measured,
    Opening,
    Policy,
    Valued,
    footing,
)

amount = st.integers(-(10**11), 10**11)
positive = st.integers(0, 10**11)
GMM = Policy("GMM", "OCI", "RATIO")
PAA = Policy("PAA", "PL", "RATIO")


def row(**given: int) -> np.ndarray:
    """Make one group's present values by kind, PREMIUM negative as in the liability."""
    return np.array([[given.get(kind.name.lower(), 0) for kind in list(Kind)[:6]]])


def opening(**given: Any) -> Opening:
    values: dict[str, Any] = {f.name: np.zeros(1, np.int64) for f in dataclasses.fields(Opening)}
    values |= {"locked": row(), "current": row(), "coming": np.zeros((1, 7), np.int64)}
    for name, value in given.items():
        values[name] = value if isinstance(value, np.ndarray) else np.array([value])
    if "current" not in given and "locked" in given:
        values["current"] = values["locked"]
    return Opening(**values)


def cash(premiums: int = 0, acquisition: int = 0, refunds: int = 0) -> Cash:
    return Cash(np.array([premiums]), np.array([acquisition]), np.array([refunds]))


def valued(**given: Any) -> Valued:
    values: dict[str, Any] = {
        "locked": row().astype(float),
        "new": row().astype(float),
        "coming": np.zeros((1, 7)),
        "first": np.zeros((1, 7)),
        "units": np.array([1e9]),
        "unearned": np.zeros(1),
        "earned": np.zeros(1),
        "left": np.zeros(1),
        "rate": np.array([0.03]),
        "contracts": np.array([1]),
    }
    values |= given
    values.setdefault("current", values["locked"])
    values.setdefault("kept", values["locked"])
    values["month"] = (1 + np.asarray(values.pop("rate"))) ** (1 / 12) - 1
    values.setdefault("own", values["month"])
    return Valued(**{k: np.asarray(v) for k, v in values.items()})


def steps(measured: Measured, estimate: str, kind: str = "", basis: str = "C") -> dict[str, int]:
    return {
        fact.step: int(values[0])
        for fact, values in measured.facts.items()
        if fact[:3] == (estimate, kind, basis)
    }


def check(measured: Measured) -> None:
    for key, miss in footing(measured.facts).items():
        assert not miss.any(), key
    csm, lc = steps(measured, "CSM"), steps(measured, "LC")
    assert lc["CLOSING"] >= 0
    if csm:
        assert csm["CLOSING"] >= 0
        assert not (csm["CLOSING"] and lc["CLOSING"])


def booked(start: Opening, flows: Cash, moves: dict[str, int]) -> dict[str, int]:
    """Return the balances that the posting rules make, by account (credit positive)."""
    m = {name: moves.get(name, 0) for name in ALL}
    lc, csm, ra = int(start.lc[0]), int(start.csm[0]), int(start.current[0, Kind.RISK])
    acq = int(start.acq[0])
    bel = int(start.current[0, :5].sum()) - lc + acq
    paid, refunds = int(flows.acquisition[0]), int(flows.refunds[0])
    return {
        "2110": bel
        + int(flows.premiums[0])
        - refunds
        - m["REVENUE_CLAIMS"]
        - m["REVENUE_EXPENSES"]
        - m["REVENUE_ACQUISITION"]
        + m["FINANCE_BEL"]
        + m["RATES_BEL_PL"]
        + m["RATES_BEL_OCI"]
        - m["CSM_NEW"]
        - m["CSM_FUTURE"]
        - m["RISK_NEW"]
        - m["RISK_FUTURE"]
        + m["LOSS_RISK"]
        + m["ROUNDING"],
        "2120": -acq - paid + m["ACQUISITION_AMORTISED"],
        "2130": csm + m["CSM_NEW"] + m["CSM_FUTURE"] + m["FINANCE_CSM"] - m["REVENUE_CSM"],
        "2140": lc + m["LOSS_NEW"] + m["LOSS_FUTURE"] + m["FINANCE_LOSS"] - m["LOSS_RELEASED"],
        "2170": ra
        + m["RISK_NEW"]
        + m["RISK_FUTURE"]
        + m["FINANCE_RISK"]
        + m["RATES_RISK_PL"]
        + m["RATES_RISK_OCI"]
        - m["REVENUE_RISK"]
        - m["LOSS_RISK"],
    }


ALL = [
    "REVENUE_CLAIMS",
    "REVENUE_EXPENSES",
    "REVENUE_ACQUISITION",
    "REVENUE_CSM",
    "REVENUE_RISK",
    "FINANCE_BEL",
    "FINANCE_CSM",
    "FINANCE_LOSS",
    "FINANCE_RISK",
    "RATES_BEL_PL",
    "RATES_BEL_OCI",
    "RATES_RISK_PL",
    "RATES_RISK_OCI",
    "CSM_NEW",
    "CSM_FUTURE",
    "RISK_NEW",
    "RISK_FUTURE",
    "LOSS_NEW",
    "LOSS_FUTURE",
    "LOSS_RELEASED",
    "LOSS_RISK",
    "ROUNDING",
    "ACQUISITION_AMORTISED",
]
