"""Decisions on applications."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped
from core.people import name_of


class UnderwritingResult(models.TextChoices):
    """The decision on an application."""

    PASS = "PASS", _("Accepted as standard")
    CONDITION = "CONDITION", _("On conditions")
    REJECT = "REJECT", _("Declined")


class Underwriting(Timestamped):
    """The decision on one application, by rules or by a person, with its reasons."""

    class Status(models.TextChoices):
        """Whether a person must look."""

        REFERRED = "REFERRED", _("Waits for an underwriter")
        DECIDED = "DECIDED", _("Decided")
        WITHDRAWN = "WITHDRAWN", _("Application withdrawn")

    TRANSITIONS = {"REFERRED": ("DECIDED", "WITHDRAWN")}
    BY_LAW = "상법 §638의2②"

    application = models.OneToOneField(
        "sales.Application", models.PROTECT, related_name="+", db_column="application_id"
    )
    status = models.CharField(max_length=9, choices=Status)
    result = models.CharField(max_length=9, choices=UnderwritingResult, blank=True)
    reasons = models.JSONField(default=list, help_text="Rules that fired: id, text, values.")
    rule_id = models.BigIntegerField(help_text="The product rule applied.")
    loading_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    exclusion = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(help_text="Silence after this day counts as acceptance.")
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)
    escalated_by = models.CharField(max_length=150, blank=True)
    escalated_on = models.DateField(
        null=True, help_text="Passed on to who may decide on any sum that is sold."
    )
    escalation_note = models.TextField(blank=True)
    alarmed_on = models.DateField(
        null=True, help_text="Since when the desk is warned that silence will accept it."
    )

    class Meta:
        db_table = "underwritings"
        constraints = [
            models.CheckConstraint(
                name="underwriting_status_known",
                condition=Q(status__in=["REFERRED", "DECIDED", "WITHDRAWN"]),
            ),
            models.CheckConstraint(
                name="underwriting_result_known",
                condition=Q(result__in=["", "PASS", "CONDITION", "REJECT"]),
            ),
            models.CheckConstraint(
                name="underwriting_decided_iff_result",
                condition=(Q(status__in=["REFERRED", "WITHDRAWN"]) & Q(result=""))
                | (Q(status="DECIDED") & ~Q(result="") & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="underwriting_escalated_by_someone_with_a_note",
                condition=Q(escalated_on=None, escalated_by="")
                | (Q(escalated_on__isnull=False) & ~Q(escalated_by="") & ~Q(escalation_note="")),
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"])]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.application_id} {self.result or self.status}"

    @property
    def decider(self) -> str:
        """Who decided, in words."""
        return str(_("the rules")) if self.decided_by == "rules" else name_of(self.decided_by)
