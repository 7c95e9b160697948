"""Secrets of keys and webhooks, derived from the installation's key."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from partners.models import PartnerKey, Webhook
from partners.rules.signing import derived_secret


@cache
def _master(own: str, index: str) -> bytes:
    if own:
        return base64.b64decode(own)
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"partner secrets")
    return kdf.derive(base64.b64decode(index))


def secret_of(key: PartnerKey) -> str:
    """Return the secret of a key."""
    return new_secret(key.key_id, bytes(key.salt))


def new_secret(key_id: str, salt: bytes) -> str:
    """Return the secret of a key that is being made."""
    master = _master(settings.PARTNER_KEY, settings.RRN_INDEX_KEY)
    return derived_secret(master, salt=salt, purpose=f"key:{key_id}")


def hash_of(secret: str) -> str:
    """Return by what a secret is found again, for example when it leaked."""
    return hashlib.sha256(secret.encode()).hexdigest()


def webhook_secret(webhook: Webhook, salt: bytes) -> str:
    """Return the secret that signs what is sent to a webhook."""
    master = _master(settings.PARTNER_KEY, settings.RRN_INDEX_KEY)
    purpose = f"webhook:{settings.PARTNER_MODE}:{webhook.partner_id}"
    return derived_secret(master, salt=salt, purpose=purpose)
