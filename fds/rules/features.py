"""The feature set: the same arithmetic for one claim, a back-test and a training set.

Everything here works on columns that were read as known at the moments asked; nothing looks at
the clock, the handler of a claim, or its place in the calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from core.columns import Ints, Keys

from .facts import FACTS, LEARNED_NUMBERS, LEARNED_WORDS

Numbers = NDArray[np.float64]

VERSION = "claims-1"
HUB = 200
PRIOR, WEIGHT = 0.05, 10.0
GROUPS: dict[str, tuple[str, ...]] = {
    "person": ("CUSTOMER", "PERSON"),
    "contact": ("PHONE", "ACCOUNT", "ADDRESS", "VEHICLE", "DOCUMENT"),
    "provider": ("PROVIDER",),
    "agent": ("AGENT",),
}
NUMBERS: dict[str, str | Promise] = {
    "tenure_days": _("Days from the start of cover to the accident"),
    "report_gap_days": _("Days from the accident to the report"),
    "claimed_log": _("Claimed amount"),
    "claimed_share": _("Claimed share of the sum insured"),
    "insured_age": _("Insurance age"),
    "term_months": _("Term of the contract, months"),
    "premium_log": _("Premium"),
    "customer_claims_30": _("Claims of the customer in 30 days"),
    "customer_claims_365": _("Claims of the customer in 365 days"),
    "customer_claims": _("Claims of the customer so far"),
    "customer_claimed_log": _("Claimed by the customer in 365 days"),
    "days_since_claim": _("Days since the customer's last claim"),
    "accidents_365": _("Accidents of the customer in 365 days"),
    "contracts_180": _("New contracts of the customer in 180 days"),
    "provider_claims_90": _("Claims at the provider in 90 days"),
    "provider_people_90": _("Patients at the provider in 90 days"),
    "provider_amount_z": _("Amount against the provider's usual one"),
    "provider_volume_z": _("Provider's claims against its peers"),
    "pair_180": _("Claims of this agent at this provider in 180 days"),
    "pair_lift": _("Agent and provider together, against chance"),
    **{
        f"{group}_{what}": label
        for group, labels in {
            "person": (
                _("Share of fraud among the persons' earlier claims"),
                _("Established frauds of the persons"),
                _("Earlier claims of the persons"),
            ),
            "contact": (
                _("Share of fraud under the same phone, account or address"),
                _("Established frauds under the same phone, account or address"),
                _("Earlier claims under the same phone, account or address"),
            ),
            "provider": (
                _("Share of fraud at the provider"),
                _("Established frauds at the provider"),
                _("Earlier claims at the provider"),
            ),
            "agent": (
                _("Share of fraud with the agent"),
                _("Established frauds with the agent"),
                _("Earlier claims with the agent"),
            ),
        }.items()
        for what, label in zip(("rate", "frauds", "links"), labels, strict=True)
    },
    "party_rate_max": _("Highest share of fraud among all parties"),
    "party_rate_mean": _("Mean share of fraud among all parties"),
    **{name: FACTS[name].label for name in LEARNED_NUMBERS},
}
WORDS: dict[str, str | Promise] = {
    "line": _("Line of business"),
    "claim_type": _("Sort of claim"),
    "channel": _("Way of reporting"),
    "provider_kind": _("Sort of provider"),
    "sex": _("Sex"),
    **{name: FACTS[name].label for name in LEARNED_WORDS},
}
NETWORK = frozenset(
    {f"{group}_{what}" for group in GROUPS for what in ("rate", "frauds", "links")}
    | {"party_rate_max", "party_rate_mean"}
)


@dataclass(frozen=True, slots=True)
class Features:
    """A feature table of n claims: numbers (NaN: unknown) and words (empty: unknown)."""

    numbers: Mapping[str, Numbers]
    words: Mapping[str, Keys]

    def __len__(self) -> int:
        return len(next(iter(self.numbers.values())))

    def row(self, number: int) -> dict[str, Any]:
        """Return one claim's values as they are kept: unknown ones are left out."""
        known = {
            name: round(float(column[number]), 6)
            for name, column in self.numbers.items()
            if not np.isnan(column[number])
        }
        return known | {name: str(c[number]) for name, c in self.words.items() if c[number]}


