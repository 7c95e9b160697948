"""What later stages may ask of claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from claims import selectors, services
from claims.access import agents_within
from claims.selectors import (
    ClaimColumns,
    ClaimFact,
    History,
    Moments,
    Outstanding,
    PayoutFact,
    Peers,
    ProviderWindow,
    Velocity,
)
from claims.selectors.developments import Developments
from claims.selectors.developments import developments as _developments
from claims.services import BadDocument, GateClosed
from core.columns import Days, Ints, Keys
from core.permissions import Scope

__all__ = [
    "BadDocument",
    "ClaimColumns",
    "ClaimFact",
    "Developments",
    "GateClosed",
    "History",
    "Moments",
    "Outstanding",
    "PayoutFact",
    "Peers",
    "ProviderWindow",
    "Velocity",
    "add_document",
    "claim_columns",
    "developments",
    "facts",
    "facts_of_contract",
    "facts_of_customer",
    "find",
    "history",
    "interest_so_far",
    "invariants",
    "known_external",
    "outstanding_by_group",
    "payouts",
    "payouts_of",
    "peers",
    "provider_names",
    "provider_window",
    "providers",
    "receive",
    "reported_between",
    "resume_interest",
    "set_gate",
    "stop_interest",
    "touched",
    "unscored",
    "velocity",
    "visible",
]


def facts(reception_ids: Iterable[str]) -> dict[str, ClaimFact]:
    """Return the facts of claims by reception number; unknown numbers are absent."""
    return selectors.claim_facts(reception_ids)


def facts_of_contract(contract_id: str) -> list[ClaimFact]:
    """Return the claims of a contract, newest report first."""
    numbers = selectors.claims_within(None).filter(contract_id=contract_id)
    found = selectors.claim_facts(numbers.values_list("pk", flat=True))
    return sorted(found.values(), key=lambda one: (one.reported_at, one.reception_id), reverse=True)


def facts_of_customer(customer_id: int) -> list[ClaimFact]:
    """Return the claims of a customer over all contracts, oldest report first."""
    numbers = selectors.claims_within(None).filter(customer_id=customer_id)
    found = selectors.claim_facts(numbers.values_list("pk", flat=True))
    return sorted(found.values(), key=lambda one: (one.reported_at, one.reception_id))


def find(query: str, scope: Scope, limit: int = 20) -> list[ClaimFact]:
    """Find claims by number, contract number or claimant, within what a person may see."""
    rows = selectors.claim_numbers(query, agents_within(scope), limit)
    found = selectors.claim_facts([row.pk for row in rows])
    return [found[row.pk] for row in rows]


def visible(reception_id: str, scope: Scope) -> bool:
    """Say whether a person may see a claim."""
    rows = selectors.claims_within(agents_within(scope))
    return rows.filter(pk=reception_id).exists()


def set_gate(reception_ids: Iterable[str], gate: str, reason: str) -> int:
    """Move the gates of claims to CLEAR, REVIEW or HELD; return how many moved.

    Raises:
        GateClosed: one of them has been paid.
    """
    return services.set_gate(reception_ids, gate, reason=reason)


def history(
    customer_ids: Ints,
    frm: Days,
    to: Days,
    *,
    known_by: Sequence[str] | None = None,
    recorded: Ints | None = None,
) -> History:
    """Return the claims of customers with accidents in (frm, to], withdrawn ones left out.

    Args:
        customer_ids: (n,) customers.
        frm: (n,) days, not included.
        to: (n,) days, included.
        known_by: (n,) reception numbers: only what was reported by then. None: all known now.
        recorded: (n,) instants: only what was written down by then, microseconds since 1970 UTC.
    """
    return selectors.history(customer_ids, frm, to, known_by=known_by, recorded=recorded)


def claim_columns(reception_ids: Sequence[str]) -> ClaimColumns:
    """Return claims in columns, in the order asked; unknown numbers are left out."""
    return selectors.claim_columns(reception_ids)


def reported_between(since: date, until: date) -> Keys:
    """Return the claims reported in [since, until), in the order of their reports."""
    return selectors.reported_between(since, until)


def velocity(moments: Moments) -> Velocity:
    """Count the earlier claims of the customers, as known at the moments."""
    return selectors.velocity(moments)


def provider_window(moments: Moments) -> ProviderWindow:
    """Count the earlier claims at the same providers, as known at the moments."""
    return selectors.provider_window(moments)


def peers(day: Days, recorded: Ints, kind: Keys, region: Keys) -> Peers:
    """Count the claims at providers of a kind and region before the beginning of days.

    Args:
        day: (n,) Korean days.
        recorded: (n,) only what was written down by then, microseconds since 1970 UTC; -1: all.
        kind: (n,) of provider.
        region: (n,) of provider.
    """
    return selectors.peers(day, recorded, kind, region)


def payouts(payout_ids: Iterable[int]) -> list[PayoutFact]:
    """Return payouts by id."""
    return selectors.payout_facts(payout_ids=payout_ids)


def payouts_of(reception_ids: Iterable[str]) -> list[PayoutFact]:
    """Return the payouts of claims."""
    return selectors.payout_facts(reception_ids=reception_ids)


def touched(day: date, provider_codes: Sequence[str]) -> list[str]:
    """Return the open claims that a day's facts may concern, for scoring them again.

    Args:
        day: claims of the customers who reported something on it.
        provider_codes: and claims that name one of these providers.
    """
    return selectors.touched(day, provider_codes)


def unscored() -> list[str]:
    """Return the claims that fraud detection has not scored (none, in sound operation)."""
    rows = selectors.claims_within(None).filter(fds_gate="UNSCORED").order_by("pk")
    return list(rows.values_list("pk", flat=True))


def outstanding_by_group(on: date) -> Outstanding:
    """Return the case reserves at the end of a day by line and cohort."""
    return selectors.outstanding_by_group(on)


def developments(until: date) -> Developments:
    """Return what was reported and paid, by line, month of the accident and months after it."""
    return _developments(until)


def known_external(keys: Iterable[str]) -> dict[str, str]:
    """Return the reception numbers of claims that came under these external keys already."""
    return selectors.known_external(keys)


def provider_names(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of providers by code."""
    rows = selectors.providers().filter(pk__in=list(codes))
    return dict(rows.values_list("pk", "provider_name"))


