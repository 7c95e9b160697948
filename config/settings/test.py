"""The suite: fixed keys, fast hashing, unhashed static files; the servers are real.

Under pytest the servers start here, before any address is read; each worker of pytest-xdist has
two Redis databases of its own. Plain ``DATABASE_URL`` and ``REDIS_URL`` point the suite elsewhere.
"""

import base64
import os
import sys
from pathlib import Path

from config.bootstrap import expose_assets, make_messages
from config.embedded import ensure_servers

_own_folder = "pytest" in sys.modules and "MULGIL_VAR" not in os.environ
if _own_folder:
    os.environ["MULGIL_VAR"] = str(Path(__file__).resolve().parents[2] / "var/test")
if "pytest" in sys.modules:
    make_messages(Path(sys.executable))
    expose_assets()
if "mypy" not in sys.modules:  # its plugin reads these settings too, and needs no server
    _started = ensure_servers()
    SERVERS_TO_STOP = _started if _own_folder else []  # by tests/conftest.py, when all is run
if "pytest" in sys.modules:
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    _server = os.environ["REDIS_URL"].rsplit("/", 1)[0]
    os.environ["REDIS_URL"] = f"{_server}/{2 + 2 * int(_worker)}"

from .base import *  # noqa: E402, F403
from .base import STATIC_ROOT, STORAGES, VAR_DIR  # noqa: E402

SECRET_KEY = "test-only-" + "k" * 54
RRN_ENCRYPTION_KEY = base64.b64encode(b"e" * 32).decode()
RRN_INDEX_KEY = base64.b64encode(b"i" * 32).decode()
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES["default"]["OPTIONS"] = {"location": VAR_DIR / "test-documents", "base_url": None}
CHAIN_HELPERS = int(os.environ.get("CHAIN_HELPERS", "0"))  # nobody is there to help
PEOPLE_SECONDS = NOTICES_SECONDS = 0  # every request reads anew
AXES_ENABLED = False
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # looked up when asked for, not at start
