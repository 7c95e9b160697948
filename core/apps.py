from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The shared kernel."""

    name = "core"

    def ready(self) -> None:
        """Register the system checks."""
        from . import checks  # noqa: F401
