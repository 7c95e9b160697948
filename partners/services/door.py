"""Who asks, is it really them, may they, and how often: checked before anything is read."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from partners.models import Installation, Partner, PartnerKey, UsedNonce
from partners.rules import buckets, signing
from partners.rules.problems import Problem

from .secrets import hash_of, secret_of

NONCE = re.compile(r"[A-Za-z0-9._\-]{16,64}")
SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = 86_400
_LUA = """
local held = tonumber(ARGV[3])
local row = redis.call('HMGET', KEYS[1], 't', 'a')
if row[1] then
  held = math.min(held, tonumber(row[1]) + math.max(0, ARGV[1] - row[2]) * ARGV[4])
end
local granted = 0
if held >= tonumber(ARGV[2]) then
  held = held - ARGV[2]
  granted = 1
end
redis.call('HSET', KEYS[1], 't', tostring(held), 'a', ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(ARGV[3] / ARGV[4]) + 60)
return {granted, tostring(held)}
"""
_local: dict[str, buckets.Bucket] = {}


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request says of itself."""

    method: str
    path: str
    key_id: str
    timestamp: str
    nonce: str
    body_sha256: str
    signature: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a partner with one of its keys."""

    partner: Partner
    key: PartnerKey

    def demand(self, scope: str) -> None:
        """Go on only where the key allows it.

        Raises:
            Problem: ``scope_missing``.
        """
        if scope not in self.key.scopes:
            raise Problem("scope_missing", _("The key needs the scope “%s”.") % scope)


def admit(request: Signed, *, now: float | None = None) -> Caller:
    """Find out who asks.

    Raises:
        Problem: the first thing that is wrong: key, time, signature, replay, suspension.
    """
    now = time.time() if now is None else now
    key = _key(request)
    _in_time(request, now)
    if not NONCE.fullmatch(request.nonce) or not SHA256.fullmatch(request.body_sha256):
        raise Problem(
            "signature_missing",
            _("Give a nonce of 16 to 64 characters and the SHA-256 of the body in hexadecimal."),
        )
    secret = secret_of(key)
    if hash_of(secret) != key.secret_hash:
        raise Problem(
            "key_expired", _("The key was made under an earlier master key; make another.")
        )
    text = signing.canonical(
        method=request.method,
        path=request.path,
        timestamp=request.timestamp,
        nonce=request.nonce,
        body_sha256=request.body_sha256,
    )
    if not signing.matches(request.signature, secret, text):
        raise Problem(
            "signature_wrong",
            _("Sign method, path with query, timestamp, nonce and body hash, joined by newlines."),
        )
    _use_nonce(request)
    if key.partner.status != Partner.Status.ACTIVE:
        raise Problem("partner_suspended")
    _note_use(key)
    return Caller(key.partner, key)


def _key(request: Signed) -> PartnerKey:
    if not request.key_id:
        raise Problem("key_missing", _("Send the header X-Mulgil-Key."))
    prefix = "sbx_" if settings.PARTNER_MODE == "sandbox" else "live_"
    if request.key_id.startswith(("sbx_", "live_")) and not request.key_id.startswith(prefix):
        raise Problem(
            "key_other_mode",
            _("Keys that begin with sbx_ open the sandbox only, those with live_ the live books."),
        )
    key = PartnerKey.objects.select_related("partner").filter(pk=request.key_id[:40]).first()
    if key is None:
        raise Problem("key_unknown")
    kept = Installation.objects.values_list("mode", flat=True).first()
    if kept != settings.PARTNER_MODE:
        raise Problem("wrong_installation")
    ended = key.expires_at is not None and key.expires_at <= timezone.now()
    if ended or key.revoked_at is not None:
        raise Problem("key_expired")
    return key


def _in_time(request: Signed, now: float) -> None:
    if not (request.timestamp and request.nonce and request.signature and request.body_sha256):
        raise Problem(
            "signature_missing",
            _("Send X-Mulgil-Timestamp, -Nonce, -Content-SHA256 and -Signature."),
        )
    known = request.timestamp.isascii() and request.timestamp.isdigit()
    if not known or abs(now - int(request.timestamp[:15])) > signing.WINDOW_SECONDS:
        raise Problem(
            "timestamp_outside_window",
            _("The clock here says %(now)d; at most %(window)d seconds may lie between.")
            % {"now": int(now), "window": signing.WINDOW_SECONDS},
        )


def _use_nonce(request: Signed) -> None:
    """Refuse a nonce of this key that was used before; the database stands in for Redis."""
    name = f"partner:nonce:{request.key_id}:{request.nonce}"
    try:
        first = bool(store().set(name, 1, nx=True, ex=2 * signing.WINDOW_SECONDS))
        if first and _outage_recent():
            first = not UsedNonce.objects.filter(
                key_id=request.key_id, nonce=request.nonce
            ).exists()
    except redis.RedisError:
        first = _use_nonce_durably(request)
    if not first:
        raise Problem("request_replayed")


def _use_nonce_durably(request: Signed) -> bool:
    global _outage_until
    _outage_until = time.monotonic() + 2 * signing.WINDOW_SECONDS
    old = timezone.now() - timedelta(seconds=2 * signing.WINDOW_SECONDS)
    UsedNonce.objects.filter(at__lt=old).delete()
    try:
        with transaction.atomic():
            UsedNonce.objects.create(key_id=request.key_id, nonce=request.nonce)
    except IntegrityError:
        return False
    return True


_outage_until = 0.0


def _outage_recent() -> bool:
    return time.monotonic() < _outage_until


@dataclass(frozen=True, slots=True)
class Quota:
    """What a bucket said: the limit, what is left, seconds until it is granted."""

    limit: int
    left: int
    granted: bool
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the answer."""
        found = {"RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.left)}
        return found if self.granted else {**found, "Retry-After": str(self.wait)}


def take(caller: Caller, *, cost: int = 1, lines: bool = False) -> Quota:
    """Take from a quota of the partner: requests a minute, or lines a day.

    Args:
        caller: who asks.
        cost: requests or lines.
        lines: the daily quota of bulk lines is meant.

    Raises:
        Problem: ``quota_exceeded``, with the seconds to wait.
    """
    partner = caller.partner
    capacity = partner.lines_per_day if lines else partner.requests_per_minute
    per_second = capacity / (_DAY if lines else 60)
    kind = "lines" if lines else "requests"
    name = f"partner:quota:{kind}:{partner.code}:{capacity}"
    now = time.time()
    try:
        granted, text = store().eval(_LUA, 1, name, now, cost, capacity, per_second)
        held = float(text)
    except redis.RedisError:
        bucket, granted, _wait = buckets.taken(
            _local.get(name), now=now, cost=cost, capacity=capacity, per_second=per_second
        )
        _local[name] = bucket
        held = bucket.tokens
    wait = 0 if granted else max(1, int((cost - held) / per_second) + 1)
    quota = Quota(capacity, int(held), bool(granted), wait)
    if not quota.granted:
        text = _("Wait %(n)d seconds; the quota is %(limit)s %(what)s.")
        what = _("lines a day") if lines else _("requests a minute")
        raise Problem(
            "quota_exceeded",
            text % {"n": wait, "limit": f"{capacity:,}", "what": what},
            headers=quota.headers,
        )
    return quota


def _note_use(key: PartnerKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        PartnerKey.objects.filter(pk=key.pk).update(last_used_at=now)


def store() -> redis.Redis:
    """Return the connection to Redis."""
    return _connection(settings.CACHES["default"]["LOCATION"])


@cache
def _connection(address: str) -> redis.Redis:
    once = Retry(NoBackoff(), 0)  # whoever waits here is a partner
    return redis.Redis.from_url(address, socket_timeout=0.5, socket_connect_timeout=0.5, retry=once)
