"""What is learned from: labels; what was learned: models, their predictions and their health."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Label(models.Model):
    """What is known about a claim: a state, never yes or no; a later one supersedes."""

    class State(models.TextChoices):
        """From nothing known to established."""

        UNSEEN = "UNSEEN", _("Not investigated")
        WORKING = "WORKING", _("Being investigated")
        INNOCENT = "INNOCENT", _("No suspicion left")
        DOUBTFUL = "DOUBTFUL", _("Suspicion, evidence lacking")
        REFERRED = "REFERRED", _("Referred to the police")
        CONFIRMED = "CONFIRMED", _("Fraud established")
        CLOSED = "CLOSED", _("Cannot be investigated")

    class Source(models.TextChoices):
        """Where it comes from."""

        CASE = "CASE", _("Decision of a case")
        AUDIT = "AUDIT", _("Random audit")
        IMPORT = "IMPORT", _("Another system")
        COURT = "COURT", _("Police or court")

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    state = models.CharField(max_length=9, choices=State)
    source = models.CharField(max_length=6, choices=Source)
    kind = models.CharField(max_length=30, blank=True, help_text="Sort of fraud.")
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Established damage, won."
    )
    decided_on = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_labels"
        constraints = [
            models.CheckConstraint(
                name="label_state_known",
                condition=Q(
                    state__in=[
                        "UNSEEN",
                        "WORKING",
                        "INNOCENT",
                        "DOUBTFUL",
                        "REFERRED",
                        "CONFIRMED",
                        "CLOSED",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="label_source_known",
                condition=Q(source__in=["CASE", "AUDIT", "IMPORT", "COURT"]),
            ),
            models.CheckConstraint(name="label_amount_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [models.Index(fields=["claim", "decided_on", "id"], name="label_of_claim")]
        triggers = [guards.AppendOnly(name="labels_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.state}"


class LearnedModel(Timestamped):
    """A trained model as text with its hash; nothing is executed when it is read."""

    class Kind(models.TextChoices):
        """How it was learned."""

        LIGHTGBM = "LIGHTGBM", _("Gradient-boosted trees")
        LOGISTIC = "LOGISTIC", _("Logistic regression")

    class Status(models.TextChoices):
        """What it does."""

        CANDIDATE = "CANDIDATE", _("Candidate")
        CHALLENGER = "CHALLENGER", _("Challenger in shadow")
        CHAMPION = "CHAMPION", _("Champion")
        RETIRED = "RETIRED", _("Out of use")

    TRANSITIONS = {
        "CANDIDATE": ("CHALLENGER", "CHAMPION", "RETIRED"),
        "CHALLENGER": ("CHAMPION", "RETIRED"),
        "CHAMPION": ("CHALLENGER", "RETIRED"),
        "RETIRED": ("CHAMPION",),
    }
    TONES = {"CANDIDATE": "grey", "CHALLENGER": "blue", "CHAMPION": "green", "RETIRED": "grey"}

    kind = models.CharField(max_length=8, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.CANDIDATE)
    name = models.CharField(max_length=100)
    feature_set = models.CharField(max_length=30)
    artefact = models.TextField(help_text="LightGBM's text, or JSON.")
    encoder = models.JSONField(help_text="Feature order, category codes, medians, scales.")
    calibrator = models.JSONField(help_text="Isotonic steps: x, y; 200 quantiles of the score.")
    sha256 = models.CharField(max_length=64, help_text="Of artefact, encoder and calibrator.")
    trained_from = models.DateField()
    trained_until = models.DateField(help_text="Reports before this day were learned.")
    calibrated_until = models.DateField(help_text="Reports from then on calibrated it.")
    validated_until = models.DateField(help_text="Reports from then on judged it.")
    labels_as_of = models.DateField(help_text="Labels decided before this day were known.")
    metrics = models.JSONField()
    counts = models.JSONField(help_text="Claims and frauds learned, calibrated, judged.")
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)
    approval_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "fds_models"
        constraints = [
            models.UniqueConstraint(
                "status", condition=Q(status="CHAMPION"), name="one_champion_model"
            ),
            models.UniqueConstraint(
                "status", condition=Q(status="CHALLENGER"), name="one_challenger_model"
            ),
            models.CheckConstraint(
                name="model_kind_known", condition=Q(kind__in=["LIGHTGBM", "LOGISTIC"])
            ),
            models.CheckConstraint(
                name="model_status_known",
                condition=Q(status__in=["CANDIDATE", "CHALLENGER", "CHAMPION", "RETIRED"]),
            ),
            models.CheckConstraint(
                name="model_promoted_by_a_second_person",
                condition=~Q(status="CHAMPION")
                | (~Q(approved_by="") & ~Q(approved_by=F("made_by"))),
            ),
            models.CheckConstraint(
                name="model_periods_in_order",
                condition=Q(trained_from__lt=F("trained_until"))
                & Q(trained_until__lte=F("calibrated_until"))
                & Q(calibrated_until__lte=F("validated_until")),
            ),
        ]
        triggers = guards.machine("status", exclude=("artefact", "encoder", "calibrator"))

    def __str__(self) -> str:
        return f"M{self.pk} {self.name}"


class Promotion(models.Model):
    """Why a model leads: its marks beside those of the one before it, on the same claims."""

    class Basis(models.TextChoices):
        """On what the two were compared."""

        FIRST = "FIRST", _("There was none before")
        SAME = "SAME", _("Judged on the same periods")
        ANEW = "ANEW", _("Judged anew on claims that neither had learned")
        BACK = "BACK", _("Back to an earlier model")

    model = models.ForeignKey(LearnedModel, models.PROTECT, related_name="promotions")
    before = models.ForeignKey(LearnedModel, models.PROTECT, related_name="+", null=True)
    basis = models.CharField(max_length=5, choices=Basis)
    since = models.DateField(help_text="Reports from this day on judged both.")
    until = models.DateField(help_text="Reports before this day.")
    marks = models.JSONField(help_text="Of the model: average precision, precision at the top, …")
    marks_before = models.JSONField(help_text="Of the one before it, on the same claims.")
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_promotions"
        constraints = [
            models.CheckConstraint(
                name="promotion_basis_known",
                condition=Q(basis__in=["FIRST", "SAME", "ANEW", "BACK"]),
            ),
            models.CheckConstraint(
                name="promotion_compares_or_is_first",
                condition=Q(basis="FIRST", before=None)
                | (~Q(basis="FIRST") & Q(before__isnull=False)),
            ),
        ]
        triggers = [guards.AppendOnly(name="promotions_append_only")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.basis}"


class TierPolicy(Timestamped):
    """From which rule score and which percentile on a claim is watched or goes to the SIU."""

    version = models.PositiveIntegerField(primary_key=True)
    siu_score = models.PositiveSmallIntegerField(help_text="Rule score, 0 to 100.")
    watch_score = models.PositiveSmallIntegerField()
    siu_top = models.DecimalField(max_digits=5, decimal_places=4, help_text="Top share, 0.02.")
    watch_top = models.DecimalField(max_digits=5, decimal_places=4)
    recovery_percent = models.PositiveSmallIntegerField(help_text="Of the claimed amount.")
    cost = models.DecimalField(max_digits=12, decimal_places=2, help_text="Of a case, won.")
    audit_share = models.DecimalField(
        max_digits=5, decimal_places=4, help_text="Unflagged claims drawn for audit, 0.01."
    )
    active = models.BooleanField(default=False)
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "fds_tier_policies"
        constraints = [
            models.UniqueConstraint(
                "active", condition=Q(active=True), name="one_active_tier_policy"
            ),
            models.CheckConstraint(
                name="tier_policy_ordered",
                condition=Q(watch_score__lte=F("siu_score"), siu_top__lte=F("watch_top")),
            ),
            models.CheckConstraint(
                name="tier_policy_approved_by_a_second_person",
                condition=Q(active=False) | (~Q(approved_by="") & ~Q(approved_by=F("made_by"))),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"v{self.version}"


class Prediction(models.Model):
    """What the models said about a claim at a moment, with frozen reasons and features."""

    class Tier(models.TextChoices):
        """Where it leads."""

        NORMAL = "NORMAL", _("Ordinary handling")
        WATCH = "WATCH", _("Adjust with care")
        SIU = "SIU", _("For the SIU")

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    trigger = models.CharField(max_length=60, help_text="The event that asked.")
    as_of = models.DateTimeField(help_text="What was reported by then counted.")
    model = models.ForeignKey(LearnedModel, models.PROTECT, related_name="+", null=True)
    probability = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    percentile = models.DecimalField(
        max_digits=6, decimal_places=5, null=True, help_text="Share of claims below it."
    )
    challenger = models.ForeignKey(LearnedModel, models.PROTECT, related_name="+", null=True)
    challenger_probability = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    rule_score = models.PositiveSmallIntegerField()
    tier = models.CharField(max_length=6, choices=Tier)
    policy = models.ForeignKey(TierPolicy, models.PROTECT, related_name="+")
    reasons = models.JSONField(help_text="Rank, feature, contribution, sentences by language.")
    features = models.JSONField(help_text="The values that were used.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_predictions"
        constraints = [
            models.UniqueConstraint("claim", "trigger", name="one_prediction_per_trigger"),
            models.CheckConstraint(
                name="prediction_tier_known", condition=Q(tier__in=["NORMAL", "WATCH", "SIU"])
            ),
            models.CheckConstraint(
                name="probability_in_range",
                condition=Q(probability=None) | Q(probability__gte=0, probability__lte=1),
            ),
        ]
        triggers = [guards.AppendOnly(name="predictions_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.trigger}"


class ModelCheck(models.Model):
    """How a model fares on a day: drift of its inputs, and its marks on matured labels."""

    model = models.ForeignKey(LearnedModel, models.PROTECT, related_name="checks")
    on = models.DateField()
    claims = models.PositiveIntegerField()
    matured = models.PositiveIntegerField(help_text="Claims whose label is known by now.")
    frauds = models.PositiveIntegerField()
    worst_psi = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    score_psi = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    figures = models.JSONField(help_text="PSI by feature, AUC, precision@k, ECE, audit rate.")
    alarm = models.BooleanField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_model_checks"
        constraints = [models.UniqueConstraint("model", "on", name="model_checked_once_a_day")]
        triggers = [guards.AppendOnly(name="model_checks_append_only")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.on}"


class AuditDraw(models.Model):
    """The random sample of a night among the claims that nothing had flagged."""

    on = models.DateField(unique=True, help_text="Claims reported on this day.")
    population = models.PositiveIntegerField(help_text="Unflagged claims of the day.")
    drawn = models.PositiveIntegerField()
    share = models.DecimalField(max_digits=5, decimal_places=4, help_text="Chance of each, 0.01.")
    policy = models.ForeignKey(TierPolicy, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_audit_draws"
        constraints = [
            models.CheckConstraint(
                name="audit_draw_within_population", condition=Q(drawn__lte=F("population"))
            )
        ]
        triggers = [guards.AppendOnly(name="audit_draws_append_only")]

    def __str__(self) -> str:
        return f"{self.on} {self.drawn}/{self.population}"
