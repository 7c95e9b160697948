"""Customers: got or made by the index of their resident number, corrected, shown unmasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from contracts.models import Customer
from core import privacy
from core.columns import Days, Ints, Keys
from core.errors import DomainError, NotFound


class NothingToCorrect(DomainError):
    """The correction says what is already there."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NewCustomers:
    """People in columns, (n,) each; the resident number only in its vault form.

    Args:
        name: as on the application.
        rrn_hash: ``core.privacy.index`` of the resident number.
        rrn_cipher: ``core.privacy.encrypt`` of it, bound to the index.
        rrn_mask: ``core.privacy.mask`` of it.
        birth_date: datetime64[D].
        sex: M or F.
        job_code: occupation.
        phone: digits and hyphens, may be empty.
        address: may be empty.
    """

    name: Keys
    rrn_hash: Keys
    rrn_cipher: Sequence[bytes]
    rrn_mask: Keys
    birth_date: Days
    sex: Keys
    job_code: Keys
    phone: Keys
    address: Keys


def customers_for(columns: NewCustomers) -> Ints:
    """Return the customer of each row, making those that are not known yet, in two statements.

    A person that is known keeps their record; what changed is corrected by ``correct``.

    Returns:
        (n,) customer ids.
    """
    hashes = [str(one) for one in columns.rrn_hash]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT, _parameters(columns, hashes))
        cursor.execute(
            "SELECT rrn_hash, customer_id FROM customers WHERE rrn_hash = ANY(%s)", [hashes]
        )
        found: dict[str, int] = dict(cursor.fetchall())
    return np.array([found[one] for one in hashes], np.int64)


_INSERT = """
    INSERT INTO customers (name, rrn_hash, rrn_cipher, rrn_mask, birth_date, sex, job_code, phone,
        address, health_status)
    SELECT DISTINCT ON (rrn_hash) u.*, ''
    FROM unnest(%s::text[], %s::text[], %s::bytea[], %s::text[], %s::date[], %s::text[],
        %s::text[], %s::text[], %s::text[]) AS u(name, rrn_hash, rrn_cipher, rrn_mask, birth_date,
        sex, job_code, phone, address)
    WHERE NOT EXISTS (SELECT 1 FROM customers k WHERE k.rrn_hash = u.rrn_hash)
    ORDER BY rrn_hash
    ON CONFLICT (rrn_hash) DO NOTHING
"""


def _parameters(columns: NewCustomers, hashes: list[str]) -> list[Any]:
    return [
        [str(one) for one in columns.name],
        hashes,
        [bytes(one) for one in columns.rrn_cipher],
        [str(one) for one in columns.rrn_mask],
        np.asarray(columns.birth_date, "datetime64[D]").tolist(),
        [str(one) for one in columns.sex],
        [str(one) for one in columns.job_code],
        [str(one) for one in columns.phone],
        [str(one) for one in columns.address],
    ]


@transaction.atomic
def correct(*, customer_id: int, phone: str, address: str, job_code: str) -> Customer:
    """Correct how a customer is reached and what they work as; the audit keeps what was there.

    Raises:
        NotFound: there is no such customer.
        NothingToCorrect: nothing differs.
    """
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise NotFound(_("There is no such customer."))
    given = {"phone": phone.strip(), "address": address.strip(), "job_code": job_code.strip()}
    changed = {name: value for name, value in given.items() if getattr(customer, name) != value}
    if not changed:
        raise NothingToCorrect(_("Nothing differs from what is recorded."))
    Customer.objects.filter(pk=customer_id).update(**changed)
    for name, value in changed.items():
        setattr(customer, name, value)
    return customer


@transaction.atomic
def unmask(*, customer_id: int, purpose: str) -> str:
    """Return a customer's resident number for a stated purpose; the access is logged.

    Raises:
        NotFound: there is no such customer.
        core.privacy.PurposeMissing: the purpose is empty.
    """
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound(_("There is no such customer."))
    return privacy.unmask(
        bytes(customer.rrn_cipher),
        subject=customer.rrn_hash,
        shown_as=str(customer_id),
        purpose=purpose,
    )
