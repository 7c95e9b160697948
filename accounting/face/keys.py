"""Keys of figures and names of lines, for the reasons of stage 7."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from core.errors import NotFound

RIGHT = "accounting.view"


def name_of(one: Any) -> str:
    """Return the name of a statement line in the language of the page."""
    korean = (get_language() or "ko").startswith("ko")
    return str(one.name if korean else one.name_en)


def parts(key: str, count: int) -> list[str]:
    """Cut a key apart.

    Raises:
        NotFound: it has another number of parts.
    """
    found = key.split("~")
    if len(found) != count:
        raise unknown(key)
    return found


def unknown(key: str) -> NotFound:
    """Return the refusal of a key that names no figure."""
    return NotFound(_t("There is no figure %(key)s.") % {"key": key})
