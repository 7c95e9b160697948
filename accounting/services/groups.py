"""Groups of insurance contracts: portfolio × annual cohort, fixed when the first is issued."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounting.models import ContractGroup
from accounting.rules.groups import code_of, measurement_of
from core.columns import distinct
from core.errors import DomainError


class GroupConflict(DomainError):
    """A group is measured in one way only."""


def group_columns(columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Add ``group_code`` and ``measurement`` to the columns of a batch that knows the portfolio.

    Args:
        columns: with ``line`` and ``cohort_year`` where the facts belong to groups, and
            ``measurement`` where contracts are issued (a new group is measured that way).

    Raises:
        GroupConflict: contracts of another measurement than their group's are issued.
    """
    if "line" not in columns or "cohort_year" not in columns:
        return columns
    line, year = columns["line"], columns["cohort_year"]
    given = columns.get("measurement")
    first, index = distinct(line, year) if given is None else distinct(line, year, given)
    codes = [code_of(line[row], int(year[row])) for row in first]
    wanted = [None if given is None else str(given[row]) for row in first]
    known = _ensure(codes, wanted, [(line[row], int(year[row])) for row in first])
    for code, want in zip(codes, wanted, strict=True):
        if want and known[code] != want:
            raise GroupConflict(
                _(
                    "Group %(group)s is measured by %(has)s; contracts measured by %(want)s belong"
                    " to another portfolio (product line)."
                )
                % {"group": code, "has": known[code], "want": want}
            )
    code_column = np.empty(len(first), dtype=object)
    code_column[:] = codes
    measured = np.empty(len(first), dtype=object)
    measured[:] = [known[code] for code in codes]
    return {**columns, "group_code": code_column[index], "measurement": measured[index]}


def _ensure(
    codes: list[str], wanted: list[str | None], keys: list[tuple[str, int]]
) -> dict[str, str]:
    known = _known(codes)
    missing = {
        code: ContractGroup(
            group_code=code,
            line=line,
            cohort_year=year,
            measurement=want or measurement_of(line),
        )
        for code, want, (line, year) in zip(codes, wanted, keys, strict=True)
        if code not in known
    }
    if missing:
        ContractGroup.objects.bulk_create(missing.values(), ignore_conflicts=True)
        known = _known(codes)
    return known


def _known(codes: list[str]) -> dict[str, str]:
    found = ContractGroup.objects.filter(group_code__in=codes)
    return dict(found.values_list("group_code", "measurement"))
