"""Digests over the lines of a month, in a canonical and versioned text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from accounting.models import FiscalPeriod, PeriodSeal

STRETCH = 10_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The digest of up to ``STRETCH`` lines in the order of their ids."""

    number: int
    first_line: int
    last_line: int
    lines: int
    digest: str


def stretches(start: date, end: date) -> list[Stretch]:
    """Compute the digests of the lines dated [start, end], both inclusive."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"""
            SELECT n, min(journal_id), max(journal_id), count(*), encode(sha256(convert_to(
                string_agg(text, E'\n' ORDER BY journal_id), 'UTF8')), 'hex')
            FROM (
                SELECT l.journal_id, concat_ws(E'\x1f', 'v1', l.journal_id, l.entry_id, l.line_no,
                    l.transaction_date, l.account_code, l.debit_amount, l.credit_amount,
                    l.reference_id, l.group_code, e.idempotency_key, e.event_id, e.event_name,
                    e.reference_id, coalesce(e.rule_id, 0), coalesce(e.reverses_id, 0),
                    e.description, e.posted_by) AS text,
                    (row_number() OVER (ORDER BY l.journal_id) - 1) / %s AS n
                FROM general_ledger l LEFT JOIN journal_entries e ON e.entry_id = l.entry_id
                WHERE l.transaction_date BETWEEN %s AND %s
            ) line GROUP BY n ORDER BY n
            """,
            [STRETCH, start, end],
        )
        return [Stretch(*row) for row in cursor.fetchall()]


def chain(period: str, before: str, digests: Iterable[str]) -> str:
    """Return a month's seal: SHA-256 over the seal before it and the digests of its stretches."""
    text = "\n".join(["v1", period, before, *digests])
    return hashlib.sha256(text.encode()).hexdigest()


def broken() -> list[str]:
    """Verify all closed months; name each stretch and seal that does not verify any more."""
    found: list[str] = []
    before = ""
    kept: dict[str, dict[int, PeriodSeal]] = {}
    for seal in PeriodSeal.objects.order_by("period_id", "number"):
        kept.setdefault(seal.period_id, {})[seal.number] = seal
    for period in FiscalPeriod.objects.filter(status="CLOSED").order_by("period"):
        now = {s.number: s for s in stretches(period.starts_on, period.ends_on)}
        stored = kept.get(period.pk, {})
        for number in sorted(now.keys() | stored.keys()):
            seen, sealed = now.get(number), stored.get(number)
            same = seen and sealed and (seen.digest, seen.lines) == (sealed.digest, sealed.lines)
            if not same:
                where = sealed or seen
                lines = f"{where.first_line}–{where.last_line}" if where else "?"
                found.append(f"{period}: lines {lines} (stretch {number})")
        digests = [stored[number].digest for number in sorted(stored)]
        if chain(period.pk, before, digests) != period.seal:
            found.append(f"{period}: the seal of the month")
        before = period.seal
    return found
