"""Branches and agents."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Branch(Timestamped):
    """A sales branch (지점)."""

    branch_code = models.CharField(max_length=20, primary_key=True)
    branch_name = models.CharField(max_length=50, unique=True)
    region = models.CharField(max_length=30)
    opened_on = models.DateField()
    monthly_plan = models.DecimalField(
        max_digits=15, decimal_places=2, default=0, help_text="New monthly premium planned, won."
    )

    class Meta:
        db_table = "branches"
        triggers = guards.audited()

    def __str__(self) -> str:
        return self.branch_name


class Agent(Timestamped):
    """Someone who sells (설계사)."""

    class Status(models.TextChoices):
        """Appointed or not."""

        ACTIVE = "ACTIVE", _("In service")
        RETIRED = "RETIRED", _("Appointment ended")

    class Rank(models.TextChoices):
        """Place in the sales hierarchy."""

        FC = "FC", _("Agent")
        LEADER = "LEADER", _("Team leader")
        MANAGER = "MANAGER", _("Branch manager")

    TRANSITIONS = {"ACTIVE": ("RETIRED",), "RETIRED": ("ACTIVE",)}

    agent_id = models.CharField(max_length=20, primary_key=True)
    agent_name = models.CharField(max_length=50)
    branch = models.ForeignKey(
        Branch, models.PROTECT, related_name="agents", db_column="branch_code"
    )
    branch_name = models.CharField(max_length=50, help_text="Name at the time; the key is branch.")
    commission_rate = models.DecimalField(
        max_digits=5, decimal_places=2, help_text="Factor on the product's commission, 1.00 = full."
    )
    status = models.CharField(max_length=7, choices=Status, default=Status.ACTIVE)
    rank = models.CharField(max_length=7, choices=Rank, default=Rank.FC)
    licence_number = models.CharField(max_length=30)
    sells_life = models.BooleanField(default=True)
    sells_non_life = models.BooleanField(default=True)
    appointed_on = models.DateField()
    retired_on = models.DateField(null=True, blank=True)
    training_valid_until = models.DateField(help_text="Last day on which the training is valid.")

    class Meta:
        db_table = "agents"
        constraints = [
            models.CheckConstraint(
                name="agent_status_known", condition=Q(status__in=["ACTIVE", "RETIRED"])
            ),
            models.CheckConstraint(
                name="agent_rank_known", condition=Q(rank__in=["FC", "LEADER", "MANAGER"])
            ),
            models.CheckConstraint(
                name="agent_rate_is_a_factor",
                condition=Q(commission_rate__gte=0, commission_rate__lte=5),
            ),
        ]
        indexes = [
            GinIndex(name="agent_name_trgm", fields=["agent_name"], opclasses=["gin_trgm_ops"])
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.agent_id} {self.agent_name}"
