"""Debts that are given up, and what comes in for them all the same."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .assets import Asset


class WriteOff(Timestamped):
    """A debt that nobody expects to be paid (IFRS 9.5.4.4): one proposes, another books."""

    class Status(models.TextChoices):
        """Maker and checker."""

        PROPOSED = "PROPOSED", _("Write-off waits for approval")
        BOOKED = "BOOKED", _("Write-off booked")
        REFUSED = "REFUSED", _("Write-off refused")

    TRANSITIONS = {"PROPOSED": ("BOOKED", "REFUSED")}
    TONES = {"PROPOSED": "amber", "BOOKED": "red", "REFUSED": "grey"}

    asset = models.ForeignKey(
        Asset, models.PROTECT, related_name="write_offs", db_column="asset_id"
    )
    evidence = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    made_by = models.CharField(max_length=150)
    made_on = models.DateField()
    checked_by = models.CharField(max_length=150, blank=True)
    booked_on = models.DateField(null=True)
    carrying = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    interest = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    allowance = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        db_table = "asset_write_offs"
        constraints = [
            models.UniqueConstraint(
                "asset", condition=~Q(status="REFUSED"), name="one_write_off_an_asset"
            ),
            models.CheckConstraint(
                name="write_off_status_known",
                condition=Q(status__in=["PROPOSED", "BOOKED", "REFUSED"]) & ~Q(evidence=""),
            ),
            models.CheckConstraint(
                name="write_off_booked_by_a_second_person",
                condition=~Q(status="BOOKED")
                | (
                    ~Q(checked_by="")
                    & ~Q(checked_by=F("made_by"))
                    & Q(booked_on__isnull=False, carrying__gt=0)
                ),
            ),
            models.CheckConstraint(
                name="write_off_uses_no_more_than_the_debt",
                condition=Q(allowance__gte=0, allowance__lte=F("carrying") + F("interest")),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.asset_id} {self.status}"


class WriteOffRecovery(models.Model):
    """Money that came in for a debt after it was written off."""

    asset = models.ForeignKey(
        Asset, models.PROTECT, related_name="late_money", db_column="asset_id"
    )
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    reference = models.CharField(max_length=60)
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_write_off_recoveries"
        constraints = [
            models.UniqueConstraint("asset", "reference", name="late_money_comes_once"),
            models.CheckConstraint(
                name="late_money_positive", condition=Q(amount__gt=0) & ~Q(reference="")
            ),
        ]
        triggers = [guards.AppendOnly(name="late_money_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.reference}"
