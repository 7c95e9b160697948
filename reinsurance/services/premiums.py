"""Ceded premium: what came in is noted by line as it comes, and ceded at the month's end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Sum

from core.clock import month_end
from core.columns import Keys, Won
from core.events import publish
from reinsurance import rules
from reinsurance.events import PremiumsCeded
from reinsurance.models import (
    AccountEntry,
    PremiumCession,
    RiskPremium,
    SubjectPremium,
    Treaty,
)

from .entries import enter
from .losses import covered, sums_of


def note_premiums(
    *, event_id: UUID, line: Keys, amount: Won, on: date, contract: Keys | None = None
) -> None:
    """Note the premium of a batch by line, in the caller's transaction.

    Where a line has treaties that take each risk's own share (surplus, facultative), what they
    take is noted by treaty as well.

    Args:
        event_id: of the batch; its lines are noted once.
        line: (n,) portfolios.
        amount: (n,) won, signed: negative where premium was paid back.
        on: the business date.
        contract: (n,) contracts; without them nothing is noted by risk.
    """
    moved = amount != 0
    line, amount = line[moved], amount[moved]
    names, index = np.unique(line.astype(str), return_inverse=True)
    sums = np.zeros(len(names), dtype=np.int64)
    np.add.at(sums, index, amount)
    SubjectPremium.objects.bulk_create(
        (
            SubjectPremium(
                event_id=event_id,
                line=name,
                premium_date=on,
                amount=int(total),
                contracts=int(count),
            )
            for name, total, count in zip(
                names, sums, np.bincount(index, minlength=len(names)), strict=True
            )
        ),
        ignore_conflicts=True,
    )
    if contract is not None and len(line):
        _note_by_risk(event_id, line, amount, contract[moved], on)


def _note_by_risk(event_id: UUID, line: Keys, amount: Won, contract: Keys, on: date) -> None:
    treaties = list(
        Treaty.objects.filter(
            line__in=set(line.tolist()),
            kind__in=(rules.SURPLUS, rules.FACULTATIVE),
            status__in=["SIGNED", "ENDED"],
            period__contains=on,
        ).order_by("treaty_code")
    )
    if not treaties:
        return
    concerned = np.isin(line, [treaty.line for treaty in treaties])
    line, amount, contract = line[concerned], amount[concerned], contract[concerned]
    sums = sums_of(treaties, contract)
    day = np.full(len(line), np.datetime64(on, "D"))
    covers = covered(treaties, line=line, loss_date=day, contract=contract)
    noted = []
    for number, treaty in enumerate(treaties):
        share = np.where(covers[:, number], share_of(treaty, sums), 0)
        ceding = share > 0
        ceded = rules.cede_by_risk(amount[ceding], share[ceding])
        if ceding.any():
            noted.append(
                RiskPremium(
                    treaty=treaty,
                    event_id=event_id,
                    premium_date=on,
                    subject=int(amount[ceding].sum()),
                    ceded=int(ceded.sum()),
                    contracts=int(ceding.sum()),
                )
            )
    RiskPremium.objects.bulk_create(noted, ignore_conflicts=True)


def share_of(treaty: Treaty, sums: Won) -> Any:
    """Return (n,) the share of each risk's premium and losses, in parts of ``rules.WHOLE``."""
    if treaty.kind == rules.SURPLUS:
        return rules.share_of_sum(
            sums, retention=int(treaty.retention), limit=int(treaty.layer_limit)
        )
    return np.full(len(sums), int(treaty.cession_percent * rules.WHOLE / 100))


@transaction.atomic
def cede_premiums_many(treaty_codes: Iterable[str], *, on: date) -> int:
    """Cede the premium of a month to treaties; a treaty that has had its month is left alone.

    Args:
        treaty_codes: signed treaties.
        on: a day of the month, its last day as a rule; premium up to that day is ceded.

    Returns:
        How many cessions were made.
    """
    month = f"{on:%Y-%m}"
    found = Treaty.objects.select_for_update().filter(
        pk__in=list(treaty_codes), status__in=["SIGNED", "ENDED"]
    )
    treaties = sorted(
        found.exclude(cessions__month=month).order_by("treaty_code"),
        key=lambda t: rules.ORDER.index(t.kind),
    )
    taken = _taken(month)
    made = []
    for treaty in treaties:
        cession = _cession(treaty, on, taken)
        taken.append((treaty.line, treaty.kind, treaty.inures, int(cession.ceded_premium)))
        made.append(cession)
    PremiumCession.objects.bulk_create(made)
    _enter_cessions([cession for cession in made if cession.ceded_premium], on)
    return len(made)


