"""What ``make test`` runs: the whole suite, then the guards on the oldest PostgreSQL supported.

Whoever started a server stops it: nothing is left running. ``WORKERS`` sets the processes,
further arguments go to pytest.
Order and examples are the same each time, so that main never fails by luck; ``SEARCH=1`` shuffles
the tests and draws new examples.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from config import browser, embedded
from config.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
OLDEST = 15
OLDEST_BINARIES = Path(f"/usr/lib/postgresql/{OLDEST}/bin")


def loudly(text: str) -> None:
    """Say something that must not be overlooked."""
    line = "!" * (len(text) + 8)
    print(f"\n{line}\n!!! {text} !!!\n{line}\n", flush=True)


def pytest(*arguments: str, **environment: str) -> int:
    """Run pytest on this checkout; return its exit code."""
    workers = os.environ.get("WORKERS", "2")
    spread = [] if workers == "0" else ["-n", workers, "--dist", "worksteal"]
    same = ["--randomly-seed=1", "--randomly-dont-reorganize"]
    order = [] if os.environ.get("SEARCH") else same
    command = [sys.executable, "-m", "pytest", "-q", *order, *spread, *arguments]
    print(f"— {' '.join(command[1:])}", flush=True)
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, check=False
    ).returncode


def ensure_chromium() -> None:
    """Install Debian's Chromium where that is allowed; say loudly when there is none."""
    if browser.chromium() is None and browser.may_install():
        browser.install("chromium", "fonts-noto-cjk")
    if browser.chromium() is None:
        loudly("no Chromium here: the browser journeys are skipped (INSTALL_BROWSER=1 as root)")


def guards_on_the_oldest() -> int:
    """Run the tests marked ``guards`` on a private cluster of the oldest supported PostgreSQL."""
    if not (OLDEST_BINARIES / "initdb").exists() and browser.may_install():
        browser.install(f"postgresql-{OLDEST}")
    if not (OLDEST_BINARIES / "initdb").exists():
        loudly(f"no PostgreSQL {OLDEST} here: the guards ran on the newer server only")
        return 1 if os.environ.get("CI") else 0
    server = Postgres(OLDEST_BINARIES, embedded.var_dir() / f"pg{OLDEST}")
    server.ensure()
    try:
        return pytest("-m", "guards", DATABASE_URL=server.ensure_database("mulgil"))
    finally:
        server.stop()


def main(words: list[str]) -> None:
    """Run what was asked for; end with the first failure's code."""
    os.environ.setdefault("MULGIL_VAR", str(ROOT / "var/test"))
    begun = time.monotonic()
    only_oldest = words == ["--only-pg15"]
    started = embedded.ensure_servers()
    code = 0
    try:
        if not only_oldest:
            ensure_chromium()
            code = pytest(*words)
        code = code or guards_on_the_oldest()
    finally:
        if started:
            embedded.stop_servers()
    print(f"— {time.monotonic() - begun:.0f} s", flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
