"""Applications with what was disclosed."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import guards, references
from core.models import Timestamped
from sales.models.organisation import Agent


class ApplicationSharesAreWhole(pgtrigger.Trigger):
    """Refuse shares that are not 100 % together, or leave the seller out."""

    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update
    condition = pgtrigger.Condition("NEW.shares <> '{}'::jsonb")

    def get_func(self, model: object) -> str:
        """Return the trigger's body."""
        return """
            IF NOT NEW.shares ? NEW.agent_id OR EXISTS (
                SELECT 1 FROM jsonb_each_text(NEW.shares) s
                HAVING sum(s.value::int) <> 10000 OR min(s.value::int) < 1
            ) THEN
                RAISE EXCEPTION 'the shares of application % are not 100 %%', NEW.application_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'application_shares_are_whole';
            END IF;
            RETURN NEW;
        """


class Application(Timestamped):
    """An application for insurance (청약), with the applicant and what they disclosed."""

    class Status(models.TextChoices):
        """From the agent's desk to the decision."""

        DRAFT = "DRAFT", _("Draft")
        SUBMITTED = "SUBMITTED", _("In underwriting")
        ACCEPTED = "ACCEPTED", _("Accepted")
        REJECTED = "REJECTED", _("Rejected")
        WITHDRAWN = "WITHDRAWN", _("Application withdrawn")

    class Sex(models.TextChoices):
        """As the mortality tables have it."""

        MALE = "M", _("Male")
        FEMALE = "F", _("Female")

    TRANSITIONS = {
        "DRAFT": ("SUBMITTED", "WITHDRAWN"),
        "SUBMITTED": ("ACCEPTED", "REJECTED", "WITHDRAWN"),
    }

    application_id = models.CharField(max_length=30, primary_key=True)
    product_code = models.CharField(max_length=20)
    version = models.PositiveIntegerField(help_text="Product version that was quoted.")
    agent = models.ForeignKey(
        Agent, models.PROTECT, related_name="applications", db_column="agent_id"
    )
    applied_on = models.DateField()
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    applicant_name = models.CharField(max_length=50)
    rrn_hash = models.CharField(max_length=64, help_text="Keyed HMAC of the resident number.")
    rrn_cipher = models.BinaryField()
    rrn_mask = models.CharField(max_length=14)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex)
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=200, blank=True)
    job_code = models.CharField(max_length=10)
    job_class = models.PositiveSmallIntegerField(help_text="Risk class of the job, 1 lowest to 3.")
    insurance_age = models.PositiveSmallIntegerField(help_text="보험나이 on the day applied.")
    sum_assured = models.DecimalField(max_digits=15, decimal_places=2)
    term_months = models.PositiveSmallIntegerField(help_text="0: whole of life.")
    pay_months = models.PositiveSmallIntegerField()
    premium_amount = models.DecimalField(max_digits=15, decimal_places=2, help_text="Monthly, won.")
    rating_id = models.BigIntegerField(help_text="Trace of the premium (products).")
    disclosures = models.JSONField(default=dict, help_text="Answers of the disclosure questions.")
    explained = models.BooleanField(
        default=False, help_text="Terms were explained and delivered (상법 §638의3)."
    )
    initial_premium_paid = models.BooleanField(default=True)
    beneficiary_name = models.CharField(max_length=50, blank=True)
    shares = models.JSONField(
        default=dict,
        blank=True,
        help_text="Agent → hundredths of a percent of the commission; empty: the seller alone.",
    )

    class Meta:
        db_table = "applications"
        constraints = [
            models.CheckConstraint(
                name="application_status_known",
                condition=Q(status__in=["DRAFT", "SUBMITTED", "ACCEPTED", "REJECTED", "WITHDRAWN"]),
            ),
            models.CheckConstraint(name="applicant_sex_known", condition=Q(sex__in=["M", "F"])),
            models.CheckConstraint(
                name="submitted_only_when_explained",
                condition=Q(status__in=["DRAFT", "WITHDRAWN"]) | Q(explained=True),
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-applied_on"]),
            models.Index(fields=["status", "applied_on"]),
            GinIndex(
                name="applicant_name_trgm",
                fields=["applicant_name"],
                opclasses=["gin_trgm_ops"],
            ),
        ]
        triggers = [
            *guards.machine("status", exclude=("rrn_cipher",)),
            ApplicationSharesAreWhole(name="application_shares_are_whole"),
            references.NeverDeleted(name="never_deleted"),
        ]

    def __str__(self) -> str:
        return self.application_id
