"""Pages read from a streaming replica where one is set up; writes never go there.

Whoever has just written reads the primary for a while, so that nobody misses their own act; a
replica that lags or is down is left alone. Without ``REPLICA_URL`` nothing of this is at work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

log = logging.getLogger(__name__)
ALIAS = "replica"
FRESH = "fresh"  # the cookie of somebody who has just written
_reading: ContextVar[bool] = ContextVar("reading_replica", default=False)
_LAG = """
    SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END
    WHERE pg_is_in_recovery() AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver)
"""


class Router:
    """Send the reads of a page to the replica; everything else to the primary."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        """Return the replica for a page that may read it, outside of any transaction."""
        inside = connections["default"].in_atomic_block
        return ALIAS if _reading.get() and not inside else "default"

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        """Return the primary; what the page reads from now on is read there too."""
        _reading.set(False)
        return "default"

    def allow_relation(self, *_: Any, **_hints: Any) -> bool:
        """Let rows of both be related: they are the same rows."""
        return True

    def allow_migrate(self, db: str, *_: Any, **_hints: Any) -> bool:
        """Migrate the primary alone; the replica follows."""
        return db != ALIAS


def stay_on_primary() -> None:
    """Read the primary from now on in this request: a programme that asks has no cookie."""
    _reading.set(False)


class ReplicaMiddleware:
    """Let pages read the replica, unless their reader has just written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose where this request reads, and mark who wrote."""
        asks = request.method in {"GET", "HEAD"}
        token = _reading.set(asks and FRESH not in request.COOKIES and _keeps_up())
        try:
            response = self.get_response(request)
        finally:
            _reading.reset(token)
        if not asks:
            response.set_cookie(
                FRESH,
                "1",
                max_age=settings.REPLICA_FRESH_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Read once more, from the primary, what a replica that fails under a page did not give."""
        if not _reading.get() or not isinstance(error, (OperationalError, InterfaceError)):
            return None
        log.warning("the replica failed under a page (%s)", type(error).__name__)
        _Look.at, _Look.well = time.monotonic(), False
        connections[ALIAS].close()
        return HttpResponseRedirect(request.get_full_path())


class _Look:
    """When the replica was last looked at, and whether it kept up."""

    at = float("-inf")
    well = False


def _keeps_up() -> bool:
    """Say whether the replica follows the primary closely enough; asked about once a second."""
    if ALIAS not in settings.DATABASES:
        return False
    now = time.monotonic()
    if now - _Look.at >= settings.REPLICA_LOOK_SECONDS:
        _Look.at, _Look.well = now, _look()
    return _Look.well


def _look() -> bool:
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(_LAG)
            found = cursor.fetchone()
    except DatabaseError as error:
        connections[ALIAS].close()
        log.warning("the replica does not answer, pages read the primary: %s", type(error).__name__)
        return False
    lag = None if found is None else found[0]
    return lag is not None and lag <= settings.REPLICA_MAX_LAG_SECONDS
