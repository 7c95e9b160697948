"""Rules that are tried, muted or followed up: back-tests, shadows, snoozes, steps of a case."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .review import Case, RuleSet


class Backtest(models.Model):
    """A version of the rules tried on past claims as they were known then."""

    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="backtests")
    content = models.CharField(max_length=64, help_text="SHA-256 of rules and threshold tried.")
    since = models.DateField(help_text="Reports from this day on.")
    until = models.DateField(help_text="To this day, included.")
    claims = models.PositiveIntegerField()
    alerts = models.PositiveIntegerField()
    alerts_now = models.PositiveIntegerField(help_text="Suspicious as they were scored.")
    figures = models.JSONField(help_text="Per rule: hits, precision, recall, marginal; samples.")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_backtests"
        triggers = [guards.AppendOnly(name="backtests_append_only")]

    def __str__(self) -> str:
        return f"{self.ruleset_id} {self.since} {self.until}"


class ShadowEvaluation(models.Model):
    """What rules in shadow would have said; written down, without any effect."""

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    trigger = models.CharField(max_length=60)
    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    risk_score = models.PositiveSmallIntegerField(help_text="If shadow rules counted.")
    suspicious = models.BooleanField()
    hits = models.JSONField(help_text="Rules that hit, with operands; snoozed ones are marked.")
    business_date = models.DateField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_shadow_evaluations"
        constraints = [
            models.UniqueConstraint(
                "claim", "trigger", "ruleset", name="one_shadow_evaluation_per_trigger"
            )
        ]
        indexes = [models.Index(fields=["ruleset", "business_date"])]
        triggers = [guards.AppendOnly(name="shadow_evaluations_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} v{self.ruleset_id}"


class Snooze(Timestamped):
    """A rule does not count for one customer, provider or agent for a while; hits are logged."""

    class Entity(models.TextChoices):
        """Whose claims."""

        CUSTOMER = "CUSTOMER", _("Policyholder")
        PROVIDER = "PROVIDER", _("Hospital or garage")
        AGENT = "AGENT", _("Agent")

    entity = models.CharField(max_length=8, choices=Entity)
    key = models.CharField(max_length=30)
    code = models.CharField(max_length=10, help_text="Rule.")
    period = DateRangeField(help_text="[start, end) of reports; it always has an end.")
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "fds_snoozes"
        constraints = [
            ExclusionConstraint(
                name="snoozed_once_at_a_time",
                expressions=[
                    ("entity", RangeOperators.EQUAL),
                    ("key", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="snooze_entity_known",
                condition=Q(entity__in=["CUSTOMER", "PROVIDER", "AGENT"]),
            ),
            models.CheckConstraint(
                name="snooze_expires", condition=Q(period__upper_inf=False, period__isempty=False)
            ),
            models.CheckConstraint(
                name="snooze_approved_by_a_second_person",
                condition=~Q(made_by="") & ~Q(approved_by=F("made_by")),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.code} {self.entity} {self.key}"


class CaseEvent(models.Model):
    """A step of an investigation, of a known kind; steps are only ever added."""

    class Kind(models.TextChoices):
        """What an investigator does."""

        OPENED = "OPENED", _("Opened")
        ASIDE = "ASIDE", _("Put aside")
        NOTE = "NOTE", _("Note")
        DOCUMENTS = "DOCUMENTS", _("More documents asked for")
        FIELD = "FIELD", _("Inquiry on the spot")
        MEDICAL = "MEDICAL", _("Medical opinion asked for")
        POLICE = "POLICE", _("Referred to the police")
        FILE = "FILE", _("File added")
        LINKED = "LINKED", _("Linked to another case")
        RAISED = "RAISED", _("Raised by model or network")
        DECIDED = "DECIDED", _("Decided")
        HANDED = "HANDED", _("Handed to the adjuster")
        EXPORTED = "EXPORTED", _("Taken out as a file")

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=9, choices=Kind)
    text = models.TextField(blank=True)
    other = models.ForeignKey(Case, models.PROTECT, related_name="+", null=True)
    on = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_case_events"
        constraints = [
            models.CheckConstraint(
                name="case_event_kind_known",
                condition=Q(
                    kind__in=[
                        "OPENED",
                        "ASIDE",
                        "NOTE",
                        "DOCUMENTS",
                        "FIELD",
                        "MEDICAL",
                        "POLICE",
                        "FILE",
                        "LINKED",
                        "RAISED",
                        "DECIDED",
                        "HANDED",
                        "EXPORTED",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="case_link_names_another",
                condition=(Q(kind="LINKED") & ~Q(other=None) & ~Q(other=F("case")))
                | (~Q(kind="LINKED") & Q(other=None)),
            ),
        ]
        triggers = [guards.AppendOnly(name="case_events_append_only")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
