"""What each nightly step has to do on a business date: contract or application numbers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from contracts import rules
from contracts.models import Underwriting
from core.clock import add_months


def unanswered(day: date) -> list[str]:
    """Return referred applications whose acceptance clock ended before ``day``."""
    found = Underwriting.objects.filter(status=Underwriting.Status.REFERRED, due_on__lt=day)
    return list(found.order_by("application_id").values_list("application_id", flat=True))


def soon_accepted(day: date) -> list[str]:
    """Return referred applications that silence accepts within the warning period, unwarned."""
    found = Underwriting.objects.filter(
        status=Underwriting.Status.REFERRED,
        alarmed_on=None,
        due_on__lte=day + timedelta(days=rules.WARNING_DAYS),
    )
    return list(found.order_by("application_id").values_list("application_id", flat=True))


def to_bill(day: date) -> list[str]:
    """Return contracts in force with an instalment due up to ``day``."""
    return _keys(
        "SELECT contract_id FROM contracts WHERE policy_status = 'ACTIVE' AND next_due_date <= %s"
        " ORDER BY contract_id",
        [day],
    )


def to_collect(day: date) -> list[str]:
    """Return contracts with unpaid bills due up to ``day`` whose debit the bank takes."""
    return _keys(
        "SELECT DISTINCT contract_id FROM premium_bills b WHERE status = 'DUE' AND due_date <= %s"
        " AND NOT EXISTS (SELECT 1 FROM debit_failures f WHERE f.contract_id = b.contract_id"
        " AND f.period @> %s::date) ORDER BY contract_id",
        [day, day],
    )


def to_remind(day: date) -> list[str]:
    """Return contracts in force with a bill unpaid long enough for a notice."""
    return _keys(
        "SELECT DISTINCT b.contract_id FROM premium_bills b JOIN contracts c USING (contract_id)"
        " WHERE b.status IN ('DUE') AND b.reminded_on IS NULL AND b.due_date <= %s"
        " AND c.policy_status IN ('ACTIVE') ORDER BY b.contract_id",
        [day - timedelta(days=rules.NOTICE_AFTER_DAYS)],
    )


def to_lapse(day: date) -> list[str]:
    """Return contracts whose grace is over, and those that waited two months to be paid."""
    return _keys(
        "SELECT contract_id FROM premium_bills WHERE status = 'DUE' AND lapse_on <= %s"
        " UNION SELECT contract_id FROM contracts WHERE policy_status = 'PENDING'"
        " AND contract_date < %s ORDER BY 1",
        [day, add_months(day, -rules.RESCISSION_MONTHS)],
    )


def to_expire(day: date) -> list[str]:
    """Return contracts in force whose term is over."""
    return _keys(
        "SELECT contract_id FROM contracts WHERE policy_status = 'ACTIVE' AND coverage_end <= %s"
        " ORDER BY contract_id",
        [day],
    )


def to_reserve(day: date) -> list[str]:
    """Return contracts in force, whose reserves are computed at a month end."""
    return _keys(
        "SELECT contract_id FROM contracts WHERE policy_status = 'ACTIVE' ORDER BY contract_id", []
    )


def unreserved(day: date) -> list[str]:
    """Return contracts that were in force at a month end and have no reserve for it."""
    return _keys(
        "SELECT contract_id FROM contracts c WHERE coverage_start <= %(day)s"
        " AND (ended_on IS NULL OR ended_on > %(day)s)"
        " AND (coverage_end IS NULL OR coverage_end > %(day)s) AND NOT EXISTS ("
        "SELECT 1 FROM reinstatements g WHERE g.contract_id = c.contract_id"
        " AND g.lapsed_on <= %(day)s AND g.reinstated_on > %(day)s) AND NOT EXISTS ("
        "SELECT 1 FROM liability_reserves r WHERE r.contract_id = c.contract_id"
        " AND r.base_date = %(day)s AND r.occasion = 'MONTH_END') ORDER BY contract_id",
        {"day": day},
    )


def _keys(sql: str, params: list[Any] | dict[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]
