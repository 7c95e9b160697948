"""What the partner door asks of the stages, in its own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from contracts import api as contracts
from core import privacy
from core.columns import as_column
from core.errors import NotFound
from core.privacy import BadResidentNumber, Sealed
from partners.models import Partner
from partners.rules.proposals import LineRefusal, Proposal, QuoteRequest
from products import api as products
from sales import api as sales


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one proposal."""

    contract_id: str = ""
    premium: int = 0
    status: str = ""
    refusal: LineRefusal | None = None


@dataclass(slots=True)
class _Group:
    rows: list[int] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)


def external_key(partner: Partner, external_id: str) -> str:
    """Return the key under which contracts know a partner's own id."""
    return f"{partner.code}:{external_id}"


def may_sell(partner: Partner, product_code: str) -> bool:
    """Say whether the partner has agreed on a product."""
    return not partner.products or product_code in partner.products


def bind(
    partner: Partner, proposals: Sequence[Proposal | LineRefusal], *, business_date: date
) -> list[Outcome]:
    """Bind proposals through the ordinary service, product by product; bad ones get their reason.

    Args:
        partner: who sells.
        proposals: up to 10,000, or why a line is none.
        business_date: accounting date.
    """
    found: list[Outcome] = [Outcome()] * len(proposals)
    groups: dict[str, _Group] = defaultdict(_Group)
    for row, one in enumerate(proposals):
        sealed = one if isinstance(one, LineRefusal) else _sealed(partner, one)
        if isinstance(sealed, LineRefusal) or isinstance(one, LineRefusal):
            found[row] = Outcome(refusal=one if isinstance(one, LineRefusal) else sealed)  # type: ignore[arg-type]
            continue
        group = groups[one.product_code]
        group.rows.append(row)
        group.proposals.append(one)
        group.sealed.append(sealed)
    for code, group in sorted(groups.items()):
        for row, outcome in zip(
            group.rows, _bind_one_product(partner, code, group, business_date), strict=True
        ):
            found[row] = outcome
    return found


def _bind_one_product(
    partner: Partner, code: str, group: _Group, business_date: date
) -> list[Outcome]:
    if refusal := _unsellable(partner, code, business_date):
        return [Outcome(refusal=refusal)] * len(group.rows)
    bound = contracts.bind(_columns(partner, code, group), business_date=business_date)
    first: dict[int, contracts.Declined] = {}
    for one in bound.declined:
        first.setdefault(one.row, one)
    return [
        Outcome(refusal=LineRefusal(first[row].code, "", first[row].reason))
        if row in first
        else Outcome(contract_id, premium, status)
        for row, (contract_id, premium, status) in enumerate(
            zip(bound.contract_id, bound.premium.tolist(), bound.status, strict=True)
        )
    ]


def _unsellable(partner: Partner, code: str, on: date) -> LineRefusal | None:
    if not may_sell(partner, code):
        text = _("%s is not among the products that were agreed with you.") % code
        return LineRefusal("product_not_agreed", "product_code", text)
    try:
        products.sellable(code, on)
    except products.NotOnSale as refusal:
        return LineRefusal("product_not_on_sale", "product_code", str(refusal))
    except NotFound:
        text = _("There is no product %s.") % code
        return LineRefusal("product_unknown", "product_code", text)
    return None


def _columns(partner: Partner, code: str, group: _Group) -> contracts.Proposals:
    rows = group.proposals
    return contracts.Proposals(
        product_code=code,
        agent_id=partner.agent_id,
        name=as_column("keys", [one.applicant.name for one in rows]),
        phone=as_column("keys", [one.applicant.phone for one in rows]),
        address=as_column("keys", [one.applicant.address for one in rows]),
        job_code=as_column("keys", [one.applicant.job_code for one in rows]),
        sealed=group.sealed,
        sum_assured=np.array([one.sum_assured for one in rows], np.int64),
        term_months=np.array([one.term_months for one in rows], np.int64),
        pay_months=np.array([one.pay_months for one in rows], np.int64),
        answers=[one.answers for one in rows],
        explained=[one.explained for one in rows],
        premium=np.array([one.premium or 0 for one in rows], np.int64),
        external_key=as_column("keys", [external_key(partner, one.external_id) for one in rows]),
    )


