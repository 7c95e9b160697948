"""Assets as columns: read under lock, changed set-based."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from core.columns import Days, Ints, Keys, Won, as_column
from core.errors import DomainError
from core.events import MAX_ROWS
from investments.models import Asset
from investments.rules import bonds
from investments.rules.days import Floats

_FIELDS = (
    "asset_id",
    "asset_type",
    "classification",
    "status",
    "purchase_date",
    "purchase_price",
    "current_value",
    "face_value",
    "annual_rate",
    "maturity_date",
    "quantity",
    "day_count",
    "income_every",
    "income_anchor",
    "income_from",
    "accrued_interest",
    "effective_rate",
    "amortised_cost",
    "issue_date",
    "interest_from",
    "bought_interest",
    "cost_policy",
    "cost_held",
    "stage",
    "allowance",
)
_KINDS = {
    "purchase_price": "won",
    "current_value": "won",
    "accrued_interest": "won",
    "amortised_cost": "won",
    "face_value": "won",
    "income_every": "ints",
    "income_anchor": "ints",
    "purchase_date": "days",
    "maturity_date": "days",
    "income_from": "days",
    "issue_date": "days",
    "interest_from": "days",
    "bought_interest": "won",
    "cost_held": "won",
    "stage": "ints",
    "allowance": "won",
}


class NotHeld(DomainError):
    """The asset is not held: it is still on order, or it was sold."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Assets that are locked, in the order of their numbers; NaT and 0 where a fact is absent."""

    asset_id: Keys
    asset_type: Keys
    classification: Keys
    status: Keys
    purchase_date: Days
    purchase_price: Won
    current_value: Won
    face_value: Won
    annual_rate: Floats
    maturity_date: Days
    quantity: Keys
    day_count: Keys
    income_every: Ints
    income_anchor: Ints
    income_from: Days
    accrued_interest: Won
    effective_rate: Floats
    amortised_cost: Won
    issue_date: Days
    interest_from: Days
    bought_interest: Won
    cost_policy: Keys
    cost_held: Won
    stage: Ints
    allowance: Won

    def __len__(self) -> int:
        return len(self.asset_id)

    def take(self, mask: Any) -> Self:
        """Cut to a boolean or index array."""
        return type(self)(*(getattr(self, f.name)[mask] for f in fields(self)))


def lock(asset_ids: Iterable[str], *, status: str = "HELD") -> Rows:
    """Lock assets and read them; those that are not in ``status`` are left out."""
    found = (
        Asset.objects.select_for_update(of=("self",))
        .filter(asset_id__in=list(asset_ids), status=status)
        .order_by("asset_id")
        .values_list(*_FIELDS)
    )
    columns = list(zip(*found, strict=True)) or [()] * len(_FIELDS)
    return Rows(*(_column(n, c) for n, c in zip(_FIELDS, columns, strict=True)))


def lock_all(asset_ids: Sequence[str], *, status: str = "HELD") -> Rows:
    """Lock assets that must all be in ``status``.

    Raises:
        NotHeld: one of them is not, by its number.
    """
    rows = lock(asset_ids, status=status)
    missing = sorted(set(asset_ids) - set(rows.asset_id))
    if missing:
        raise NotHeld(
            _("%(asset)s is not held: it waits for approval, or it has been sold.")
            % {"asset": missing[0]}
        )
    return rows


def _column(name: str, values: Sequence[Any]) -> Any:
    if name in {"annual_rate", "effective_rate"}:
        return np.asarray([float(v) for v in values], dtype=np.float64)
    if name == "quantity":
        column = np.empty(len(values), dtype=object)
        column[:] = list(values)
        return column
    kind = _KINDS.get(name, "keys")
    if kind == "won":
        return as_column("won", [v or 0 for v in values])
    return as_column(kind, list(values))


def change(asset_ids: Keys, **columns: Any) -> None:
    """Write columns of many assets in one statement.

    Args:
        asset_ids: (n,) keys of locked assets.
        columns: column name → (n,) array, or one value for all. ``add_…`` adds to the column.
    """
    if not len(asset_ids):
        return
    arrays, sets = [], []
    types = {"income_from": "date", "interest_from": "date", "stage": "smallint"}
    for name, values in columns.items():
        target = name.removeprefix("add_")
        sets.append(f"{target} = " + (f"a.{target} + " if target != name else "") + f"v.{target}")
        column = values if isinstance(values, np.ndarray) else np.full(len(asset_ids), values)
        if column.dtype.kind == "M":
            column = np.datetime_as_string(column.astype("datetime64[D]"))
        arrays.append((target, types.get(target, "numeric"), column.tolist()))
    unnest = ", ".join(f"%s::{kind}[]" for _, kind, _ in arrays)
    names = ", ".join(target for target, _, _ in arrays)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE investment_assets a SET {', '.join(sets)}, updated_at = now()"  # noqa: S608
            f" FROM unnest(%s::text[], {unnest}) v(asset_id, {names})"
            " WHERE a.asset_id = v.asset_id",
            [asset_ids.tolist(), *(values for _, _, values in arrays)],
        )


def bonds_in(rows: Rows) -> bonds.Bonds:
    """Return locked bonds and loans as columns; interest runs from the first coupon we get."""
    start = np.where(np.isnat(rows.interest_from), rows.purchase_date, rows.interest_from)
    return bonds.Bonds(
        face=rows.face_value,
        annual_percent=rows.annual_rate,
        start=start.astype("datetime64[D]"),
        maturity=rows.maturity_date,
        every=rows.income_every,
        anchor=rows.income_anchor,
        day_count=rows.day_count,
    )


def batches(length: int) -> Iterator[slice]:
    """Cut a batch into parts that an event can carry."""
    for start in range(0, length, MAX_ROWS):
        yield slice(start, start + MAX_ROWS)
