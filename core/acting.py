"""Who acts and why: carried into every event, audit row and status move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Acting:
    """The person or programme that acts, and the operation that it is part of."""

    actor: str = "system"
    cause: str = ""


_NOBODY = Acting()
_current: ContextVar[Acting] = ContextVar("acting", default=_NOBODY)


def current() -> Acting:
    """Return who acts now."""
    return _current.get()


@contextmanager
def acting(actor: str, cause: str = "") -> Iterator[None]:
    """Act as ``actor`` because of ``cause`` until the block ends; the database is told too.

    Args:
        actor: a user name, or the name of a programme such as ``batch:billing``.
        cause: an operation id, an event id or a business date that explains the act.
    """
    token = _current.set(Acting(actor, cause))
    _tell(_current.get())
    try:
        yield
    finally:
        _current.reset(token)
        if connection.connection is not None and not connection.needs_rollback:
            _tell(_current.get())


def _tell(who: Acting) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('mulgil.actor', %s, false), set_config('mulgil.cause', %s, false)",
            [who.actor, who.cause],
        )
