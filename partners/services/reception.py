"""Take in a file of lines as a stream: hashed, counted and measured while it is written."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from partners.models import Bulk
from partners.rules.problems import Problem
from partners.rules.proposals import header_of

from .bulks import MOST_BYTES, MOST_LINES, PART_LINES, Kept, file_path

BLOCK = 262_144
PATIENCE = 120.0
SLOWEST = 20_000
"""Bytes a second that a sender keeps up on average after the first seconds."""
_GRACE = 15.0
FORMS = {
    "application/x-ndjson": Bulk.Form.NDJSON,
    "application/jsonl": Bulk.Form.NDJSON,
    "text/csv": Bulk.Form.CSV,
}


@dataclass(slots=True)
class _Counter:
    """Counts lines across blocks and notes where parts begin."""

    csv: bool
    lines: int = 0
    place: int = 0
    header: bytes = b""
    offsets: list[int] = field(default_factory=list)
    rest: bytes = b""

    def take(self, block: bytes) -> None:
        """Count the whole lines of a block; what has no end yet waits."""
        *whole, self.rest = (self.rest + block).split(b"\n")
        for line in whole:
            self._line(line, len(line) + 1)

    def finish(self) -> None:
        """Count the last line, which may have no end."""
        if self.rest:
            self._line(self.rest, len(self.rest))
            self.rest = b""

    def _line(self, line: bytes, length: int) -> None:
        begin, self.place = self.place, self.place + length
        if not line.strip():
            return
        if self.csv and not self.header:
            self.header = line.strip()
            return
        if self.lines % PART_LINES == 0:
            self.offsets.append(begin)
        self.lines += 1
        if self.lines > MOST_LINES:
            raise Problem("too_many_lines")


def form_of(content_type: str) -> str:
    """Return how the lines of a media type are written.

    Raises:
        Problem: ``media_type_unknown``.
    """
    found = FORMS.get(content_type.partition(";")[0].strip().lower())
    if found is None:
        raise Problem("media_type_unknown", _("Send application/x-ndjson or text/csv."))
    return found.value


def keep(
    read: Callable[[int], bytes],
    *,
    form: str,
    announced: int | None,
    sha256: str,
    clock: Callable[[], float] = time.monotonic,
) -> Kept:
    """Write a stream to a file of its own; what is refused leaves nothing behind.

    Args:
        read: gives the next bytes, none at the end.
        form: ndjson or csv.
        announced: bytes that the sender announced, None for none.
        sha256: hash that the sender signed.
        clock: seconds.

    Raises:
        Problem: too large, too many lines, too slow, empty, changed on the way, no header.
    """
    if announced is not None and announced > MOST_BYTES:
        raise Problem("too_large", _("At most %(most)s bytes are taken here.") % {
            "most": f"{MOST_BYTES:,}"})  # fmt: skip
    name = f"bulks/{sha256[:2]}/{secrets.token_hex(16)}"
    path = file_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    try:
        with path.open("wb") as file:
            counter, size, digest = _write(read, file, form == Bulk.Form.CSV, clock)
        if digest != sha256:
            raise Problem("body_changed", _("The SHA-256 of the body is %s.") % digest)
        return _checked(Kept(
            form, name, counter.header.decode("utf-8", "replace"), size, digest, counter.lines,
            tuple(counter.offsets),
        ))  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(
    read: Callable[[int], bytes], file: IO[bytes], csv: bool, clock: Callable[[], float]
) -> tuple[_Counter, int, str]:
    counter, digest, size, begun = _Counter(csv), hashlib.sha256(), 0, clock()
    while block := _next(read):
        size += len(block)
        spent = clock() - begun
        if size > MOST_BYTES:
            text = _("At most %(most)s bytes are taken here.")
            raise Problem("too_large", text % {"most": f"{MOST_BYTES:,}"})
        if spent > PATIENCE or (spent > _GRACE and size < SLOWEST * spent):
            raise Problem("too_slow")
        digest.update(block)
        file.write(block)
        counter.take(block)
        if len(counter.rest) > 1_048_576:
            raise Problem("too_large", _("A line has more than 1 MB."))
    counter.finish()
    file.flush()
    os.fsync(file.fileno())
    return counter, size, digest.hexdigest()


def _next(read: Callable[[int], bytes]) -> bytes:
    try:
        return read(BLOCK)
    except (TimeoutError, OSError) as error:
        raise Problem("too_slow", _("Nothing came for a while.")) from error


def _checked(kept: Kept) -> Kept:
    if kept.form == Bulk.Form.CSV and kept.lines and not header_of(kept.header.encode()):
        text = _("The first line of a CSV names its columns, external_id among them, in UTF-8.")
        raise Problem("malformed", text)
    if not kept.lines:
        raise Problem("empty")
    return kept
