"""Applications: lists, records, and the plain values that later stages ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.models import StatusMove
from core.permissions import Scope
from sales.access import visible
from sales.models import Application

STALLED_DRAFT = timedelta(days=7)
STALLED_UNDERWRITING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class ApplicationInfo:
    """An application as later stages see one, with the vault columns of the applicant."""

    application_id: str
    product_code: str
    version: int
    agent_id: str
    applied_on: date
    status: str
    applicant_name: str
    rrn_hash: str
    rrn_cipher: bytes
    rrn_mask: str
    birth_date: date
    sex: str
    phone: str
    address: str
    job_code: str
    job_class: int
    insurance_age: int
    sum_assured: Decimal
    term_months: int
    pay_months: int
    premium_amount: Decimal
    rating_id: int
    disclosures: Mapping[str, Any]
    explained: bool
    initial_premium_paid: bool
    beneficiary_name: str


_FIELDS = tuple(ApplicationInfo.__dataclass_fields__)


def applications(ids: Iterable[str]) -> list[ApplicationInfo]:
    """Return applications in the order of ``ids``.

    Raises:
        NotFound: one of them does not exist.
    """
    wanted = list(ids)
    found = {
        row[0]: ApplicationInfo(*row)
        for row in Application.objects.filter(application_id__in=wanted).values_list(*_FIELDS)
    }
    if missing := [key for key in wanted if key not in found]:
        raise NotFound(_("There is no application %s.") % missing[0])
    return [found[key] for key in wanted]


def application_list(scope: Scope) -> QuerySet[Application]:
    """Return the applications of a scope, the newest first."""
    return visible(Application.objects.select_related("agent"), scope).order_by(
        "-applied_on", "-application_id"
    )


def application(application_id: str, scope: Scope) -> Application:
    """Return one application of a scope.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    found = application_list(scope).filter(application_id=application_id).first()
    if found is None:
        raise NotFound(_("There is no application %s.") % application_id)
    return found


def moves(application_id: str) -> list[StatusMove]:
    """Return the moves of an application's status, the newest first."""
    rows = StatusMove.objects.filter(table_name="applications", key=application_id)
    return list(rows.order_by("-id"))


def by_step(scope: Scope, *, since: date) -> dict[str, int]:
    """Count a scope's open applications, and those decided or withdrawn since a day, by status."""
    open_ones = Q(status__in=[Application.Status.DRAFT, Application.Status.SUBMITTED])
    rows = (
        visible(Application.objects.all(), scope)
        .filter(open_ones | Q(applied_on__gte=since))
        .values("status")
        .annotate(n=Count("application_id"))
        .order_by()
    )
    counted = {row["status"]: row["n"] for row in rows}
    return {status: counted.get(status, 0) for status in Application.Status.values}


def stalled(scope: Scope, on: date) -> QuerySet[Application]:
    """Return drafts older than a week and applications undecided for more than three days."""
    return application_list(scope).filter(
        Q(status=Application.Status.DRAFT, applied_on__lt=on - STALLED_DRAFT)
        | Q(status=Application.Status.SUBMITTED, applied_on__lt=on - STALLED_UNDERWRITING)
    )


def of_agent(agent_id: str, limit: int) -> list[Application]:
    """Return an agent's newest applications."""
    return list(application_list(Scope(own=agent_id))[:limit])


def search(query: str, scope: Scope, limit: int) -> list[Application]:
    """Return applications by number or applicant's name."""
    words = Q(application_id__icontains=query) | Q(applicant_name__icontains=query)
    return list(application_list(scope).filter(words)[:limit])
