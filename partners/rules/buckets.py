"""Token buckets: what a quota allows now, and when it allows again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket at a moment.

    Args:
        tokens: left after the last request.
        at: seconds of that moment.
    """

    tokens: float
    at: float


def taken(
    bucket: Bucket | None, *, now: float, cost: int, capacity: int, per_second: float
) -> tuple[Bucket, bool, float]:
    """Take ``cost`` tokens if they are there.

    Args:
        bucket: None: full.
        now: seconds.
        cost: tokens of this request.
        capacity: most tokens.
        per_second: how fast it fills.

    Returns:
        The bucket afterwards, whether it was granted, and the seconds until it would be.
    """
    held = float(capacity)
    if bucket is not None:
        held = min(held, bucket.tokens + max(0.0, now - bucket.at) * per_second)
    if held >= cost:
        return Bucket(held - cost, now), True, 0.0
    return Bucket(held, now), False, (cost - held) / per_second
