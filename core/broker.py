"""Waking work that PostgreSQL already knows of: the broker carries a name, never the fact."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: str) -> None:
    """Wake a task by its name, after a commit; a failure only means that the next beat does it.

    Args:
        task: the registered name of a task without arguments, such as ``"core.tasks.relay"``.
    """
    try:
        current_app.send_task(task)
    except (OSError, OperationalError):
        log.warning("the broker did not take the nudge for %s; the next beat does it", task)
