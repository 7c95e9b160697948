from django.apps import AppConfig


class HouseConfig(AppConfig):
    """The composition root: it knows the broker, so that every process sends to the same one."""

    name = "config"

    def ready(self) -> None:
        """Load the Celery application; tasks sent before would go to no broker of ours."""
        from config import celery  # noqa: F401
