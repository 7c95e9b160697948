from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The shared kernel."""

    name = "core"

    def ready(self) -> None:
        """Register the system checks and the kernel's notices."""
        from . import checks, face  # noqa: F401
