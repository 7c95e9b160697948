"""The running house: up in one command, revived where a server dies, gone without a trace."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.bootstrap import ROOT

pytestmark = pytest.mark.faults
PATIENCE = 120  # seconds; a loaded machine migrates slowly


class Running:
    """``python -m config.run`` on a ``var`` of its own."""

    def __init__(self, var: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.endswith("_URL")}
        environment |= {"MULGIL_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        self.var = var
        self.said = var / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the terminal says something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := re.search(pattern, self.said.read_text()):
                return found
            assert self.process.poll() is None, self.said.read_text()
            time.sleep(0.1)
        raise AssertionError(f"{pattern!r} was not said: {self.said.read_text()}")

    def family(self) -> list[psutil.Process]:
        """Return every process of the run, the servers too."""
        own = psutil.Process(self.process.pid)
        notes = [self.var / "postgres/postmaster.pid", self.var / "valkey/pid"]
        servers = [psutil.Process(int(n.read_text().split()[0])) for n in notes if n.exists()]
        return [own, *own.children(recursive=True), *servers]


@pytest.fixture
def running() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="m-") as folder:
        house = Running(Path(folder))
        yield house
        if house.process.poll() is None:
            house.process.send_signal(signal.SIGTERM)
            house.process.wait(60)


def test_the_house_starts_revives_its_servers_and_ends_without_a_trace(running: Running) -> None:
    address = running.wait_for(r"http://127\.0\.0\.1:\d+/")[0]
    with urllib.request.urlopen(f"{address}login/", timeout=20) as page:
        assert page.status == 200
        assert "unsafe" not in page.headers["Content-Security-Policy"]
    os.kill(int((running.var / "valkey/pid").read_text()), signal.SIGKILL)
    running.wait_for("Valkey had died and is up again")
    family = running.family()
    names = " ".join(" ".join(p.cmdline()) for p in family)
    assert all(word in names for word in ("gunicorn", "worker", "beat", "postgres", "valkey"))
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert "all stopped" in running.said.read_text()
    assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []
