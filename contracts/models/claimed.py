"""What contracts know of claims, and declarations that wait because they came late."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .contracts import Contract


class KnownClaim(models.Model):
    """A claim on a contract, as its events told: who ends a contract must know of it."""

    class Status(models.TextChoices):
        """What became of it."""

        OPEN = "OPEN", _("Claim open")
        PAID = "PAID", _("Benefit paid out")
        CLOSED = "CLOSED", _("Closed without payment")

    TRANSITIONS = {"OPEN": ("PAID", "CLOSED")}

    reception_id = models.CharField(max_length=30, primary_key=True)
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="known_claims", db_column="contract_id"
    )
    status = models.CharField(max_length=6, choices=Status)

    class Meta:
        db_table = "contract_claims"
        constraints = [
            models.CheckConstraint(
                name="known_claim_status_known", condition=Q(status__in=["OPEN", "PAID", "CLOSED"])
            )
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.reception_id} {self.status}"


class LateWithdrawal(Timestamped):
    """A withdrawal that was sent in time and came after the period: a second person looks."""

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "WAITING", _("Late withdrawal waits for a second person")
        ACCEPTED = "ACCEPTED", _("Late withdrawal accepted")
        DECLINED = "DECLINED", _("Late withdrawal declined")

    TRANSITIONS = {"WAITING": ("ACCEPTED", "DECLINED")}

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="late_withdrawals", db_column="contract_id"
    )
    sent_on = models.DateField()
    received_on = models.DateField()
    evidence = models.CharField(max_length=300, help_text="What shows the day it was sent.")
    status = models.CharField(max_length=8, choices=Status)
    taken_by = models.CharField(max_length=150)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "late_withdrawals"
        constraints = [
            models.CheckConstraint(
                name="late_withdrawal_status_known",
                condition=Q(status__in=["WAITING", "ACCEPTED", "DECLINED"]),
            ),
            models.CheckConstraint(
                name="late_withdrawal_sent_before_it_came",
                condition=Q(sent_on__lte=F("received_on")) & ~Q(evidence=""),
            ),
            models.CheckConstraint(
                name="late_withdrawal_decided_by_a_second_person",
                condition=Q(status="WAITING", decided_by="")
                | (~Q(status="WAITING") & ~Q(decided_by="") & ~Q(decided_by=F("taken_by"))),
            ),
            models.UniqueConstraint(
                "contract", condition=Q(status="WAITING"), name="one_late_withdrawal_at_a_time"
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.contract_id} {self.sent_on}"
