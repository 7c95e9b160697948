"""Straight-through business: proposals are checked, underwritten by rule, priced and issued.

Whoever stands between the applicant and the house (a partner, a batch) hands in proposals of one
product; each row becomes a contract through the ordinary ``issue``, or is refused with its reason.
What the rules would refer to a person is refused here: nobody waits at the other end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts.models import Contract, UnderwritingResult
from core.columns import Ints, Keys, Won, as_column
from core.privacy import Sealed
from products import api as products
from sales import api as sales
from sales.api import ApplicationInfo, NewApplications

from .acceptance import risk_columns
from .customers import NewCustomers, customers_for
from .issue import NewContracts, issue
from .underwriting import REFER, REJECT, by_rules

PASS = UnderwritingResult.PASS.value
_CODES = {
    "ON_SALE": "product_not_on_sale",
    "LIMIT": "not_eligible",
    "JOB": "job_unknown",
    "NAME": "name_missing",
    "BORN": "birth_date_impossible",
    "EXPLAINED": "terms_not_explained",
    "DISCLOSURE": "answer_missing",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposals:
    """Proposals for one product, in columns of equal length.

    Args:
        product_code: the product.
        agent_id: the seller.
        name, phone, address, job_code: of the applicants; phone and address may be empty.
        sealed: (n,) people from ``core.privacy``.
        sum_assured: won.
        term_months: 0 is whole of life.
        pay_months: premium payment period.
        answers: (n,) declared inputs and disclosures by code.
        explained: terms explained and delivered (상법 §638의3).
        premium: won agreed with the applicant; 0: not said.
        external_key: key in the seller's system, "" for none; it is used once.
    """

    product_code: str
    agent_id: str
    name: Keys
    phone: Keys
    address: Keys
    job_code: Keys
    sealed: Sequence[Sealed]
    sum_assured: Won
    term_months: Ints
    pay_months: Ints
    answers: Sequence[Mapping[str, Any]]
    explained: Sequence[bool]
    premium: Won
    external_key: Keys

    def __len__(self) -> int:
        return len(self.sealed)


@dataclass(frozen=True, slots=True)
class Declined:
    """Why one row did not become a contract."""

    row: int
    code: str
    reason: str


@dataclass(slots=True)
class Assessed:
    """What the rules say of proposals, before anything is issued.

    Attributes:
        version: the version on sale; None where there is none.
        declined: reasons against rows.
        rows: the accepted rows, in order.
        premium: won, one for each accepted row.
        rating_id: stored traces, one for each accepted row.
        age: insurance ages of all rows.
        single: whether one premium is paid for the whole term.
    """

    version: products.Version | None
    declined: list[Declined]
    rows: list[int] = field(default_factory=list)
    premium: Won = field(default_factory=lambda: np.zeros(0, np.int64))
    rating_id: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    age: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    single: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What became of a batch, row by row: ``contract_id`` is "" where it was declined."""

    contract_id: Keys
    premium: Won
    status: Keys
    declined: list[Declined]


def assess(batch: Proposals, *, business_date: date) -> Assessed:
    """Check, underwrite by rule and price proposals; only the traces of prices are written.

    Args:
        batch: 1 to 10,000 proposals.
        business_date: day of the proposal; ages and products hold for it.
    """
    found = _refused_at_the_door(batch, business_date)
    try:
        version = products.sellable(batch.product_code, business_date)
    except products.NotOnSale as refusal:
        text = str(refusal)
        return Assessed(
            None, [Declined(row, "product_not_on_sale", text) for row in range(len(batch))]
        )
    spoilt = {one.row for one in found}
    people = _people(batch, version, business_date)
    sound = [row for row in range(len(batch)) if row not in spoilt]
    assessed = Assessed(version, found, age=as_column("ints", [p.insurance_age for p in people]))
    assessed.single = (
        12 not in products.offer(batch.product_code, version.version).payments_per_year
    )
    if sound:
        _underwrite(assessed, [people[row] for row in sound], sound, version)
    return assessed


def _refused_at_the_door(batch: Proposals, on: date) -> list[Declined]:
    """What sales refuses: product, seller, occupation, answers and limits."""
    count = len(batch)
    asked = NewApplications(
        product_code=as_column("keys", [batch.product_code] * count),
        agent_id=as_column("keys", [batch.agent_id] * count),
        applicant_name=batch.name,
        sealed=batch.sealed,
        job_code=batch.job_code,
        sum_assured=batch.sum_assured,
        term_months=batch.term_months,
        pay_months=batch.pay_months,
        disclosures=batch.answers,
        explained=as_column("flags", batch.explained),
        initial_premium_paid=np.ones(count, bool),
    )
    return [
        Declined(one.row, _CODES.get(one.rule, "seller_barred"), str(one.reason))
        for one in sales.application_refusals(asked, on)
    ]


def _people(batch: Proposals, version: products.Version, on: date) -> list[ApplicationInfo]:
    classes = {job.code: job.job_class for job in sales.jobs()}
    age = products.insurance_age(
        born=as_column("days", [one.born for one in batch.sealed]), on=np.datetime64(on, "D")
    )
    return [
        ApplicationInfo(
            application_id="",
            product_code=batch.product_code,
            version=version.version,
            agent_id=batch.agent_id,
            applied_on=on,
            status="",
            applicant_name=str(batch.name[row]),
            rrn_hash=person.index,
            rrn_cipher=person.cipher,
            rrn_mask=person.mask,
            birth_date=person.born,
            sex=person.sex,
            phone=str(batch.phone[row]),
            address=str(batch.address[row]),
            job_code=str(batch.job_code[row]),
            job_class=classes.get(str(batch.job_code[row]), 1),
            insurance_age=int(age[row]),
            sum_assured=Decimal(int(batch.sum_assured[row])),
            term_months=int(batch.term_months[row]),
            pay_months=int(batch.pay_months[row]),
            premium_amount=Decimal(0),
            rating_id=0,
            disclosures=batch.answers[row],
            explained=bool(batch.explained[row]),
            initial_premium_paid=True,
            beneficiary_name="",
        )
        for row, person in enumerate(batch.sealed)
    ]


