"""Incentives (시책) and settlement support (정착지원금): money beside the schedule, in the cap."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import add_months
from core.columns import Ints, Won, as_column
from core.errors import DomainError, NotFound
from sales import rules
from sales.selectors import headroom
from sales.selectors.headroom import Room
from sales.services.commissions.lines import Lines, write

KINDS = ("INCENTIVE", "SUPPORT")


class CapExceeded(DomainError):
    """The grant would lift a contract's first year over the 1,200 % rule."""


class NothingToGrant(DomainError):
    """A grant is a positive amount on contracts of the agent that have earned."""


@transaction.atomic
def grant(
    *,
    kind: str,
    agent_id: str,
    contract_ids: Sequence[str],
    amount: int,
    business_date: date,
) -> int:
    """Grant an incentive or settlement support, spread over contracts by their premiums.

    Every contract keeps room for what its schedule still pays in its first year; nothing is
    written when one of them has not enough.

    Args:
        kind: INCENTIVE or SUPPORT.
        agent_id: who gets it.
        contract_ids: contracts that it rests on, sold by the agent.
        amount: won, all together.
        business_date: the day; it falls due the next month.

    Returns:
        How many lines were written.

    Raises:
        NothingToGrant, CapExceeded.
        NotFound: a contract is not among those that the agent sold.

    Source: 보험업감독규정 제4-32조 제5항 (incentives and, since 2026-07, settlement support count).
    """
    wanted = sorted(set(contract_ids))
    if amount <= 0 or kind not in KINDS or not wanted:
        raise NothingToGrant(_("Give a positive amount and the contracts that it rests on."))
    rooms = headroom.rooms(wanted, business_date)
    mine = {room.contract_id: room for room in rooms if room.agent_id == agent_id}
    if missing := [key for key in wanted if key not in mine]:
        raise NotFound(
            _("%(contract)s was not sold by %(agent)s, or has not earned yet.")
            % {"contract": missing[0], "agent": agent_id}
        )
    ordered = [mine[key] for key in wanted]
    each = _spread(amount, ordered)
    _refuse(kind, ordered, each)
    return write(
        _lines(kind, agent_id, ordered, each, business_date),
        business_date=business_date,
        event_id=uuid4(),
    )


def _spread(amount: int, rooms: Sequence[Room]) -> Won:
    premium = np.asarray([room.premium for room in rooms], object)
    total = int(premium.sum())
    exact = np.asarray([int(amount) * int(p) for p in premium], object)
    whole = np.asarray(exact // total, np.int64)
    left = int(amount) - int(whole.sum())
    order = np.lexsort((np.arange(len(rooms)), -np.asarray(exact % total, np.float64)))
    whole[order[:left]] += 1
    return whole


def _refuse(kind: str, rooms: Sequence[Room], each: Won) -> None:
    for room, won in zip(rooms, each.tolist(), strict=True):
        if room.counts(kind) and won > room.left:
            raise CapExceeded(
                _(
                    "%(contract)s: %(won)s won would exceed the first-year cap of %(cap)s won; "
                    "%(left)s won is left beside what is paid and scheduled."
                )
                % {
                    "contract": room.contract_id,
                    "won": f"{won:,}",
                    "cap": f"{room.cap:,}",
                    "left": f"{max(room.left, 0):,}",
                }
            )


def _lines(
    kind: str, agent_id: str, rooms: Sequence[Room], each: Won, business_date: date
) -> Lines:
    count = len(rooms)
    ones: Ints = np.ones(count, np.int64)
    return Lines(
        contract_id=as_column("keys", [room.contract_id for room in rooms]),
        agent_id=np.full(count, agent_id, dtype=object),
        product_code=as_column("keys", [room.product_code for room in rooms]),
        version=np.asarray([room.version for room in rooms], np.int64),
        line=as_column("keys", [room.line for room in rooms]),
        cohort_year=np.asarray([room.issued_on.year for room in rooms], np.int64),
        kind=np.full(count, kind, dtype=object),
        part=np.asarray([room.grants for room in rooms], np.int64),
        instalment=np.asarray([room.month for room in rooms], np.int64),
        amount=each,
        base=each,
        rate=ones * rules.PERCENT,
        factor=ones * rules.FACTOR,
        share=ones * rules.PERCENT,
        rule_id=ones * 0,
        plan_id=as_column("keys", [room.plan_id for room in rooms]),
        due=np.full(count, np.datetime64(add_months(business_date, 1), "D")),
    )
