"""Which addresses the reader of the page may open, so that no page offers a door that is locked.

    link = way("claims:claim_detail", number)      # "" where the reader may not go
    {% way "claims:claim_detail" number as link %}{% if link %}<a href="{{ link }}">…

The views themselves say what they ask (``core.permissions.requires``); nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from .explain import explainer
from .permissions import may

_reader: ContextVar[Any] = ContextVar("reader", default=None)
_asked: dict[str, str] = {}  # name of a page → the right that its view asks


@contextmanager
def reading(user: Any) -> Iterator[None]:
    """Let ``user`` be the reader until the block ends; without a reader every door is open."""
    token = _reader.set(user)
    try:
        yield
    finally:
        _reader.reset(token)


def opens(url: str) -> bool:
    """Say whether the reader may open an address of this installation."""
    user = _reader.get()
    if user is None or not url.startswith("/"):
        return bool(url)
    try:
        found = resolve(url.partition("?")[0].partition("#")[0])
    except Resolver404:
        return False
    if found.url_name == "why":
        return explained(found.kwargs["kind"])
    right = getattr(found.func, "right", "")
    return not right or may(user, right)


def explained(kind: str) -> bool:
    """Say whether the reader may ask why a figure of a kind is so."""
    user, asked = _reader.get(), explainer(kind)
    return asked is not None and (user is None or may(user, asked.right))


def opened(url: str) -> str:
    """Return the address, or nothing where the reader may not open it."""
    return url if opens(url) else ""


def way(name: str, *args: Any) -> str:
    """Return the address of a page, or nothing where it does not exist or is not the reader's."""
    try:
        url = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    user = _reader.get()
    if user is None:
        return url
    if name not in _asked:  # a page asks the same of every row of a list
        _asked[name] = getattr(resolve(url).func, "right", "")
    return url if not _asked[name] or may(user, _asked[name]) else ""
