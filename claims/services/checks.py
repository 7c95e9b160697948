"""Everything that can speak against claims that are to be received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from claims import access, selectors
from claims.models import Claim, Provider
from claims.services.accidents import wrong_accidents
from claims.services.batch import NewClaims, Refusal
from contracts.api import ContractFact
from core.columns import Days, Keys


def check_many(batch: NewClaims, *, business_date: date, confirmed: bool = False) -> list[Refusal]:
    """Return every reason against every row of a batch; empty when all would be received.

    Args:
        batch: what came.
        business_date: reports may not lie after it.
        confirmed: likely duplicates are meant.
    """
    facts = access.contract_facts(batch.contract_id.tolist())
    return reasons_against(batch, facts, business_date=business_date, confirmed=confirmed)


def reasons_against(
    batch: NewClaims,
    facts: Mapping[str, ContractFact],
    *,
    business_date: date,
    confirmed: bool,
) -> list[Refusal]:
    """Return what ``check_many`` does, with the facts of the contracts at hand."""
    found = [*_wrong_codes(batch), *_wrong_dates(batch, business_date), *_no_provider(batch)]
    unknown = {number for number in batch.contract_id.tolist() if number not in facts}
    for row in np.flatnonzero(np.isin(batch.contract_id, list(unknown))).tolist():
        text = _("There is no contract %(number)s.") % {"number": batch.contract_id[row]}
        found.append(Refusal(row, "contract", text))
    spoilt = {one.row for one in found if one.rule in ("contract", "code")}
    whole = np.asarray([row for row in range(batch.rows) if row not in spoilt], dtype=np.int64)
    found += _not_covered(batch, whole, facts)
    found += wrong_accidents(batch, facts)
    if not confirmed:
        found += _duplicates(batch)
    return sorted(found, key=lambda one: one.row)


def _wrong_codes(batch: NewClaims) -> list[Refusal]:
    found: list[Refusal] = []
    checks: tuple[tuple[Keys, list[str], str], ...] = (
        (batch.claim_type, list(Claim.Type.values), _("“%(code)s” is no kind of event.")),
        (batch.channel, list(Claim.Channel.values), _("“%(code)s” is no channel.")),
    )
    for column, known, text in checks:
        found += [
            Refusal(row, "code", text % {"code": column[row]})
            for row in np.flatnonzero(~np.isin(column, known)).tolist()
        ]
    found += [
        Refusal(row, "amount", _("A claimed amount is not negative."))
        for row in np.flatnonzero(batch.claimed < 0).tolist()
    ]
    found += [
        Refusal(row, "code", _("Say what happened."))
        for row in np.flatnonzero(batch.description == "").tolist()
    ]
    return found


def _wrong_dates(batch: NewClaims, business_date: date) -> list[Refusal]:
    before = _("A report cannot come before the accident.")
    after = _("The report lies after the business date %(day)s.") % {"day": business_date}
    late = access.day_of(batch.reported_at) > np.datetime64(business_date, "D")
    return [
        Refusal(row, "dates", before)
        for row in np.flatnonzero(batch.reported_at < batch.incident_at).tolist()
    ] + [Refusal(row, "dates", after) for row in np.flatnonzero(late).tolist()]


def _no_provider(batch: NewClaims) -> list[Refusal]:
    named = {code for code in batch.provider_code.tolist() if code}
    if not named:
        return []
    known = set(Provider.objects.filter(pk__in=named).values_list("pk", flat=True))
    return [
        Refusal(row, "provider", _("There is no provider %(code)s.") % {"code": code})
        for row, code in enumerate(batch.provider_code.tolist())
        if code and code not in known
    ]


def _not_covered(
    batch: NewClaims, rows: NDArray[np.int64], facts: Mapping[str, Any]
) -> list[Refusal]:
    if not len(rows):
        return []
    days = access.day_of(batch.incident_at)[rows]
    inside = access.covered(batch.contract_id[rows], days)
    coverages = access.coverages(facts.values())
    found: list[Refusal] = []
    for row, day, covered in zip(rows.tolist(), days.astype(object), inside, strict=True):
        fact = facts[batch.contract_id[row]]
        if not covered:
            text = _("Contract %(number)s was not in force on %(day)s.")
            found.append(
                Refusal(row, "cover", text % {"number": fact.contract_id, "day": day.isoformat()})
            )
        elif not access.paying(coverages[fact.version_id], batch.claim_type[row]):
            text = _("%(product)s does not insure this kind of event (%(kind)s).")
            kind = Claim.Type(batch.claim_type[row]).label
            found.append(
                Refusal(row, "coverage", text % {"product": fact.product_name, "kind": kind})
            )
    return found


def _duplicates(batch: NewClaims) -> list[Refusal]:
    days: Days = access.day_of(batch.incident_at)
    text = _("Claim %(number)s has the same contract, day of accident and kind of event.")
    return [
        Refusal(row, "duplicate", text % {"number": number}, number)
        for row, number in selectors.duplicates(
            batch.contract_id.tolist(), days.astype(object).tolist(), batch.claim_type.tolist()
        )
    ]
