"""Treaties, ceded premium, recoveries."""

from __future__ import annotations

from datetime import date, timedelta

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DecimalRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

_TERMS = (
    "treaty_name",
    "kind",
    "reinsurer_name",
    "line",
    "position",
    "cession_percent",
    "commission_percent",
    "retention",
    "layer_limit",
    "aggregate_limit",
    "premium_percent",
    "made_by",
)


class TermsStand(pgtrigger.Trigger):
    """Refuse a change of a treaty's terms once it is signed; only its end may come nearer."""

    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Q(old__status__in=["SIGNED", "ENDED"])

    def get_func(self, model: object) -> str:
        """Return the trigger's body."""
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _TERMS)
        return f"""
            IF {changed} OR NOT NEW.period <@ OLD.period
                OR lower(NEW.period) IS DISTINCT FROM lower(OLD.period) THEN
                RAISE EXCEPTION 'treaty % is signed: its terms stand', OLD.treaty_code
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        """


class Treaty(Timestamped):
    """A reinsurance treaty as data: which lines, when, and what is ceded."""

    class Kind(models.TextChoices):
        """How losses are shared."""

        QUOTA_SHARE = "QUOTA_SHARE", _("Quota share")
        EXCESS = "EXCESS", _("Per-risk excess of loss")

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        SIGNED = "SIGNED", _("Signed")
        ENDED = "ENDED", _("Ended")

    TRANSITIONS = {"DRAFT": ("SIGNED",), "SIGNED": ("ENDED",)}
    TONES = {"DRAFT": "amber", "SIGNED": "green", "ENDED": "grey"}

    treaty_code = models.CharField(max_length=20, primary_key=True)
    treaty_name = models.CharField(max_length=100)
    kind = models.CharField(max_length=11, choices=Kind)
    reinsurer_name = models.CharField(max_length=50)
    line = models.CharField(max_length=10, help_text="Portfolio covered.")
    period = DateRangeField(help_text="Loss dates covered, [start, end).")
    position = models.PositiveSmallIntegerField(help_text="Order in the programme, 1 first.")
    cession_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    commission_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    retention = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    layer_limit = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    aggregate_limit = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=0,
        help_text="Most that it pays for the whole period, won; 0: no limit.",
    )
    premium_percent = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=0,
        help_text="Excess: percent of the line's premium.",
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "reinsurance_treaties"
        constraints = [
            models.CheckConstraint(
                name="treaty_kind_known", condition=Q(kind__in=["QUOTA_SHARE", "EXCESS"])
            ),
            models.CheckConstraint(
                name="treaty_status_known", condition=Q(status__in=["DRAFT", "SIGNED", "ENDED"])
            ),
            models.CheckConstraint(
                name="treaty_terms_fit_its_kind",
                condition=Q(
                    kind="QUOTA_SHARE",
                    cession_percent__gt=0,
                    cession_percent__lte=100,
                    layer_limit=0,
                )
                | Q(kind="EXCESS", cession_percent=0, retention__gt=0, layer_limit__gt=0),
            ),
            models.CheckConstraint(
                name="treaty_signed_by_a_second_person",
                condition=Q(status="DRAFT") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
            models.CheckConstraint(
                name="treaty_percents_possible",
                condition=Q(
                    commission_percent__gte=0,
                    commission_percent__lte=100,
                    premium_percent__gte=0,
                    premium_percent__lte=100,
                    aggregate_limit__gte=0,
                ),
            ),
            ExclusionConstraint(
                name="layers_of_a_line_do_not_overlap",
                condition=Q(kind="EXCESS") & ~Q(status="DRAFT"),
                expressions=[
                    ("line", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("retention"),
                            F("retention") + F("layer_limit"),
                            function="numrange",
                            output_field=DecimalRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [*guards.machine("status"), TermsStand(name="treaty_terms_stand")]

    def __str__(self) -> str:
        return f"{self.treaty_code} {self.treaty_name}"

    @property
    def last_day(self) -> date:
        """The last loss date covered."""
        return self.period.upper - timedelta(days=1)


class SubjectPremium(models.Model):
    """Premium of a line that came in, or was paid back, by one event: what cessions are made of."""

    event_id = models.UUIDField()
    line = models.CharField(max_length=10)
    premium_date = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    contracts = models.PositiveIntegerField(help_text="How many contracts it comes from.")

    class Meta:
        db_table = "reinsurance_subject_premiums"
        constraints = [models.UniqueConstraint("event_id", "line", name="subject_premium_once")]
        indexes = [models.Index(fields=["line", "premium_date"])]
        triggers = [guards.AppendOnly(name="subject_premiums_append_only")]

    def __str__(self) -> str:
        return f"{self.line} {self.premium_date}"


class PremiumCession(models.Model):
    """The premium ceded to a treaty for a month (bordereau of premiums)."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="cessions")
    month = models.CharField(max_length=7, help_text="YYYY-MM.")
    subject_premium = models.DecimalField(max_digits=18, decimal_places=2)
    ceded_premium = models.DecimalField(max_digits=18, decimal_places=2)
    commission = models.DecimalField(max_digits=18, decimal_places=2)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "premium_cessions"
        constraints = [models.UniqueConstraint("treaty", "month", name="ceded_once_a_month")]
        triggers = [guards.AppendOnly(name="cessions_append_only")]

    def __str__(self) -> str:
        return f"{self.treaty_id} {self.month}"


class CededLoss(models.Model):
    """A payout as reinsurance saw it: what was ceded, what is kept, and which treaties stood."""

    payout = models.OneToOneField(
        "claims.Payout", models.PROTECT, related_name="+", db_column="payout_id", primary_key=True
    )
    claim_number = models.CharField(max_length=30)
    contract_number = models.CharField(max_length=30)
    line = models.CharField(max_length=10)
    loss_date = models.DateField()
    paid_on = models.DateField()
    gross = models.DecimalField(max_digits=18, decimal_places=2)
    ceded = models.DecimalField(max_digits=18, decimal_places=2)
    treaties = models.JSONField(default=list, help_text="Treaties that covered the loss date.")

    class Meta:
        db_table = "ceded_losses"
        constraints = [
            models.CheckConstraint(
                name="ceded_within_the_loss",
                condition=Q(gross__gt=0, ceded__gte=0, ceded__lte=F("gross")),
            )
        ]
        indexes = [
            models.Index(fields=["claim_number"]),
            models.Index(fields=["contract_number"]),
            models.Index(fields=["line", "loss_date"]),
        ]
        triggers = [guards.AppendOnly(name="ceded_losses_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_number} {self.ceded}"


class Recovery(Timestamped):
    """What a reinsurer owes for one payout (재보험금)."""

    class Status(models.TextChoices):
        """Owed or received."""

        PENDING = "PENDING", _("Outstanding")
        RECOVERED = "RECOVERED", _("Recovered")

    TRANSITIONS = {"PENDING": ("RECOVERED",)}
    TONES = {"PENDING": "amber", "RECOVERED": "green"}

    ri_claim_id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(
        "claims.Payout", models.PROTECT, related_name="+", db_column="payout_id"
    )
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="recoveries")
    reinsurer_name = models.CharField(max_length=50)
    recovery_amount = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    line = models.CharField(max_length=10)
    claim_number = models.CharField(max_length=30)
    contract_number = models.CharField(max_length=30)
    billed_on = models.DateField()
    received_on = models.DateField(null=True)
    receipt_reference = models.CharField(max_length=60, blank=True)
    trace = models.JSONField(default=dict)

    class Meta:
        db_table = "reinsurance_claims"
        constraints = [
            models.UniqueConstraint("payout", "treaty", name="one_recovery_per_treaty"),
            models.CheckConstraint(
                name="recovery_status_known", condition=Q(status__in=["PENDING", "RECOVERED"])
            ),
            models.CheckConstraint(name="recovery_positive", condition=Q(recovery_amount__gt=0)),
            models.CheckConstraint(
                name="recovered_iff_received",
                condition=Q(status="PENDING", received_on=None)
                | (Q(status="RECOVERED", received_on__isnull=False) & ~Q(receipt_reference="")),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "billed_on"]),
            models.Index(fields=["claim_number"]),
            models.Index(fields=["contract_number"]),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.claim_number} {self.treaty_id}"
