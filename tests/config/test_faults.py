"""The night with real processes: a worker killed, the broker wiped, the database crashed.

What remains is compared with the same night undisturbed, with the same night done by two processes
at once, and with the same night shared by three workers of whom one dies: all must have written
the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest
import redis

from config import embedded
from config.bootstrap import ROOT
from tests.config.night import CLAIMS, DRIVERS, FAILING, LIVES, NIGHT, figures

pytestmark = pytest.mark.faults
PATIENCE = 240  # seconds; a loaded machine migrates slowly
LEASE = 3  # seconds


@dataclass
class House:
    """Private servers, and the processes that a test starts beside them."""

    environment: dict[str, str]
    said: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def database(self, name: str) -> str:
        """Return the address of another database of the server."""
        parts = urlsplit(self.environment["DATABASE_URL"])
        return urlunsplit(parts._replace(path=f"/{name}"))

    def start(self, *words: str, database: str = "mulgil") -> subprocess.Popen[bytes]:
        """Start a Python process in a group of its own."""
        with self.said.open("a") as said:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=self.environment | {"DATABASE_URL": self.database(database)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def night(self, word: str, database: str = "mulgil") -> subprocess.Popen[bytes]:
        """Start one of the words of ``tests.config.night``."""
        return self.start("-m", "tests.config.night", word, database=database)

    def worker(self, *, database: str = "mulgil", width: int = 2) -> subprocess.Popen[bytes]:
        """Start a Celery worker of ``width`` processes."""
        words = ("-m", "celery", "-A", "config", "--quiet", "worker", "-c", str(width))
        return self.start(*words, database=database)

    def finish(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a process has ended well."""
        assert process.wait(PATIENCE) == 0, self.said.read_text()[-4_000:]

    def figures(self, database: str) -> dict[str, Any]:
        """Return what the night left in a database."""
        return figures(self.database(database))

    def ask(self, sql: str, *params: Any, database: str = "mulgil") -> list[tuple[Any, ...]]:
        """Read from the database of the disturbed night, or from another."""
        with psycopg.connect(self.database(database), autocommit=True) as connection:
            return connection.execute(sql, params).fetchall()

    def copy(self, name: str) -> None:
        """Copy the database as it stands."""
        with psycopg.connect(self.database("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE mulgil")

    def wake(self) -> None:
        """Send what beat sends every few seconds."""
        from config.celery import app

        with app.connection_for_write(url=self.environment["REDIS_URL"]) as broker:
            app.send_task("core.tasks.wake_chain", connection=broker)

    def until(self, reached: Callable[[], bool], *, waking: bool) -> None:
        """Wait for something, waking the chain as beat would."""
        end = time.monotonic() + PATIENCE
        woken = 0.0
        while not reached():
            now = time.monotonic()
            assert now < end, self.said.read_text()[-4_000:]
            if waking and now > woken + 1:
                self.wake()
                woken = now
            time.sleep(0.005)

    def stand(self, job: str) -> set[str]:
        """Return the states of the night's chunks of a step."""
        rows = self.ask(
            "SELECT c.state FROM core_job_chunks c JOIN core_job_runs r ON r.id = c.run_id"
            " WHERE r.job = %s AND r.business_date = %s",
            job,
            NIGHT,
        )
        return {state for (state,) in rows}

    def done(self, job: str, *, database: str = "mulgil") -> bool:
        """Say whether a step of the night is done."""
        sql = "SELECT 1 FROM core_job_runs WHERE job = %s AND business_date = %s AND state = 'DONE'"
        return bool(self.ask(sql, job, NIGHT, database=database))

    def hands(self, state: str, *, database: str) -> set[int]:
        """Return the processes that hold chunks in a state, or did them."""
        sql = "SELECT DISTINCT worker FROM core_job_chunks WHERE state = %s"
        return {int(name.rpartition(":")[2]) for (name,) in self.ask(sql, state, database=database)}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Give servers that nobody else uses, so that they may be killed."""
    with tempfile.TemporaryDirectory(prefix="m-") as folder:
        for name in ("DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("MULGIL_VAR", folder)
        embedded.ensure_servers()
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "CHAIN_UNTIL": NIGHT.isoformat(),
            "CHAIN_LEASE_SECONDS": str(LEASE),
            "CHAIN_HELPERS": "2",
        }
        made = House(environment, Path(folder) / "said")
        yield made
        for process in made.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        embedded.stop_servers()


def test_a_disturbed_night_ends_like_an_undisturbed_one(house: House) -> None:
    house.finish(house.night("prepare"))
    house.copy("calm")
    house.copy("crowded")
    house.copy("shared")

    # a worker dies by kill -9 while it collects, and the broker forgets everything
    first = house.worker()
    house.until(lambda: "RUNNING" in house.stand("collection"), waking=True)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(10)
    assert not house.done("collection")
    with redis.Redis.from_url(house.environment["REDIS_URL"]) as client:
        client.flushall()

    # another takes over; under it the database crashes while reserves are computed
    house.worker()
    house.until(lambda: "RUNNING" in house.stand("reserves"), waking=True)
    crash(house)
    house.until(lambda: house.done("close"), waking=True)

    disturbed = house.figures("mulgil")
    house.finish(house.night("run", "calm"))
    calm = house.figures("calm")
    for name, rows in calm.items():
        assert disturbed[name] == rows, name
    assert_a_night_was_lived(calm)

    both = [house.night("run", "crowded") for _ in range(2)]
    for process in both:
        house.finish(process)
    crowded = house.figures("crowded")
    for name, rows in calm.items():
        assert crowded[name] == rows, name

    shared = share_among_three(house)
    for name, rows in calm.items():
        assert shared[name] == rows, name


def share_among_three(house: House) -> dict[str, Any]:
    """Let three workers share the night, kill one over its chunk, and return what is left."""
    for process in house.processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
    workers = [house.worker(database="shared", width=1) for _ in range(3)]
    house.until(lambda: len(house.hands("RUNNING", database="shared")) > 1, waking=True)
    held = house.hands("RUNNING", database="shared")
    victim = next(w for w in workers if held & {c.pid for c in psutil.Process(w.pid).children()})
    lost = {child.pid for child in psutil.Process(victim.pid).children()}
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait(10)
    house.until(lambda: house.done("close", database="shared"), waking=True)
    assert len(house.hands("DONE", database="shared") - lost) > 1  # the two others shared the rest
    return house.figures("shared")


def crash(house: House) -> None:
    """Kill PostgreSQL by kill -9 and start it again; it replays its log."""
    pid = embedded.postgres().pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    end = time.monotonic() + 60
    while embedded.postgres().pid() in {None, pid}:
        try:
            embedded.revive_servers()
        except RuntimeError:  # the killed server's children still leave
            assert time.monotonic() < end, house.said.read_text()[-4_000:]
            time.sleep(0.2)


def assert_a_night_was_lived(found: dict[str, Any]) -> None:
    """Look at the undisturbed night itself: the comparison must not be one of nothings."""
    whole = LIVES + DRIVERS
    second = [row for row in found["bills"] if row[1] == 2]
    assert len(second) == whole
    assert sum(row[2] == "COLLECTED" for row in second) == whole - FAILING
    at_month_end = [row for row in found["reserves"] if row[1:3] == (str(NIGHT), "MONTH_END")]
    assert len(at_month_end) == whole
    assert len(found["claims"]) == CLAIMS
    assert found["difference"] == [(0,)]
    assert found["periods"] == [("2026-03", "CLOSED"), ("2026-04", "CLOSED")]
    assert found["failures"] == []
    steps = {(job, day): (state, items) for job, day, state, items in found["steps"]}
    assert steps["collection", str(NIGHT)] == ("DONE", whole - FAILING)
    assert steps["close", str(NIGHT)] == ("DONE", 1)
    assert {row[3] for row in found["chunks"]} == {"DONE"}
