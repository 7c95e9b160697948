"""The base of the stages' app configurations."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class StageConfig(AppConfig):
    """A stage: its handlers and its face are loaded when all models are ready.

    Stages start in the order of ``INSTALLED_APPS``, so earlier stages hear an event first.
    """

    def ready(self) -> None:
        """Import the drawers that register themselves."""
        for drawer in ("events", "handlers", "face"):
            if find_spec(f"{self.name}.{drawer}") is not None:
                import_module(f"{self.name}.{drawer}")
