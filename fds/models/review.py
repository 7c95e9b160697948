"""Rule sets, scores, cases, holds."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class RuleSet(Timestamped):
    """A version of the fraud rules with its threshold; active from a day on."""

    class Status(models.TextChoices):
        """Where it stands."""

        DRAFT = "DRAFT", _("Draft")
        SHADOW = "SHADOW", _("Tried in shadow")
        ACTIVE = "ACTIVE", _("In use")
        RETIRED = "RETIRED", _("No longer used")

    TRANSITIONS = {
        "DRAFT": ("SHADOW", "ACTIVE"),
        "SHADOW": ("ACTIVE", "RETIRED"),
        "ACTIVE": ("RETIRED",),
        "RETIRED": ("ACTIVE",),
    }
    TONES = {"DRAFT": "grey", "SHADOW": "blue", "ACTIVE": "green", "RETIRED": "grey"}

    version = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(max_length=100)
    threshold = models.PositiveSmallIntegerField(help_text="Suspicious from this score on.")
    alert_cap = models.PositiveSmallIntegerField(
        db_default=20, help_text="Not activated if more of the past would be suspicious, %."
    )
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "fds_rulesets"
        constraints = [
            models.UniqueConstraint(
                "status", condition=Q(status="ACTIVE"), name="one_active_ruleset"
            ),
            models.CheckConstraint(
                name="ruleset_status_known",
                condition=Q(status__in=["DRAFT", "SHADOW", "ACTIVE", "RETIRED"]),
            ),
            models.CheckConstraint(
                name="ruleset_threshold_in_range",
                condition=Q(threshold__gte=1, threshold__lte=100),
            ),
            models.CheckConstraint(
                name="ruleset_approved_by_a_second_person",
                condition=~Q(status="ACTIVE") | (~Q(approved_by="") & ~Q(approved_by=F("made_by"))),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"v{self.version} {self.name}"


class Rule(Timestamped):
    """One rule of a rule set: its points and parameters."""

    class Mode(models.TextChoices):
        """Whether its points count."""

        LIVE = "LIVE", _("Counts")
        SHADOW = "SHADOW", _("In shadow: written down only")

    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="rules")
    code = models.CharField(max_length=10, help_text="R01, R02, …")
    tag = models.CharField(max_length=30, help_text="What fraud_type_tags shows when it hits.")
    title = models.CharField(max_length=100)
    points = models.PositiveSmallIntegerField()
    params = models.JSONField(default=dict)
    mode = models.CharField(max_length=6, choices=Mode, db_default=Mode.LIVE)

    class Meta:
        db_table = "fds_rules"
        constraints = [
            models.UniqueConstraint("ruleset", "code", name="rule_once_in_a_set"),
            models.CheckConstraint(
                name="rule_mode_known", condition=Q(mode__in=["LIVE", "SHADOW"])
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class WatchEntry(Timestamped):
    """A provider on the watch-list during ``period`` [start, end), once a second person agrees."""

    provider = models.ForeignKey(
        "claims.Provider", models.PROTECT, related_name="+", db_column="provider_code"
    )
    period = DateRangeField()
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(
        max_length=150, blank=True, help_text="Empty while it waits; it counts only with one."
    )
    approved_at = models.DateTimeField(null=True, help_text="From then on it was known.")
    planned_end = models.DateField(null=True, help_text="Its end before it was ended early.")
    ended_at = models.DateTimeField(null=True, help_text="When it was ended early.")

    class Meta:
        db_table = "fds_watchlist"
        constraints = [
            ExclusionConstraint(
                name="watched_once_at_a_time",
                expressions=[
                    ("provider", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="watch_approved_by_a_second_person",
                condition=~Q(made_by="") & ~Q(approved_by=F("made_by")),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.provider_id} {self.period}"


class Analysis(Timestamped):
    """The present score of a claim (one row a claim; earlier ones are in Evaluation)."""

    fds_id = models.BigAutoField(primary_key=True)
    claim = models.OneToOneField(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    risk_score = models.PositiveSmallIntegerField(help_text="0 to 100.")
    fraud_type_tags = models.CharField(max_length=100, blank=True)
    analysis_report = models.JSONField(help_text="Every rule with operands, points and evidence.")
    is_suspicious = models.BooleanField(default=False)
    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    scored_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_analysis"
        constraints = [
            models.CheckConstraint(
                name="risk_score_in_range", condition=Q(risk_score__gte=0, risk_score__lte=100)
            )
        ]
        indexes = [models.Index(fields=["-risk_score"], name="fds_by_score")]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.claim_id} {self.risk_score}"


class Evaluation(models.Model):
    """One scoring of a claim, kept for ever as it was: score, rules, operands, evidence."""

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    trigger = models.CharField(
        max_length=60, help_text="What caused it: reception, night, document."
    )
    ruleset = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    risk_score = models.PositiveSmallIntegerField()
    report = models.JSONField()
    business_date = models.DateField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_evaluations"
        constraints = [
            models.UniqueConstraint("claim", "trigger", name="one_evaluation_per_trigger")
        ]
        triggers = [guards.AppendOnly(name="evaluations_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.trigger}"


class Case(Timestamped):
    """A suspicious claim in the review queue, until a person decides."""

    class Status(models.TextChoices):
        """Where it stands."""

        OPEN = "OPEN", _("Waits")
        WORKING = "WORKING", _("Under review")
        CLEARED = "CLEARED", _("Cleared")
        CONFIRMED = "CONFIRMED", _("Fraud established")

    TRANSITIONS = {
        "OPEN": ("WORKING", "CLEARED", "CONFIRMED"),
        "WORKING": ("OPEN", "CLEARED", "CONFIRMED"),
    }
    TONES = {"OPEN": "amber", "WORKING": "blue", "CLEARED": "green", "CONFIRMED": "red"}

    class Origin(models.TextChoices):
        """Why it was opened; only the rules' own score asks for a decision before payment."""

        RULES = "RULES", _("Rule score")
        MODEL = "MODEL", _("Learned model")
        NETWORK = "NETWORK", _("Network of parties")
        AUDIT = "AUDIT", _("Random audit")
        PERSON = "PERSON", _("A person")

    claim = models.OneToOneField(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    opened_on = models.DateField()
    risk_score = models.PositiveSmallIntegerField(help_text="0 to 100, at the last scoring.")
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Claimed amount that is at stake, won."
    )
    origin = models.CharField(max_length=7, choices=Origin, db_default=Origin.RULES)
    probability = models.DecimalField(
        max_digits=7, decimal_places=6, null=True, help_text="Of fraud, by the champion model."
    )
    recovery_percent = models.PositiveSmallIntegerField(
        db_default=100, help_text="Of the amount that an inquiry saves."
    )
    cost = models.DecimalField(
        max_digits=12, decimal_places=2, db_default=0, help_text="Of an inquiry, won."
    )
    expected_saving = models.GeneratedField(
        expression=Coalesce(
            F("probability") * 100, F("risk_score"), output_field=models.DecimalField()
        )
        * F("amount")
        * F("recovery_percent")
        / 10_000
        - F("cost"),
        output_field=models.DecimalField(max_digits=18, decimal_places=2),
        db_persist=True,
    )
    investigator = models.CharField(max_length=150, blank=True)
    kept_until = models.DateField(
        null=True, help_text="Last day on which it is the investigator's alone; null: no end."
    )
    aside_until = models.DateField(
        null=True, help_text="Waits for something until this day, outside the queue."
    )
    decision_reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True)

    class Meta:
        db_table = "fds_cases"
        constraints = [
            models.CheckConstraint(
                name="case_status_known",
                condition=Q(status__in=["OPEN", "WORKING", "CLEARED", "CONFIRMED"]),
            ),
            models.CheckConstraint(
                name="case_origin_known",
                condition=Q(origin__in=["RULES", "MODEL", "NETWORK", "AUDIT", "PERSON"]),
            ),
            models.CheckConstraint(
                name="case_kept_while_worked_on",
                condition=Q(kept_until=None) | Q(status="WORKING"),
            ),
            models.CheckConstraint(
                name="case_decided_by_a_person_with_a_reason",
                condition=Q(status__in=["OPEN", "WORKING"], decided_by="")
                | (
                    Q(status__in=["CLEARED", "CONFIRMED"])
                    & ~Q(decided_by="")
                    & ~Q(decision_reason="")
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-expected_saving"],
                condition=Q(status__in=["OPEN", "WORKING"]),
                name="case_queue",
            )
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.claim_id} {self.status}"


class Hold(Timestamped):
    """A person stops a payment, on a ground that the law allows (보험사기방지특별법 §5②)."""

    class Ground(models.TextChoices):
        """Statutory grounds (시행령; 표준약관)."""

        LAWSUIT = "LAWSUIT", _("Lawsuit filed")
        MEDIATION = "MEDIATION", _("Dispute mediation filed")
        CRIMINAL = "CRIMINAL", _("Criminal inquiry has begun")
        FOREIGN = "FOREIGN", _("Loss abroad under inquiry")
        REFUSAL = "REFUSAL", _("Claimant refuses to cooperate")
        OPINION = "OPINION", _("Third-party medical opinion agreed")

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    ground = models.CharField(max_length=9, choices=Ground)
    explanation = models.TextField()
    placed_by = models.CharField(max_length=150)
    placed_on = models.DateField()
    notified_on = models.DateField(help_text="Day the claimant was told the reason.")
    due_on = models.DateField(help_text="Day by which it must be reviewed.")
    released_by = models.CharField(max_length=150, blank=True)
    released_on = models.DateField(null=True)
    release_reason = models.TextField(blank=True)

    class Meta:
        db_table = "fds_holds"
        constraints = [
            models.UniqueConstraint(
                "claim", condition=Q(released_on=None), name="one_hold_at_a_time"
            ),
            models.CheckConstraint(
                name="hold_ground_known",
                condition=Q(
                    ground__in=[
                        "LAWSUIT",
                        "MEDIATION",
                        "CRIMINAL",
                        "FOREIGN",
                        "REFUSAL",
                        "OPINION",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="hold_placed_by_a_person",
                condition=~Q(placed_by="")
                & ~Q(placed_by__startswith="batch:")
                & ~Q(explanation=""),
            ),
            models.CheckConstraint(
                name="hold_released_with_a_reason",
                condition=Q(released_on=None, released_by="")
                | (Q(released_on__isnull=False) & ~Q(released_by="") & ~Q(release_reason="")),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.claim_id} {self.ground}"