def _sealed(partner: Partner, one: Proposal) -> Sealed | LineRefusal:
    """Seal the applicant: by resident number, or by the partner's own key of the person."""
    who = one.applicant
    if who.resident_number:
        try:
            return privacy.seal(who.resident_number)
        except BadResidentNumber:
            text = _("The resident number is not possible.")
            return LineRefusal("resident_number_invalid", "applicant.resident_number", text)
    if who.birth_date is None or who.sex is None or not who.person_key:
        text = _("Give a resident number, or date of birth, sex and person key.")
        return LineRefusal("person_incomplete", "applicant", text)
    return _pseudonym(partner.code, who.person_key, who.birth_date, who.sex)


def _pseudonym(code: str, key: str, born: date, sex: str) -> Sealed:
    index = privacy.pseudonym(f"partner:{code}", key)
    return Sealed(index, b"", f"{born:%y%m%d}-*******", born, sex)


def quote(partner: Partner, wanted: QuoteRequest, *, business_date: date) -> contracts.Assessed:
    """Check and price one risk as binding it would; nothing is bound."""
    person = _pseudonym(partner.code, "quote", wanted.birth_date, wanted.sex)
    proposal = contracts.Proposals(
        product_code=wanted.product_code,
        agent_id=partner.agent_id,
        name=as_column("keys", ["-"]),
        phone=as_column("keys", [""]),
        address=as_column("keys", [""]),
        job_code=as_column("keys", [wanted.job_code]),
        sealed=[person],
        sum_assured=np.array([wanted.sum_assured], np.int64),
        term_months=np.array([wanted.term_months], np.int64),
        pay_months=np.array([wanted.pay_months], np.int64),
        answers=[wanted.answers],
        explained=[True],
        premium=np.zeros(1, np.int64),
        external_key=as_column("keys", [""]),
    )
    return contracts.assess(proposal, business_date=business_date)


def unsellable(partner: Partner, code: str, on: date) -> LineRefusal | None:
    """Return why the partner may not sell a product on a day; None where it may."""
    return _unsellable(partner, code, on)


def catalogue(partner: Partner, on: date, code: str = "") -> list[dict[str, Any]]:
    """Return what the partner may sell on a day, with all that a form must ask."""
    wanted = [code] if code else (partner.products or None)
    return [
        _product(row) for row in products.on_sale(on, wanted) if may_sell(partner, row.product_code)
    ]


def _product(row: products.Version) -> dict[str, Any]:
    offer = products.offer(row.product_code, row.version)
    return {
        "product_code": row.product_code,
        "version": row.version,
        "name": row.product_name,
        "name_en": row.name_en or row.product_name,
        "ages": {"min": offer.min_age, "max": offer.max_age},
        "plans": [
            {"term_months": int(plan["term_months"]), "pay_months": list(plan["pay_months"])}
            for plan in offer.plans
        ],
        "sum_assured": {"min": offer.min_sum, "max": offer.max_sum, "step": offer.step},
        "premium_frequency": "MONTHLY" if 12 in offer.payments_per_year else "SINGLE",
        "questions": [
            {
                "code": one.code,
                "text": dict(one.label),
                "kind": one.kind,
                "default": one.default,
                "choices": [value for value, _label in one.choices],
            }
            for one in sales.questions(row.product_code, row.version)
        ],
        "coverages": [
            {"code": one["code"], "name": dict(one["name"]), "peril": one["peril"]}
            for one in offer.coverages
        ],
    }


def contract(partner: Partner, contract_id: str) -> contracts.ContractFact | None:
    """Return a contract of the partner; None where there is none, or it is another's."""
    fact = contracts.facts([contract_id]).get(contract_id)
    return fact if fact is not None and fact.agent_id == partner.agent_id else None
