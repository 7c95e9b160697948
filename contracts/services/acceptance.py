"""Accepted applications become contracts: their people, their premium, their dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.models import Contract
from contracts.selectors import sums_assured_of
from core.columns import as_column
from products import api as products
from sales.api import ApplicationInfo

from .customers import NewCustomers, customers_for
from .issue import IssuedContracts, NewContracts, issue

EXTRA = "extra_percent"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one application."""

    application: ApplicationInfo
    result: str
    reasons: Sequence[Mapping[str, Any]]
    rule_id: int
    loading_percent: int = 0
    exclusion: str = ""


def risk_columns(
    product_code: str, number: int, applications: Sequence[ApplicationInfo]
) -> dict[str, NDArray[Any]]:
    """Return what the rules are asked with: the application, its answers, and what is held already.

    Unanswered questions take the default that the product declares.
    """
    held = sums_assured_of([one.rrn_hash for one in applications], product_code)
    offer = products.offer(product_code, number)
    per_year = 12 if 12 in offer.payments_per_year else offer.payments_per_year[0]
    columns: dict[str, NDArray[Any]] = {
        "age": np.array([one.insurance_age for one in applications], np.int64),
        "sex": np.array([one.sex for one in applications], dtype=object),
        "term_months": np.array([one.term_months for one in applications], np.int64),
        "pay_months": np.array([one.pay_months for one in applications], np.int64),
        "per_year": np.full(len(applications), per_year, np.int64),
        "sum_assured": np.array([int(one.sum_assured) for one in applications], np.int64),
        "job_class": np.array([one.job_class for one in applications], np.int64),
        "existing_sum": np.array([held.get(one.rrn_hash, 0) for one in applications], np.int64),
    }
    for entry in offer.inputs:
        name = entry["name"]
        if name not in columns:
            columns[name] = np.asarray(
                [one.disclosures.get(name, entry["default"]) for one in applications]
            )
    return columns


def issue_accepted(accepted: Sequence[Decision], *, business_date: date) -> IssuedContracts:
    """Issue accepted applications.

    Cover begins with the first premium, taken with the application, so the contract is dated by
    the application (상법 §638의2③, §656). A loading changes the premium: that offer is accepted by
    paying it, so the contract is dated today and waits for its first premium.
    """
    people = [one.application for one in accepted]
    premium = np.array([int(one.premium_amount) for one in people], np.int64)
    rating = np.array([one.rating_id for one in people], np.int64)
    loaded = np.array([one.loading_percent > 0 for one in accepted])
    _load(accepted, loaded, premium, rating)
    paid = np.array([one.initial_premium_paid for one in people]) & ~loaded
    applied = np.array([one.applied_on for one in people], "datetime64[D]")
    versions = {
        key: products.version(*key).pk for key in {(p.product_code, p.version) for p in people}
    }
    return issue(
        NewContracts.of(
            version_id=[versions[one.product_code, one.version] for one in people],
            customer_id=customers_for(_persons(people)),
            agent_id=[one.agent_id for one in people],
            contract_date=np.where(paid, applied, np.datetime64(business_date, "D")),
            uw_result=[one.result for one in accepted],
            application_id=[one.application_id for one in people],
            premium=premium,
            rating_id=rating,
            sum_assured=[int(one.sum_assured) for one in people],
            insurance_age=[one.insurance_age for one in people],
            sex=[one.sex for one in people],
            term_months=[one.term_months for one in people],
            pay_months=[one.pay_months for one in people],
            frequency=[_frequency(one.product_code, one.version) for one in people],
            loading_percent=[one.loading_percent for one in accepted],
            received=np.where(paid, premium, 0),
            external_key="",
        ),
        business_date=business_date,
    )


def _frequency(product_code: str, number: int) -> str:
    monthly = 12 in products.offer(product_code, number).payments_per_year
    return (Contract.Frequency.MONTHLY if monthly else Contract.Frequency.SINGLE).value


def _load(
    accepted: Sequence[Decision],
    loaded: NDArray[np.bool_],
    premium: NDArray[np.int64],
    rating: NDArray[np.int64],
) -> None:
    """Replace premium and rating of the loaded rows by those of the product with the extra."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(loaded).tolist():
        one = accepted[row].application
        groups[one.product_code, one.version].append(row)
    for (code, number), rows in groups.items():
        columns = risk_columns(code, number, [accepted[row].application for row in rows])
        columns[EXTRA] = np.array([accepted[row].loading_percent for row in rows], np.int64)
        rated = products.rate(code, number, columns)
        premium[rows], rating[rows] = rated.premiums, rated.rating_ids


def _persons(people: Sequence[ApplicationInfo]) -> NewCustomers:
    return NewCustomers(
        name=as_column("keys", [one.applicant_name for one in people]),
        rrn_hash=as_column("keys", [one.rrn_hash for one in people]),
        rrn_cipher=[one.rrn_cipher for one in people],
        rrn_mask=as_column("keys", [one.rrn_mask for one in people]),
        birth_date=as_column("days", [one.birth_date for one in people]),
        sex=as_column("keys", [one.sex for one in people]),
        job_code=as_column("keys", [one.job_code for one in people]),
        phone=as_column("keys", [one.phone for one in people]),
        address=as_column("keys", [one.address for one in people]),
    )
