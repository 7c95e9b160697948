"""``python -m bench [NAME …] [--rounds N]``: run the contests, or only the named ones.

They run in a fresh database ``…_bench`` beside the one that is configured; ``--keep`` goes on with
what an earlier run left there.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

import bench
from bench import harness
from config import embedded

ROOT = Path(__file__).resolve().parent.parent


def contests() -> list[harness.Contest]:
    """Collect the contests of every module, by name; those that make tables grow come last."""
    found: list[harness.Contest] = []
    names = sorted(name for _, name, _ in pkgutil.iter_modules(bench.__path__))
    for module in (name for name in names if not name.endswith("_worker")):
        make = getattr(importlib.import_module(f"bench.{module}"), "contests", None)
        if make is not None and module != "__main__":
            found += make()
    return sorted(found, key=lambda contest: contest.grows)


def own_database(*, keep: bool) -> None:
    """Point this process at a database of its own beside the configured one; make it anew."""
    configured = urlsplit(os.environ["DATABASE_URL"])
    name = configured.path.lstrip("/") + "_bench"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as outside:
        if not keep:
            outside.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        known = outside.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            outside.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    os.environ["DATABASE_URL"] = urlunsplit(configured._replace(path=f"/{name}"))


@contextmanager
def prepared(*, keep: bool) -> Iterator[None]:
    """Set Django up on a database of its own under ``var/bench``; stop what was started.

    Args:
        keep: go on with what an earlier run left.
    """
    os.environ.setdefault("MULGIL_VAR", str(ROOT / "var/bench"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DEBUG": "0",
        "MULGIL_DEMO": "1",
    }
    started = embedded.ensure_servers()
    try:
        own_database(keep=keep)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        if started:
            embedded.stop_servers()


def main() -> None:
    """Prepare a database of its own under ``var/bench``, run, print, and stop what was started."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="contests to run; none means all")
    parser.add_argument("--rounds", type=int, default=harness.FEWEST_ROUNDS)
    parser.add_argument("--keep", action="store_true", help="keep the data of an earlier run")
    asked = parser.parse_args()
    with prepared(keep=asked.keep):
        known = contests()
        unknown = set(asked.names) - {contest.name for contest in known}
        if unknown:
            parser.error(f"unknown: {', '.join(sorted(unknown))}; "
                         f"known: {', '.join(contest.name for contest in known)}")  # fmt: skip
        print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {asked.rounds} rounds")
        for contest in known:
            if not asked.names or contest.name in asked.names:
                print(harness.table(contest, harness.run(contest, asked.rounds)), flush=True)
                for line in contest.verdict():
                    print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
