"""References that hot tables check set-based instead of row by row, and the proof that they hold.

A foreign key is checked for every row by its own small query, with a lock on the parent's row: on
a mass insert that is more work than writing the row and its indexes. Where a parent is never
deleted or given another key (``NeverDeleted``), its existence when the child is written is all
that there is to check, and one anti-join for the whole statement does it (``ReferencesExist``).
Declare such a field with ``db_constraint=False``, and prove it all the same (``orphans``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection

from core.guards import without


class _Checked:
    """One reference: column, parent table and key, and what both rows must have alike."""

    def __init__(self, model: Any, name: str, alike: Sequence[str]) -> None:
        field = model._meta.get_field(name)
        parent = field.target_field.model._meta
        self.table, self.column = model._meta.db_table, field.column
        self.parent, self.key = parent.db_table, field.target_field.column
        self.alike = [
            (model._meta.get_field(one).column, parent.get_field(one).column) for one in alike
        ]

    def missing(self, row: str) -> str:
        """Return the SQL condition that ``row`` points to nothing."""
        same = "".join(f" AND p.{theirs} = {row}.{ours}" for ours, theirs in self.alike)
        return (
            f"NOT EXISTS (SELECT 1 FROM {self.parent} p"  # noqa: S608 - own names
            f" WHERE p.{self.key} = {row}.{self.column}{same})"
        )

    def columns(self) -> str:
        """Return the child's columns that take part."""
        return ", ".join([self.column, *(ours for ours, _ in self.alike)])

    def refuse(self) -> str:
        """Return the statement that raises when ``bad`` is set."""
        same = "".join(f" of the same {ours}" for ours, _ in self.alike)
        return f"""IF bad IS NOT NULL THEN
                RAISE EXCEPTION
                    '{self.table}.{self.column}: there is no {self.parent}.{self.key} %{same}', bad
                    USING ERRCODE = 'foreign_key_violation', TABLE = '{self.table}',
                    CONSTRAINT = '{self.table}_{self.column}_exists';
            END IF;"""


class _References(pgtrigger.Trigger):
    declare = [("bad", "TEXT")]

    def __init__(
        self,
        *,
        fields: Sequence[str],
        alike: Mapping[str, Sequence[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        """Guard the model's foreign keys ``fields``.

        Args:
            fields: names of foreign keys.
            alike: foreign key → fields that the row and its parent both have and must share.
            kwargs: of the trigger.
        """
        self.fields = tuple(fields)
        self.alike = {name: tuple(names) for name, names in (alike or {}).items()}
        super().__init__(**kwargs)

    def checked(self, model: Any) -> list[_Checked]:
        """Return the references of a model."""
        return [_Checked(model, name, self.alike.get(name, ())) for name in self.fields]


class ReferencesExist(_References):
    """Refuse rows whose foreign keys, named in ``fields``, point to nothing; empty ones may.

    Each distinct value is looked up by the parent's key, whatever the statistics say. Where the
    rows of a batch mostly point to parents that stand beside each other (``neighbours``), as many
    of these as there are rows are read in one go, and only the others are looked up.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")

    def __init__(self, *, neighbours: Sequence[str] = (), **kwargs: Any) -> None:
        """Guard foreign keys, of which ``neighbours`` point to parents side by side."""
        self.neighbours = tuple(neighbours)
        super().__init__(**kwargs)

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        look_up, free = without("seqscan", "hashjoin", "mergejoin")
        checks = [
            self._in_one_go(one)
            if name in self.neighbours and not one.alike
            else f"""
            EXECUTE $q$
                SELECT n.{one.column}::text FROM (
                    SELECT DISTINCT {one.columns()} FROM new_rows WHERE {one.column} IS NOT NULL
                ) n WHERE {one.missing("n")} LIMIT 1
            $q$ INTO bad;
            {one.refuse()}"""  # noqa: S608 - own names
            for name, one in zip(self.fields, self.checked(model), strict=True)
        ]
        return (
            f"\n            {look_up}{''.join(checks)}\n            {free}"
            "\n            RETURN NULL;\n        "
        )

    @staticmethod
    def _in_one_go(one: _Checked) -> str:
        return f"""
            EXECUTE $q$
                SELECT n.{one.column}::text FROM new_rows n
                WHERE n.{one.column} NOT IN (
                    SELECT p.{one.key} FROM {one.parent} p
                    WHERE p.{one.key} BETWEEN (SELECT min({one.column}) FROM new_rows)
                        AND (SELECT max({one.column}) FROM new_rows)
                    LIMIT (SELECT count(*) FROM new_rows)
                ) AND {one.missing("n")} LIMIT 1
            $q$ INTO bad;
            {one.refuse()}"""  # noqa: S608 - own names


class ReferencesStay(_References):
    """Refuse to point a foreign key of a row, named in ``fields``, at nothing.

    Runs only for rows in which one of them changes; what ``Fixed`` guards needs no such.
    """

    level = pgtrigger.Row
    when = pgtrigger.After
    operation = pgtrigger.Update

    def __init__(self, *, fields: Sequence[str], **kwargs: Any) -> None:
        """Guard the model's foreign keys ``fields``."""
        super().__init__(fields=fields, condition=pgtrigger.AnyChange(*fields), **kwargs)

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        checks = [
            f"""
            SELECT NEW.{one.column}::text INTO bad
            WHERE NEW.{one.column} IS NOT NULL AND {one.missing("NEW")};
            {one.refuse()}"""
            for one in self.checked(model)
        ]
        return "".join(checks) + "\n            RETURN NULL;\n        "


class NeverDeleted(pgtrigger.Trigger):
    """Refuse DELETE and TRUNCATE: other tables refer to these rows without a foreign key."""

    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Delete | pgtrigger.Truncate

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return (
            f"RAISE EXCEPTION '% of {model._meta.db_table} refused: other rows refer to them',"
            " TG_OP USING ERRCODE = 'restrict_violation';"
        )


def orphans() -> list[str]:
    """Return every reference checked set-based that points to nothing, ``table.column value``."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for one in _all():
            cursor.execute(
                f"SELECT DISTINCT c.{one.column}::text FROM {one.table} c"  # noqa: S608 - own names
                f" WHERE c.{one.column} IS NOT NULL AND {one.missing('c')} ORDER BY 1"
            )
            found += [f"{one.table}.{one.column} {row[0]}" for row in cursor.fetchall()]
    return found


def _all() -> Iterator[_Checked]:
    for model in apps.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            if isinstance(trigger, ReferencesExist):
                yield from trigger.checked(model)
