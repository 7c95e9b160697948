"""Credit risk, counterparties and statutory limits."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .assets import Asset

GRADES = [(g, g) for g in ("SOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "D")]

LIMITS: dict[str, Promise] = {
    "PROPERTY": _("Property"),
    "BORROWER": _("Credit to one borrower"),
    "ISSUER": _("Bonds and shares of one issuer"),
    "LARGE_CREDITS": _("Credits above 1 % of assets, together"),
    "GROUP": _("Credit and securities of one group"),
    "RELATED_CREDIT": _("Credit to major shareholders and subsidiaries"),
    "RELATED_SECURITIES": _("Securities of major shareholders and subsidiaries"),
    "SUBSIDIARY": _("Credit to one subsidiary"),
    "FOREIGN": _("Foreign currency and property abroad"),
}
"""Words of the limits by their codes in ``investments.rules.limits``."""


class CreditRating(models.Model):
    """How a bond or a loan stands on a day: its grade, and how late its payments are."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="ratings", db_column="asset_id")
    rated_on = models.DateField()
    grade = models.CharField(max_length=3, choices=GRADES)
    days_past_due = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=60, help_text="Rating agency, or own assessment.")
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_credit_ratings"
        constraints = [
            models.UniqueConstraint("asset", "rated_on", name="one_rating_a_day"),
            models.CheckConstraint(
                name="rating_grade_known",
                condition=Q(grade__in=["SOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "D"]),
            ),
        ]
        triggers = [guards.AppendOnly(name="ratings_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.grade}"


class CreditLoss(models.Model):
    """The expected credit loss of an asset on a day, and how it moved (IFRS 9 section 5.5)."""

    class Cause(models.TextChoices):
        """Why it moved."""

        MEASURED = "MEASURED", _("Measured at the month's end")
        RELEASED = "RELEASED", _("Released with the sale")
        INTEREST = "INTEREST", _("Interest not earned")
        WRITTEN = "WRITTEN", _("Used by a write-off")

    asset = models.ForeignKey(
        Asset, models.PROTECT, related_name="credit_losses", db_column="asset_id"
    )
    base_date = models.DateField()
    cause = models.CharField(max_length=8, choices=Cause)
    stage = models.PositiveSmallIntegerField()
    stage_before = models.PositiveSmallIntegerField()
    exposure = models.DecimalField(max_digits=18, decimal_places=2)
    twelve_months = models.DecimalField(max_digits=18, decimal_places=2)
    lifetime = models.DecimalField(max_digits=18, decimal_places=2)
    allowance = models.DecimalField(max_digits=18, decimal_places=2)
    movement = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    trace = models.JSONField(default=dict)

    class Meta:
        db_table = "asset_credit_losses"
        constraints = [
            models.UniqueConstraint("asset", "base_date", "cause", name="one_credit_loss_a_day"),
            models.CheckConstraint(
                name="credit_loss_cause_known",
                condition=Q(cause__in=["MEASURED", "RELEASED", "INTEREST", "WRITTEN"]),
            ),
            models.CheckConstraint(
                name="credit_loss_possible",
                condition=Q(
                    stage__in=[1, 2, 3],
                    stage_before__in=[1, 2, 3],
                    allowance__gte=0,
                    allowance__lte=F("exposure"),
                ),
            ),
        ]
        indexes = [models.Index(fields=["base_date", "stage"])]
        triggers = [guards.AppendOnly(name="credit_losses_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.base_date}"


class Counterparty(Timestamped):
    """What the limits ask about an issuer or borrower."""

    class Relation(models.TextChoices):
        """To us."""

        NONE = "NONE", _("Not related")
        SHAREHOLDER = "SHAREHOLDER", _("Major shareholder")
        SUBSIDIARY = "SUBSIDIARY", _("Subsidiary")

    party_name = models.CharField(max_length=100, primary_key=True)
    group_name = models.CharField(max_length=100, blank=True)
    relation = models.CharField(max_length=11, choices=Relation, default=Relation.NONE)
    spread = models.BooleanField(
        default=False, help_text="A fund, or a pool of many small debtors."
    )
    made_by = models.CharField(max_length=150)

    class Meta:
        db_table = "investment_counterparties"
        constraints = [
            models.CheckConstraint(
                name="counterparty_relation_known",
                condition=Q(relation__in=["NONE", "SHAREHOLDER", "SUBSIDIARY"]),
            )
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return self.party_name


class LimitBasis(models.Model):
    """What the limits are measured against, as the books stated it for a month."""

    period = models.CharField(max_length=7, primary_key=True, help_text="YYYY-MM.")
    assets = models.DecimalField(max_digits=20, decimal_places=2)
    equity = models.DecimalField(max_digits=20, decimal_places=2)
    stated_on = models.DateField()

    class Meta:
        db_table = "investment_limit_bases"
        triggers = [guards.AppendOnly(name="limit_bases_append_only")]

    def __str__(self) -> str:
        return self.period


class LimitBreach(Timestamped):
    """A limit that was passed without a trade, until it is cured (보험업법 §107②)."""

    class Status(models.TextChoices):
        """Whether it stands."""

        OPEN = "OPEN", _("Above the limit")
        CURED = "CURED", _("Cured")

    class Cause(models.TextChoices):
        """Why; it decides how long the cure may take."""

        PRICE = "PRICE", _("Prices moved")
        ACCOUNTING = "ACCOUNTING", _("Accounting treatment changed")

    TRANSITIONS = {"OPEN": ("CURED",)}
    TONES = {"OPEN": "red", "CURED": "green"}

    code = models.CharField(max_length=20)
    whose = models.CharField(max_length=100, blank=True)
    opened_on = models.DateField()
    cause = models.CharField(max_length=10, choices=Cause, default=Cause.PRICE)
    cure_by = models.DateField()
    amount = models.DecimalField(max_digits=20, decimal_places=2, help_text="When it was found.")
    most = models.DecimalField(max_digits=20, decimal_places=2, help_text="What was allowed.")
    status = models.CharField(max_length=5, choices=Status, default=Status.OPEN)
    cured_on = models.DateField(null=True)

    class Meta:
        db_table = "investment_limit_breaches"
        constraints = [
            models.UniqueConstraint(
                "code", condition=Q(status="OPEN"), name="one_open_breach_a_limit"
            ),
            models.CheckConstraint(
                name="breach_status_known", condition=Q(status__in=["OPEN", "CURED"])
            ),
            models.CheckConstraint(
                name="breach_cause_known", condition=Q(cause__in=["PRICE", "ACCOUNTING"])
            ),
            models.CheckConstraint(
                name="cured_iff_day",
                condition=Q(status="OPEN", cured_on=None)
                | Q(status="CURED", cured_on__isnull=False),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.code} {self.opened_on}"
