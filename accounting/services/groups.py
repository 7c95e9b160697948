"""Groups of insurance contracts: portfolio × annual cohort × profitability, given at issue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounting.models import ContractGroup, GroupMember, ProfitabilityTest
from accounting.rules.groups import OTHER, code_of, measurement_of
from accounting.selectors import held, members, recognition
from accounting.selectors.recognition import Basis, Found
from contracts import api as contracts
from contracts.events import ContractsIssued
from core.bulk import copy_rows
from core.columns import Keys, distinct
from core.errors import DomainError

Columns = dict[str, NDArray[Any]]
CURRENCY = "KRW"
_ABOUT = ("line", "cohort_year", "measurement", "product_code", "version")


class GroupConflict(DomainError):
    """A group is measured in one way only."""


def group_columns(columns: Columns) -> Columns:
    """Add ``group_code`` and ``measurement`` to the columns of a batch that knows the portfolio.

    Facts of a treaty belong to the group of that treaty.

    Args:
        columns: with ``line`` and ``cohort_year`` where the facts belong to groups, and
            ``measurement`` where contracts are issued (a new group is measured that way); or with
            ``treaty_code``.

    Raises:
        GroupConflict: contracts of another measurement than their group's are issued.
    """
    if "treaty_code" in columns:
        return _held_columns(columns)
    if "line" not in columns or "cohort_year" not in columns:
        return columns
    line, year, given = columns["line"], columns["cohort_year"], columns.get("measurement")
    codes = members.groups_of(columns["contract_id"], line, year)
    keys = [codes, line, year] if given is None else [codes, line, year, given]
    first, index = distinct(*keys)
    known = _ensure(
        _group(
            str(codes[row]),
            str(line[row]),
            int(year[row]),
            None if given is None else str(given[row]),
        )
        for row in first
    )
    measured = np.empty(len(first), dtype=object)
    measured[:] = [known[codes[row]] for row in first]
    return {**columns, "group_code": codes, "measurement": measured[index]}


def _held_columns(columns: Columns) -> Columns:
    codes = columns["treaty_code"]
    wanted = set(codes.tolist())
    known = _known(wanted)
    if wanted - set(known):
        ensure_held(date.max)
        known = _known(wanted)
    found, measured = np.empty(len(codes), dtype=object), np.empty(len(codes), dtype=object)
    found[:] = [code if code in known else "" for code in codes.tolist()]
    measured[:] = [known.get(code, "") for code in codes.tolist()]
    return {**columns, "group_code": found, "measurement": measured}


def ensure_held(on: date) -> None:
    """Make a group of each treaty that began by a day: reinsurance held is one treaty each.

    Source: IFRS 17.61 (a group may be a single contract).
    """
    covers = held.treaties(on)
    known = _known(cover.code for cover in covers)
    ContractGroup.objects.bulk_create(
        (
            ContractGroup(
                group_code=cover.code,
                kind=ContractGroup.Kind.HELD,
                line=cover.line,
                cohort_year=cover.start.year,
                currency=CURRENCY,
                measurement=cover.measurement,
            )
            for cover in covers
            if cover.code not in known
        ),
        ignore_conflicts=True,
    )


def assign(event: ContractsIssued) -> None:
    """Give contracts their group for good: every set of alike contracts is tested once.

    A portfolio that is not assumed cannot be tested and belongs to the remaining contracts; its
    month is not closed before it is assumed.

    Args:
        event: contracts as they are issued, before anything is booked on them.

    Raises:
        GroupConflict: contracts of another measurement than their group's are issued.

    Source: IFRS 17.14–24 (portfolio, cohort of at most a year, at least three groups by
    profitability), .24 (not reassessed).
    """
    terms = contracts.sold_terms(event.contract_id)
    sold = np.flatnonzero(terms.version_id > 0)
    if not len(sold):
        return
    columns: Columns = {
        name: getattr(terms if hasattr(terms, name) else event, name)[sold]
        for name in (*recognition.SET, *_ABOUT)
    }
    first, index = distinct(*(columns[name] for name in (*recognition.SET, "cohort_year")))
    sets = {name: column[first] for name, column in columns.items()}
    keys, results = _tested(sets, event.business_date)
    groups = [
        _group(code_of(str(line), int(year), result), str(line), int(year), str(measured), result)
        for line, year, measured, result in zip(
            sets["line"], sets["cohort_year"], sets["measurement"], results, strict=True
        )
    ]
    _ensure(groups)
    codes = np.empty(len(first), dtype=object)
    codes[:] = [group.group_code for group in groups]
    copy_rows(
        GroupMember,
        {
            "contract_id": event.contract_id[sold],
            "group": codes[index],
            "recognised_on": event.contract_date[sold],
            "test": keys[index],
        },
    )


def _tested(sets: Columns, day: date) -> tuple[Keys, list[str]]:
    """Return the tests of sets and what they found; those not made yet are made and kept."""
    keys = np.full(len(sets["line"]), "", dtype=object)
    on = recognition.basis(day)
    if on is None:
        return keys, [OTHER] * len(keys)
    assumed = set(on.chosen.values["lines"])
    lists = {name: column.tolist() for name, column in sets.items()}
    rows = [{name: values[n] for name, values in lists.items()} for n in range(len(keys))]
    keys[:] = [on.key(row) if row["line"] in assumed else "" for row in rows]
    tests = ProfitabilityTest.objects.filter(pk__in=set(keys.tolist()) - {""})
    known = {"": OTHER, **dict(tests.values_list("pk", "result"))}
    missing = [n for n, key in enumerate(keys) if key not in known]
    if missing:
        found = recognition.assess({k: v[missing] for k, v in sets.items()}, day, on)
        made = [_test(keys[n], rows[n], found, at, day, on) for at, n in enumerate(missing)]
        ProfitabilityTest.objects.bulk_create(made, ignore_conflicts=True)
        known |= {test.pk: test.result for test in made}
    return keys, [known[key] for key in keys]


def _test(
    key: str, row: dict[str, Any], found: Found, at: int, day: date, on: Basis
) -> ProfitabilityTest:
    return ProfitabilityTest(
        key=key,
        line=row["line"],
        currency=CURRENCY,
        product_code=row["product_code"],
        product_version=row["version"],
        sex=row["sex"],
        insurance_age=row["insurance_age"],
        term_months=row["term_months"],
        instalments=row["total_instalments"],
        sum_assured=row["sum_assured"],
        premium=row["premium"],
        loading_percent=row["loading_percent"],
        premiums=round(float(found.premiums[at]), 2),
        outflows=round(float(found.outflows[at]), 2),
        risk_adjustment=round(float(found.risk[at]), 2),
        fulfilment=round(float(found.fulfilment[at]), 2),
        worst=round(float(found.worst[at]), 2),
        result=found.result[at],
        assumption_set=on.chosen,
        curve=on.curve,
        tested_on=day,
    )


def _group(
    code: str, line: str, year: int, measured: str | None, result: str = OTHER
) -> ContractGroup:
    """Return a group as it would be made; ``measurement`` empty: as it is known."""
    return ContractGroup(
        group_code=code,
        line=line,
        cohort_year=year,
        profitability=result,
        currency=CURRENCY,
        measurement=measured or "",
    )


def _ensure(groups: Iterable[ContractGroup]) -> dict[str, str]:
    """Make the groups that are not there yet; return how each one is measured.

    Raises:
        GroupConflict: one is measured otherwise.
    """
    wanted = list(groups)
    codes = {group.group_code for group in wanted}
    known = _known(codes)
    missing = {g.group_code: g for g in wanted if g.group_code not in known}
    if missing:
        for group in missing.values():
            group.measurement = group.measurement or measurement_of(group.line)
        ContractGroup.objects.bulk_create(missing.values(), ignore_conflicts=True)
        known = _known(codes)
    for group in wanted:
        if group.measurement and known[group.group_code] != group.measurement:
            raise GroupConflict(
                _(
                    "Group %(group)s is measured by %(has)s; contracts measured by %(want)s belong"
                    " to another portfolio (product line)."
                )
                % {
                    "group": group.group_code,
                    "has": known[group.group_code],
                    "want": group.measurement,
                }
            )
    return known


def _known(codes: Iterable[str]) -> dict[str, str]:
    found = ContractGroup.objects.filter(group_code__in=list(codes))
    return dict(found.values_list("group_code", "measurement"))
