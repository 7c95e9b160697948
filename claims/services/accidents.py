"""Which accident a claim belongs to: another claim's is shared only where that can be true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from claims import access, selectors
from claims.models import Claim
from claims.selectors import Accident
from claims.services.batch import NewClaims, Refusal
from core.columns import Keys

MOST_DAYS_APART = 1
"""Two reports of one accident may differ by a day: around midnight, or from memory."""
ILLNESS = (Claim.Type.DIAGNOSIS,)


def accidents_of(batch: NewClaims, numbers: Keys) -> Keys:
    """Return the accident of each claim: the one that it names, or its own.

    Args:
        batch: (n,) claims that were checked.
        numbers: (n,) their reception numbers.
    """
    known = selectors.accidents(set(batch.accident_no.tolist()) - {""})
    own = zip(batch.accident_no.tolist(), numbers.tolist(), strict=True)
    found = [known[named].number if named else number for named, number in own]
    return np.asarray(found, dtype=object)


def wrong_accidents(batch: NewClaims, facts: Mapping[str, Any]) -> list[Refusal]:
    """Return the rows whose named accident cannot be theirs.

    It is the same only within a day; of another customer's claim only if both are accidents and
    both reports name the same place.
    """
    named = set(batch.accident_no.tolist()) - {""}
    if not named:
        return []
    known = selectors.accidents(named)
    days = access.day_of(batch.incident_at)
    found: list[Refusal] = []
    for row in np.flatnonzero(batch.accident_no != "").tolist():
        number = str(batch.accident_no[row])
        accident, fact = known.get(number), facts.get(batch.contract_id[row])
        if accident is None:
            text = _("There is no claim %(number)s whose accident could be the same.")
        elif abs((days[row].item() - accident.day).days) > MOST_DAYS_APART:
            text = _("Claim %(number)s is of another day: it was not the same accident.")
        elif fact and not _may_share(batch, row, fact.customer_id, accident):
            text = _(
                "Claim %(number)s is of another customer: the accident is shared only if both"
                " reports name the same place, and no illness is."
            )
        else:
            continue
        found.append(Refusal(row, "accident", text % {"number": number}))
    return found


def _may_share(batch: NewClaims, row: int, customer_id: int, accident: Accident) -> bool:
    if customer_id in accident.customers:
        return True
    if batch.claim_type[row] in ILLNESS or accident.kinds & set(ILLNESS):
        return False
    return _place(str(batch.location[row])) in {_place(one) for one in accident.places} - {""}


def _place(text: str) -> str:
    return "".join(text.split()).casefold()
