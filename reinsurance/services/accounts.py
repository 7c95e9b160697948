"""The account current with reinsurers: entries, commission adjustments, settlement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from core import numbering
from core.acting import current
from core.errors import DomainError, NotAllowed, NotFound
from core.events import publish
from core.status import IllegalTransition, transition
from reinsurance import rules
from reinsurance.events import CommissionsAdjusted, PayablesSettled
from reinsurance.models import (
    AccountEntry,
    PremiumCession,
    Recoverable,
    Recovery,
    Settlement,
    Treaty,
)

from .entries import enter
from .losses import receive_many


class NothingOwed(DomainError):
    """Neither side owes anything up to that day."""


class SettlementOpen(DomainError):
    """Another settlement with the reinsurer waits for approval."""


class AccountMoved(DomainError):
    """The account has moved since the settlement was drawn up."""


class OwnSettlement(NotAllowed):
    """Whoever draws up a settlement cannot pay it."""


@transaction.atomic
def adjust_commissions_many(treaty_codes: Iterable[str], *, on: date) -> int:
    """Bring sliding scale and profit commissions to what is known at a month's end.

    The target on all premium and losses so far is worked out and what was credited before is
    taken off. A profit commission is due when the treaty's period is over.

    Args:
        treaty_codes: signed treaties; those without such terms are left alone.
        on: the month's last day; a treaty is adjusted once a month.

    Returns:
        How many adjustments there were.
    """
    month = f"{on:%Y-%m}"
    found = Treaty.objects.select_for_update().filter(
        pk__in=list(treaty_codes), status__in=["SIGNED", "ENDED"]
    )
    made: list[AccountEntry] = []
    for treaty in found.order_by("treaty_code"):
        for kind, target, trace in _targets(treaty, on):
            entries = treaty.entries.filter(kind=kind)
            if entries.filter(reference=month).exists():
                continue
            credited = -int(entries.aggregate(s=Sum("amount"))["s"] or 0)
            trace |= {"target": target, "credited_before": credited}
            made.append(_entry(treaty, kind, on, credited - target, month, trace))
    made = enter(made)
    if made:
        publish(
            CommissionsAdjusted.of(
                business_date=on,
                rows=[
                    {
                        "entry_id": entry.pk,
                        "treaty_code": entry.treaty_id,
                        "reinsurer": entry.reinsurer_name,
                        "line": entry.line,
                        "kind": entry.kind,
                        "amount": -entry.amount,
                    }
                    for entry in made
                ],
            )
        )
    return len(made)


def _targets(treaty: Treaty, on: date) -> list[tuple[str, int, dict[str, Any]]]:
    """Return (kind, what should have been credited by now, how) of a treaty."""
    if not treaty.scale and not treaty.profit_percent:
        return []
    known = _known(treaty, on)
    if not known:
        return []
    commission, flat = known.pop("commission"), known["flat"]
    found: list[tuple[str, int, dict[str, Any]]] = []
    if treaty.scale:
        how = {**known, "ratio": f"{_ratio(known):.4f}", "rate": str(_rate(treaty, known))}
        found.append(("SLIDING", commission - flat, how))
    if treaty.profit_percent and on >= treaty.period.upper - timedelta(days=1):
        account = _profit(treaty, on, known | {"commission": commission}, treaty.deficit_years)
        how = {
            **known,
            "commission": commission,
            "expenses": account.expenses,
            "carried": account.carried,
            "result": account.result,
            "percent": str(treaty.profit_percent),
        }
        found.append(("PROFIT", account.due, how))
    return found


def _known(treaty: Treaty, on: date) -> dict[str, int]:
    """Return premium, losses, flat and sliding commission of a treaty so far; without premium {}.

    Losses are those billed and those expected of open claims.
    """
    took = PremiumCession.objects.filter(treaty=treaty, month__lte=f"{on:%Y-%m}").aggregate(
        premium=Sum("ceded_premium"), flat=Sum("commission")
    )
    premium, flat = int(took["premium"] or 0), int(took["flat"] or 0)
    if premium <= 0:
        return {}
    paid = Recovery.objects.filter(treaty=treaty, billed_on__lte=on)
    open_ = Recoverable.objects.filter(treaty=treaty).aggregate(s=Sum("amount"))["s"] or 0
    losses = int((paid.aggregate(s=Sum("recovery_amount"))["s"] or 0) + open_)
    known = {"premium": premium, "losses": losses, "flat": flat}
    sliding = rules.commission_on(premium, _rate(treaty, known)) if treaty.scale else flat
    return known | {"commission": sliding}


def _ratio(known: dict[str, int]) -> float:
    return known["losses"] / known["premium"] * 100


def _rate(treaty: Treaty, known: dict[str, int]) -> Decimal:
    scale = [(float(ratio), float(rate)) for ratio, rate in treaty.scale]
    return Decimal(str(round(float(rules.sliding_rate(_ratio(known), scale)), 4)))


def _profit(treaty: Treaty, on: date, known: dict[str, int], years: int) -> rules.Profit:
    """Return the profit account of a treaty; deficits of the treaties before it come along."""
    return rules.profit_commission(
        premium=known["premium"],
        losses=known["losses"],
        commission=known["commission"],
        expense_percent=treaty.profit_expense_percent,
        percent=treaty.profit_percent,
        carried=_carried(treaty, on, years),
    )


def _carried(treaty: Treaty, on: date, years: int) -> int:
    """Return the deficit that a treaty takes over from those that it renews, won."""
    before = Treaty.objects.filter(pk=treaty.follows).first() if years and treaty.follows else None
    if before is None:
        return 0
    known = _known(before, on)
    return _profit(before, on, known, years - 1).to_carry if known else 0


def _entry(
    treaty: Treaty, kind: str, day: date, amount: int, reference: str, trace: dict[str, Any]
) -> AccountEntry:
    return AccountEntry(
        treaty=treaty,
        reinsurer_name=treaty.reinsurer_name,
        line=treaty.line,
        kind=kind,
        entry_date=day,
        amount=amount,
        reference=reference,
        trace=trace,
    )


@transaction.atomic
def propose_settlement(reinsurer: str, *, until: date, net: bool, on: date) -> str:
    """Draw up a settlement of all that is owed to a reinsurer up to a day.

    Args:
        reinsurer: its name.
        until: entries up to and including this day.
        net: clear the recoveries that it owes (billed up to the same day) against it.
        on: the business date.

    Returns:
        The settlement's number.

    Raises:
        NothingOwed, SettlementOpen.
    """
    if Settlement.objects.filter(reinsurer_name=reinsurer, status="PROPOSED").exists():
        raise SettlementOpen(
            _("A settlement with %(name)s waits for approval; pay or cancel it first.")
            % {"name": reinsurer}
        )
    payable = sum(_open_by_treaty(reinsurer, until).values())
    owed = _owed(reinsurer, until) if net else []
    offset = sum(int(row.recovery_amount) for row in owed)
    if not payable and not offset:
        raise NothingOwed(
            _("Nothing is open with %(name)s up to %(day)s.") % {"name": reinsurer, "day": until}
        )
    number = numbering.take_one("RST", on.year)
    Settlement.objects.create(
        settlement_no=number,
        reinsurer_name=reinsurer,
        until=until,
        payable=payable,
        offset=offset,
        made_by=current().actor,
        made_on=on,
    )
    return number


@transaction.atomic
def pay_settlement(settlement_no: str, *, on: date) -> None:
    """Pay a settlement that someone else drew up; recoveries cleared in it count as received.

    Raises:
        NotFound, IllegalTransition, OwnSettlement.
        AccountMoved: what is open differs from what was drawn up.
    """
    row = _waiting(settlement_no)
    if row.made_by == current().actor:
        raise OwnSettlement(
            _("%(maker)s drew up %(number)s: someone else pays it.")
            % {"maker": row.made_by, "number": settlement_no}
        )
    balances = _open_by_treaty(row.reinsurer_name, row.until)
    owed = _owed(row.reinsurer_name, row.until) if row.offset else []
    offset = sum(int(r.recovery_amount) for r in owed)
    if (sum(balances.values()), offset) != (int(row.payable), int(row.offset)):
        raise AccountMoved(
            _("The account of %(name)s has moved since; cancel %(number)s and draw it up again.")
            % {"name": row.reinsurer_name, "number": settlement_no}
        )
    transition(row, Settlement.Status.PAID, checked_by=current().actor, paid_on=on)
    treaties = Treaty.objects.in_bulk([code for code, amount in balances.items() if amount])
    entries = [_entry(t, "SETTLEMENT", on, -balances[t.pk], row.pk, {}) for t in treaties.values()]
    for entry in entries:
        entry.settlement, entry.reinsurer_name = row, row.reinsurer_name
    entries = enter(entries)
    if entries:
        publish(
            PayablesSettled.of(
                business_date=on,
                rows=[
                    {
                        "settlement_no": row.pk,
                        "treaty_code": entry.treaty_id,
                        "reinsurer": entry.reinsurer_name,
                        "line": entry.line,
                        "amount": -entry.amount,
                    }
                    for entry in entries
                ],
            )
        )
    if owed:
        receive_many(
            [r.pk for r in owed],
            amounts=[r.recovery_amount for r in owed],
            references=[row.pk] * len(owed),
            on=on,
        )


@transaction.atomic
def cancel_settlement(settlement_no: str, *, reason: str) -> None:
    """Take a settlement back that has not been paid.

    Raises:
        NotFound, IllegalTransition.
    """
    transition(_waiting(settlement_no), Settlement.Status.CANCELLED, reason=reason)


def _waiting(settlement_no: str) -> Settlement:
    row = Settlement.objects.select_for_update().filter(pk=settlement_no).first()
    if row is None:
        raise NotFound(_("There is no settlement %(number)s.") % {"number": settlement_no})
    if row.status != "PROPOSED":
        raise IllegalTransition(
            _("%(number)s has been decided already.") % {"number": settlement_no}
        )
    return row


def _open_by_treaty(reinsurer: str, until: date) -> dict[str, int]:
    """Return what is owed to a reinsurer by treaty, won; later payments count as well."""
    known = AccountEntry.objects.filter(reinsurer_name=reinsurer)
    rows = known.filter(entry_date__lte=until) | known.filter(kind="SETTLEMENT")
    sums = rows.values_list("treaty").annotate(s=Sum("amount")).order_by("treaty")
    return {code: int(total) for code, total in sums if total}


def _owed(reinsurer: str, until: date) -> list[Recovery]:
    return list(
        Recovery.objects.select_for_update()
        .filter(reinsurer_name=reinsurer, status="PENDING", billed_on__lte=until)
        .order_by("pk")
    )
