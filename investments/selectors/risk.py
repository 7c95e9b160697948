"""Credit risk, limits and sensitivities, from what is held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from core.columns import as_column
from investments.models import (
    Asset,
    Counterparty,
    CreditRating,
    LimitBasis,
    LimitBreach,
)
from investments.rules import bonds, credit, duration, limits

from .holdings import Holdings

_DATA = Path(__file__).resolve().parent.parent / "data" / "credit.json"
DEBT = ("BOND", "LOAN")


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """Parameters of expected credit losses in force on a day."""

    version: int
    start: date
    note: str
    parameters: credit.Parameters
    unrated: dict[str, str]


@cache
def _shipped() -> list[CreditTerms]:
    rows = json.loads(_DATA.read_text(encoding="utf-8"))
    found = []
    for row in rows:
        parameters = credit.Parameters(
            pd=row["pd"],
            lgd=row["lgd"],
            notches=row["notches"],
            low_risk=row["low_risk"],
            past_due_days=row["past_due_days"],
            default_days=row["default_days"],
        )
        faults = parameters.faults()
        if faults:
            raise ValueError(f"credit.json, version {row['version']}: {', '.join(faults)}")
        found.append(
            CreditTerms(
                row["version"],
                date.fromisoformat(row["start"]),
                row["note"],
                parameters,
                row["unrated"],
            )
        )
    return sorted(found, key=lambda terms: terms.start)


def credit_terms(on: date) -> CreditTerms:
    """Return the parameters in force on a day: the latest that began by then."""
    return [terms for terms in _shipped() if terms.start <= on][-1]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a debt stood when it was bought, and stands now."""

    then: str
    now: str
    past_due: int


def standings(assets: Sequence[tuple[str, str, str]], on: date) -> dict[str, Standing]:
    """Return how debts stand on a day, by asset.

    Args:
        assets: (number, kind, issuer) of each.
        on: the day; the first rating stands for the purchase. A debt that was never rated has
            the grade that the parameters give to its kind.
    """
    unrated = credit_terms(on).unrated
    keys = [asset_id for asset_id, _, _ in assets]
    ratings: dict[str, list[tuple[str, int]]] = {}
    rows = CreditRating.objects.filter(asset_id__in=keys, rated_on__lte=on)
    for key, grade, late in rows.order_by("rated_on").values_list(
        "asset_id", "grade", "days_past_due"
    ):
        ratings.setdefault(key, []).append((grade, late))
    found = {}
    for key, kind, issuer in assets:
        usual = unrated["PUBLIC"] if issuer in limits.PUBLIC else unrated[kind]
        mine = ratings.get(key, [(usual, 0)])
        found[key] = Standing(mine[0][0], mine[-1][0], mine[-1][1])
    return found


def counterparties() -> dict[str, limits.Counterparty]:
    """Return what is known about issuers and borrowers, by name."""
    rows = Counterparty.objects.values_list("party_name", "group_name", "relation", "spread")
    return {name: limits.Counterparty(group, rel, spread) for name, group, rel, spread in rows}


def limit_basis(on: date) -> limits.Basis | None:
    """Return all assets and the equity of the last month that the books stated by a day."""
    row = LimitBasis.objects.filter(stated_on__lte=on).order_by("-period").first()
    return limits.Basis(int(row.assets), int(row.equity)) if row else None


def limit_uses(
    held: Holdings, *, extra: Iterable[tuple[str, str, int, bool]] = ()
) -> list[limits.LimitUse]:
    """Return the use of the statutory limits by what is held.

    They are measured against all assets of the last month that was closed; before the first
    close against the investments, which are fewer, so that the shares are on the cautious side.

    Args:
        held: what is held.
        extra: (kind, issuer, won, foreign) of what might be bought as well.
    """
    more = list(extra)
    value = as_column("won", [*held.value.tolist(), *(amount for _, _, amount, _ in more)])
    abroad = dict(Asset.objects.filter(foreign=True).values_list("asset_id", "foreign"))
    foreign = [bool(abroad.get(key)) for key in held.asset_id] + [f for _, _, _, f in more]
    basis = limit_basis(held.on) or limits.Basis(int(value.sum() + held.accrued.sum()))
    return limits.limits(
        asset_type=as_column("keys", [*held.asset_type, *(kind for kind, _, _, _ in more)]),
        issuer=as_column("keys", [*held.issuer, *(issuer for _, issuer, _, _ in more)]),
        value=value,
        basis=basis,
        parties=counterparties(),
        foreign=np.asarray(foreign, dtype=bool),
    )


def open_breaches() -> list[LimitBreach]:
    """Return the breaches that stand, the one to cure first at the top."""
    return list(LimitBreach.objects.filter(status="OPEN").order_by("cure_by", "code"))


@dataclass(frozen=True, slots=True)
class Debts:
    """Held bonds and loans in columns, with their payments and yields on a day.

    ``rate`` is what makes the payments worth the carrying amount with accrued interest.
    """

    asset_id: list[str]
    name: list[str]
    classification: list[str]
    terms: bonds.Bonds
    payments: bonds.Payments
    on: np.ndarray
    rate: np.ndarray


def debts(on: date, *, held: Holdings) -> Debts:
    """Return the bonds and loans that were held at the end of a day."""
    worth = dict(zip(held.asset_id, (held.value + held.accrued).tolist(), strict=True))
    rows = [
        row
        for row in Asset.objects.filter(pk__in=list(worth), asset_type__in=DEBT).order_by("pk")
        if row.maturity_date and row.maturity_date > on
    ]
    columns = bonds_of(rows)
    flows = bonds.payments(columns)
    days = np.full(len(rows), np.datetime64(on, "D"))
    price = np.asarray([float(worth[row.pk]) for row in rows])
    rate = bonds.yields(flows, price=price, on=days)
    coupon = columns.annual_percent / 100.0
    return Debts(
        [row.pk for row in rows],
        [row.asset_name for row in rows],
        [row.classification for row in rows],
        columns,
        flows,
        days,
        np.where(np.isnan(rate), coupon, rate),
    )


def bonds_of(rows: Sequence[Asset]) -> bonds.Bonds:
    """Return bonds and loans as columns; their interest runs from the first coupon we get."""
    start = [row.interest_from or row.purchase_date for row in rows]
    return bonds.Bonds(
        face=as_column("won", [row.face_value or 0 for row in rows]),
        annual_percent=np.asarray([float(row.annual_rate) for row in rows]),
        start=np.asarray(start, dtype="datetime64[D]"),
        maturity=np.asarray([row.maturity_date for row in rows], dtype="datetime64[D]"),
        every=np.asarray([row.income_every for row in rows], dtype=np.int64),
        anchor=np.asarray([row.income_anchor for row in rows], dtype=np.int64),
        day_count=as_column("keys", [row.day_count for row in rows]),
    )


def sensitivities(found: Debts) -> duration.Sensitivity:
    """Return duration, convexity and key-rate durations of each bond and loan."""
    return duration.sensitivity(found.payments, on=found.on, rate=found.rate)


def cash_by_month(on: date, *, held: Holdings) -> dict[str, int]:
    """Return the interest and repayments that bonds and loans bring after a day, by month, won."""
    found = debts(on, held=held)
    due = found.payments.day > np.datetime64(on, "D")
    months = found.payments.day[due].astype("datetime64[M]")
    names, index = np.unique(months, return_inverse=True)
    sums = np.zeros(len(names), dtype=np.int64)
    np.add.at(sums, index, found.payments.amount[due])
    return {str(name): int(total) for name, total in zip(names, sums, strict=True)}
