"""What later stages ask of sales: agents, applications, and whether the commissions add up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from core.permissions import Scope
from sales.selectors import applications as _applications
from sales.selectors import catalogue, controls, organisation
from sales.selectors.applications import ApplicationInfo
from sales.selectors.catalogue import Job, Question
from sales.selectors.checks import Refusal, review
from sales.selectors.organisation import AgentInfo
from sales.services import organisation as _organisation
from sales.services.applications import NewApplications, proposed

__all__ = [
    "AgentInfo",
    "ApplicationInfo",
    "Job",
    "NewApplications",
    "Question",
    "Refusal",
    "agents",
    "agents_in_scope",
    "application_refusals",
    "applications",
    "invariants",
    "jobs",
    "open_agency",
    "questions",
]


def agents(ids: Iterable[str]) -> dict[str, AgentInfo]:
    """Return agents by id; unknown ids are absent."""
    return organisation.agents(ids)


def agents_in_scope(scope: Scope) -> list[str] | None:
    """Return the ids of the agents whose rows a scope may see; None: all of them."""
    return organisation.agent_ids(scope)


def applications(ids: Iterable[str]) -> list[ApplicationInfo]:
    """Return applications in the order of ``ids``, with the vault columns of the applicants.

    Raises:
        core.errors.NotFound: one of them does not exist.
    """
    return _applications.applications(ids)


def application_refusals(batch: NewApplications, on: date) -> list[Refusal]:
    """Return every reason against every row of a batch, as submitting it would; none is written."""
    return review(proposed(batch), on).refusals


def questions(product_code: str, version: int) -> list[Question]:
    """Return what applicants are asked for a product version (고지사항), in order."""
    return catalogue.questions(product_code, version)


def jobs() -> list[Job]:
    """Return the occupations with their risk classes."""
    return list(catalogue.jobs().values())


def invariants() -> list[tuple[str, int, str]]:
    """Check the identities of commissions and statements: (name, breaches, first of them)."""
    return controls.findings()


def open_agency(
    *, name: str, branch_code: str, branch_name: str, licence_number: str, on: date
) -> str:
    """Appoint an agency (GA) that sells under one number, opening its branch where it is missing.

    Args:
        name: of the agency.
        branch_code: of the branch that looks after it.
        branch_name: of that branch.
        licence_number: of its registration (보험업법 §87).
        on: first day on which it may sell; its training holds for two years.

    Returns:
        Its number as a seller.
    """
    _organisation.open_branch(
        branch_code=branch_code, branch_name=branch_name, region="", opened_on=on
    )
    appointment = _organisation.Appointment(
        name=name,
        branch_code=branch_code,
        commission_rate=Decimal(1),
        licence_number=licence_number,
        appointed_on=on,
        training_valid_until=on.replace(year=on.year + 2, day=min(on.day, 28)),
        channel="GA",
    )
    return _organisation.appoint([appointment])[0]
