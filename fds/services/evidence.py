"""What is known beyond a reception: facts, parties and labels of claims, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson
from django.db import connection, transaction
from django.utils.translation import gettext as _

from claims import api as claims
from contracts import api as contracts
from core.acting import current
from core.bulk import copy_rows
from core.columns import Days, Ints, Keys, Won, as_column
from core.errors import DomainError
from fds.models import ClaimFacts, Label, PartyLink
from fds.rules import facts as vocabulary
from fds.selectors.parties import hashed

KINDS = frozenset(PartyLink.Kind.values)
STATES = frozenset(Label.State.values)


class BadFacts(DomainError):
    """A fact has no known name, or a value of another kind."""


class BadParties(DomainError):
    """A party is of no known kind, is empty, or belongs to no claim."""


class BadLabels(DomainError):
    """A label has no known state, lies before its claim, or belongs to no claim."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Parties of claims, (n,) each; ``value`` in the clear, it is hashed before it is stored."""

    reception_id: Keys
    kind: Keys
    value: Keys
    role: Keys


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of claims, (n,) each; ``amount``: established damage, won."""

    reception_id: Keys
    state: Keys
    decided_on: Days
    amount: Won
    source: str
    kind: str = ""


@transaction.atomic
def record_facts(facts: Mapping[str, Mapping[str, Any]], *, source: str) -> int:
    """Write down declared facts by reception number, known when the claim was reported.

    Raises:
        BadFacts: with every wrong name and value; nothing is written.
    """
    given = {number: dict(values) for number, values in facts.items() if values}
    wrong = [
        f"{number}: {text}" for number, values in given.items() for text in vocabulary.wrong(values)
    ]
    if wrong:
        raise BadFacts(_("These facts cannot be taken: %(list)s") % {"list": "; ".join(wrong[:10])})
    found = _columns(list(given), BadFacts)
    copy_rows(
        ClaimFacts,
        {
            "claim": found.reception_id,
            "facts": [
                orjson.dumps(given[number], default=float).decode() for number in found.reception_id
            ],
            "source": source,
            "known_at": _instants(found.reported_at),
        },
    )
    return len(given)


@transaction.atomic
def record_parties(parties: Parties) -> int:
    """Write down parties by keyed hash, known when the claim was reported; repeats are left out.

    Raises:
        BadParties: nothing is written.
    """
    if unknown := set(parties.kind.tolist()) - KINDS:
        raise BadParties(
            _("There is no kind of party %(list)s.") % {"list": ", ".join(sorted(unknown))}
        )
    rows: dict[tuple[str, str, str], str] = {}
    for number, kind, value, role in zip(
        parties.reception_id, parties.kind, parties.value, parties.role, strict=True
    ):
        if not value.strip():
            raise BadParties(_("A party of claim %(number)s is empty.") % {"number": number})
        rows.setdefault((number, kind, hashed(kind, value)), role)
    found = _columns(sorted({number for number, *_rest in rows}), BadParties)
    at = dict(zip(found.reception_id.tolist(), _instants(found.reported_at), strict=True))
    fresh = _unknown(list(rows), at)
    copy_rows(
        PartyLink,
        {
            "claim": [number for number, _kind, _value in fresh],
            "kind": [kind for _number, kind, _value in fresh],
            "value": [value for _number, _kind, value in fresh],
            "role": [rows[row][:20] for row in fresh],
            "reported_at": [at[number] for number, _kind, _value in fresh],
            "known_at": [at[number] for number, _kind, _value in fresh],
        },
    )
    return len(fresh)


def parties_of_contracts(numbers: Sequence[str]) -> Parties:
    """Return the parties that the company's own tables name: insured, contact, provider, agent."""
    found = claims.claim_columns(numbers)
    contact = contracts.contact_points(found.customer_id)
    columns = {
        "CUSTOMER": contact.person,
        "PHONE": contact.phone,
        "ADDRESS": contact.address,
        "PROVIDER": found.provider_code,
        "AGENT": found.agent_id,
    }
    rows = [
        (number, kind, value)
        for kind, values in columns.items()
        for number, value in zip(found.reception_id.tolist(), values.tolist(), strict=True)
        if value
    ]
    return Parties(
        as_column("keys", [number for number, _kind, _value in rows]),
        as_column("keys", [kind for _number, kind, _value in rows]),
        as_column("keys", [value for _number, _kind, value in rows]),
        as_column("keys", [""] * len(rows)),
    )


@transaction.atomic
def record_labels(labels: Labels) -> int:
    """Write down what became known about claims; earlier labels stay and are superseded.

    Raises:
        BadLabels: nothing is written.
    """
    if unknown := set(labels.state.tolist()) - STATES:
        raise BadLabels(
            _("There is no state %(list)s of a label.") % {"list": ", ".join(sorted(unknown))}
        )
    found = _columns(labels.reception_id.tolist(), BadLabels)
    early = labels.decided_on < found.reported
    if early.any():
        row = int(np.flatnonzero(early)[0])
        raise BadLabels(
            _("Claim %(number)s was labelled on %(day)s, before it was reported.")
            % {"number": labels.reception_id[row], "day": labels.decided_on[row]}
        )
    copy_rows(
        Label,
        {
            "claim": labels.reception_id,
            "state": labels.state,
            "source": labels.source,
            "kind": labels.kind,
            "amount": labels.amount,
            "decided_on": labels.decided_on,
            "made_by": current().actor,
        },
    )
    return len(labels.reception_id)


def record_label(
    *, reception_id: str, state: str, source: str, decided_on: date, amount: int = 0, kind: str = ""
) -> None:
    """Write down one label; see ``record_labels``."""
    record_labels(
        Labels(
            as_column("keys", [reception_id]),
            as_column("keys", [state]),
            np.asarray([decided_on], dtype="datetime64[D]"),
            as_column("won", [amount]),
            source,
            kind,
        )
    )


def _columns(numbers: Sequence[str], refusal: type[DomainError]) -> claims.ClaimColumns:
    found = claims.claim_columns(numbers)
    if len(found.reception_id) != len(numbers):
        missing = sorted(set(numbers) - set(found.reception_id.tolist()))
        raise refusal(_("There is no claim %(list)s.") % {"list": ", ".join(missing[:5])})
    return found


def _instants(micros: Ints) -> list[str]:
    stamps = micros.astype("datetime64[us]")
    return [f"{stamp}+00" for stamp in np.datetime_as_string(stamps).tolist()]


def _unknown(rows: list[tuple[str, str, str]], at: Mapping[str, str]) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reception_id, kind, value FROM fds_party_links WHERE reception_id = ANY(%s)",
            [list(at)],
        )
        known = set(cursor.fetchall())
    return [row for row in rows if row not in known]
