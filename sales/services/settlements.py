"""The monthly settlement: statements are made, then released by a second person, and paid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import acting, numbering
from core.bulk import copy_rows
from core.columns import as_column
from core.errors import DomainError, NotAllowed, NotFound
from core.events import MAX_ROWS, publish
from core.status import IllegalTransition, transition_rows
from sales import rules
from sales.events import CommissionsSettled
from sales.models import Commission, CommissionSettlement
from sales.selectors import settlements

SERIES = "STL"
Status = CommissionSettlement.Status


class EarlierDraft(DomainError):
    """An earlier statement of the agent has not been released."""


@transaction.atomic
def draft_statements(agent_ids: Sequence[str], *, business_date: date) -> list[str]:
    """Make the month's statements (수수료명세서) of agents from all lines due until today.

    An agent who has this month's statement, or nothing due, gets none, so that a repeated run
    changes nothing.

    Args:
        agent_ids: whose.
        business_date: the settlement day; lines due until then, inclusive, are taken.

    Returns:
        The numbers of the statements made.
    """
    month = f"{business_date:%Y-%m}"
    lines = _take_lines(agent_ids, month, business_date)
    if not lines:
        return []
    agents = sorted(lines)
    carried = settlements.balances(agents)
    carried_in = np.asarray([carried.get(agent, 0) for agent in agents], np.int64)
    earned = np.asarray([lines[agent][0] for agent in agents], np.int64)
    clawed_back = np.asarray([lines[agent][1] for agent in agents], np.int64)
    figures = rules.settle(carried_in=carried_in, earned=earned, clawed_back=clawed_back)
    ids = numbering.take(SERIES, business_date.year, len(agents))
    copy_rows(
        CommissionSettlement,
        {
            "settlement_id": ids,
            "agent": agents,
            "month": month,
            "due_until": business_date,
            "earned": earned,
            "clawed_back": clawed_back,
            "carried_in": carried_in,
            "carried_out": figures.carried_out,
            "income_tax": figures.income_tax,
            "local_tax": figures.local_tax,
            "withheld": figures.withheld,
            "net_paid": figures.net_paid,
            "status": Status.DRAFT,
            "made_by": acting.current().actor,
            "checked_by": "",
        },
    )
    _attach(ids.tolist(), [key for agent in agents for key in lines[agent][2]])
    return [str(number) for number in ids]


def _take_lines(
    agent_ids: Sequence[str], month: str, until: date
) -> dict[str, tuple[int, int, list[int]]]:
    """Lock the open lines; return for each agent earned, clawed back and the lines' keys."""
    done = CommissionSettlement.objects.filter(agent_id__in=agent_ids, month=month)
    rows = (
        settlements.open_lines(until)
        .filter(agent_id__in=agent_ids)
        .exclude(agent_id__in=done.values("agent_id"))
        .select_for_update()
        .order_by("comm_id")
        .values_list("agent_id", "kind", "amount", "comm_id")
    )
    found: dict[str, tuple[int, int, list[int]]] = {}
    for agent, kind, amount, key in rows:
        earned, taken, keys = found.get(agent, (0, 0, []))
        if kind in Commission.TAKEN:
            taken -= int(amount)
        else:
            earned += int(amount)
        keys.append(key)
        found[agent] = (earned, taken, keys)
    return found


def _attach(settlement_ids: list[str], comm_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commissions c SET settlement_id = s.settlement_id"
            " FROM commission_settlements s"
            " WHERE c.comm_id = ANY(%s) AND s.settlement_id = ANY(%s) AND s.agent_id = c.agent_id",
            [comm_ids, settlement_ids],
        )


@transaction.atomic
def release(settlement_ids: Iterable[str], *, business_date: date) -> int:
    """Release statements for payment: a second person checks, the lines are paid or recovered.

    Args:
        settlement_ids: which; all are released or none.
        business_date: the day of payment.

    Returns:
        How many were released.

    Raises:
        NotAllowed: whoever releases has made one of them.
        EarlierDraft: an earlier statement of an agent is still a draft.
        core.status.IllegalTransition: one of them is paid already.
        NotFound: one of them does not exist.
    """
    wanted = sorted(set(settlement_ids))
    checker = acting.current().actor
    rows = list(
        CommissionSettlement.objects.select_for_update()
        .filter(settlement_id__in=wanted)
        .order_by("settlement_id")
    )
    _may_release(rows, wanted, checker)
    if settlements.earlier_drafts(rows):
        raise EarlierDraft(
            _("An earlier statement of the same agent waits for release; release it first.")
        )
    moved = transition_rows(
        CommissionSettlement,
        wanted,
        frm=[Status.DRAFT],
        to=Status.PAID,
        checked_by=checker,
        paid_on=business_date,
    )
    if moved != len(wanted):
        raise IllegalTransition(_("A statement has been released meanwhile; load the list again."))
    _settle_lines(wanted)
    for start in range(0, len(rows), MAX_ROWS):
        _announce(rows[start : start + MAX_ROWS], business_date)
    return len(rows)


def _may_release(rows: list[CommissionSettlement], wanted: list[str], checker: str) -> None:
    found = {row.settlement_id for row in rows}
    if missing := [key for key in wanted if key not in found]:
        raise NotFound(_("There is no statement %s.") % missing[0])
    for row in rows:
        if row.made_by == checker:
            raise NotAllowed(
                _("%s was made by you; another person releases it.") % row.settlement_id
            )
        if row.status != Status.DRAFT:
            raise IllegalTransition(_("%s is paid already.") % row.settlement_id)


def _settle_lines(settlement_ids: list[str]) -> None:
    lines = Commission.objects.filter(settlement_id__in=settlement_ids)
    taken = lines.filter(kind__in=Commission.TAKEN).values_list("comm_id", flat=True)
    paid = lines.exclude(kind__in=Commission.TAKEN).values_list("comm_id", flat=True)
    pending = [Commission.Status.PENDING]
    for keys, to in ((paid, Commission.Status.PAID), (taken, Commission.Status.RECALLED)):
        transition_rows(Commission, keys, frm=pending, to=to)


def _announce(rows: list[CommissionSettlement], business_date: date) -> None:
    earned = as_column("won", [row.earned for row in rows])
    withheld = as_column("won", [row.withheld for row in rows])
    net_paid = as_column("won", [row.net_paid for row in rows])
    publish(
        CommissionsSettled(
            business_date=business_date,
            settlement_id=as_column("keys", [row.settlement_id for row in rows]),
            agent_id=as_column("keys", [row.agent_id for row in rows]),
            earned=earned,
            recovered=earned - withheld - net_paid,
            withheld=withheld,
            net_paid=net_paid,
        )
    )
