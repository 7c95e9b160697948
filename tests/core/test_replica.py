"""Pages read a streaming replica, and never a stale one: two real servers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import embedded
from config.bootstrap import ROOT
from config.postgres import Postgres

pytestmark = pytest.mark.faults


def test_pages_read_the_replica_unless_it_is_stale_or_gone(live_environment: dict[str, str]):
    leader = embedded.postgres()
    if not leader.answers() or str(leader.data) not in live_environment["DATABASE_URL"]:
        pytest.skip("the suite runs on a server that is not ours to copy")
    with tempfile.TemporaryDirectory(prefix="m-") as folder:
        replica = Postgres(leader.binaries, Path(folder) / "replica", locale=leader.locale)
        assert replica.follow(leader)
        name = urlsplit(live_environment["DATABASE_URL"]).path.removeprefix("/")
        reader = subprocess.Popen(
            [sys.executable, "-m", "tests.core.replica_reader"],
            cwd=ROOT,
            env=live_environment | {"REPLICA_URL": replica.url(name)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert reader.stdout is not None
        try:
            first = json.loads(reader.stdout.readline())
            replica.stop()
            last, _ = reader.communicate("\n", timeout=120)
        finally:
            reader.kill()
            reader.communicate()
            replica.stop()
    assert "read-only" in first.pop("a write")
    assert first == {
        "followed": ["처음이름"],
        "standing still": ["처음이름"],
        "after an act of one's own": ["다음이름"],
        "a while later": ["처음이름"],
        "lagging": ["다음이름"],
        "followed again": ["다음이름"],
    }
    assert json.loads(last) == {"gone": ["다음이름"]}
