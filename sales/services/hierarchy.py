"""Where agents stand, and who shares a contract: dated data, decided by a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from core import acting
from core.bulk import copy_rows
from core.columns import Days, Keys
from core.errors import DomainError, NotFound
from sales import rules
from sales.models import Agent, AgentPost, Application, Commission, ContractShare
from sales.selectors import hierarchy


class Circular(DomainError):
    """Somebody would stand above themselves."""


class PostInThePast(DomainError):
    """The hierarchy before the newest post is history: lines rest on it."""


class SharesNotWhole(DomainError):
    """The shares of a contract come to 100 %, each agent once."""


class SharesInThePast(DomainError):
    """Instalments that earned already stay with those who earned them."""


@transaction.atomic
def post(
    *, agent_id: str, rank: str, tier: str = "", reports_to: str = "", starts: date
) -> AgentPost:
    """Put an agent in a place of the hierarchy from a day on; the place before ends there.

    Args:
        agent_id: whom.
        rank: FC, LEADER or MANAGER.
        tier: performance tier, "" for none.
        reports_to: the superior's number, "" at the top.
        starts: first day; not before the newest place of the agent.

    Raises:
        NotFound: an agent does not exist.
        Circular: the superior stands below the agent.
        PostInThePast: a later place is known already.
    """
    wanted = {agent_id} | ({reports_to} if reports_to else set())
    known = set(Agent.objects.filter(agent_id__in=wanted).values_list("agent_id", flat=True))
    if missing := sorted(wanted - known):
        raise NotFound(_("There is no agent %s.") % missing[0])
    posts = hierarchy.payees([reports_to], starts).posts if reports_to else {}
    if reports_to == agent_id or (reports_to and agent_id in rules.superiors(reports_to, posts)):
        raise Circular(
            _("%(above)s stands below %(agent)s; nobody stands above themselves.")
            % {"above": reports_to, "agent": agent_id}
        )
    _end_before(agent_id, starts)
    return AgentPost.objects.create(
        agent_id=agent_id,
        period=DateRange(starts, None),
        rank=rank,
        tier=tier,
        reports_to_id=reports_to or None,
        decided_by=acting.current().actor,
    )


def _end_before(agent_id: str, starts: date) -> None:
    rows = AgentPost.objects.select_for_update().filter(agent_id=agent_id)
    newest = rows.order_by("-period").first()
    if newest is None:
        return
    if newest.period.lower >= starts:
        raise PostInThePast(
            _("%(agent)s has a place from %(day)s on; choose a later day.")
            % {"agent": agent_id, "day": newest.period.lower}
        )
    AgentPost.objects.filter(pk=newest.pk).update(period=DateRange(newest.period.lower, starts))


@transaction.atomic
def share(*, contract_id: str, shares: Mapping[str, int], starts: date) -> None:
    """Share a contract's commission between agents from a day on.

    Args:
        contract_id: which.
        shares: agent → hundredths of a percent; they sum to 10,000.
        starts: first day; lines that arose before stay as they are.

    Raises:
        SharesNotWhole: they do not sum to 100 %, or one of them is not positive.
        SharesInThePast: an instalment earned on or after that day.
        NotFound: an agent does not exist.
    """
    if sum(shares.values()) != rules.PERCENT or min(shares.values(), default=0) < 1:
        raise SharesNotWhole(
            _("The shares come to %(sum)s %%; together they are 100 %%.")
            % {"sum": f"{sum(shares.values()) / 100:g}"}
        )
    known = set(Agent.objects.filter(agent_id__in=shares).values_list("agent_id", flat=True))
    if missing := sorted(shares.keys() - known):
        raise NotFound(_("There is no agent %s.") % missing[0])
    if Commission.objects.filter(contract_id=contract_id, accrued_on__gt=starts).exists():
        raise SharesInThePast(
            _("%(contract)s earned after %(day)s already; choose a later day.")
            % {"contract": contract_id, "day": starts}
        )
    ContractShare.objects.bulk_create(
        ContractShare(
            contract_id=contract_id,
            starts_on=starts,
            agent_id=agent_id,
            share=part,
            decided_by=acting.current().actor,
        )
        for agent_id, part in shares.items()
    )


def share_as_applied(*, application_id: Keys, contract_id: Keys, starts_on: Days) -> int:
    """Share contracts between agents as their applications say; the others stay whole.

    Args:
        application_id: (n,) "" where there was none.
        contract_id: (n,) what was issued on it.
        starts_on: (n,) first day of the shares.

    Returns:
        How many contracts are shared.
    """
    wanted = [key for key in application_id.tolist() if key]
    if not wanted:
        return 0
    told = dict(
        Application.objects.filter(application_id__in=wanted)
        .exclude(shares={})
        .values_list("application_id", "shares")
    )
    rows = [
        (row, agent, part)
        for row, key in enumerate(application_id.tolist())
        for agent, part in told.get(key, {}).items()
    ]
    if not rows:
        return 0
    row = np.asarray([one[0] for one in rows], np.int64)
    copy_rows(
        ContractShare,
        {
            "contract_id": contract_id[row],
            "starts_on": starts_on[row],
            "agent": [one[1] for one in rows],
            "share": np.asarray([one[2] for one in rows], np.int64),
            "decided_by": application_id[row],
        },
    )
    return len(told)
