"""What the database itself refuses of gates, holds, cases and scores."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from claims.models import Payout
from core.acting import acting
from fds import services
from fds.models import Analysis, Hold
from tests.factories import claims as make

pytestmark = pytest.mark.guards
TODAY = date(2026, 3, 24)


def run(sql, **params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def refused(sql, *, match, **params):
    def attempt():
        with transaction.atomic():
            run(sql, **params)
            run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match=match):
        attempt()


@pytest.fixture
def held(people):
    """Return an approved claim whose payment a person holds."""
    number = make.approved(make.received(make.contract(start=date(2025, 6, 1))))
    with acting("siu"):
        services.place_hold(
            reception_id=number,
            ground="CRIMINAL",
            explanation="경찰 수사 개시 통보 2026-123",
            notified_on=TODAY,
            business_date=TODAY,
        )
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    return number


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE claim_receptions SET fds_gate = 'CLEAR'",
        "UPDATE claim_receptions SET fds_gate = 'REVIEW';"
        " UPDATE claim_receptions SET fds_gate = 'CLEAR'",
    ],
)
def test_the_gate_of_a_held_claim_cannot_be_cleared(held, sql):
    refused(sql, match="its gate cannot be CLEAR")
    assert not Payout.objects.exists()


def test_the_gate_of_a_claim_under_review_cannot_be_cleared(suspicious):
    refused("UPDATE claim_receptions SET fds_gate = 'CLEAR'", match="its gate cannot be CLEAR")


def test_holds_cases_and_scores_are_not_taken_away(held, suspicious):
    for table in ("fds_holds", "fds_cases", "fds_analysis"):
        refused(f"DELETE FROM {table}", match="are kept")


def test_a_hold_or_case_does_not_move_to_another_claim(held, suspicious):
    other = make.received(make.contract(start=date(2025, 6, 1)))
    for table in ("fds_holds", "fds_cases"):
        refused(f"UPDATE {table} SET reception_id = %(n)s", n=other, match="stay with their claim")


def test_a_hold_closes_the_gate(held):
    with acting("siu"):
        services.release_hold(reception_id=held, reason="수사 종결", business_date=TODAY)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    refused(
        "UPDATE fds_holds SET released_on = NULL, released_by = ''", match="beside a CLEAR gate"
    )
    assert Hold.objects.get().released_by == "siu"


def test_a_score_only_rises(suspicious):
    for sql in (
        "UPDATE fds_analysis SET risk_score = 0",
        "UPDATE fds_analysis SET is_suspicious = false",
    ):
        refused(sql, match="only rises")
    run("UPDATE fds_analysis SET risk_score = 100")
    assert Analysis.objects.get().risk_score == 100
