"""The private servers: made, shared by many starts, killed and brought back with all their data."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.embedded import BASE_DIR
from config.postgres import LONGEST_SOCKET

pytestmark = pytest.mark.faults


class Var:
    """A ``var`` folder of its own, with its servers."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def python(self, code: str) -> str:
        """Run code in a process that knows no addresses but those of this folder."""
        environment = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
        result = subprocess.run(
            [sys.executable, "-c", f"from config.embedded import *\n{code}"],
            cwd=BASE_DIR,
            env=environment | {"MULGIL_VAR": str(self.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not result.returncode, result.stderr
        return result.stdout.strip()

    def start(self) -> tuple[str, str, str]:
        """Start what is down; return what was started and both addresses."""
        code = (
            "print(ensure_servers(), os.environ['DATABASE_URL'], os.environ['REDIS_URL'], sep='|')"
        )
        started, database, broker = self.python(code).split("|")
        return started, database, broker

    def processes(self) -> list[psutil.Process]:
        """Return the two servers that run for this folder."""
        notes = [self.path / "postgres/postmaster.pid", self.path / "valkey/pid"]
        pids = [int(note.read_text().split()[0]) for note in notes if note.exists()]
        return [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]


@pytest.fixture(scope="module")
def var() -> Iterator[Var]:
    """One folder for all tests; each starts what it finds down."""
    yield from empty_var()


@pytest.fixture
def fresh_var() -> Iterator[Var]:
    yield from empty_var()


def empty_var() -> Iterator[Var]:
    with tempfile.TemporaryDirectory(prefix="m-") as folder:
        made = Var(Path(folder))
        yield made
        made.python("stop_servers()")


def test_many_starts_at_once_start_each_server_once(var: Var) -> None:
    var.python("stop_servers()")
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: var.start(), range(4)))
    assert sorted(started for started, _, _ in told) == [
        "['PostgreSQL', 'Valkey']",
        "[]",
        "[]",
        "[]",
    ]
    assert len({(database, broker) for _, database, broker in told}) == 1


def test_killed_servers_come_back_with_all_that_was_committed(var: Var) -> None:
    _, database, broker = var.start()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE survivors (id int)")
        connection.execute("INSERT INTO survivors VALUES (7)")
    with redis.Redis.from_url(broker) as client:
        client.config_set("appendfsync", "always")
        client.set("kept", "seven")
        valkey = int(client.info("server")["process_id"])
    postmaster = int((var.path / "postgres/postmaster.pid").read_text().split()[0])
    for pid in (postmaster, valkey):
        os.kill(pid, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=5)
    started, same_database, same_broker = var.start()
    assert started == "['PostgreSQL', 'Valkey']"
    assert (same_database, same_broker) == (database, broker), "whoever knew them may reconnect"
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT id FROM survivors").fetchall() == [(7,)]
    with redis.Redis.from_url(broker) as client:
        assert client.get("kept") == b"seven"


def test_a_note_that_names_another_programs_process_does_not_stop_the_start(var: Var) -> None:
    var.start()
    var.python("stop_servers()")
    note = var.path / "postgres/postmaster.pid"
    note.write_text(
        f"{os.getpid()}\n{var.path}/postgres\n1\n5432\n{var.path}/postgres\n\n1 1\nready\n"
    )
    started, database, _ = var.start()
    assert "PostgreSQL" in started
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_path_too_long_for_a_socket_still_starts(fresh_var: Var) -> None:
    fresh_var.path = fresh_var.path / ("long " + "n" * LONGEST_SOCKET)
    _, database, _ = fresh_var.start()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("mulgil",)


def test_nothing_listens_on_the_network_without_a_password(var: Var) -> None:
    _, database, broker = var.start()
    with psycopg.connect(database) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW wal_compression").fetchone() == ("pglz",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    port = int(broker.rsplit(":", 1)[1].split("/")[0])
    stranger = redis.Redis(host="127.0.0.1", port=port)
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    listening = {
        c.laddr.ip for p in var.processes() for c in p.net_connections() if c.status == "LISTEN"
    }
    assert listening <= {"127.0.0.1"}


def test_stop_leaves_no_process_and_start_finds_the_data_again(var: Var) -> None:
    _, database, _ = var.start()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    servers = var.processes()
    assert len(servers) == 2
    assert var.python("print(stop_servers())") == "['Valkey', 'PostgreSQL']"
    gone = {psutil.STATUS_ZOMBIE}  # where nobody reaps, an ended process keeps its number
    assert all(not p.is_running() or p.status() in gone for p in servers)
    _, database, _ = var.start()
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_given_addresses_win(fresh_var: Var) -> None:
    code = (
        "os.environ |= {'DATABASE_URL': 'postgresql://db/x', 'REDIS_URL': 'redis://r/0'}\n"
        "print(ensure_servers(), sorted(p.name for p in var_dir().iterdir()))"
    )
    assert fresh_var.python(code) == "[] ['servers.lock']"
