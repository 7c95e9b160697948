"""How claims developed: what was reported and paid, by month of the accident and months after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.bulk import read_columns
from core.columns import Days, Ints, Keys, Won


@dataclass(frozen=True, slots=True, eq=False)
class Developments:
    """Amounts by portfolio, month of the accident and months after it, (n,) each.

    Args:
        line: portfolio.
        origin: first day of the month of the accident.
        month: calendar months from the accident's to that of the movement, 0 first.
        reported: won: movements of case reserves and payments.
        paid: won: payments.
    """

    line: Keys
    origin: Days
    month: Ints
    reported: Won
    paid: Won


def developments(until: date) -> Developments:
    """Return how claims developed up to the end of a day."""
    found = read_columns(
        """
        WITH moved AS (
            SELECT c.line, c.incident_date, m.moved_on AS day, m.movement AS reported, 0 AS paid
            FROM case_reserves m JOIN claim_receptions c USING (reception_id)
            WHERE m.moved_on <= %(until)s
            UNION ALL
            SELECT c.line, c.incident_date, p.payment_date, p.payout_amount, p.payout_amount
            FROM claim_payouts p JOIN claim_receptions c USING (reception_id)
            WHERE p.payment_date <= %(until)s
        ), placed AS (
            SELECT line, reported, paid, date_trunc('month', day)::date AS moved,
                date_trunc('month', incident_date AT TIME ZONE 'Asia/Seoul')::date AS origin
            FROM moved
        )
        SELECT line, origin,
            (12 * (extract(year FROM moved) - extract(year FROM origin))
                + extract(month FROM moved) - extract(month FROM origin))::int AS month,
            sum(reported)::bigint, sum(paid)::bigint
        FROM placed GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        {"until": until},
        line="keys",
        origin="days",
        month="ints",
        reported="won",
        paid="won",
    )
    return Developments(**found)
