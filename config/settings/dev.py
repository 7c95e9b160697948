"""A developer's machine and the demo: embedded servers, keys made once under ``var/``."""

import base64
import contextlib
import json
import os
import secrets
import sys
from pathlib import Path

from config.bootstrap import expose_assets, make_messages
from config.embedded import ensure_servers

ensure_servers()
expose_assets()

from .base import *  # noqa: E402, F403
from .base import STATIC_ROOT, STORAGES, VAR_DIR  # noqa: E402

VAR_DIR.mkdir(parents=True, exist_ok=True)
make_messages(Path(sys.executable))
_keys_file = VAR_DIR / "keys.json"
if not _keys_file.exists():
    _draft = VAR_DIR / f"keys.{os.getpid()}"
    _draft.touch(mode=0o600)
    _draft.write_text(
        json.dumps(
            {
                "SECRET_KEY": secrets.token_urlsafe(64),
                "RRN_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
                "RRN_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            }
        )
    )
    with contextlib.suppress(FileExistsError):  # of several first starts, one makes the keys
        os.link(_draft, _keys_file)
    _draft.unlink()
_keys = json.loads(_keys_file.read_text())
SECRET_KEY = _keys["SECRET_KEY"]
RRN_ENCRYPTION_KEY = _keys["RRN_ENCRYPTION_KEY"]
RRN_INDEX_KEY = _keys["RRN_INDEX_KEY"]

DEBUG = env.bool("DEBUG", default=True)  # noqa: F405
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
