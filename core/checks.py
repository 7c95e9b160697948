"""System checks: wrong settings do not start quietly."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

_HOW = (
    'Make one with: python -c "import base64,secrets;'
    'print(base64.b64encode(secrets.token_bytes(32)).decode())" and put it in the environment.'
)


@register(Tags.security)
def secrets_are_strong(**_: Any) -> list[CheckMessage]:
    """Refuse a missing or weak secret."""
    errors: list[CheckMessage] = []
    secret = settings.SECRET_KEY
    if getattr(settings, "REQUIRE_STRONG_SECRETS", False) and (
        len(secret) < 50 or len(set(secret)) < 10
    ):
        errors.append(
            Error(
                "SECRET_KEY is missing or weak.",
                hint=f"50 or more characters. {_HOW}",
                id="core.E001",
            )
        )
    keys = {name: _key_bytes(getattr(settings, name)) for name in _KEYS}
    errors += [
        Error(f"{name} is not 32 bytes of base64.", hint=_HOW, id="core.E002")
        for name, key in keys.items()
        if key is None
    ]
    if None not in keys.values() and len(set(keys.values())) == 1:
        errors.append(
            Error("The two keys of the resident-number vault are equal.", hint=_HOW, id="core.E003")
        )
    return errors


_KEYS = ("RRN_ENCRYPTION_KEY", "RRN_INDEX_KEY")


def _key_bytes(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == 32 else None


@register(Tags.database)
def postgresql_is_new_enough(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Refuse PostgreSQL below 15."""
    if not databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0])
    if version < 150000:
        return [
            Error(
                f"PostgreSQL {version // 10000} is too old: 15 or newer is needed.",
                hint="Give DATABASE_URL of a newer server, or unset it for the embedded one.",
                id="core.E004",
            )
        ]
    return []
