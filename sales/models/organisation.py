"""Branches, agents, where each stands in the hierarchy, and who shares a contract."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import guards, references
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
        verbose_name, verbose_name_plural = _("branch"), _("branches")
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

    class Channel(models.TextChoices):
        """Who engages the agent; the cap of the first year asks."""

        EXCLUSIVE = "EXCLUSIVE", _("Exclusive agent")
        GA = "GA", _("Agency (GA)")

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
    channel = models.CharField(
        max_length=9, choices=Channel, default=Channel.EXCLUSIVE, db_default="EXCLUSIVE"
    )
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
                name="agent_channel_known", condition=Q(channel__in=["EXCLUSIVE", "GA"])
            ),
            models.CheckConstraint(
                name="agent_rate_is_a_factor",
                condition=Q(commission_rate__gte=0, commission_rate__lte=5),
            ),
        ]
        indexes = [
            GinIndex(name="agent_name_trgm", fields=["agent_name"], opclasses=["gin_trgm_ops"])
        ]
        triggers = [
            *guards.machine("status"),
            references.NeverDeleted(name="never_deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.agent_name}"


class AgentPost(Timestamped):
    """Where an agent stands in the hierarchy during ``period`` [start, end): rank, tier, superior.

    Dated data: what a line earned and whose override it made is found by the day of the line.
    """

    agent = models.ForeignKey(
        Agent, models.PROTECT, related_name="posts", db_column="agent_id", db_index=False
    )
    period = DateRangeField(help_text="[start, end); open while it lasts.")
    rank = models.CharField(max_length=7, choices=Agent.Rank)
    tier = models.CharField(max_length=10, blank=True, help_text="Performance tier; empty: none.")
    reports_to = models.ForeignKey(
        Agent,
        models.PROTECT,
        related_name="reports",
        db_column="reports_to",
        null=True,
        blank=True,
    )
    decided_by = models.CharField(max_length=150)

    class Meta:
        db_table = "agent_posts"
        constraints = [
            ExclusionConstraint(
                name="one_post_at_a_time",
                expressions=[
                    ("agent", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="post_rank_known", condition=Q(rank__in=["FC", "LEADER", "MANAGER"])
            ),
            models.CheckConstraint(
                name="nobody_reports_to_themselves",
                condition=Q(reports_to=None) | ~Q(reports_to=F("agent")),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.agent_id} {self.rank}"


class SharesAreWhole(pgtrigger.Trigger):
    """Refuse shares of a contract that do not sum to 100 %: they come in one statement."""

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")

    def get_func(self, model: object) -> str:
        """Return the trigger's body."""
        return """
            IF EXISTS (
                SELECT 1 FROM contract_shares s
                WHERE (s.contract_id, s.starts_on) IN (SELECT contract_id, starts_on FROM new_rows)
                GROUP BY s.contract_id, s.starts_on HAVING sum(s.share) <> 10000
            ) THEN
                RAISE EXCEPTION 'the shares of a contract sum to 100 %%'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """


class ContractShare(Timestamped):
    """An agent's share of a contract's commission from a day on, until newer shares start."""

    contract_id = models.CharField(max_length=30)
    starts_on = models.DateField()
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="shares", db_column="agent_id")
    share = models.PositiveSmallIntegerField(help_text="Hundredths of a percent.")
    decided_by = models.CharField(max_length=150)

    class Meta:
        db_table = "contract_shares"
        constraints = [
            models.UniqueConstraint(
                fields=["contract_id", "starts_on", "agent"], name="one_share_each"
            ),
            models.CheckConstraint(
                name="share_within_the_contract", condition=Q(share__gte=1, share__lte=10_000)
            ),
        ]
        triggers = [
            guards.AppendOnly(name="shares_append_only"),
            SharesAreWhole(name="shares_are_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.agent_id}"
