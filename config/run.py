"""The running house in one terminal: web, worker and beat, until Ctrl-C stops all of it.

``--demo`` first makes an insurer with a year behind it, once, and prints the logins.
``--sandbox`` keeps books to try the partner API on, in a database of their own. The private servers
that this command started it also stops; a server that dies is brought back.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config import embedded

ROOT = Path(__file__).resolve().parent.parent
FIRST_PORT = 8000
PATIENCE = 20  # seconds for a warm stop before the processes are killed
SIMULATION = ["--contracts", "5000", "--months", "12", "--seed", "1", "--resume"]


@dataclass
class House:
    """The processes of one run and how they end.

    Args:
        port: where the web process listens on loopback.
        reload: whether the web process follows changes of the code.
    """

    port: int
    reload: bool
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ending: bool = False

    def commands(self) -> dict[str, list[str]]:
        """Return the command of each process."""
        python = sys.executable
        web = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}",
               "--workers", "2", "--threads", "4", "--no-control-socket",
               "--log-level", "warning"]  # fmt: skip
        # beside the demo nobody else is on this machine's loopback; production has its own user
        quiet = ["-W", "ignore:You're running the worker with superuser"]
        celery = [*quiet, "-m", "celery", "-A", "config", "--quiet"]
        return {
            "web": [python, *web, *(["--reload"] if self.reload else [])],
            "worker": [python, *celery, "worker", "--loglevel", "warning"],
            "beat": [python, *celery, "beat", "--loglevel", "warning", "--pidfile", ""],
        }

    def start(self) -> None:
        """Start every process in a group of its own, so that one Ctrl-C is ours to hand on."""
        for name, command in self.commands().items():
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def watch(self) -> int:
        """Wait until someone ends the run or a process dies; return the exit code."""
        announced = False
        begun = time.monotonic()
        while not self.ending:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    print(f"{name} ended with {process.returncode}; stopping the others")
                    return 1
            if not announced and answers(self.port):
                announced = True
                welcome(self.port)
            elif not announced and time.monotonic() - begun > 120:
                print("the page does not answer; stopping")
                return 1
            for name in embedded.revive_servers() if announced else []:
                print(f"{name} had died and is up again")
            time.sleep(0.2 if not announced else 1)
        return 0

    def stop(self) -> None:
        """End every process warmly, then with force, its children too."""
        for how, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 5)):
            alive = [p for p in self.processes.values() if group_lives(p.pid)]
            for process in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, how)
            end = time.monotonic() + patience
            while time.monotonic() < end and any(group_lives(p.pid) for p in alive):
                for process in alive:
                    process.poll()
                time.sleep(0.05)


def group_lives(group: int) -> bool:
    """Say whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def answers(port: int) -> bool:
    """Say whether the login page is there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=2):
            return True
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False


def free_port() -> int:
    """Return the first free port of loopback from 8000 on."""
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    sys.exit("no free port between 8000 and 8099")


def welcome(port: int) -> None:
    """Print the address and, in a demo, who may log in."""
    print(f"\n  Mulgil is at  http://127.0.0.1:{port}/\n")
    if os.environ.get("PARTNER_MODE") == "sandbox":
        print(f"  Partners try the API at  http://127.0.0.1:{port}/partners/developers/\n")
    if os.environ.get("MULGIL_DEMO"):
        logins = embedded.var_dir() / "demo-logins.txt"
        if logins.exists():
            print(logins.read_text())
    print("  Ctrl-C stops everything.\n", flush=True)


def prepare(*, demo: bool, sandbox: bool = False) -> None:
    """Migrate; for a demo make its people and its year, for a sandbox its reference data, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if sandbox:
        call_command("open_sandbox")
    elif demo:
        live_a_year(call_command)
    connections.close_all()


def live_a_year(call_command: Callable[..., object]) -> None:
    """Make the demonstration's people and its year where they are missing."""
    from contracts.models import Contract

    database = hashlib.sha256(os.environ["DATABASE_URL"].encode()).hexdigest()[:16]
    done = embedded.var_dir() / f"demo-{database}.done"
    call_command("demo_setup")
    if not (done.exists() and Contract.objects.exists()):
        call_command("simulate", *SIMULATION)
        done.touch()
    call_command("demo_partner")


def main(words: list[str]) -> None:
    """Run until Ctrl-C, SIGTERM or a closed terminal."""
    if set(words) - {"--demo", "--sandbox"} or len(words) > 1:
        sys.exit("usage: python -m config.run [--demo | --sandbox]")
    demo, sandbox = "--demo" in words, "--sandbox" in words
    if sandbox:
        os.environ["PARTNER_MODE"] = "sandbox"
        os.environ.setdefault("PARTNER_WEBHOOKS_PRIVATE", "1")  # a developer's own machine
    if demo:
        os.environ["MULGIL_DEMO"] = "1"
        os.environ.setdefault("DEBUG", "0")
    house = House(port=free_port(), reload=not demo)

    def end(_signal: int, _frame: FrameType | None) -> None:
        house.ending = True
        if not house.processes:
            raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, end)
    started = embedded.ensure_servers()
    code = 130
    try:
        prepare(demo=demo, sandbox=sandbox)
        house.start()
        code = house.watch()
    except KeyboardInterrupt:
        print("\nstopped; the next start goes on from here")
    finally:
        house.stop()
        if started:
            embedded.stop_servers()
        print("all stopped", flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
