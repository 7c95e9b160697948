"""How long a measurement run takes: 100,000 contracts in 100 groups, calculated and written."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from django.db import transaction

from bench import portfolio
from bench.harness import Contest

CONTRACTS = 100_000
DAY = date(2026, 4, 30)
LONG, SHORT = ("TERM01", "WHOLE01", "CANCER01"), ("DRIVER01", "MOTOR01")
COHORTS = {True: 30, False: 5}
"""Years of issue of long and of short contracts: 3 × 30 + 2 × 5 = 100 groups."""


def contests() -> list[Contest]:
    """Return the contest of a run; what it writes is taken back."""
    return [
        Contest(
            name="measurement",
            unit="contracts",
            contestants={"calculation": calculated, "run, written and read again": written},
            prepare=_prepare,
            target="seconds of a run of 100 groups and 100,000 contracts; rows and memory below",
            verdict=verdict,
        )
    ]


def _prepare() -> None:
    portfolio.found()
    calculated()  # compile, and read the products


def calculated() -> int:
    """Calculate the run from its inputs."""
    from accounting.selectors.calculation import calculate

    calculate(given())
    return CONTRACTS


def written() -> int:
    """Calculate the run, write archive, facts and flows with all guards on, and take it back."""
    from accounting.models import ContractGroup
    from accounting.selectors.calculation import calculate
    from accounting.services import measuring, periods
    from core.acting import acting

    began = time.perf_counter()
    with acting("bench"), transaction.atomic():
        known = set(ContractGroup.objects.values_list("pk", flat=True))
        ContractGroup.objects.bulk_create(
            ContractGroup(group_code=code, line=line, cohort_year=year, measurement=model)
            for code, line, year, model in given().groups
            if code not in known
        )
        period = periods.open_for(DAY)
        run = measuring.keep(period, "BOOKS", given(), calculate(given()), began=began)
        found["facts"], found["flows"] = run.facts.count(), run.flows.count()
        transaction.set_rollback(True)
    return CONTRACTS


found: dict[str, int] = {}


def verdict() -> Sequence[str]:
    """Say how many rows a run writes, and the most memory that this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    groups = len(given().groups)
    return [
        f"{groups} groups, {found['facts']:,} facts and {found['flows']:,} rows of flows a run",
        f"peak memory of the process: {peak:,} MiB",
    ]


@cache
def given() -> Any:
    """Return the inputs of the run: contracts spread over groups, ages, terms and sums."""
    from accounting.models import AssumptionSet, YieldCurve
    from accounting.rules.flows import KINDS
    from accounting.rules.monthly import Cash, Opening
    from accounting.selectors import curves
    from accounting.selectors.held import NONE
    from accounting.selectors.inputs import Inputs
    from products import api as products

    rng = np.random.default_rng(7)
    sold = {code: products.sellable(code, DAY) for code in (*LONG, *SHORT)}
    groups = []
    for code, version in sold.items():
        for year in range(DAY.year, DAY.year - COHORTS[code in LONG], -1):
            group = f"{version.line}-{year}"
            groups.append((group, version.line, year, version.measurement, version.pk))
    groups.sort()
    place = rng.integers(0, len(groups), CONTRACTS)
    chosen = AssumptionSet.objects.filter(status="ACTIVE", period__contains=DAY).get()
    none = np.zeros(len(groups), np.int64)
    wide = {"locked": 6, "current": 6, "coming": KINDS}
    return Inputs(
        period=f"{DAY:%Y-%m}",
        day=DAY,
        groups=[group[:4] for group in groups],
        rates={group[0]: 0.03 for group in groups},
        locks={group[0]: [] for group in groups},
        known={},
        curves={},
        version=chosen.version,
        values=chosen.values,
        curve=curves.inputs(YieldCurve.objects.filter(status="ACTIVE").latest("base_date")),
        opening=Opening(
            **{
                f.name: np.zeros((len(groups), wide[f.name]), np.int64) if f.name in wide else none
                for f in fields(Opening)
            }
        ),
        cash=Cash(none, none, none),
        case=none,
        claims=np.zeros((3, len(groups)), np.int64),
        contracts=_contracts(rng, groups, place),
        held=NONE,
        seen={name: np.zeros(0, np.int64) for name in ("origin", "month", "amount")}
        | {"line": np.zeros(0, object)},
    )


def _contracts(rng: np.random.Generator, groups: list[Any], place: Any) -> dict[str, Any]:
    """Return the columns of the contracts, each in the group of its place."""
    lines = np.array([group[1] for group in groups], object)[place]
    years = np.array([group[2] for group in groups], np.int64)[place]
    model = np.array([group[3] for group in groups], object)[place]
    months = np.where(years == DAY.year, rng.integers(0, 4, CONTRACTS), 0)
    months += np.where(years < DAY.year, rng.integers(0, 12, CONTRACTS), 0)
    starts = ((years - 1970) * 12 + months).astype("datetime64[M]").astype("datetime64[D]")
    short = model == "PAA"
    whole = lines == "WHOLE"
    term = np.where(short, 12, np.where(whole, 0, 480))
    premium = np.where(short, 0, rng.integers(20, 90, CONTRACTS) * 1_000) + 12_000
    return {
        "group": np.array([group[0] for group in groups], object)[place],
        "contract_id": np.array([f"CON-{n:07d}" for n in range(CONTRACTS)], object),
        "version_id": np.array([group[4] for group in groups], np.int64)[place],
        "line": lines,
        "cohort_year": years,
        "contract_date": starts + rng.integers(0, 28, CONTRACTS),
        "coverage_end": np.full(CONTRACTS, np.datetime64("NaT"), "datetime64[D]"),
        "insurance_age": rng.integers(20, 55, CONTRACTS),
        "sex": np.array(["M", "F"], object)[rng.integers(0, 2, CONTRACTS)],
        "sum_assured": rng.integers(1, 21, CONTRACTS) * 10_000_000,
        "premium": premium,
        "term_months": term,
        "total_instalments": np.where(short, 12, np.where(whole, 240, 480)),
        "loading_percent": np.zeros(CONTRACTS, np.int64),
    }
