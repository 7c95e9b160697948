"""One answer for one idempotency key, kept in the transaction of what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotFound
from partners.models import Answered
from partners.rules.problems import Problem

from .door import Caller

KEY = re.compile(r"[A-Za-z0-9._\-]{8,64}")
PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; ``again`` where it had been answered before."""

    status: int
    body: dict[str, Any]
    again: bool = False


def wanted_key(given: str) -> str:
    """Return a well-formed idempotency key.

    Raises:
        Problem: missing or malformed.
    """
    if not given:
        raise Problem("idempotency_key_missing", _("Send the header Idempotency-Key."))
    if not KEY.fullmatch(given):
        raise Problem(
            "idempotency_key_invalid",
            _("An idempotency key has 8 to 64 letters, digits, dots, hyphens and underscores."),
        )
    return given


def known(caller: Caller, *, key: str, operation: str, content_sha256: str) -> Answer | None:
    """Return the answer that a key has already.

    Raises:
        Problem: ``key_reused`` for other content.
    """
    row = Answered.objects.filter(partner=caller.partner, key=key).first()
    return None if row is None else _same(row, operation, content_sha256)


def once(
    caller: Caller,
    *,
    key: str,
    operation: str,
    content_sha256: str,
    act: Callable[[], tuple[int, dict[str, Any]]],
) -> Answer:
    """Do ``act`` once for a key, and answer a repetition as the first time, refusals too.

    The row of the key is written first, so that a second request at the same moment waits for the
    first one's transaction. A fault rolls all of it back: the key may be tried again.

    Args:
        caller: whose key it is.
        key: the idempotency key.
        operation: method and path.
        content_sha256: of the body.
        act: does the work; returns status and body.

    Raises:
        Problem: ``key_reused``.
    """
    with transaction.atomic():
        row, first = Answered.objects.get_or_create(
            partner=caller.partner,
            key=key,
            defaults={"operation": operation[:120], "content_sha256": content_sha256},
        )
        if not first:
            return _same(row, operation, content_sha256)
        status, body = _done(act)
        Answered.objects.filter(pk=row.pk).update(status=status, body=body)
    return Answer(status, body)


def _done(act: Callable[[], tuple[int, dict[str, Any]]]) -> tuple[int, dict[str, Any]]:
    try:
        with transaction.atomic():
            return act()
    except Problem as problem:
        found = {"code": problem.code, "detail": problem.detail, "errors": problem.errors}
        return problem.kind.status, {PROBLEM: found}
    except NotFound as refusal:
        return 404, {PROBLEM: {"code": "not_found", "detail": str(refusal), "errors": []}}
    except DomainError as refusal:
        return 422, {PROBLEM: {"code": "refused", "detail": str(refusal), "errors": []}}


def _same(row: Answered, operation: str, content_sha256: str) -> Answer:
    if row.content_sha256 != content_sha256 or row.operation != operation[:120]:
        raise Problem(
            "key_reused",
            _("The key %(key)s was used for other content; use a new one.") % {"key": row.key},
        )
    return Answer(row.status, row.body, again=True)
