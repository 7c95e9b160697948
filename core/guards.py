"""Tables that refuse: triggers declared beside the model, so that no path goes round them.

``django-pgtrigger`` keeps them in migrations; ``makemigrations --check`` says when code and
database differ. Statement triggers over transition tables are used, because they see set-based
SQL and ``COPY`` and cost a fraction of row triggers on mass inserts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pgtrigger
from django.apps import apps


def without(*plans: str) -> tuple[str, str]:
    """Return SQL that forbids kinds of plan, and SQL that allows them again.

    The transition table of a mass insert has no statistics: the planner takes it for 200 groups,
    the table behind it for what it was when it was last analysed, and may choose a plan that takes
    seconds. Between the two statements it cannot.

    Args:
        plans: names of ``enable_…`` settings, such as ``nestloop``.
    """
    off = [f"PERFORM set_config('enable_{plan}', 'off', true);" for plan in plans]
    on = [f"PERFORM set_config('enable_{plan}', 'on', true);" for plan in plans]
    return "\n            ".join(off), "\n            ".join(on)


class AppendOnly(pgtrigger.Trigger):
    """Refuse UPDATE, DELETE and TRUNCATE of a table."""

    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return (
            f"RAISE EXCEPTION '% of {model._meta.db_table} refused: rows are only ever added',"
            " TG_OP USING ERRCODE = 'restrict_violation';"
        )


class Fixed(pgtrigger.Trigger):
    """Refuse to change columns of a row once it is written; the condition costs next to nothing."""

    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, *, fields: Sequence[str], **kwargs: Any) -> None:
        """Guard ``fields`` of the model."""
        self.fields = tuple(fields)
        super().__init__(condition=pgtrigger.AnyChange(*fields), **kwargs)

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        table, key = model._meta.db_table, model._meta.pk.column
        columns = ", ".join(model._meta.get_field(name).column for name in self.fields)
        return (
            f"RAISE EXCEPTION '% of {table}: {columns} are fixed', OLD.{key}"
            " USING ERRCODE = 'restrict_violation';"
        )


class StatusMoves(pgtrigger.Trigger):
    """Refuse a status move outside the table of moves, and write the history of those inside."""

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Update
    referencing = pgtrigger.Referencing(old="old_rows", new="new_rows")

    def __init__(self, *, field: str, moves: str = "TRANSITIONS", **kwargs: Any) -> None:
        """Guard ``field`` by the model's attribute ``moves`` (from → statuses it may move to)."""
        self.field = field
        self.moves = moves
        super().__init__(**kwargs)

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        table, key = model._meta.db_table, model._meta.pk.column
        column = model._meta.get_field(self.field).column
        live = apps.get_model(
            model._meta.label
        )  # migrations hand in a model without our attributes
        table_of_moves: Mapping[str, Sequence[str]] = getattr(live, self.moves)
        allowed = ", ".join(
            f"('{a}', '{b}')" for a, targets in sorted(table_of_moves.items()) for b in targets
        )
        inside = f"(o.{column}, n.{column}) IN ({allowed})" if allowed else "false"
        return f"""
            IF EXISTS (
                SELECT 1 FROM old_rows o LEFT JOIN new_rows n ON n.{key} = o.{key}
                WHERE n.{key} IS NULL OR (o.{column} <> n.{column} AND NOT ({inside}))
            ) THEN
                RAISE EXCEPTION 'illegal move of {table}.{column}: %', (
                    SELECT o.{key}::text || ' ' || o.{column} || ' → ' ||
                        coalesce(n.{column}, 'another key')
                    FROM old_rows o LEFT JOIN new_rows n ON n.{key} = o.{key}
                    WHERE n.{key} IS NULL OR (o.{column} <> n.{column} AND NOT ({inside}))
                    LIMIT 1
                ) USING ERRCODE = 'check_violation';
            END IF;
            INSERT INTO core_status_moves
                (table_name, key, from_status, to_status, reason, actor, cause)
            SELECT '{table}', o.{key}::text, o.{column}, n.{column},
                coalesce(current_setting('mulgil.reason', true), ''),
                coalesce(nullif(current_setting('mulgil.actor', true), ''), session_user),
                coalesce(current_setting('mulgil.cause', true), '')
            FROM old_rows o JOIN new_rows n ON n.{key} = o.{key}
            WHERE o.{column} <> n.{column};
            RETURN NULL;
        """


