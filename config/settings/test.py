"""The suite: fixed keys, fast hashing, unhashed static files; the servers are real."""

import base64

from .base import *  # noqa: F403
from .base import STORAGES, VAR_DIR

SECRET_KEY = "test-only-" + "k" * 54
RRN_ENCRYPTION_KEY = base64.b64encode(b"e" * 32).decode()
RRN_INDEX_KEY = base64.b64encode(b"i" * 32).decode()
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES["default"]["OPTIONS"] = {"location": VAR_DIR / "test-documents", "base_url": None}
AXES_ENABLED = False
