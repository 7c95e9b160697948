"""What this database is for: live books, or a sandbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .accounts import Mode


class Installation(models.Model):
    """The one row that says whether the books in this database are live.

    Written once, when the first key is made here; a process that was started for the other mode
    is refused at the door (docs/adr/0031).
    """

    mode = models.CharField(max_length=7, choices=Mode)

    class Meta:
        db_table = "partner_installation"
        constraints = [
            models.CheckConstraint(name="one_partner_installation", condition=Q(id=1)),
            models.CheckConstraint(
                name="installation_mode_known", condition=Q(mode__in=["live", "sandbox"])
            ),
        ]

    def __str__(self) -> str:
        return self.mode
