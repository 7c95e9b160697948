from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    """The shared kernel."""

    name = "core"

    def ready(self) -> None:
        """Register the system checks and the kernel's notices; rows of migrations have an actor."""
        from . import checks, face  # noqa: F401

        pre_migrate.connect(_say_set_up, sender=self)
        post_migrate.connect(_say_nobody, sender=self)


def _say_set_up(*, using: str, **_: Any) -> None:
    """Let the audit trail know the rows that a release ships from those of unknown hands."""
    _say("set-up", using)


def _say_nobody(*, using: str, **_: Any) -> None:
    _say("", using)


def _say(actor: str, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('mulgil.actor', %s, false)", [actor])
