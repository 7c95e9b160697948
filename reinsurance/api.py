"""What later stages may ask of reinsurance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from claims import api as claims
from contracts import api as contracts
from core.clock import month_end
from core.columns import as_column

from . import rules, services
from .models import (
    Accumulation,
    CededLoss,
    PremiumCession,
    Recoverable,
    Recovery,
    SubjectPremium,
    Treaty,
)
from .selectors import layers_of, of_claims, terms_of

_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class LossSummary:
    """A paid claim gross and net of reinsurance, won."""

    claim_number: str
    gross: int
    ceded: int

    @property
    def kept(self) -> int:
        """What the insurer bears itself."""
        return self.gross - self.ceded


def losses(claim_numbers: Iterable[str]) -> dict[str, LossSummary]:
    """Return paid claims as reinsurance saw them; others are left out."""
    return {
        loss.claim_number: LossSummary(
            loss.claim_number,
            int(loss.gross),
            int(loss.ceded_whole),  # type: ignore[attr-defined]
        )
        for loss in of_claims(claim_numbers)
    }


def outstanding(on: date) -> dict[str, int]:
    """Return what reinsurers owe at the end of a day by line, won."""
    billed = Recovery.objects.filter(billed_on__lte=on)
    owed = billed.filter(status="PENDING") | billed.filter(received_on__gt=on)
    sums = owed.values_list("line").annotate(total=Sum("recovery_amount"))
    return {line: int(total) for line, total in sums}


def ceded_premium(month: str) -> dict[str, tuple[int, int]]:
    """Return the ceded premium and the commission of a month (``YYYY-MM``) by line, won."""
    sums = (
        PremiumCession.objects.filter(month=month)
        .values_list("treaty__line")
        .annotate(ceded=Sum("ceded_premium"), back=Sum("commission"))
    )
    return {line: (int(ceded), int(back)) for line, ceded, back in sums}


@dataclass(frozen=True, slots=True)
class HeldTreaty:
    """A treaty as its measurement needs it; percents, amounts in won, cover is [start, end)."""

    code: str
    kind: str
    line: str
    start: date
    end: date
    position: int
    percent: Decimal
    commission_percent: Decimal
    retention: int
    limit: int
    premium_percent: Decimal
    net_base: bool
    inures: bool
    contract: str


def held_treaties(on: date) -> list[HeldTreaty]:
    """Return the treaties that began by a day, signed or ended since, in order of their codes."""
    found = Treaty.objects.filter(status__in=["SIGNED", "ENDED"], period__startswith__lte=on)
    return [
        HeldTreaty(
            code=t.treaty_code,
            kind=t.kind,
            line=t.line,
            start=t.period.lower,
            end=t.period.upper,
            position=t.position,
            percent=t.cession_percent,
            commission_percent=t.commission_percent,
            retention=int(t.retention),
            limit=int(t.layer_limit),
            premium_percent=t.premium_percent,
            net_base=t.net_premium_base,
            inures=t.inures,
            contract=t.contract_number,
        )
        for t in found.order_by("treaty_code")
    ]


def invariants() -> list[tuple[str, int, str]]:
    """Return (name, breaches, first keys) of what must always hold here."""
    checks = {
        "each loss has the recoveries that were ceded": _losses_without_their_recoveries,
        "each loss that was added up has its recovery": _accumulations_without_recovery,
        "open claims have their reinsurers' share, others have none": _shares_of_closed_claims,
        "reinsurance has seen each payout": _payouts_not_seen,
        "each recovery is what the treaties give": _recomputed_otherwise,
        "no line cedes more than the whole": _shares_above_the_whole,
        "each cession is the treaty's percent of the premium": _cessions_that_differ,
        "the premium noted is the premium collected": _premium_not_noted,
    }
    out = []
    for name, check in checks.items():
        keys = check()
        out.append((name, len(keys), ", ".join(keys[:5])))
    return out


def _losses_without_their_recoveries() -> list[str]:
    one_by_one = Recovery.objects.exclude(treaty__kind__in=rules.ACCUMULATING)
    sums = dict(one_by_one.values_list("payout_id").annotate(total=Sum("recovery_amount")))
    found = []
    for pk, number, gross, ceded in CededLoss.objects.values_list(
        "pk", "claim_number", "gross", "ceded"
    ).iterator(chunk_size=_CHUNK):
        if sums.pop(pk, Decimal(0)) != ceded or ceded > gross:
            found.append(number)
    return found + [f"payout {pk}" for pk in sums]


def _payouts_not_seen() -> list[str]:
    payouts = CededLoss._meta.get_field("payout").related_model
    missing = payouts._base_manager.exclude(pk__in=CededLoss.objects.values("pk"))
    return [str(key) for key in missing.values_list("pk", flat=True)]


def _recomputed_otherwise() -> list[str]:
    """Compute every recovery again, and compare; a used up limit may only make it less."""
    signed = Treaty.objects.exclude(status="DRAFT").exclude(kind__in=rules.ACCUMULATING)
    treaties = list(signed.order_by("treaty_code"))
    layers = [replace(layer, left=None) for layer in layers_of(treaties)]
    limited = {treaty.line for treaty in treaties if treaty.aggregate_limit}
    rows = list(
        CededLoss.objects.order_by("pk").values_list(
            "claim_number", "line", "loss_date", "gross", "ceded", "contract_number", "sum_insured"
        )
    )
    found = []
    for start in range(0, len(rows), _CHUNK):
        number, line, day, gross, ceded, contract, insured = zip(
            *rows[start : start + _CHUNK], strict=True
        )
        covers = services.covered(
            treaties,
            line=as_column("keys", list(line)),
            loss_date=np.asarray(day, dtype="datetime64[D]"),
            contract=as_column("keys", list(contract)),
        )
        sums = as_column("won", insured)
        due = rules.recover(as_column("won", gross), layers, covers, sums=sums).sum(axis=1)
        actual = as_column("won", ceded)
        free = np.asarray([name not in limited for name in line], dtype=bool)
        wrong = np.flatnonzero((actual > due) | (free & (actual != due)))
        found += [number[i] for i in wrong]
    return found


def _shares_above_the_whole() -> list[str]:
    by_line: dict[str, list[rules.Terms]] = {}
    for treaty in Treaty.objects.exclude(status="DRAFT"):
        by_line.setdefault(treaty.line, []).append(terms_of(treaty))
    found = []
    for line, terms in sorted(by_line.items()):
        share, day = rules.highest_share(terms)
        if share > 100:
            found.append(f"{line} cedes {share} % from {day}")
    return found


def _cessions_that_differ() -> list[str]:
    found = []
    for cession in PremiumCession.objects.select_related("treaty"):
        treaty = cession.treaty
        if treaty.kind in (rules.SURPLUS, rules.FACULTATIVE):
            subject, ceded = services.risk_premium(treaty, _last_day(cession.month))
            due = (ceded, rules.commission_on(ceded, treaty.commission_percent))
            same = subject == int(cession.subject_premium)
        elif treaty.deposit_premium:
            again = services.deposit_cession(treaty, _last_day(cession.month))
            due, same = (int(again.ceded_premium), int(again.commission)), True
        else:
            quota = treaty.kind == rules.QUOTA_SHARE
            due = rules.cede_premium(
                int(cession.subject_premium),
                percent=treaty.cession_percent if quota else treaty.premium_percent,
                commission_percent=treaty.commission_percent,
            )
            same = True
        if not same or due != (int(cession.ceded_premium), int(cession.commission)):
            found.append(str(cession))
    return found


def _last_day(month: str) -> date:
    return month_end(date.fromisoformat(f"{month}-01"))


def _accumulations_without_recovery() -> list[str]:
    billed = {
        (treaty, payout): amount
        for treaty, payout, amount in Recovery.objects.filter(treaty__kind__in=rules.ACCUMULATING)
        .values_list("treaty_id", "payout_id")
        .annotate(total=Sum("recovery_amount"))
    }
    found = [
        f"{treaty} {payout}"
        for treaty, payout, amount in Accumulation.objects.values_list(
            "treaty_id", "payout_id", "recovered"
        )
        if billed.pop((treaty, payout), Decimal(0)) != amount
    ]
    return found + [f"{treaty} {payout}" for treaty, payout in billed]


def _shares_of_closed_claims() -> list[str]:
    held = Recoverable.objects.filter(amount__gt=0)
    facts = claims.facts(held.values_list("claim_number", flat=True))
    return [
        str(row)
        for row in held.order_by("pk")
        if row.claim_number not in facts or facts[row.claim_number].case_reserve != row.case_reserve
    ]


def _premium_not_noted() -> list[str]:
    """Compare what came in, noted event by event, with the bills that contracts collected."""
    noted: dict[date, dict[str, int]] = {}
    sums = (
        SubjectPremium.objects.filter(amount__gt=0)
        .annotate(month=TruncMonth("premium_date"))
        .values_list("month", "line")
        .annotate(total=Sum("amount"))
    )
    for month, line, total in sums:
        noted.setdefault(month, {})[line] = int(total)
    found = []
    for month, by_line in sorted(noted.items()):
        collected = {k: v for k, v in contracts.premium_by_line(month).items() if v}
        if by_line != collected:
            found.append(f"{month:%Y-%m}")
    return found
