"""Statutory limits: refused before a trade, watched daily, cured in time (보험업법 §106, §107)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.acting import current
from core.errors import DomainError
from core.status import transition
from investments.models import Counterparty, LimitBasis, LimitBreach
from investments.rules import limits
from investments.selectors.holdings import holdings
from investments.selectors.risk import limit_basis, limit_uses


class LimitExceeded(DomainError):
    """A purchase would pass a limit of the Insurance Business Act; nothing was bought."""


def check_purchases(extra: Sequence[tuple[str, str, int, bool]], *, on: date) -> None:
    """Refuse purchases that together would pass a limit, or pass it further.

    Args:
        extra: (kind, issuer, won, foreign) of each.
        on: the day of the trade. Before the first month is closed nothing is known to measure
            against, and nothing is refused.

    Raises:
        LimitExceeded: with each limit and its figures.
    """
    if not extra or limit_basis(on) is None:
        return
    held = holdings(on)
    broken = limits.worse(limit_uses(held), limit_uses(held, extra=extra))
    if broken:
        raise LimitExceeded(
            " · ".join(
                _("%(article)s %(whose)s: %(amount)s won would be held, %(most)s won are allowed.")
                % {
                    "article": use.article,
                    "whose": use.whose or use.code,
                    "amount": f"{use.amount:,}",
                    "most": f"{use.most:,}",
                }
                for use in broken
            )
        )


@transaction.atomic
def watch_limits(*, on: date) -> int:
    """Compare what is held with the limits: breaches open with their clock, and close when cured.

    Returns:
        How many breaches stand.
    """
    uses = {use.code: use for use in limit_uses(holdings(on))}
    standing = {row.code: row for row in LimitBreach.objects.select_for_update().filter(
        status="OPEN")}  # fmt: skip
    for code, row in standing.items():
        if uses[code].state != "OVER":
            transition(row, LimitBreach.Status.CURED, cured_on=on)
    fresh = [use for code, use in uses.items() if use.state == "OVER" and code not in standing]
    LimitBreach.objects.bulk_create(
        LimitBreach(
            code=use.code,
            whose=use.whose,
            opened_on=on,
            cause="PRICE",
            cure_by=limits.cure_by(on, "PRICE"),
            amount=use.amount,
            most=use.most,
        )
        for use in fresh
    )
    return LimitBreach.objects.filter(status="OPEN").count()


def note_position(*, period: str, assets: int, equity: int, on: date) -> None:
    """Note what the books stated for a month, in the caller's transaction; the first word stands.

    Args:
        period: ``YYYY-MM``.
        assets: all assets, won.
        equity: won.
        on: the month's last day.
    """
    LimitBasis.objects.get_or_create(
        period=period, defaults={"assets": assets, "equity": equity, "stated_on": on}
    )


@transaction.atomic
def describe_counterparty(party_name: str, *, group_name: str, relation: str, spread: bool) -> str:
    """Record what the limits ask about an issuer or borrower, or change it."""
    Counterparty.objects.update_or_create(
        party_name=party_name,
        defaults={
            "group_name": group_name,
            "relation": relation,
            "spread": spread,
            "made_by": current().actor,
        },
    )
    return party_name
