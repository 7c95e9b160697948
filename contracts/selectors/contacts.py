"""Contracts and customers in columns, for stages that compare many of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contracts import rules
from core.bulk import read_columns
from core.columns import Days, Flags, Ints, Keys, Won


@dataclass(frozen=True, slots=True)
class ContractColumns:
    """Contracts, (n,) each; ``premium`` per instalment and ``sum_assured`` in won."""

    contract_id: Keys
    coverage_start: Days
    contract_date: Days
    sum_assured: Won
    premium: Won
    insurance_age: Ints
    term_months: Ints
    male: Flags


@dataclass(frozen=True, slots=True)
class ContactPoints:
    """By what customers can be recognised, (n,) each; an empty text is unknown.

    ``person`` is the index of the resident number, never the number.
    """

    person: Keys
    phone: Keys
    address: Keys


def contract_columns(contract_ids: Keys) -> ContractColumns:
    """Return contracts in the order asked, repeated as they were asked.

    Raises:
        KeyError: one of them does not exist.
    """
    wanted, index = np.unique(np.asarray(contract_ids, dtype=object), return_inverse=True)
    found = read_columns(
        "SELECT contract_id, coverage_start, contract_date, sum_assured::bigint,"
        " premium_amount::bigint, insurance_age, term_months, sex = 'M' FROM contracts"
        ' WHERE contract_id = ANY(%s) ORDER BY contract_id COLLATE "C"',
        [wanted.tolist()],
        contract_id="keys",
        coverage_start="days",
        contract_date="days",
        sum_assured="won",
        premium="won",
        insurance_age="ints",
        term_months="ints",
        male="flags",
    )
    if len(found["contract_id"]) != len(wanted):
        raise KeyError(sorted(set(wanted.tolist()) - set(found["contract_id"].tolist()))[:5])
    return ContractColumns(**{name: column[index] for name, column in found.items()})


@dataclass(frozen=True, slots=True, eq=False)
class SoldTerms:
    """On which terms contracts were sold, (n,) each; ``version_id`` 0: there is no such contract.

    ``total_instalments`` is how many premiums fall due in all, ``loading_percent`` the extra on
    the cost of risk.
    """

    version_id: Ints
    total_instalments: Ints
    loading_percent: Ints


def sold_terms(contract_ids: Keys) -> SoldTerms:
    """Return the terms of contracts in the order asked; unknown numbers have version 0."""
    found = read_columns(
        "SELECT c.version_id, c.frequency, c.pay_months, c.term_months, c.loading_percent::bigint"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS a(id, row)"
        " LEFT JOIN contracts c ON c.contract_id = a.id ORDER BY a.row",
        [contract_ids.tolist()],
        version_id="ints",
        frequency="keys",
        pay_months="ints",
        term_months="ints",
        loading_percent="ints",
    )
    return SoldTerms(
        version_id=found["version_id"],
        total_instalments=rules.instalments(
            found["frequency"], found["pay_months"], found["term_months"]
        ),
        loading_percent=found["loading_percent"],
    )


def contact_points(customer_ids: Ints) -> ContactPoints:
    """Return the contact points of customers in the order asked."""
    found = read_columns(
        "SELECT c.rrn_hash, c.phone, c.address FROM unnest(%s::bigint[])"
        " WITH ORDINALITY AS a(id, row) JOIN customers c ON c.customer_id = a.id ORDER BY a.row",
        [customer_ids.tolist()],
        person="keys",
        phone="keys",
        address="keys",
    )
    return ContactPoints(**found)


def new_contracts(customer_ids: Ints, frm: Days, to: Days, recorded: Ints | None = None) -> Ints:
    """Count the contracts of customers with a contract date in (frm, to], row by row.

    Args:
        customer_ids: (n,) customers.
        frm: (n,) days, not included.
        to: (n,) days, included.
        recorded: (n,) only what was written down by then, microseconds since 1970 UTC; -1 or
            None: all.
    """
    known = np.full(len(customer_ids), -1, dtype=np.int64) if recorded is None else recorded
    found = read_columns(
        "SELECT (SELECT count(*) FROM contracts k WHERE k.customer_id = a.id"
        " AND k.contract_date > a.frm AND k.contract_date <= a.until AND (a.recorded < 0"
        " OR k.created_at <= 'epoch'::timestamptz + a.recorded * interval '1 microsecond'))"
        " FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::bigint[])"
        " WITH ORDINALITY AS a(id, frm, until, recorded, row) ORDER BY a.row",
        [
            customer_ids.tolist(),
            frm.astype(object).tolist(),
            to.astype(object).tolist(),
            known.tolist(),
        ],
        n="ints",
    )
    return np.asarray(found["n"], dtype=np.int64)
