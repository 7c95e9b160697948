"""Status machines: the only place that moves a status column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from .errors import DomainError


class IllegalTransition(DomainError):
    """The record is not, or no longer, in a status from which this is possible."""


def transition(
    row: models.Model,
    to: str,
    *,
    reason: str = "",
    field: str = "status",
    moves: str = "TRANSITIONS",
    **changes: Any,
) -> None:
    """Move one record's status by compare-and-swap; the database writes the history.

    Args:
        row: the record, with the status that the caller saw.
        to: the new status.
        reason: kept in the history, shown to people.
        field: the status field.
        moves: the model's attribute that is its table (from → targets).
        changes: other fields that change with the move.

    Raises:
        IllegalTransition: the move is not in the table, or another has moved it meanwhile.
    """
    was = getattr(row, field)
    moved = transition_rows(
        type(row), [row.pk], frm=[was], to=to, reason=reason, field=field, moves=moves, **changes
    )
    if moved != 1:
        raise IllegalTransition(
            _("%(row)s has been changed meanwhile; load it again.") % {"row": row}
        )
    setattr(row, field, to)
    for name, value in changes.items():
        setattr(row, name, value)


def transition_rows(
    model: type[models.Model],
    keys: Iterable[Any],
    *,
    frm: Sequence[str],
    to: str,
    reason: str = "",
    field: str = "status",
    moves: str = "TRANSITIONS",
    **changes: Any,
) -> int:
    """Move many records' status in one statement; rows in another status are left alone.

    Returns:
        How many moved. Callers that need all of them compare.

    Raises:
        IllegalTransition: a move from one of ``frm`` is not in the model's table.
    """
    table: Mapping[str, Sequence[str]] = getattr(model, moves)
    for was in frm:
        if to not in table.get(was, ()):
            raise IllegalTransition(
                _("%(what)s: %(before)s → %(after)s is not possible.")
                % {"what": model._meta.verbose_name, "before": was, "after": to}
            )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mulgil.reason', %s, true)", [reason])
        moved = model._base_manager.filter(pk__in=list(keys), **{f"{field}__in": list(frm)}).update(
            **{field: to}, **changes
        )
        cursor.execute("SELECT set_config('mulgil.reason', '', true)")
    return moved
