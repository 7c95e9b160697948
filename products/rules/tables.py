"""Rate tables: annual probabilities by age and sex, read from package data and checked."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIRECTORY = Path(__file__).resolve().parent.parent / "data" / "tables"
SEXES = ("male", "female")

Floats = NDArray[np.float64]


class BadTable(ValueError):
    """A rate table cannot be used; the text names the table and the age."""


@dataclass(frozen=True)
class RateTable:
    """Annual rates of one risk.

    Attributes:
        table_id: name by which rules refer to the table.
        first_age: age of the first column of ``q``.
        q: (2, ages) annual probability, male first; NaN beyond the last age of a sex.
        open_ended: the last rate stands for all older ages.
        names: display name by language code.
        source: law or statistic that published the figures.
        provenance: where the figures were read.
    """

    table_id: str
    first_age: int
    q: Floats
    open_ended: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    provenance: str = ""

    @property
    def last_age(self) -> tuple[int, int]:
        """Last age with a rate of its own, male and female."""
        counts = (~np.isnan(self.q)).sum(axis=1)
        return self.first_age + int(counts[0]) - 1, self.first_age + int(counts[1]) - 1

    @property
    def closed(self) -> bool:
        """Whether both sexes end with a certain event (q = 1)."""
        return all(
            self.q[sex, last - self.first_age] == 1.0 for sex, last in enumerate(self.last_age)
        )

    def rates(self, length: int) -> Floats:
        """Return the rates of ages 0 to ``length`` − 1.

        Args:
            length: number of ages wanted.

        Returns:
            (2, length) annual probability. Zero below the first age; beyond the last age 1 for a
            closed table and the last rate for an open-ended one.

        Raises:
            BadTable: the table ends before the age wanted and says nothing of older ages.
        """
        full = np.zeros((2, length))
        for sex, last in enumerate(self.last_age):
            own = self.q[sex, : last - self.first_age + 1]
            stop = min(length, last + 1)
            full[sex, self.first_age : stop] = own[: max(0, stop - self.first_age)]
            if length > last + 1:
                if not (self.open_ended or own[-1] == 1.0):
                    msg = f"{self.table_id}: no {SEXES[sex]} rate at age {last + 1}."
                    raise BadTable(msg)
                full[sex, last + 1 :] = own[-1]
        return full


def parse(table_id: str, rows: Iterable[Mapping[str, str]], **about: object) -> RateTable:
    """Build a table from rows of text and refuse what cannot be a rate table.

    Args:
        table_id: name of the table, used in refusals.
        rows: mappings with ``age``, ``male`` and ``female``; a blank rate ends that sex.
        about: the remaining fields of `RateTable`.

    Raises:
        BadTable: no rows, an age that is missing, repeated or out of order, a rate that is not a
            number, is negative, is above 1, or follows the end of its sex.
    """
    ages: list[int] = []
    columns: tuple[list[float], list[float]] = ([], [])
    for row in rows:
        age = int(row["age"])
        if ages and age != ages[-1] + 1:
            reason = "is out of order" if age <= ages[-1] else f"follows {ages[-1]} with a gap"
            msg = f"{table_id}: age {age} {reason}."
            raise BadTable(msg)
        ages.append(age)
        for sex, column in zip(SEXES, columns, strict=True):
            column.append(_rate(table_id, age, sex, row[sex], column))
    if not ages:
        msg = f"{table_id}: the table has no rows."
        raise BadTable(msg)
    return RateTable(table_id=table_id, first_age=ages[0], q=np.array(columns), **about)  # type: ignore[arg-type]


def _rate(table_id: str, age: int, sex: str, text: str, before: list[float]) -> float:
    """Return one rate, NaN for a blank, refusing impossible ones."""
    if not text.strip():
        if not before:
            msg = f"{table_id}: no {sex} rate at the first age {age}."
            raise BadTable(msg)
        return float("nan")
    try:
        rate = float(text)
    except ValueError:
        msg = f"{table_id}: the {sex} rate at age {age} is not a number: {text!r}."
        raise BadTable(msg) from None
    if before and np.isnan(before[-1]):
        msg = f"{table_id}: the {sex} rate at age {age} follows a gap."
        raise BadTable(msg)
    if not 0.0 <= rate <= 1.0:
        msg = f"{table_id}: the {sex} rate at age {age} is {rate}, not between 0 and 1."
        raise BadTable(msg)
    return rate


def read(path: Path, table_id: str, **about: object) -> RateTable:
    """Read a table from a CSV file with the columns age, male, female.

    Raises:
        BadTable: as `parse`.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return parse(table_id, csv.DictReader(file), **about)


@cache
def index() -> dict[str, dict[str, object]]:
    """Return what is known of each shipped table, by table id."""
    return json.loads((DIRECTORY / "INDEX.json").read_text(encoding="utf-8"))


@cache
def load(table_id: str) -> RateTable:
    """Return a shipped table by id.

    Raises:
        BadTable: there is no such table, or it is not sound.
    """
    try:
        about = index()[table_id]
    except KeyError:
        msg = f"There is no rate table named {table_id}."
        raise BadTable(msg) from None
    return read(
        DIRECTORY / str(about["file"]),
        table_id,
        open_ended=bool(about["open_ended"]),
        names=about["name"],
        source=about["source"],
        provenance=about["provenance"],
    )
