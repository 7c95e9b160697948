"""Pages beside a streaming replica, in a process of their own; prints what was seen as JSON.

The primary is ``DATABASE_URL``, the replica ``REPLICA_URL``.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import django

NAMES = ("처음이름", "다음이름", "셋째이름")


def replay(call: str) -> Any:
    """Ask the replica to pause or to resume, or how it stands."""
    from django.db import connections

    with connections["replica"].cursor() as cursor:
        cursor.execute(f"SELECT {call}")
        return cursor.fetchone()[0]


def caught_up() -> None:
    """Wait until the replica has replayed what the primary has written."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()::text")
        (written,) = cursor.fetchone()
    end = time.monotonic() + 60
    while not replay(f"pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"):
        assert time.monotonic() < end
        time.sleep(0.05)


def say(seen: dict[str, Any]) -> None:
    """Tell the test what was seen, a line at a time."""
    sys.stdout.write(json.dumps(seen, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read and write pages while the replica follows, stands still and is gone."""
    from django.conf import settings
    from django.db import DatabaseError
    from django.test import Client

    from core.models import User
    from tests.core.conftest import make

    settings.REPLICA_LOOK_SECONDS, settings.REPLICA_MAX_LAG_SECONDS = 0, 3_600
    alice = make("alice", "administrator", language="ko")
    make("bob", "auditor", language="ko", display_name=NAMES[0])
    client = Client(HTTP_HOST="localhost")
    client.force_login(alice)

    def shown() -> list[str]:
        text = client.get("/people/").content.decode()
        return [name for name in NAMES if name in text]

    def rename(name: str) -> None:
        User.objects.filter(username="bob").update(display_name=name)

    seen: dict[str, Any] = {}
    caught_up()
    seen["followed"] = shown()
    replay("pg_wal_replay_pause()::text")
    rename(NAMES[1])
    seen["standing still"] = shown()
    answer = client.post("/preferences/", {"theme": "dark", "next": "/people/"})
    assert answer.status_code == 303, answer.status_code
    seen["after an act of one's own"] = shown()
    del client.cookies["fresh"]
    seen["a while later"] = shown()
    settings.REPLICA_MAX_LAG_SECONDS = 0
    seen["lagging"] = shown()
    replay("pg_wal_replay_resume()::text")
    caught_up()
    seen["followed again"] = shown()
    try:
        User.objects.using("replica").filter(username="bob").update(display_name=NAMES[2])
    except DatabaseError as refused:
        seen["a write"] = str(refused)
    say(seen)
    input()  # until the replica is gone
    say({"gone": shown()})


if __name__ == "__main__":
    django.setup()
    main()
