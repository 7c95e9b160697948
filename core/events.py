"""Facts, told in batches inside the transaction that makes them true.

An event class is a frozen dataclass of equal-length columns in an app's ``events.py``. ``publish``
sends it, in the caller's transaction, to the ``@first`` handlers, then to the ``@books`` handlers
(earlier stages first) and leaves one outbox row for each ``@later`` handler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import partial
from typing import Any, ClassVar, Self, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import numpy as np
import orjson
from django.db import connection, transaction
from django.dispatch import Signal

from . import acting
from .broker import nudge
from .columns import DTYPES, as_column
from .models import EventRecord, OutboxMessage

MAX_ROWS = 10_000
KEEP_PAYLOAD_ROWS = 200
_registry: dict[str, type[Event]] = {}
_later: dict[str, dict[str, Callable[[Any], None]]] = {}
E_ = TypeVar("E_", bound="Event")


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """A batch of facts of one kind. Subclasses add columns typed with ``core.columns``.

    Args:
        business_date: the day on which the facts hold (accounting date).
        event_id: the idempotency key.

    Raises:
        ValueError: the columns differ in length, are empty, or exceed ``MAX_ROWS``.
    """

    name: ClassVar[str] = ""
    kinds: ClassVar[dict[str, str]] = {}
    begun: ClassVar[Signal]
    booked: ClassVar[Signal]
    business_date: date
    event_id: UUID = field(default_factory=uuid4)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.begun, cls.booked = Signal(), Signal()
        _registry[cls.name] = cls

    def __post_init__(self) -> None:
        for name, kind in column_kinds(type(self)).items():
            object.__setattr__(self, name, as_column(kind, getattr(self, name)))
        lengths = {len(getattr(self, name)) for name in column_kinds(type(self))}
        if len(lengths) > 1:
            raise ValueError(f"{self.name}: columns differ in length: {sorted(lengths)}.")
        if lengths and not 1 <= self.rows <= MAX_ROWS:
            raise ValueError(f"{self.name}: a batch has 1 to {MAX_ROWS} rows, not {self.rows}.")

    @property
    def rows(self) -> int:
        """How many facts the batch carries."""
        kinds = column_kinds(type(self))
        return len(getattr(self, next(iter(kinds)))) if kinds else 1

    def take(self, mask: Any) -> dict[str, Any]:
        """Return the columns, cut to ``mask`` (a boolean or index array)."""
        return {name: getattr(self, name)[mask] for name in column_kinds(type(self))}

    @classmethod
    def of(cls, *, business_date: date, rows: Sequence[Mapping[str, Any]], **header: Any) -> Self:
        """Make a batch from dictionaries, one a fact; for screens and tests."""
        columns: dict[str, Any] = {n: [row[n] for row in rows] for n in column_kinds(cls)}
        return cls(business_date=business_date, **columns, **header)


def column_kinds(cls: type[Event]) -> dict[str, str]:
    """Return the columns of an event class with their kinds, in order."""
    if "kinds" not in cls.__dict__ or not cls.__dict__["kinds"]:
        hints = get_type_hints(cls, include_extras=True)
        kinds = {}
        for f in fields(cls):
            hint = hints[f.name]
            if get_origin(hint) is not None and get_args(hint)[-1] in DTYPES:
                kinds[f.name] = get_args(hint)[-1]
        cls.kinds = kinds
    return cls.kinds


def publish(event: Event) -> None:
    """Record ``event`` in the caller's transaction and send it to the books.

    Money follows at once: a refusal of a ``@books`` handler refuses the act itself. What can wait
    goes to the outbox, true or absent with the transaction.

    Raises:
        RuntimeError: there is no open transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("publish() belongs inside the transaction that makes the event true")
    later = _later.get(event.name, {})
    who = acting.current()
    keep = bool(later) or event.rows <= KEEP_PAYLOAD_ROWS
    EventRecord.objects.create(
        event_id=event.event_id,
        name=event.name,
        rows=event.rows,
        business_date=event.business_date,
        actor=who.actor,
        cause=who.cause,
        payload=orjson.loads(encode(event)) if keep else None,
    )
    event.begun.send(sender=type(event), event=event)
    event.booked.send(sender=type(event), event=event)
    if later:
        OutboxMessage.objects.bulk_create(
            OutboxMessage(event_id=event.event_id, name=event.name, handler=path) for path in later
        )
        transaction.on_commit(partial(nudge, "core.tasks.relay"), robust=True)


def books(cls: type[E_]) -> Callable[[Callable[[E_], None]], Callable[[E_], None]]:
    """Run the decorated handler in the transaction of every ``cls`` that is published.

    Handlers are connected in the order of ``INSTALLED_APPS``: earlier stages first.
    """

    def register(handler: Callable[[E_], None]) -> Callable[[E_], None]:
        def receive(*, event: E_, **_: Any) -> None:
            handler(event)

        cls.booked.connect(receive, weak=False, dispatch_uid=_path(handler))
        return handler

    return register


def first(cls: type[E_]) -> Callable[[Callable[[E_], None]], Callable[[E_], None]]:
    """Run the decorated handler before every ``@books`` handler of ``cls``.

    For what the facts that follow in the same transaction lean on, and which money does not move.
    """

    def register(handler: Callable[[E_], None]) -> Callable[[E_], None]:
        def receive(*, event: E_, **_: Any) -> None:
            handler(event)

        cls.begun.connect(receive, weak=False, dispatch_uid=_path(handler))
        return handler

    return register


def later(cls: type[E_]) -> Callable[[Callable[[E_], None]], Callable[[E_], None]]:
    """Run the decorated handler once, after the commit, from the outbox."""

    def register(handler: Callable[[E_], None]) -> Callable[[E_], None]:
        _later.setdefault(cls.name, {})[_path(handler)] = handler
        return handler

    return register


def later_handler(name: str, path: str) -> Callable[[Any], None]:
    """Return the ``@later`` handler of an event by its path.

    Raises:
        LookupError: no such handler is registered in this release.
    """
    return _later[name][path]


def event_classes() -> dict[str, type[Event]]:
    """Return every event class by its name."""
    return dict(_registry)


def encode(event: Event) -> bytes:
    """Write an event as JSON; ``decode`` reads it back equal."""
    body: dict[str, Any] = {}
    for f in fields(event):
        value = getattr(event, f.name)
        if isinstance(value, np.ndarray):
            value = (
                np.datetime_as_string(value).tolist() if value.dtype.kind == "M" else value.tolist()
            )
        body[f.name] = value
    return orjson.dumps(body)


def decode(name: str, payload: Mapping[str, Any]) -> Event:
    """Rebuild an event from its stored payload.

    Raises:
        LookupError: no event class has this name.
    """
    cls = _registry[name]
    body = dict(payload)
    body["event_id"] = UUID(body["event_id"])
    body["business_date"] = date.fromisoformat(body["business_date"])
    return cls(**body)


def _path(handler: Callable[..., Any]) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