@dataclass(frozen=True, slots=True)
class Links:
    """The parties of claims with their pasts, (m,) each.

    Args:
        row: which claim.
        kind: of the party.
        claims: its earlier claims, at most ``HUB + 1``.
        judged: of those, with an outcome that was known.
        frauds: of those, established as fraud.
    """

    row: Ints
    kind: Keys
    claims: Ints
    judged: Ints
    frauds: Ints


def network(links: Links, rows: int) -> dict[str, Numbers]:
    """Work out the network features.

    A party's share of fraud is (frauds + 0.05 · 10) / (judged + 10), so that a party with a short
    past stays near the average. A party with more than ``HUB`` claims is a hub: it tells nothing
    about a claim and has the average.

    Args:
        links: (m,) parties.
        rows: number of claims.
    """
    hub = links.claims > HUB
    share = np.where(hub, PRIOR, (links.frauds + PRIOR * WEIGHT) / (links.judged + WEIGHT))
    found: dict[str, Numbers] = {}
    for group, kinds in GROUPS.items():
        mine = np.isin(links.kind, kinds) & ~hub
        rate = np.full(rows, PRIOR)
        np.maximum.at(rate, links.row[mine], share[mine])
        found[f"{group}_rate"] = rate
        for what, column in (("frauds", links.frauds), ("links", links.claims)):
            total = np.zeros(rows)
            np.add.at(total, links.row[mine], column[mine])
            found[f"{group}_{what}"] = total
    top, total, count = np.full(rows, PRIOR), np.zeros(rows), np.zeros(rows)
    np.maximum.at(top, links.row, share)
    np.add.at(total, links.row, share)
    np.add.at(count, links.row, 1)
    found["party_rate_max"] = top
    found["party_rate_mean"] = np.where(count > 0, total / np.maximum(count, 1), PRIOR)
    return found


def amount_z(claimed: Ints, n: Ints, log_sum: Ints, log_squares: Ints) -> Numbers:
    """Return how far claims lie above the usual amount of their providers, in deviations.

    Args:
        claimed: (n,) won.
        n: (n,) earlier claims at the provider in 180 days; below five: NaN.
        log_sum: (n,) of 1,000 · ln(claimed + 1).
        log_squares: (n,) of its square.
    """
    own = np.round(np.log(claimed + 1.0) * 1000)
    count = np.maximum(n, 2).astype(np.float64)
    mean = log_sum / count
    variance = np.maximum((log_squares - count * mean**2) / (count - 1), 0)
    return np.where(n >= 5, (own - mean) / np.maximum(np.sqrt(variance), 100.0), np.nan)


def volume_z(observed: Ints, expected: Numbers) -> Numbers:
    """Return the Poisson deviation of counts from what is expected; NaN where nothing is.

    Args:
        observed: (n,) claims of the provider.
        expected: (n,) mean of its peers.
    """
    known = expected > 0
    safe = np.where(known, expected, 1.0)
    return np.where(known, (observed - safe) / np.sqrt(safe), np.nan)


def lift(pair: Ints, agent: Ints, provider: Ints, total: Ints) -> Numbers:
    """Return n · N / (n_agent · n_provider); NaN where one of them is zero."""
    base = agent.astype(np.float64) * provider
    return np.where(base > 0, pair * total.astype(np.float64) / np.maximum(base, 1), np.nan)


def declared(facts: Sequence[Mapping[str, Any]]) -> Features:
    """Put declared facts into columns."""
    numbers = {
        name: np.asarray([one.get(name, np.nan) for one in facts], dtype=np.float64)
        for name in LEARNED_NUMBERS
    }
    words: dict[str, Keys] = {}
    for name in LEARNED_WORDS:
        column = np.empty(len(facts), dtype=object)
        column[:] = [one.get(name, "") for one in facts]
        words[name] = column
    return Features(numbers, words)
