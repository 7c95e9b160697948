"""Open branches; appoint, change, train and retire agents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import numbering
from core.errors import DomainError, NotFound
from core.status import transition
from sales.models import Agent, Branch


class UnknownBranch(DomainError):
    """There is no such branch."""


class BadAppointment(DomainError):
    """An agent's dates or rate do not fit together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Someone who is appointed to sell.

    Args:
        name: of the person.
        branch_code: where they belong.
        commission_rate: factor on the product's commission, 1.00 = full, at most 5.
        licence_number: of the association.
        appointed_on: first day on which they may sell.
        training_valid_until: last day on which the training is valid.
        rank: FC, LEADER or MANAGER.
        sells_life: licensed for life insurance.
        sells_non_life: licensed for non-life insurance.
        channel: EXCLUSIVE, or GA for an agency's seller.
        agent_id: their number where one exists; empty takes a new one.
    """

    name: str
    branch_code: str
    commission_rate: Decimal
    licence_number: str
    appointed_on: date
    training_valid_until: date
    rank: str = Agent.Rank.FC
    sells_life: bool = True
    sells_non_life: bool = True
    channel: str = Agent.Channel.EXCLUSIVE
    agent_id: str = ""


def open_branch(
    *,
    branch_code: str,
    branch_name: str,
    region: str,
    opened_on: date,
    monthly_plan: Decimal = Decimal(0),
) -> str:
    """Open a branch, or leave it as it is when it exists; return its code."""
    Branch.objects.get_or_create(
        branch_code=branch_code,
        defaults={
            "branch_name": branch_name,
            "region": region,
            "opened_on": opened_on,
            "monthly_plan": monthly_plan,
        },
    )
    return branch_code


@transaction.atomic
def appoint(appointments: Sequence[Appointment]) -> list[str]:
    """Appoint agents; return their numbers in order.

    Raises:
        UnknownBranch: a branch does not exist.
        BadAppointment: a rate outside 0 to 5, or training that ended before the appointment.
    """
    wanted = {a.branch_code for a in appointments}
    names = dict(
        Branch.objects.filter(branch_code__in=wanted).values_list("branch_code", "branch_name")
    )
    if missing := sorted(wanted - names.keys()):
        raise UnknownBranch(_("There is no branch %s.") % missing[0])
    for appointment in appointments:
        _check(appointment.commission_rate, appointment.appointed_on, appointment)
    ids = [a.agent_id or numbering.take_one("AGT", a.appointed_on.year) for a in appointments]
    Agent.objects.bulk_create(
        Agent(
            agent_id=agent_id,
            agent_name=a.name,
            branch_id=a.branch_code,
            branch_name=names[a.branch_code],
            commission_rate=a.commission_rate,
            rank=a.rank,
            licence_number=a.licence_number,
            sells_life=a.sells_life,
            sells_non_life=a.sells_non_life,
            channel=a.channel,
            appointed_on=a.appointed_on,
            training_valid_until=a.training_valid_until,
        )
        for agent_id, a in zip(ids, appointments, strict=True)
    )
    return ids


def _check(rate: Decimal, appointed_on: date, training: Appointment | None = None) -> None:
    if not 0 <= rate <= 5:
        raise BadAppointment(_("The commission factor lies between 0 and 5, not %s.") % rate)
    if training is not None and training.training_valid_until < appointed_on:
        raise BadAppointment(
            _("The training of %s ended before the appointment. Record the course first.")
            % training.name
        )


@transaction.atomic
def change_agent(agent_id: str, appointment: Appointment) -> None:
    """Change what is known of an agent; a move to another branch takes its present name along.

    Commissions that arose keep the factor they arose with.

    Raises:
        NotFound, UnknownBranch, BadAppointment.
    """
    agent = _locked(agent_id)
    branch = Branch.objects.filter(branch_code=appointment.branch_code).first()
    if branch is None:
        raise UnknownBranch(_("There is no branch %s.") % appointment.branch_code)
    _check(appointment.commission_rate, appointment.appointed_on)
    Agent.objects.filter(agent_id=agent.agent_id).update(
        agent_name=appointment.name,
        branch=branch,
        branch_name=branch.branch_name,
        commission_rate=appointment.commission_rate,
        rank=appointment.rank,
        licence_number=appointment.licence_number,
        sells_life=appointment.sells_life,
        sells_non_life=appointment.sells_non_life,
        channel=appointment.channel,
        appointed_on=appointment.appointed_on,
        training_valid_until=appointment.training_valid_until,
        updated_at=Now(),
    )


def record_training(agent_ids: Iterable[str], *, valid_until: date) -> int:
    """Record a course; training already valid for longer stays. Return how many changed."""
    return Agent.objects.filter(
        agent_id__in=list(agent_ids), training_valid_until__lt=valid_until
    ).update(training_valid_until=valid_until, updated_at=Now())


@transaction.atomic
def retire(agent_id: str, *, on: date, reason: str) -> None:
    """End an agent's appointment (해촉): nothing more can be applied for through them.

    Raises:
        NotFound, core.status.IllegalTransition.
        BadAppointment: no reason, or a day before the appointment.
    """
    agent = _locked(agent_id)
    if not reason.strip():
        raise BadAppointment(_("Say why the appointment ends."))
    if on < agent.appointed_on:
        raise BadAppointment(_("%s was appointed later than that.") % agent)
    transition(agent, Agent.Status.RETIRED, reason=reason, retired_on=on)


@transaction.atomic
def reappoint(agent_id: str, *, on: date, training_valid_until: date, reason: str) -> None:
    """Appoint a retired agent again.

    Raises:
        NotFound, core.status.IllegalTransition.
        BadAppointment: the training has ended by then.
    """
    agent = _locked(agent_id)
    if training_valid_until < on:
        raise BadAppointment(
            _("The training of %s ended before the appointment. Record the course first.")
            % agent.agent_name
        )
    transition(
        agent,
        Agent.Status.ACTIVE,
        reason=reason,
        retired_on=None,
        appointed_on=on,
        training_valid_until=training_valid_until,
    )


def _locked(agent_id: str) -> Agent:
    agent = Agent.objects.select_for_update().filter(agent_id=agent_id).first()
    if agent is None:
        raise NotFound(_("There is no agent %s.") % agent_id)
    return agent
