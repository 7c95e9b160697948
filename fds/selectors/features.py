"""Reading a feature set: one function for live scoring, back-tests and training.

``features(claims.Moments)`` is the only way to a feature table. A live claim asks with the moment
of its own report; a replay asks with the same moment and, for claims that were written down later,
with the recording instant of the evaluation that it repeats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson

from claims import api as claims
from contracts import api as contracts
from core.bulk import read_columns
from core.columns import Days, Ints, Keys
from fds.rules import features as rules

from .links import ASKED, links_at

_FACTS = f"""
    SELECT a.row - 1, f.facts::text {ASKED}
    JOIN fds_claim_facts f ON f.reception_id = a.id
        AND f.known_at <= q.at AND f.made_at <= q.recorded
    ORDER BY a.row, f.known_at, f.id
"""


def facts_at(moments: claims.Moments) -> list[dict[str, Any]]:
    """Return the declared facts of claims as known at the moments, later ones over earlier."""
    found = read_columns(_FACTS, moments.params(), row="ints", facts="keys")
    merged: list[dict[str, Any]] = [{} for _ in moments.reception_id]
    for row, text in zip(found["row"].tolist(), found["facts"].tolist(), strict=True):
        merged[row].update(orjson.loads(text))
    return merged


def moments_of(found: claims.ClaimColumns, *, recorded: Ints | None = None) -> claims.Moments:
    """Return the moments of the claims' own reports.

    Args:
        found: the claims.
        recorded: (n,) recording instants to replay, microseconds; None: what is there now.
    """
    now = np.full(len(found.reception_id), -1, dtype=np.int64)
    return claims.Moments(
        found.reception_id, found.reported_at, now if recorded is None else recorded
    )


def features(moments: claims.Moments) -> rules.Features:
    """Read the feature set of claims as known at moments; a batch of one is the ordinary case."""
    found = claims.claim_columns(moments.reception_id.tolist())
    sold = contracts.contract_columns(found.contract_id)
    facts = rules.declared(facts_at(moments))
    numbers: dict[str, Any] = {
        "tenure_days": _gap(found.incident, sold.coverage_start),
        "report_gap_days": _gap(found.reported, found.incident),
        "claimed_log": np.log(found.claimed + 1.0),
        "claimed_share": found.claimed / np.maximum(sold.sum_assured, 1),
        "insured_age": sold.insurance_age.astype(np.float64),
        "term_months": sold.term_months.astype(np.float64),
        "premium_log": np.log(sold.premium + 1.0),
        **_velocity(moments, found),
        **_peers(moments, found),
        **rules.network(links_at(moments), len(found.reception_id)),
        **facts.numbers,
    }
    _derive(numbers, found.claimed)
    words: dict[str, Keys] = {
        "line": found.line,
        "claim_type": found.claim_type,
        "channel": found.channel,
        "provider_kind": found.provider_kind,
        "sex": np.where(sold.male, "M", "F").astype(object),
        **facts.words,
    }
    return rules.Features(
        {name: np.asarray(numbers[name], dtype=np.float64) for name in rules.NUMBERS}, words
    )


def _derive(numbers: dict[str, Any], claimed: Ints) -> None:
    """Work out what follows from declared facts, where it was not declared itself."""
    value = numbers["vehicle_value"]
    known = ~np.isnan(value) & (value > 0) & np.isnan(numbers["amount_to_value"])
    share = claimed / np.where(known, value, 1.0)
    numbers["amount_to_value"] = np.where(known, share, numbers["amount_to_value"])


def _velocity(moments: claims.Moments, found: claims.ClaimColumns) -> dict[str, Any]:
    past = claims.velocity(moments)
    window = np.timedelta64(180, "D")
    return {
        "customer_claims_30": past.n30,
        "customer_claims_365": past.n365,
        "customer_claims": past.n,
        "customer_claimed_log": np.log(past.won365 + 1.0),
        "days_since_claim": np.where(past.last >= 0, past.last, np.nan),
        "accidents_365": past.accidents,
        "contracts_180": contracts.new_contracts(
            found.customer_id, found.incident - window, found.incident, moments.recorded
        ),
    }


def _peers(moments: claims.Moments, found: claims.ClaimColumns) -> dict[str, Any]:
    window = claims.provider_window(moments)
    expected, total = expectations(moments, found)
    named = found.provider_code != ""
    volume = rules.volume_z(window.n90, expected)
    return {
        "provider_claims_90": np.where(named, window.n90, np.nan),
        "provider_people_90": np.where(named, window.people90, np.nan),
        "provider_amount_z": rules.amount_z(
            found.claimed, window.n180, window.log_sum, window.log_squares
        ),
        "provider_volume_z": np.where(named, volume, np.nan),
        "pair_180": np.where(named, window.pair180, np.nan),
        "pair_lift": rules.lift(window.pair180, window.agent180, window.n180, total),
    }


def expectations(moments: claims.Moments, found: claims.ClaimColumns) -> tuple[Any, Ints]:
    """Return what providers of the same kind and region have on average, and all claims.

    Returns:
        (n,) mean claims of the peers that had any in the 90 days before the day, 0 where unknown;
        (n,) claims at all providers in the 180 days before the day.
    """
    named = found.provider_code != ""
    day = _days(moments.at)
    seen = claims.peers(
        day[named],
        moments.recorded[named],
        found.provider_kind[named],
        found.provider_region[named],
    )
    expected, total = np.zeros(len(day)), np.zeros(len(day), dtype=np.int64)
    expected[named] = seen.n90 / np.maximum(seen.providers90, 1)
    total[named] = seen.n180
    return expected, total


def _days(at: Ints) -> Days:
    """Return the Korean days of instants."""
    return (at.astype("datetime64[us]") + np.timedelta64(9, "h")).astype("datetime64[D]")


def _gap(later: Days, earlier: Days) -> Any:
    gap = (later - earlier).astype("timedelta64[D]")
    return np.where(np.isnat(gap), np.nan, gap.astype(np.float64))
