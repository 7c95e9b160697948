"""Test databases by copy: migrations run once into a template, everything else is copied from it.

A copy takes a fraction of a second, so the workers need not migrate, and a test that commits gets
its successor a fresh copy: the append-only tables refuse to be emptied, as they should.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import Cursor, connect
from psycopg.sql import SQL, Identifier, Literal

ROOT = Path(__file__).resolve().parent.parent
ORIGINAL = connection.settings_dict["NAME"]
TEMPLATE = f"template_{ORIGINAL}"
ADVISORY_LOCK = 7_464_921


def copy_name() -> str:
    """Return the name of this process's own test database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return f"test_{ORIGINAL}_{worker}_{os.getpid()}"


def use(name: str) -> None:
    """Point Django at another database of the same server."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextmanager
def maintenance() -> Iterator[Cursor[tuple[object, ...]]]:
    """Give a cursor that may create and drop databases."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    known = {"dbname", "user", "password", "host", "port", "sslmode"}
    with connect(**{k: v for k, v in parameters.items() if k in known}, autocommit=True) as outside:
        yield outside.cursor()


def fresh_copy() -> None:
    """Replace this process's test database by a new copy of the template."""
    connections.close_all()
    name = copy_name()
    with maintenance() as cursor:
        cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        cursor.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(TEMPLATE))
        )


def drop_copy() -> None:
    """Remove this process's test database."""
    use(ORIGINAL)
    with maintenance() as cursor:
        cursor.execute(
            SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(copy_name()))
        )


def ensure_template(*, rebuild: bool = False) -> None:
    """Migrate the template where code that shapes the database has changed since the last time."""
    wanted = _fingerprint()
    with maintenance() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        _drop_left_over(cursor)
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [TEMPLATE],
        )
        if (cursor.fetchone() or (None,))[0] == wanted and not rebuild:
            return
        name = Identifier(TEMPLATE)
        cursor.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        cursor.execute(SQL("CREATE DATABASE {}").format(name))
        use(TEMPLATE)
        call_command("migrate", verbosity=0, interactive=False)
        use(ORIGINAL)
        cursor.execute(SQL("COMMENT ON DATABASE {} IS {}").format(name, Literal(wanted)))


def _drop_left_over(cursor: Cursor[tuple[object, ...]]) -> None:
    """Remove the databases of test runs that ended without their teardown."""
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"test\\_{ORIGINAL}\\_gw%"]
    )
    for (name,) in cursor.fetchall():
        if not psutil.pid_exists(int(str(name).rsplit("_", 1)[1])):
            drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            cursor.execute(drop.format(Identifier(str(name))))


def _fingerprint() -> str:
    """Hash what decides a migrated database: migrations, models, apps, their data, the lock."""
    digest = hashlib.sha256()
    for app in sorted({*settings.STAGES, "core"} | set(settings.INSTALLED_APPS)):
        folder = ROOT / app
        if not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            named = inside[0] in {"migrations", "data", "fixtures"} or inside[-1] == "apps.py"
            if named and path.is_file() and path.suffix != ".pyc":
                digest.update(str(path).encode() + path.read_bytes())
    digest.update((ROOT / "requirements.lock").read_bytes())
    return digest.hexdigest()
