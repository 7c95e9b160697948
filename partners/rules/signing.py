"""Signatures: what is signed, with what, and how a secret comes about.

A request is signed over its method, its path with query, its time, its nonce and the SHA-256 of
its body, so that nothing of it can be exchanged. Secrets are derived from the installation's key
and a salt: a stolen table opens nothing.

Source: RFC 2104 (HMAC), RFC 5869 (HKDF).
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WINDOW_SECONDS = 300
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


def derived_secret(master: bytes, *, salt: bytes, purpose: str) -> str:
    """Return the secret that belongs to a salt, 43 characters of URL-safe base64.

    Args:
        master: the installation's key, 32 bytes.
        salt: 16 random bytes.
        purpose: what it is for and whose, for example ``key:live:live_ab12``.
    """
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose.encode())
    return base64.urlsafe_b64encode(kdf.derive(master)).decode().rstrip("=")


def canonical(*, method: str, path: str, timestamp: str, nonce: str, body_sha256: str) -> str:
    """Return the text that a request's signature covers; five lines without a last newline."""
    return "\n".join((method.upper(), path, timestamp, nonce, body_sha256))


def signature(secret: str, text: str) -> str:
    """Return the signature of a text: ``v1=`` and HMAC-SHA-256 in hexadecimal."""
    return "v1=" + hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def matches(given: str, secret: str, text: str) -> bool:
    """Say whether a signature is that of the text, in constant time."""
    return hmac.compare_digest(given.encode(), signature(secret, text).encode())


def webhook_signature(secrets: list[str], *, timestamp: int, body: str) -> str:
    """Return the header of a webhook: its time and a signature for each valid secret."""
    signed = f"{timestamp}.{body}"
    return ",".join([f"t={timestamp}", *(signature(secret, signed) for secret in secrets)])


def webhook_verified(header: str, secret: str, body: str, *, now: int) -> bool:
    """Say whether a webhook came from here within the window: what a receiver should do."""
    parts = header.split(",")
    stamps = [part[2:] for part in parts if part.startswith("t=")]
    if len(stamps) != 1 or not stamps[0].isdigit() or abs(now - int(stamps[0])) > WINDOW_SECONDS:
        return False
    signed = f"{stamps[0]}.{body}"
    return any(matches(part, secret, signed) for part in parts if part.startswith("v1="))
