"""Wake a task after the commit: the broker only wakes, the database says what is to be done."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def wake(task: str) -> None:
    """Have a task run soon after the caller's transaction; a lost wake waits for the next beat.

    Args:
        task: dotted name; it takes no arguments and finds its work in the database.
    """
    transaction.on_commit(lambda: _send(task), robust=True)


def _send(task: str) -> None:
    try:
        current_app.send_task(task)
    except OSError:
        log.warning("the broker did not take %s; the next beat wakes it", task)
