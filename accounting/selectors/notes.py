"""The notes' roll-forward tables of a period, from the ledger, beside the measured balances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from accounting.models import ContractGroup, MeasurementRun
from accounting.rules import notes
from accounting.rules.notes import COMPONENTS, COVERAGE, HELD_COMPONENTS, REINSURANCE, Note
from accounting.selectors import balances
from core.bulk import read_columns

MEASURED: Mapping[str, Mapping[str, tuple[tuple[str, int], ...]]] = {
    COVERAGE: {"LRC": (("LRC", 1), ("LC", -1)), "LC": (("LC", 1),), "LIC": (("LIC", 1),)},
    COMPONENTS: {"PVFCF": (("PVFCF", 1),), "RA": (("RA", 1),), "CSM": (("CSM", 1),)},
    REINSURANCE: {
        "ARC": (("RI_ARC", 1), ("RI_LR", 1)),
        "LR": (("RI_LR", -1),),
        "AIC": (("RI_LIC", 1),),
    },
    HELD_COMPONENTS: {
        "RI_PVFCF": (("RI_PVFCF", 1),),
        "RI_RA": (("RI_RA", 1),),
        "RI_CSM": (("RI_CSM", 1),),
    },
}
"""Table → column → estimates of a run (with sign) that it must equal."""


@dataclass(frozen=True, slots=True)
class Tied:
    """A table beside the run.

    Args:
        note: from the ledger.
        measured: column → won of the run; None: the period is not measured.
    """

    note: Note
    measured: Mapping[str, int] | None

    def gap(self, column: str) -> int:
        """Return ledger less run (0: they tie)."""
        if self.measured is None:
            return 0
        return self.note.closing[column] - self.measured[column]


def table(
    name: str, start: date, end: date, *, group: str = "", run: MeasurementRun | None = None
) -> Tied:
    """Return a table for [start, end], both inclusive.

    Args:
        name: COVERAGE or COMPONENTS (groups of the general model only).
        start: first day.
        end: last day.
        group: one group; empty: all.
        run: the posted run of the end.
    """
    groups = _groups(name, group)
    note = notes.fill(
        name,
        _held(start - timedelta(days=1), groups),
        _moved(start, end, groups),
        _held(end, groups),
    )
    return Tied(note, _measured(name, run, groups) if run else None)


def _groups(name: str, group: str) -> list[str]:
    held = name in {REINSURANCE, HELD_COMPONENTS}
    found = ContractGroup.objects.filter(kind="HELD" if held else "ISSUED")
    if group:
        found = found.filter(pk=group)
    if name in {COMPONENTS, HELD_COMPONENTS}:
        found = found.filter(measurement="GMM")
    return list(found.values_list("pk", flat=True))


def _held(day: date, groups: Collection[str]) -> dict[str, int]:
    wanted = set(groups)
    found: dict[str, int] = {}
    for (account, group), amount in balances.closing_at(day).items():
        if group in wanted:
            found[account] = found.get(account, 0) - amount
    return found


def _moved(start: date, end: date, groups: Collection[str]) -> dict[tuple[str, str], int]:
    read = read_columns(
        """
        SELECT coalesce(r.rule_code, 'REVERSAL'), l.account_code,
            sum(l.credit_amount - l.debit_amount)::bigint
        FROM general_ledger l JOIN journal_entries e ON e.entry_id = l.entry_id
        LEFT JOIN posting_rules r ON r.id = e.rule_id
        WHERE l.transaction_date BETWEEN %(start)s AND %(end)s
            AND l.group_code = ANY(%(groups)s)
            AND (l.account_code LIKE '21%%' OR l.account_code LIKE '22%%'
                OR l.account_code LIKE '13%%')
        GROUP BY 1, 2
        """,
        {"start": start, "end": end, "groups": list(groups)},
        rule="keys",
        account="keys",
        amount="won",
    )
    columns = zip(*(column.tolist() for column in read.values()), strict=True)
    return {(rule, account): int(amount) for rule, account, amount in columns}


def _measured(name: str, run: MeasurementRun, groups: Collection[str]) -> dict[str, int]:
    rows = run.facts.filter(step="CLOSING", basis="C", group_id__in=list(groups)).values_list(
        "estimate", "amount_type", "amount"
    )
    closing: dict[str, int] = {}
    for estimate, kind, amount in rows:
        if not kind or estimate == "PVFCF":
            closing[estimate] = closing.get(estimate, 0) + int(amount)
    return {
        column: sum(sign * closing.get(estimate, 0) for estimate, sign in parts)
        for column, parts in MEASURED[name].items()
    }