class _Audit(pgtrigger.Trigger):
    level = pgtrigger.Statement
    when = pgtrigger.After

    def __init__(self, *, exclude: Sequence[str] = (), **kwargs: Any) -> None:
        self.exclude = tuple(exclude)
        super().__init__(**kwargs)

    def _shown(self, row: str) -> str:
        return f"to_jsonb({row})" + "".join(f" - '{name}'" for name in self.exclude)

    @staticmethod
    def _who() -> str:
        return (
            "coalesce(nullif(current_setting('mulgil.actor', true), ''), session_user),"
            " coalesce(current_setting('mulgil.cause', true), '')"
        )


class AuditInsert(_Audit):
    """Write one audit row for each inserting statement, with all keys; few rows also in full."""

    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        table, key = model._meta.db_table, model._meta.pk.column
        return f"""
            INSERT INTO core_audit (table_name, operation, keys, after, actor, cause)
            SELECT '{table}', 'INSERT', array_agg({key}::text),
                CASE WHEN count(*) <= 20
                    THEN (SELECT jsonb_agg({self._shown("n")}) FROM new_rows n) END, {self._who()}
            FROM new_rows HAVING count(*) > 0;
            RETURN NULL;
        """


class AuditUpdate(_Audit):
    """Write one audit row for each changed row, with the changed columns before and after."""

    operation = pgtrigger.Update
    referencing = pgtrigger.Referencing(old="old_rows", new="new_rows")

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        table, key = model._meta.db_table, model._meta.pk.column
        return f"""
            INSERT INTO core_audit (table_name, operation, keys, before, after, actor, cause)
            SELECT '{table}', 'UPDATE', ARRAY[o.{key}::text], c.before, c.after, {self._who()}
            FROM old_rows o JOIN new_rows n ON n.{key} = o.{key},
            LATERAL (
                SELECT jsonb_object_agg(b.key, b.value) AS before,
                    jsonb_object_agg(b.key, a.value) AS after
                FROM jsonb_each({self._shown("o")}) b JOIN jsonb_each({self._shown("n")}) a
                    ON a.key = b.key WHERE a.value IS DISTINCT FROM b.value
            ) c WHERE c.before IS NOT NULL;
            RETURN NULL;
        """


class AuditDelete(_Audit):
    """Write one audit row for each deleted row, in full."""

    operation = pgtrigger.Delete
    referencing = pgtrigger.Referencing(old="old_rows")

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        table, key = model._meta.db_table, model._meta.pk.column
        return f"""
            INSERT INTO core_audit (table_name, operation, keys, before, actor, cause)
            SELECT '{table}', 'DELETE', ARRAY[o.{key}::text], {self._shown("o")}, {self._who()}
            FROM old_rows o;
            RETURN NULL;
        """


def audited(*, exclude: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Return the triggers that write every insert, update and delete to the audit table.

    Args:
        exclude: columns whose values must not be copied (secrets, ciphertexts).
    """
    return [
        AuditInsert(name="audit_insert", exclude=exclude),
        AuditUpdate(name="audit_update", exclude=exclude),
        AuditDelete(name="audit_delete", exclude=exclude),
        AuditTruncate(name="audit_no_truncate"),
    ]


class AuditTruncate(pgtrigger.Trigger):
    """Refuse TRUNCATE, which no audit trigger could describe."""

    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return (
            f"RAISE EXCEPTION 'TRUNCATE of {model._meta.db_table} refused: it is audited'"
            " USING ERRCODE = 'restrict_violation';"
        )


def machine(field: str, *, exclude: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Return audit triggers and the guard of one status column by the model's ``TRANSITIONS``.

    Args:
        field: the model's status field.
        exclude: columns kept out of the audit copy.
    """
    return [*audited(exclude=exclude), StatusMoves(name=f"{field}_moves", field=field)]
