"""How those who act are called on pages: people by their names, programmes by what they do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .jobs import chain

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMMES = {
    "system": gettext_noop("the system"),
    "guest": gettext_noop("somebody at the door"),
    "set-up": gettext_noop("the set-up"),
    "setup": gettext_noop("the set-up"),
    "simulation": gettext_noop("the simulation"),
    "intake": gettext_noop("the intake desk"),
    "bank": gettext_noop("the bank"),
    "agents": gettext_noop("the agents"),
    "outbox": gettext_noop("deferred processing"),
    "import": gettext_noop("an import"),
}


class _Names:
    """The names by login, kept for ``settings.PEOPLE_SECONDS`` and at least for one request."""

    def __init__(self) -> None:
        self.read_at = 0.0
        self.by_login: Mapping[str, str] | None = None

    def known(self) -> Mapping[str, str]:
        """Return the names, read in one query where they are not known."""
        found = self.by_login
        if found is None:
            from .models import User

            found = dict(User.objects.values_list("username", "display_name"))
            self.by_login, self.read_at = found, time.monotonic()
        return found


_names = _Names()


def forget_names() -> None:
    """Let the names be read again where they are older than ``settings.PEOPLE_SECONDS``."""
    if time.monotonic() - _names.read_at >= settings.PEOPLE_SECONDS:
        _names.by_login = None


def name_of(actor: str | None) -> str:
    """Return what an actor is called: a person's name, a programme in words; empty for nobody.

    Args:
        actor: a login, or the name of a programme as ``core.acting`` carries it.
    """
    if not actor:
        return ""
    kind, _colon, rest = actor.partition(":")
    if kind == "batch":
        labels = {step.name: step.label for step in chain()}
        return _("%(step)s (at night)") % {"step": labels.get(rest, rest)}
    if kind in PROGRAMMES:
        return _(PROGRAMMES[kind])
    return _names.known().get(actor) or actor