def _underwrite(
    assessed: Assessed,
    people: Sequence[ApplicationInfo],
    rows: Sequence[int],
    version: products.Version,
) -> None:
    code, number = version.product_code, version.version
    accepted: list[int] = []
    for place, decision in enumerate(by_rules(code, number, people)):
        if decision.result == PASS:
            accepted.append(place)
        else:
            assessed.declined.append(_said(rows[place], decision.result, decision.reasons))
    assessed.rows = [rows[place] for place in accepted]
    assessed.declined.sort(key=lambda one: one.row)
    if accepted:
        columns = risk_columns(code, number, [people[place] for place in accepted])
        rated = products.rate(code, number, columns)
        assessed.premium, assessed.rating_id = rated.premiums, rated.rating_ids


def _said(row: int, result: str, reasons: Sequence[Mapping[str, Any]]) -> Declined:
    language = (get_language() or "ko")[:2]
    texts = [one["text"].get(language) or one["text"]["ko"] for one in reasons]
    if result == REJECT:
        return Declined(row, "rejected", " ".join(texts) or _("The product rejects this risk."))
    lead = (
        _("An underwriter has to decide on this proposal.")
        if result == REFER
        else _("This proposal is accepted on conditions only.")
    )
    code = "referred" if result == REFER else "conditional"
    return Declined(row, code, " ".join([lead, *texts]))


@transaction.atomic
def bind(batch: Proposals, *, business_date: date) -> Bound:
    """Turn proposals into contracts whose first premium is received; leave the bad rows out.

    Args:
        batch: 1 to 10,000 proposals.
        business_date: accounting date and first day of the term.
    """
    assessed = assess(batch, business_date=business_date)
    declined = [*assessed.declined, *_known(batch), *_repriced(batch, assessed)]
    out = {one.row for one in declined}
    places = [place for place, row in enumerate(assessed.rows) if row not in out]
    count = len(batch)
    contract_id = as_column("keys", [""] * count)
    status = as_column("keys", [""] * count)
    premium = np.zeros(count, np.int64)
    if places:
        rows = np.array([assessed.rows[place] for place in places], np.int64)
        paid = assessed.premium[places]
        issued = issue(
            _contracts(batch, assessed, rows, places, business_date), business_date=business_date
        )
        contract_id[rows], status[rows], premium[rows] = issued.contract_id, issued.status, paid
    declined.sort(key=lambda one: one.row)
    return Bound(contract_id, premium, status, declined)


def known_external(keys: Iterable[str]) -> dict[str, str]:
    """Return the contracts that stand under keys of other systems already."""
    rows = Contract.objects.filter(external_key__in=[key for key in keys if key])
    return {str(key): number for key, number in rows.values_list("external_key", "contract_id")}


def _known(batch: Proposals) -> list[Declined]:
    keys = batch.external_key.tolist()
    taken = known_external(keys)
    text = _("%(key)s has contract %(contract)s already.")
    again = _("%(key)s stands in this batch already; the first one counts.")
    found, seen = [], set()
    for row, key in enumerate(keys):
        shown = key.partition(":")[2] or key
        if key in taken:
            found.append(
                Declined(row, "external_id_known", text % {"key": shown, "contract": taken[key]})
            )
        elif key and key in seen:
            found.append(Declined(row, "external_id_duplicate", again % {"key": shown}))
        seen.add(key)
    return found


def _repriced(batch: Proposals, assessed: Assessed) -> list[Declined]:
    text = _("The premium is %(now)s won, not %(said)s won; quote again.")
    return [
        Declined(row, "premium_changed", text % {"now": f"{now:,}", "said": f"{said:,}"})
        for row, now in zip(assessed.rows, assessed.premium.tolist(), strict=True)
        if (said := int(batch.premium[row])) and said != now
    ]


def _contracts(
    batch: Proposals, assessed: Assessed, rows: Ints, places: Sequence[int], on: date
) -> NewContracts:
    people = [batch.sealed[row] for row in rows.tolist()]
    assert assessed.version is not None, "rows are accepted for a version on sale"
    customers = NewCustomers(
        name=batch.name[rows],
        rrn_hash=as_column("keys", [one.index for one in people]),
        rrn_cipher=[one.cipher for one in people],
        rrn_mask=as_column("keys", [one.mask for one in people]),
        birth_date=as_column("days", [one.born for one in people]),
        sex=as_column("keys", [one.sex for one in people]),
        job_code=batch.job_code[rows],
        phone=batch.phone[rows],
        address=batch.address[rows],
    )
    premium = assessed.premium[list(places)]
    frequency = Contract.Frequency.SINGLE if assessed.single else Contract.Frequency.MONTHLY
    return NewContracts.of(
        version_id=np.full(len(rows), assessed.version.pk),
        customer_id=customers_for(customers),
        agent_id=batch.agent_id,
        contract_date=np.datetime64(on, "D"),
        uw_result=PASS,
        application_id="",
        premium=premium,
        rating_id=assessed.rating_id[list(places)],
        sum_assured=batch.sum_assured[rows],
        insurance_age=assessed.age[rows],
        sex=as_column("keys", [one.sex for one in people]),
        term_months=batch.term_months[rows],
        pay_months=batch.pay_months[rows],
        frequency=frequency.value,
        loading_percent=0,
        received=premium,
        external_key=batch.external_key[rows],
    )