def _taken(month: str) -> list[tuple[str, str, bool, int]]:
    """Return what was ceded of a month: (line, kind, whether it inures, won)."""
    rows = PremiumCession.objects.filter(month=month).values_list(
        "treaty__line", "treaty__kind", "treaty__inures", "ceded_premium"
    )
    return [(line, kind, inures, int(ceded)) for line, kind, inures, ceded in rows]


def _cession(treaty: Treaty, on: date, taken: list[tuple[str, str, bool, int]]) -> PremiumCession:
    if treaty.kind in (rules.SURPLUS, rules.FACULTATIVE):
        subject, ceded = risk_premium(treaty, on)
        commission = rules.commission_on(ceded, treaty.commission_percent)
    elif treaty.deposit_premium:
        return deposit_cession(treaty, on)
    else:
        subject = subject_premium(treaty, on)
        if treaty.net_premium_base:
            place = rules.ORDER.index(treaty.kind)
            subject -= sum(
                amount
                for line, kind, inures, amount in taken
                if line == treaty.line and inures and rules.ORDER.index(kind) < place
            )
        quota = treaty.kind == rules.QUOTA_SHARE
        ceded, commission = rules.cede_premium(
            subject,
            percent=treaty.cession_percent if quota else treaty.premium_percent,
            commission_percent=treaty.commission_percent,
        )
    return PremiumCession(
        treaty=treaty,
        month=f"{on:%Y-%m}",
        subject_premium=subject,
        ceded_premium=ceded,
        commission=commission,
    )


def deposit_cession(treaty: Treaty, on: date) -> PremiumCession:
    """Return a month's cession of a treaty with a deposit premium, not saved.

    Instalments of the deposit fall due in their months; in the last month the premium is brought
    to what the rate on the premium of the whole period gives, at least the minimum.
    """
    month = f"{on:%Y-%m}"
    first = treaty.period.lower
    number = (on.year - first.year) * 12 + on.month - first.month
    last = treaty.last_day
    before = treaty.cessions.filter(month__lt=month).aggregate(
        subject=Sum("subject_premium"), ceded=Sum("ceded_premium")
    )
    subject = subject_premium(treaty, on)
    instalment = rules.deposit_due(
        int(treaty.deposit_premium),
        instalments=treaty.deposit_instalments,
        months=max(1, (last.year - first.year) * 12 + last.month - first.month + 1),
        month=number,
    )
    trace: dict[str, Any] = {"instalment": instalment, "paid": int(before["ceded"] or 0)}
    ceded = instalment
    if month == f"{last:%Y-%m}":
        whole = int(before["subject"] or 0) + subject
        due = rules.adjusted_premium(
            whole, percent=treaty.premium_percent, minimum=int(treaty.minimum_premium)
        )
        ceded = due - trace["paid"]
        trace |= {"subject": whole, "adjusted": due}
    return PremiumCession(
        treaty=treaty,
        month=month,
        subject_premium=subject,
        ceded_premium=ceded,
        commission=rules.commission_on(ceded, treaty.commission_percent),
        trace=trace,
    )


def _enter_cessions(told: list[PremiumCession], on: date) -> None:
    enter(
        AccountEntry(
            treaty=cession.treaty,
            reinsurer_name=cession.treaty.reinsurer_name,
            line=cession.treaty.line,
            kind=kind,
            entry_date=on,
            amount=amount,
            reference=cession.month,
        )
        for cession in told
        for kind, amount in (
            ("PREMIUM", cession.ceded_premium),
            ("COMMISSION", -cession.commission),
        )
    )
    if told:
        publish(
            PremiumsCeded.of(
                business_date=on,
                rows=[
                    {
                        "cession_id": cession.pk,
                        "treaty_code": cession.treaty_id,
                        "line": cession.treaty.line,
                        "ceded": cession.ceded_premium,
                        "commission": cession.commission,
                    }
                    for cession in told
                ],
            )
        )


def risk_premium(treaty: Treaty, on: date) -> tuple[int, int]:
    """Return the premium of a month's ceding risks and what a treaty takes of it, won."""
    sums = treaty.risk_premiums.filter(
        premium_date__gte=on.replace(day=1), premium_date__lte=on
    ).aggregate(subject=Sum("subject"), ceded=Sum("ceded"))
    return int(sums["subject"] or 0), int(sums["ceded"] or 0)


def subject_premium(treaty: Treaty, on: date) -> int:
    """Return the premium of a treaty's line on the days of a month that it covers, won."""
    first = max(on.replace(day=1), treaty.period.lower)
    last = min(on, month_end(on), treaty.period.upper - timedelta(days=1))
    total = SubjectPremium.objects.filter(
        line=treaty.line, premium_date__gte=first, premium_date__lte=last
    ).aggregate(total=Sum("amount"))["total"]
    return int(total or 0)