def providers(query: str, limit: int = 20) -> list[tuple[str, str]]:
    """Find providers by name or code: (code, name)."""
    return list(selectors.providers(query).values_list("pk", "provider_name")[:limit])


def stop_interest(reception_ids: Iterable[str], *, from_day: date, reason: str) -> None:
    """Stop late interest from a day on, because the claimant answers for the delay."""
    services.stop_interest(reception_ids, from_day=from_day, reason=reason)


def resume_interest(reception_ids: Iterable[str], *, on: date) -> None:
    """Let late interest run again from ``on``."""
    services.resume_interest(reception_ids, on=on)


def add_document(reception_id: str, name: str, content: bytes) -> tuple[str, str]:
    """Keep a document of a claim; the same file twice is kept once.

    Returns:
        The file name that people see, and the content's SHA-256.

    Raises:
        NotFound, BadDocument: no such claim; size, type or number of the documents.
    """
    kept = services.add_document(reception_id=reception_id, name=name, content=content)
    return kept.file_name, str(kept.sha256)


def interest_so_far(reception_ids: Iterable[str], on: date) -> dict[str, tuple[int, int]]:
    """Return (days late, interest in won) that a payment on a day would carry, by claim.

    The amount is the approved one, or the case reserve while there is none.
    """
    return services.interest_so_far(reception_ids, on=on)


def invariants() -> list[tuple[str, int, str]]:
    """Return (name, breaches, first keys) of what must always hold here."""
    return selectors.invariants()


def receive(claim: Mapping[str, Any], *, agents: Sequence[str], business_date: date) -> str:
    """Receive one claim on a contract that these agents serve; return its reception number.

    Args:
        claim: a row of ``claims.services.NewClaims``; a repeated external key gets the first
            number again.
        agents: whose contracts the reporter may name.
        business_date: accounting date.

    Raises:
        core.errors.DomainError: with every reason; unknown and foreign contracts alike.
    """
    return services.receive_within(
        claim, agents=agents, business_date=business_date, confirmed=True
    )
