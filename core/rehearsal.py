"""What an act will do, shown before it is confirmed: it is done, looked at, and undone.

The act runs in full inside a transaction that is rolled back: every check, every handler and every
entry is the real one. Whoever can describe what was written (the ledger) registers a collector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from .acting import current
from .models import EventRecord


@dataclass(frozen=True, slots=True)
class Line:
    """One line that the act would write, for example of a journal entry."""

    account: str
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    note: str = ""


@dataclass(slots=True)
class Rehearsal:
    """What an act would do."""

    result: Any = None
    events: list[tuple[str, int]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def debit(self) -> Decimal:
        """Sum of the debits."""
        return sum((line.debit for line in self.lines), Decimal(0))

    @property
    def credit(self) -> Decimal:
        """Sum of the credits."""
        return sum((line.credit for line in self.lines), Decimal(0))


Collector = Callable[[list[UUID]], Iterable[Line]]
_collectors: list[Collector] = []


def collects(fn: Collector) -> Collector:
    """Register ``fn(event_ids) -> lines`` that these events wrote (in an app's face.py)."""
    _collectors.append(fn)
    return fn


def rehearse(act: Callable[[], Any]) -> Rehearsal:
    """Do ``act``, collect what it published and wrote, and undo it.

    Raises:
        core.errors.DomainError: the act would be refused.
    """
    before = set(_events().values_list("event_id", flat=True))
    with transaction.atomic():
        made = Rehearsal(result=act())
        new = [e for e in _events() if e.event_id not in before]
        made.events = [(e.name, e.rows) for e in new]
        ids = [e.event_id for e in new]
        made.lines = [line for collect in _collectors for line in collect(ids)] if ids else []
        transaction.set_rollback(True)
    return made


def _events() -> Any:
    who = current()
    return EventRecord.objects.filter(actor=who.actor, cause=who.cause).order_by("published_at")
