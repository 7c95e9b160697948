"""Bulk binds: kept as they come, promised a time, worked part by part, each part exactly once.

A part is worked in one transaction with the row of its bulk locked: contracts, entries and the
answer to each line are true together or not at all. A worker that dies leaves nothing behind, and
the next one goes on with the same part.
"""

from __future__ import annotations

import logging
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import numbering
from core.acting import acting
from core.errors import DomainError
from core.status import transition
from core.waking import wake
from partners import access
from partners.access import Outcome
from partners.models import Bulk, BulkChunk, Partner
from partners.rules.proposals import LineRefusal, Proposal, header_of, read_csv, read_json

from .business import note_first_contract
from .door import Caller
from .webhooks import tell

log = logging.getLogger(__name__)
PART_LINES = 10_000
MOST_LINES = 100_000
MOST_BYTES = 100 * 1024 * 1024
MOST_ATTEMPTS = 3
LINES_PER_SECOND = 500
LEAST_SECONDS = 30
"""What is promised from until bulks have shown what this machine does."""
TASK = "partners.tasks.work_bulks"
SERIES = "BLK"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of lines as it came in."""

    form: str
    stored_as: str
    header: str
    size: int
    sha256: str
    lines: int
    offsets: tuple[int, ...]


def accept(
    caller: Caller, kept: Kept, *, language: str, business_date: date
) -> Callable[[], tuple[int, dict[str, Any]]]:
    """Return the act that puts a file in the queue and promises a time."""

    def act() -> tuple[int, dict[str, Any]]:
        bulk = Bulk.objects.create(
            bulk_id=numbering.take_one(SERIES, business_date.year),
            partner=caller.partner,
            key_id=caller.key.key_id,
            form=kept.form,
            language=language,
            stored_as=kept.stored_as,
            header=kept.header,
            size=kept.size,
            sha256=kept.sha256,
            lines=kept.lines,
            offsets=list(kept.offsets),
            received_at=timezone.now(),
            promised_at=timezone.now() + promised(kept.lines),
        )
        wake(TASK)
        return 202, shown(bulk)

    return act


def promised(lines: int) -> timedelta:
    """Return after which time a file of so many lines will be done, what waits before it included.

    Twice what the last parts took for as many lines, and half a minute for the queue.
    """
    open_ones = Bulk.objects.filter(status__in=[Bulk.Status.RECEIVED, Bulk.Status.WORKING])
    waiting = open_ones.aggregate(n=Sum(F("lines") - F("accepted") - F("refused")))["n"] or 0
    recent = list(BulkChunk.objects.order_by("-id").values_list("lines", "seconds")[:20])
    seconds = sum(float(spent) for _lines, spent in recent)
    worked = sum(done for done, _spent in recent)
    rate = worked / seconds if worked >= PART_LINES and seconds > 0 else LINES_PER_SECOND
    return timedelta(seconds=LEAST_SECONDS + round(2 * (waiting + lines) / rate))


def shown(bulk: Bulk) -> dict[str, Any]:
    """Return a bulk as the API shows it."""
    where = f"/api/v1/bulk-binds/{bulk.bulk_id}"
    return {
        "bulk_id": bulk.bulk_id,
        "status": str(bulk.status),
        "lines": bulk.lines,
        "worked": bulk.accepted + bulk.refused,
        "accepted": bulk.accepted,
        "refused": bulk.refused,
        "premium": int(bulk.premium),
        "received_at": bulk.received_at.isoformat(timespec="seconds"),
        "promised_at": bulk.promised_at.isoformat(timespec="seconds"),
        "finished_at": bulk.finished_at and bulk.finished_at.isoformat(timespec="seconds"),
        "results": f"{where}/results",
        "reconciliation": f"{where}/reconciliation",
    }


def work_one(*, business_date: date) -> int | None:
    """Work on the next part of the bulk that has had the fewest: a small one need not wait long.

    Returns:
        1 for a part that is done, 0 for one that failed, None where nothing waits.
    """
    with transaction.atomic():
        bulk = _next()
        if bulk is None:
            return None
        try:
            with transaction.atomic():
                _work(bulk, business_date)
            return 1
        except Exception as error:
            log.exception("part %s of %s failed", bulk.parts_done, bulk.bulk_id)
            _note_fault(bulk, error)
            return 0


def _next() -> Bulk | None:
    return (
        Bulk.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(status__in=[Bulk.Status.RECEIVED, Bulk.Status.WORKING])
        .order_by("parts_done", "received_at")
        .first()
    )


def _note_fault(bulk: Bulk, error: Exception) -> None:
    """Count the attempt; a race over a key is tried again, a bug stops the bulk for a person."""
    attempts = bulk.attempts + 1
    text = f"{type(error).__name__}: {error}"[:2000]
    if attempts < MOST_ATTEMPTS or (isinstance(error, DatabaseError) and attempts < 10):
        Bulk.objects.filter(pk=bulk.pk).update(attempts=attempts, error=text)
        return
    bulk.refresh_from_db()
    transition(bulk, Bulk.Status.FAILED, reason=text[:200], attempts=attempts, error=text)


def retry(bulk_id: str) -> None:
    """Let a bulk that a fault stopped go on where it was.

    Raises:
        core.status.IllegalTransition: it was not stopped.
    """
    bulk = Bulk.objects.get(pk=bulk_id)
    transition(bulk, Bulk.Status.WORKING, reason=_("Tried again."), attempts=0, error="")
    wake(TASK)


def _work(bulk: Bulk, business_date: date) -> None:
    begun = time.monotonic()
    number, partner = bulk.parts_done, Partner.objects.get(pk=bulk.partner_id)
    cause = f"bulk:{bulk.bulk_id}:{number}"
    first = number * PART_LINES + 1
    with override(bulk.language), acting(f"partner:{partner.code}", cause=cause):
        lines = list(_lines(bulk, number))
        proposals = _read(bulk, lines)
        if partner.status == Partner.Status.ACTIVE:
            outcomes = _bind(partner, proposals, business_date)
        else:
            text = _("The partner's access was suspended before this line was worked.")
            suspended = Outcome(refusal=LineRefusal("partner_suspended", "", text))
            outcomes = [suspended] * len(lines)
    reasons = Counter(one.refusal.code for one in outcomes if one.refusal)
    refused = reasons.total()
    premium = sum(one.premium for one in outcomes)
    BulkChunk.objects.create(
        bulk=bulk,
        number=number,
        first_line=first,
        lines=len(lines),
        accepted=len(lines) - refused,
        refused=refused,
        premium=premium,
        reasons=dict(reasons),
        results=zlib.compress(_results(first, proposals, lines, outcomes), 3),
        cause=cause,
        seconds=round(Decimal(time.monotonic() - begun), 3),
    )
    if len(lines) > refused:
        note_first_contract(partner)
    _advance(bulk, len(lines) - refused, refused, premium)


def _bind(
    partner: Partner, proposals: Sequence[Proposal | LineRefusal], business_date: date
) -> list[Outcome]:
    """Bind a part; where the house refuses it as a whole, each of its lines says why."""
    try:
        with transaction.atomic():
            return access.bind(partner, proposals, business_date=business_date)
    except DomainError as refusal:
        text = str(refusal)
        return [
            Outcome(
                refusal=one
                if isinstance(one, LineRefusal)
                else LineRefusal("books_closed", "", text)
            )
            for one in proposals
        ]


def _advance(bulk: Bulk, accepted: int, refused: int, premium: int) -> None:
    done = bulk.parts_done + 1
    changes: dict[str, Any] = {
        "parts_done": done,
        "accepted": bulk.accepted + accepted,
        "refused": bulk.refused + refused,
        "premium": bulk.premium + premium,
        "attempts": 0,
        "error": "",
    }
    if done == len(bulk.offsets):
        transition(bulk, Bulk.Status.DONE, finished_at=timezone.now(), **changes)
        tell(bulk.partner_id, "bulk.finished", bulk.bulk_id, shown(bulk))
        # the lines name people: they go when all is bound
        transaction.on_commit(lambda: default_storage.delete(bulk.stored_as), robust=True)
        wake("partners.tasks.send_webhooks")
    elif bulk.status == Bulk.Status.RECEIVED:
        transition(bulk, Bulk.Status.WORKING, **changes)
    else:
        Bulk.objects.filter(pk=bulk.pk).update(**changes)


def _lines(bulk: Bulk, number: int) -> Iterator[bytes]:
    """Read the lines of a part, without their line ends; blank ones are no lines."""
    with default_storage.open(bulk.stored_as, "rb") as file:
        file.seek(bulk.offsets[number])
        count = min(PART_LINES, bulk.lines - number * PART_LINES)
        while count > 0:
            line = file.readline().strip()
            if line:
                count -= 1
                yield line


def _read(bulk: Bulk, lines: Sequence[bytes]) -> list[Proposal | LineRefusal]:
    if bulk.form == Bulk.Form.NDJSON:
        return [read_json(line) for line in lines]
    columns = header_of(bulk.header.encode())
    return [read_csv(line, columns) for line in lines]


def _results(
    first: int,
    proposals: Sequence[Proposal | LineRefusal],
    lines: Sequence[bytes],
    outcomes: Sequence[Outcome],
) -> bytes:
    rows = []
    for place, (one, outcome) in enumerate(zip(proposals, outcomes, strict=True)):
        row: dict[str, Any] = {"line": first + place}
        row["external_id"] = _external_id(one, lines[place])
        if outcome.refusal is not None:
            said = outcome.refusal
            row |= {"status": "refused", "code": said.code, "field": said.field,
                    "detail": said.detail}  # fmt: skip
        else:
            row |= {"status": "accepted", "contract_id": outcome.contract_id,
                    "premium": outcome.premium}  # fmt: skip
        rows.append(orjson.dumps(row))
    return b"\n".join(rows) + b"\n"


def _external_id(one: Proposal | LineRefusal, line: bytes) -> str | None:
    """Return the sender's id of a line, also of a refused one that can be read."""
    if isinstance(one, Proposal):
        return one.external_id
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    found = given.get("external_id") if isinstance(given, dict) else None
    return found[:50] if isinstance(found, str) else None


def results(bulk: Bulk) -> Iterator[bytes]:
    """Give the answers to the lines that are done, in their order, NDJSON, part by part."""
    for packed in bulk.chunks.order_by("number").values_list("results", flat=True).iterator(1):
        yield zlib.decompress(bytes(packed))


def file_path(name: str) -> Path:
    """Return where a file of lines lies while it comes in."""
    return Path(default_storage.path(name))
