"""Reception of claims, one or ten thousand at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from claims import access, selectors
from claims.events import ClaimsReceived
from claims.models import CaseReserve, Claim
from claims.rules import adjustment, clock
from claims.services.accidents import accidents_of
from claims.services.batch import (
    ClaimRefused,
    LooksDuplicate,
    NewClaims,
    NotCovered,
    Refusal,
)
from claims.services.checks import reasons_against
from contracts.api import ContractFact
from core import numbering
from core.acting import current
from core.bulk import copy_rows
from core.columns import Flags, Keys, Won, as_column
from core.events import publish

_KST = np.timedelta64(9 * 60, "m")


@transaction.atomic
def receive_many(batch: NewClaims, *, business_date: date, confirmed: bool = True) -> Keys:
    """Receive a batch of claims, all or none, and announce them; fraud rules score them at once.

    Args:
        batch: 1 to 10,000 claims.
        business_date: accounting date.
        confirmed: likely duplicates are meant.

    Returns:
        (n,) reception numbers.

    Raises:
        ClaimRefused: with every reason; NotCovered or LooksDuplicate if nothing else is wrong.
    """
    facts = access.contract_facts(batch.contract_id.tolist())
    refusals = reasons_against(batch, facts, business_date=business_date, confirmed=confirmed)
    if refusals:
        rules = {one.rule for one in refusals}
        kind = ClaimRefused
        if rules <= {"cover", "coverage"}:
            kind = NotCovered
        elif rules == {"duplicate"}:
            kind = LooksDuplicate
        raise kind(refusals)
    return _write(batch, facts, business_date)


def receive(claim: Mapping[str, Any], *, business_date: date, confirmed: bool = False) -> str:
    """Receive one claim and return its reception number; a repeated external key returns the first.

    Args:
        claim: a row of ``NewClaims``.
        business_date: accounting date.
        confirmed: a likely duplicate is meant.

    Raises:
        ClaimRefused, NotCovered, LooksDuplicate.
    """
    if key := claim.get("external_key"):
        known = Claim.objects.filter(external_key=key).values_list("pk", flat=True).first()
        if known is not None:
            return known
    batch = NewClaims.of([claim])
    return str(receive_many(batch, business_date=business_date, confirmed=confirmed)[0])


def receive_within(
    claim: Mapping[str, Any],
    *,
    agents: Sequence[str] | None,
    business_date: date,
    confirmed: bool = False,
) -> str:
    """Receive one claim on a contract that the acting person may see; see ``receive``.

    Args:
        claim: a row of ``NewClaims``.
        agents: whose contracts the person may see; None: all.
        business_date: accounting date.
        confirmed: a likely duplicate is meant.

    Raises:
        ClaimRefused: also for a contract outside, as if it did not exist.
    """
    number = claim["contract_id"]
    if agents is not None:
        fact = access.contract_facts([number]).get(number)
        if fact is None or fact.agent_id not in agents:
            text = _("There is no contract %(number)s.") % {"number": number}
            raise ClaimRefused([Refusal(0, "contract", text)])
    return receive(claim, business_date=business_date, confirmed=confirmed)


def _write(batch: NewClaims, facts: Mapping[str, ContractFact], business_date: date) -> Keys:
    rows = [facts[number] for number in batch.contract_id.tolist()]
    line = as_column("keys", [fact.line for fact in rows])
    numbers = numbering.take("CLM", business_date.year, batch.rows)
    incident, reported = access.day_of(batch.incident_at), access.day_of(batch.reported_at)
    due_on, traces = clock.due_column(reported, persons(batch.claim_type, line))
    accident = accidents_of(batch, numbers)
    reserve = adjustment.first_reserve(batch.claimed, _ceilings(batch, rows))
    common: dict[str, Any] = {
        "contract_id": batch.contract_id,
        "customer_id": np.asarray([fact.customer_id for fact in rows], dtype=np.int64),
        "line": line,
        "cohort_year": np.asarray([fact.cohort_year for fact in rows], dtype=np.int64),
        "agent_id": as_column("keys", [fact.agent_id for fact in rows]),
    }
    copy_rows(
        Claim,
        {
            "reception_id": numbers,
            **{
                name.removesuffix("_id") if name in _FOREIGN else name: column
                for name, column in common.items()
            },
            "accident_no": accident,
            "incident_date": (batch.incident_at - _KST).astype("datetime64[us]"),
            "report_date": (batch.reported_at - _KST).astype("datetime64[us]"),
            "incident_location": batch.location,
            "incident_description": batch.description,
            "status": Claim.Status.RECEIVED,
            "fds_gate": Claim.Gate.UNSCORED,
            "channel": batch.channel,
            "claim_type": batch.claim_type,
            "provider": batch.provider_code,
            "claimed_amount": batch.claimed,
            "case_reserve": reserve,
            "claimant_name": batch.claimant_name,
            "adjuster": "",
            "due_on": due_on,
            "due_trace": _json_column(traces),
            "investigation_reason": "",
            "closing_reason": "",
            "external_key": batch.external_key,
        },
    )
    _write_first_reserves(numbers, reserve, business_date)
    publish(
        ClaimsReceived(
            business_date=business_date,
            reception_id=numbers,
            product_code=as_column("keys", [fact.product_code for fact in rows]),
            provider_code=batch.provider_code,
            accident_no=accident,
            incident_date=incident,
            report_date=reported,
            coverage_start=np.asarray(
                [fact.coverage_start for fact in rows], dtype="datetime64[D]"
            ),
            claimed=batch.claimed,
            case_reserve=reserve,
            **common,
        )
    )
    return numbers


_THINGS = ("MOTOR", "PARCEL")
"""Portfolios in which things are insured."""
_FOREIGN = {"contract_id", "customer_id", "agent_id"}


def persons(claim_type: Keys, line: Keys) -> Flags:
    """Say for each row whether a person, not a thing, is insured (their clocks differ)."""
    return (claim_type != Claim.Type.VEHICLE) & ~np.isin(line.astype(str), _THINGS)


def _ceilings(batch: NewClaims, facts: Sequence[Any]) -> Won:
    known = access.coverages(facts)
    return np.asarray(
        [
            max(
                adjustment.sum_of(coverage, int(fact.sum_assured))
                for coverage in access.paying(known[fact.version_id], kind)
            )
            for fact, kind in zip(facts, batch.claim_type.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _write_first_reserves(numbers: Keys, reserve: Won, business_date: date) -> None:
    rows = np.flatnonzero(reserve)
    if len(rows):
        copy_rows(
            CaseReserve,
            {
                "claim": numbers[rows],
                "moved_on": business_date,
                "movement": reserve[rows],
                "balance": reserve[rows],
                "reason": "RECEPTION",
                "moved_by": current().actor,
            },
        )


def _json_column(values: Sequence[Mapping[str, Any]]) -> Keys:
    return as_column("keys", selectors.as_json(values))
