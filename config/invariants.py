"""What must never happen, asked of every stage: the consistency proof of the whole river."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from time import monotonic

from django.conf import settings
from django.db import connection

from core import references
from core.models import JobRun, OutboxMessage


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant and how often it is broken (0: it holds)."""

    stage: str
    name: str
    breaches: int
    detail: str


def prove() -> tuple[list[Finding], float]:
    """Check every invariant of every stage; return the findings and the seconds it took."""
    began = monotonic()
    findings = [Finding("core", *row) for row in _core()]
    for stage in settings.STAGES:
        if not find_spec(f"{stage}.api"):
            continue
        api = import_module(f"{stage}.api")
        if hasattr(api, "invariants"):
            findings += [Finding(stage, *row) for row in api.invariants()]
    return findings, monotonic() - began


def _core() -> list[tuple[str, int, str]]:
    waiting = OutboxMessage.objects.exclude(state=OutboxMessage.State.DONE)
    failed = JobRun.objects.filter(state=JobRun.State.FAILED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM core_outbox o WHERE state = 'DONE' AND NOT EXISTS ("
            " SELECT 1 FROM core_inbox i WHERE i.event_id = o.event_id AND i.handler = o.handler)"
        )
        unhandled = cursor.fetchone()[0]
        cursor.execute(
            "SELECT count(*) FROM core_outbox o WHERE NOT EXISTS ("
            " SELECT 1 FROM core_events e WHERE e.event_id = o.event_id)"
        )
        orphans = cursor.fetchone()[0]
    loose = references.orphans()
    return [
        (
            "no message waits or is parked",
            waiting.count(),
            ", ".join(sorted(set(waiting.values_list("handler", flat=True)[:5]))),
        ),
        ("every delivered message has its inbox row", unhandled, ""),
        ("every message has its event", orphans, ""),
        ("every reference checked set-based exists", len(loose), ", ".join(loose[:3])),
        (
            "no step of the nightly chain failed",
            failed.count(),
            "; ".join(f"{run}: {run.error[:120]}" for run in failed[:3]),
        ),
    ]


def report(findings: list[Finding], seconds: float) -> str:
    """Write the findings as a table, with the verdict last."""
    width = max(len(f.name) for f in findings)
    lines = [
        f"{'ok ' if f.breaches == 0 else 'BAD'}  {f.stage:<12} {f.name:<{width}} "
        f"{f.breaches:>6}  {f.detail if f.breaches else ''}".rstrip()
        for f in findings
    ]
    broken = sum(f.breaches > 0 for f in findings)
    lines.append(
        f"{len(findings)} invariants checked in {seconds:.1f} s: "
        + ("zero breaches." if not broken else f"{broken} BROKEN.")
    )
    return "\n".join(lines)
