"""A request to our own API through the whole of it: every middleware, signature and quota."""

from __future__ import annotations

import importlib.util
import io
import sys
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "mulgil_partner.py"


@cache
def sample() -> Any:
    """Return the client that partners download, as a module."""
    spec = importlib.util.spec_from_file_location("mulgil_partner", SAMPLE)
    assert spec is not None, "the client is part of the release"
    assert spec.loader is not None, "a file has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules["mulgil_partner"] = module
    spec.loader.exec_module(module)
    return module


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def ask(
    method: str, path: str, body: bytes, headers: dict[str, str], *, host: str, secure: bool
) -> tuple[int, bytes]:
    """Answer a request as if it had come from outside; return status and body."""
    parts = urlsplit(path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": host.partition(":")[0],
        "SERVER_PORT": host.partition(":")[2] or ("443" if secure else "80"),
        "HTTP_HOST": host,
        "HTTP_X_FORWARDED_PROTO": "https" if secure else "http",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "https" if secure else "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "CONTENT_LENGTH": str(len(body)),
        **{_name(name): value for name, value in headers.items()},
    }
    with translation.override(translation.get_language()):
        answer = _handler().get_response(WSGIRequest(environ))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return answer.status_code, content


def _name(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name == "CONTENT_TYPE" else f"HTTP_{name}"
