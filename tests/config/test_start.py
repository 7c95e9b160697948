"""A production process without strong secrets does not start, whatever starts it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.bootstrap import ROOT

COMMANDS = {
    "web": ["-m", "gunicorn", "config.wsgi", "--bind", "unix:{var}/socket", "--no-control-socket"],
    "worker": ["-m", "celery", "-A", "config", "worker"],
    "beat": ["-m", "celery", "-A", "config", "beat", "--pidfile", "", "--schedule", "{var}/beat"],
    "commands": ["manage.py", "migrate", "--plan"],
}


@pytest.mark.faults
@pytest.mark.parametrize("name", COMMANDS)
def test_a_weak_secret_stops_the_start_and_says_what_to_do(name: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "MULGIL_VAR": str(tmp_path),
        "ALLOWED_HOSTS": "insurer.example",
        "SECRET_KEY": "weak",
        "RRN_ENCRYPTION_KEY": base64.b64encode(b"a" * 32).decode(),
        "RRN_INDEX_KEY": base64.b64encode(b"b" * 32).decode(),
    }
    result = subprocess.run(
        [sys.executable, *(word.format(var=tmp_path) for word in COMMANDS[name])],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert "SECRET_KEY is missing or weak" in result.stdout + result.stderr
    assert "Make one with" in result.stdout + result.stderr
