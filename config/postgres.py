"""A private PostgreSQL: made, started and stopped from its binaries alone, as root or as anyone.

PostgreSQL does not run as root; there it runs as the owner of its data folder (``postgres`` or
``nobody``). It listens on a Unix socket in a folder that only its owner and root may enter.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

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
LONGEST_SOCKET = 100  # bytes; the kernels' limits are 108 (Linux) and 104 (macOS)
START_SECONDS = 300  # a start after a crash replays the log first


@dataclass(frozen=True)
class Postgres:
    """One data folder and the binaries that serve it.

    Args:
        binaries: folder with ``initdb``, ``pg_ctl`` and ``postgres``.
        data: data folder; made when it is absent.
        locale: options of ``initdb`` that fix the order of text whatever the machine's locale.
    """

    binaries: Path
    data: Path
    locale: Sequence[str] = ("--locale=C.UTF-8",)
    tuning: Mapping[str, str] = field(default_factory=lambda: TUNING)

    def ensure(self) -> bool:
        """Make and start the server where it does not answer; return whether it was started."""
        if self.answers():
            return False
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._remove_stale_pid()
        where = self._socket_folder()
        options = f"-c listen_addresses='' -c unix_socket_directories={shlex.quote(str(where))}"
        self._run("pg_ctl", "start", "-w", "-s", "-t", str(START_SECONDS),
                  "-l", str(self.data / "log"), "-o", options)  # fmt: skip
        return True

    def follow(self, leader: Postgres) -> bool:
        """Start as a streaming replica of a running server, copied where the folder is empty.

        Returns:
            Whether it was started; False where it was already up.
        """
        if not (self.data / "PG_VERSION").exists():
            self._make_folder()
            self._run("pg_basebackup", "-h", str(leader._socket_folder()), "-U", "postgres",
                      "-X", "stream", "-c", "fast", "-R")  # fmt: skip
            for left in [*self.data.glob(".s.PGSQL*"), self.data / "log"]:
                left.unlink(missing_ok=True)  # the leader's own, where its socket is in its folder
        return self.ensure()

    def stop(self) -> bool:
        """Stop the server and wait until it is down; return whether it was running."""
        if not self.answers():
            return False
        self._run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-t", str(START_SECONDS))
        return True

    def url(self, database: str) -> str:
        """Return the address of one database of this server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._socket_folder()))}"

    def ensure_database(self, name: str) -> str:
        """Make the database where it is missing; return its URL."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(
                    psycopg.sql.Identifier(name)))  # fmt: skip
        return self.url(name)

    def answers(self) -> bool:
        """Say whether the server is up and may be read."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return False
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            return probe.connect_ex(f"{lines[4]}/.s.PGSQL.{lines[3]}") == 0

    def pid(self) -> int | None:
        """Return the process that serves the data folder, None when it is down."""
        if not self.answers():
            return None
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _make_folder(self) -> None:
        if self.data.exists():
            shutil.rmtree(self.data)  # what an interrupted start left
        self.data.mkdir(mode=0o700, parents=True)
        account = self._account()
        if account is not None:
            os.chown(self.data, account.pw_uid, account.pw_gid)
            _open_way(self.data)
            _open_way(self.binaries)

    def _create(self) -> None:
        self._make_folder()
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "-U", "postgres", *self.locale)
        lines = [f"{name} = '{value}'\n" for name, value in self.tuning.items()]
        with (self.data / "postgresql.conf").open("a") as config:
            config.writelines(["\n# this installation\n", *lines])

    def _account(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        owner = self.data.stat().st_uid if self.data.exists() else 0
        if owner:
            return pwd.getpwuid(owner)
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise RuntimeError("PostgreSQL does not run as root, and there is no user nobody here")

    def _run(self, program: str, *arguments: str) -> None:
        account = self._account()
        who = {} if account is None else {
            "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}  # fmt: skip
        with tempfile.TemporaryFile() as said:  # a pipe would stay open in the server
            result = subprocess.run(
                [str(self.binaries / program), "-D", str(self.data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd="/",
                env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
                check=False,
                **who,  # type: ignore[call-overload]
            )
            if result.returncode:
                said.seek(0)
                log = self.data / "log"
                tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
                raise RuntimeError(f"{program} failed: {said.read().decode().strip()}\n{tail}")

    def _remove_stale_pid(self) -> None:
        """Remove the note of a killed server whose process number now is another program's."""
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        import psutil

        try:
            name = psutil.Process(int(note.read_text().split()[0])).name()
        except (psutil.Error, ValueError, IndexError):
            name = ""
        if "postgres" not in name:
            note.unlink()

    def _socket_folder(self) -> Path:
        """Return the data folder, or a private short one where its path is too long."""
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        folder = Path("/tmp") / f"mulgil-{os.geteuid()}-{digest}"  # noqa: S108
        folder.mkdir(mode=0o700, exist_ok=True)
        account = self._account()
        owner = os.geteuid() if account is None else account.pw_uid
        if account is not None and folder.lstat().st_uid == 0:
            os.chown(folder, account.pw_uid, account.pw_gid, follow_symlinks=False)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise RuntimeError(f"{folder} is not a private folder of ours; remove it")
        return folder


def _open_way(path: Path) -> None:
    """Let the server's user reach ``path``: the search bit on each folder above, nothing more."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
