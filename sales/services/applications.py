"""Applications: draft, submit (one or many), withdraw, take the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core import numbering
from core.bulk import copy_rows
from core.columns import Flags, Ints, Keys, Won, as_column
from core.errors import DomainError, NotFound
from core.events import publish
from core.privacy import Sealed
from core.status import IllegalTransition, transition, transition_rows
from sales.events import ApplicationsSubmitted, ApplicationsWithdrawn
from sales.models import Application
from sales.selectors import catalogue
from sales.selectors.checks import Proposed, Refusal, Reviewed, review

SERIES = "APP"
Status = Application.Status


class ApplicationRefused(DomainError):
    """The application cannot be taken as it is; ``refusals`` says why, row by row."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        rows = {refusal.row for refusal in self.refusals}
        shown = self.refusals[:5]
        if len(rows) > 1:
            text = " ".join(f"[{r.row + 1}] {r.reason}" for r in shown)
        else:
            text = " ".join(r.reason for r in shown)
        super().__init__(text)


class ApplicationClosed(DomainError):
    """The application is no longer open for this."""


class ReasonMissing(DomainError):
    """A withdrawal needs a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplications:
    """Applications as a batch: equal-length columns, resident numbers sealed.

    Args:
        product_code, agent_id: business keys.
        applicant_name: as on the identity card.
        sealed: (n,) resident numbers from ``core.privacy.seal``.
        job_code: occupation; its risk class is looked up.
        sum_assured: won.
        term_months: 0 is whole of life.
        pay_months: premium payment period.
        disclosures: (n,) answers by question code.
        explained: terms explained and delivered (상법 §638의3).
        initial_premium_paid: the first premium came with the application.
        phone, address, beneficiary_name: may be empty columns.
        shares: (n,) agent → hundredths of a percent of the commission, the seller among them;
            {} where the seller gets all of it. May be empty.
    """

    product_code: Keys
    agent_id: Keys
    applicant_name: Keys
    sealed: Sequence[Sealed]
    job_code: Keys
    sum_assured: Won
    term_months: Ints
    pay_months: Ints
    disclosures: Sequence[Mapping[str, Any]]
    explained: Flags
    initial_premium_paid: Flags
    phone: Keys = field(default_factory=lambda: np.empty(0, object))
    address: Keys = field(default_factory=lambda: np.empty(0, object))
    beneficiary_name: Keys = field(default_factory=lambda: np.empty(0, object))
    shares: Sequence[Mapping[str, int]] = ()

    @property
    def rows(self) -> int:
        """How many applications."""
        return len(self.sealed)

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> NewApplications:
        """Make a batch from dictionaries, one an application."""
        texts = ("product_code", "agent_id", "applicant_name", "job_code")
        more = ("phone", "address", "beneficiary_name")
        return cls(
            **{name: as_column("keys", [row[name] for row in rows]) for name in texts},
            **{name: as_column("keys", [row.get(name, "") for row in rows]) for name in more},
            sealed=[row["sealed"] for row in rows],
            sum_assured=as_column("won", [row["sum_assured"] for row in rows]),
            term_months=as_column("ints", [row["term_months"] for row in rows]),
            pay_months=as_column("ints", [row["pay_months"] for row in rows]),
            disclosures=[row["disclosures"] for row in rows],
            explained=as_column("flags", [row["explained"] for row in rows]),
            initial_premium_paid=as_column(
                "flags", [row.get("initial_premium_paid", True) for row in rows]
            ),
            shares=[row.get("shares") or {} for row in rows],
        )


def submit_many(batch: NewApplications, *, business_date: date) -> Keys:
    """Submit applications set-based: the same checks, pricing and events as on the screen.

    All are taken or none: ask ``sales.api.application_refusals`` first to leave bad rows out.

    Args:
        batch: 1 to 10,000 applications.
        business_date: the day of application; ages and products hold for it.

    Returns:
        (n,) application numbers.

    Raises:
        ApplicationRefused: with every reason against every row.
    """
    with transaction.atomic():
        checked = review(proposed(batch), business_date)
        if checked.refusals:
            raise ApplicationRefused(checked.refusals)
        ids = numbering.take(SERIES, business_date.year, batch.rows)
        premium, rating_id = _priced(checked)
        _copy(batch, checked, ids, premium, rating_id, business_date)
        _announce(ids, batch.product_code, batch.agent_id, business_date)
    return ids


def proposed(batch: NewApplications) -> Proposed:
    """Return what the checks look at."""
    return Proposed(
        product_code=batch.product_code,
        agent_id=batch.agent_id,
        applicant_name=batch.applicant_name,
        birth_date=as_column("days", [s.born for s in batch.sealed]),
        sex=as_column("keys", [s.sex for s in batch.sealed]),
        job_code=batch.job_code,
        sum_assured=batch.sum_assured,
        term_months=batch.term_months,
        pay_months=batch.pay_months,
        disclosures=batch.disclosures,
        explained=batch.explained,
        shares=batch.shares or [{}] * batch.rows,
    )


def _priced(checked: Reviewed) -> tuple[Won, Ints]:
    premium = np.zeros(checked.rows, np.int64)
    rating_id = np.zeros(checked.rows, np.int64)
    for group in checked.groups:
        premium[group.rows], rating_id[group.rows] = catalogue.rate(
            group.version.product_code, group.version.version, group.columns
        )
    return premium, rating_id


def _copy(
    batch: NewApplications,
    checked: Reviewed,
    ids: Keys,
    premium: Won,
    rating_id: Ints,
    on: date,
) -> None:
    copy_rows(
        Application,
        {
            "application_id": ids,
            "product_code": batch.product_code,
            "version": checked.version_number,
            "agent": batch.agent_id,
            "applied_on": on,
            "status": Status.SUBMITTED,
            "applicant_name": batch.applicant_name,
            "rrn_hash": [s.index for s in batch.sealed],
            "rrn_cipher": ["\\x" + s.cipher.hex() for s in batch.sealed],
            "rrn_mask": [s.mask for s in batch.sealed],
            "birth_date": as_column("days", [s.born for s in batch.sealed]),
            "sex": [s.sex for s in batch.sealed],
            "phone": _or_empty(batch.phone, batch.rows),
            "address": _or_empty(batch.address, batch.rows),
            "job_code": batch.job_code,
            "job_class": checked.job_class,
            "insurance_age": checked.age,
            "sum_assured": batch.sum_assured,
            "term_months": batch.term_months,
            "pay_months": batch.pay_months,
            "premium_amount": premium,
            "rating_id": rating_id,
            "disclosures": [orjson.dumps(dict(d)).decode() for d in batch.disclosures],
            "explained": batch.explained,
            "initial_premium_paid": batch.initial_premium_paid,
            "beneficiary_name": _or_empty(batch.beneficiary_name, batch.rows),
            "shares": [orjson.dumps(dict(s)).decode() for s in batch.shares or [{}] * batch.rows],
        },
    )


def _or_empty(column: NDArray[Any], rows: int) -> Any:
    return column if len(column) else [""] * rows


def _announce(ids: Keys, product_code: Keys, agent_id: Keys, on: date) -> None:
    publish(
        ApplicationsSubmitted(
            business_date=on, application_id=ids, product_code=product_code, agent_id=agent_id
        )
    )


@transaction.atomic
def save_draft(batch: NewApplications, *, business_date: date, application_id: str = "") -> str:
    """Keep an application that is not finished, priced as of today; return its number.

    A draft may lack answers and the confirmation of the explanation, but not what its premium
    rests on.

    Args:
        batch: one application.
        business_date: today.
        application_id: a draft to change; empty makes a new one.

    Raises:
        ApplicationRefused: the product or agent does not fit, or no premium can be computed.
        ApplicationClosed: it is no longer a draft.
    """
    checked = review(proposed(batch), business_date, finished=False)
    if checked.refusals:
        raise ApplicationRefused(checked.refusals)
    premium, rating_id = _priced(checked)
    values = _row_of(batch, checked, business_date) | {
        "premium_amount": int(premium[0]),
        "rating_id": int(rating_id[0]),
    }
    if not application_id:
        application_id = numbering.take_one(SERIES, business_date.year)
        Application.objects.create(application_id=application_id, **values)
        return application_id
    draft = locked(application_id)
    if draft.status != Status.DRAFT:
        raise ApplicationClosed(
            _("%s is no longer a draft; withdraw it and apply anew.") % application_id
        )
    Application.objects.filter(application_id=application_id).update(**values, updated_at=Now())
    return application_id


def _row_of(batch: NewApplications, checked: Reviewed, on: date) -> dict[str, Any]:
    sealed = batch.sealed[0]
    return {
        "product_code": batch.product_code[0],
        "version": int(checked.version_number[0]),
        "agent_id": batch.agent_id[0],
        "applied_on": on,
        "applicant_name": batch.applicant_name[0],
        "rrn_hash": sealed.index,
        "rrn_cipher": sealed.cipher,
        "rrn_mask": sealed.mask,
        "birth_date": sealed.born,
        "sex": sealed.sex,
        "phone": _or_empty(batch.phone, 1)[0],
        "address": _or_empty(batch.address, 1)[0],
        "job_code": batch.job_code[0],
        "job_class": int(checked.job_class[0]),
        "insurance_age": int(checked.age[0]),
        "sum_assured": int(batch.sum_assured[0]),
        "term_months": int(batch.term_months[0]),
        "pay_months": int(batch.pay_months[0]),
        "disclosures": dict(batch.disclosures[0]),
        "explained": bool(batch.explained[0]),
        "initial_premium_paid": bool(batch.initial_premium_paid[0]),
        "beneficiary_name": _or_empty(batch.beneficiary_name, 1)[0],
        "shares": dict(batch.shares[0]) if batch.shares else {},
    }


@transaction.atomic
def submit(application_id: str, *, business_date: date) -> None:
    """Submit a draft: checked and priced anew as of today, then underwriting decides.

    Raises:
        ApplicationRefused: with every reason.
        core.status.IllegalTransition: it is not a draft.
    """
    draft = locked(application_id)
    batch = batch_of(draft)
    checked = review(proposed(batch), business_date)
    if checked.refusals:
        raise ApplicationRefused(checked.refusals)
    premium, rating_id = _priced(checked)
    transition(
        draft,
        Status.SUBMITTED,
        version=int(checked.version_number[0]),
        applied_on=business_date,
        insurance_age=int(checked.age[0]),
        job_class=int(checked.job_class[0]),
        premium_amount=int(premium[0]),
        rating_id=int(rating_id[0]),
    )
    _announce(
        as_column("keys", [application_id]), batch.product_code, batch.agent_id, business_date
    )


def batch_of(application: Application) -> NewApplications:
    """Return a stored application as a batch of one."""
    sealed = Sealed(
        index=application.rrn_hash,
        cipher=bytes(application.rrn_cipher),
        mask=application.rrn_mask,
        born=application.birth_date,
        sex=application.sex,
    )
    names = ("product_code", "agent_id", "applicant_name", "job_code", "term_months", "pay_months")
    more = ("phone", "address", "beneficiary_name", "disclosures", "explained", "shares")
    row = {name: getattr(application, name) for name in (*names, *more)}
    return NewApplications.of(
        [
            row
            | {
                "sealed": sealed,
                "sum_assured": application.sum_assured,
                "initial_premium_paid": application.initial_premium_paid,
            }
        ]
    )


@transaction.atomic
def withdraw(application_id: str, *, reason: str, business_date: date) -> None:
    """Take an application back before it is decided; underwriting is told.

    Raises:
        ReasonMissing: no reason is given.
        core.status.IllegalTransition: it is decided already.
    """
    if not reason.strip():
        raise ReasonMissing(_("Say why the application is withdrawn."))
    application = locked(application_id)
    was = application.status
    transition(application, Status.WITHDRAWN, reason=reason.strip())
    if was == Status.SUBMITTED:
        publish(
            ApplicationsWithdrawn(
                business_date=business_date, application_id=as_column("keys", [application_id])
            )
        )


def decide(application_ids: Keys, results: Keys) -> None:
    """Take underwriting's decisions: PASS and CONDITION accept, REJECT rejects.

    Raises:
        core.status.IllegalTransition: one of them waits for no decision, so none is taken.
    """
    rejected = results == "REJECT"
    for keys, to in (
        (application_ids[~rejected], Status.ACCEPTED),
        (application_ids[rejected], Status.REJECTED),
    ):
        if len(keys) == 0:
            continue
        moved = transition_rows(Application, keys.tolist(), frm=[Status.SUBMITTED], to=to)
        if moved != len(keys):
            raise IllegalTransition(
                _("An application has been withdrawn or decided meanwhile; load it again.")
            )


def locked(application_id: str) -> Application:
    """Return an application, locked for this transaction. Raises core.errors.NotFound."""
    found = Application.objects.select_for_update().filter(application_id=application_id).first()
    if found is None:
        raise NotFound(_("There is no application %s.") % application_id)
    return found
