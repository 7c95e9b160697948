"""A developer's machine and the demo: embedded servers, keys made once under ``var/``."""

import base64
import json
import secrets

from .base import *  # noqa: F403
from .base import STORAGES, VAR_DIR

VAR_DIR.mkdir(parents=True, exist_ok=True)
_keys_file = VAR_DIR / "keys.json"
if not _keys_file.exists():
    _keys_file.touch(mode=0o600)
    _keys_file.write_text(
        json.dumps(
            {
                "SECRET_KEY": secrets.token_urlsafe(64),
                "RRN_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
                "RRN_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            }
        )
    )
_keys = json.loads(_keys_file.read_text())
SECRET_KEY = _keys["SECRET_KEY"]
RRN_ENCRYPTION_KEY = _keys["RRN_ENCRYPTION_KEY"]
RRN_INDEX_KEY = _keys["RRN_INDEX_KEY"]

DEBUG = env.bool("DEBUG", default=True)  # noqa: F405
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
