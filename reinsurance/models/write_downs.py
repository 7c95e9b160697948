"""Write-downs of what reinsurers owe: one person proposes, another books."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .losses import Recovery


class WriteDown(Timestamped):
    """A change of what of a recovery is believed to come in; the claim on the reinsurer stays."""

    class Status(models.TextChoices):
        """Maker and checker."""

        PROPOSED = "PROPOSED", _("Write-down waits for approval")
        BOOKED = "BOOKED", _("Write-down booked")
        REFUSED = "REFUSED", _("Write-down refused")

    TRANSITIONS = {"PROPOSED": ("BOOKED", "REFUSED")}
    TONES = {"PROPOSED": "amber", "BOOKED": "green", "REFUSED": "grey"}

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="write_downs")
    target = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Written down in all from now on, won."
    )
    movement = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, help_text="What was booked, won, signed."
    )
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    made_by = models.CharField(max_length=150)
    made_on = models.DateField()
    checked_by = models.CharField(max_length=150, blank=True)
    booked_on = models.DateField(null=True)

    class Meta:
        db_table = "reinsurance_write_downs"
        constraints = [
            models.UniqueConstraint(
                "recovery", condition=Q(status="PROPOSED"), name="one_open_write_down_a_recovery"
            ),
            models.CheckConstraint(
                name="write_down_status_known",
                condition=Q(status__in=["PROPOSED", "BOOKED", "REFUSED"]),
            ),
            models.CheckConstraint(
                name="write_down_booked_by_a_second_person",
                condition=~Q(status="BOOKED")
                | (
                    ~Q(checked_by="")
                    & ~Q(checked_by=F("made_by"))
                    & Q(booked_on__isnull=False, movement__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="write_down_not_negative", condition=Q(target__gte=0) & ~Q(reason="")
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.recovery_id} {self.target}"
