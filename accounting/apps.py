from typing import Any

from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class AccountingConfig(stage.StageConfig):
    name = "accounting"
    verbose_name = _("Accounting")

    def ready(self) -> None:
        """Load the shipped chart into a database that has none: no fact stays unbooked."""
        super().ready()
        post_migrate.connect(_load_when_empty, sender=self)


def _load_when_empty(**_: Any) -> None:
    from django.db import connection

    from accounting.models import Account
    from accounting.services import loading

    needed = {"core_audit", "account_subjects", "assumption_sets"}
    if needed <= set(connection.introspection.table_names()) and not Account.objects.exists():
        loading.load()
