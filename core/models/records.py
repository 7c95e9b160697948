"""Clock, audit, access and status history."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards


class Timestamped(models.Model):
    """When a row was made and last changed; the database fills both."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class BusinessClock(models.Model):
    """The one business date."""

    today = models.DateField()

    class Meta:
        db_table = "core_business_clock"
        constraints = [models.CheckConstraint(name="one_business_clock", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.today)


class AuditRow(models.Model):
    """A write, by whatever path: what changed, who did it and why. Written by triggers."""

    table_name = models.CharField(max_length=63)
    operation = models.CharField(max_length=6)
    keys = ArrayField(models.TextField(), help_text="Primary keys of the rows written.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor = models.CharField(max_length=150)
    cause = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_audit"
        indexes = [
            models.Index(fields=["table_name", "-at"]),
            models.Index(fields=["actor", "-at"]),
            models.Index("table_name", F("keys__0"), name="audit_of_one_row"),
            BrinIndex(fields=["at"], name="audit_at_brin", autosummarize=True, pages_per_range=16),
        ]
        triggers = [guards.AppendOnly(name="audit_append_only")]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name}"


class AccessRow(models.Model):
    """Someone saw or took out personal data: who, whose, what, for which purpose."""

    class Action(models.TextChoices):
        """What was done with the data."""

        VIEW = "VIEW", _("viewed")
        UNMASK = "UNMASK", _("unmasked")
        EXPORT = "EXPORT", _("exported")

    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=8, choices=Action)
    subject = models.CharField(max_length=60, help_text="Business key of the person concerned.")
    what = models.CharField(max_length=200)
    purpose = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_access"
        constraints = [
            models.CheckConstraint(
                name="access_action_known", condition=Q(action__in=["VIEW", "UNMASK", "EXPORT"])
            ),
            models.CheckConstraint(
                name="unmasking_and_export_need_a_purpose",
                condition=Q(action="VIEW") | ~Q(purpose=""),
            ),
        ]
        indexes = [models.Index(fields=["subject", "-at"]), models.Index(fields=["actor", "-at"])]
        triggers = [guards.AppendOnly(name="access_append_only")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.subject}"


class StatusMove(models.Model):
    """One move of a status: from, to, reason, actor and cause. Written by triggers."""

    table_name = models.CharField(max_length=63)
    key = models.TextField()
    from_status = models.CharField(max_length=30)
    to_status = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    cause = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())
    business_date = models.DateField(
        null=True,
        db_default=models.Func(function="core_business_date", output_field=models.DateField()),
    )

    class Meta:
        db_table = "core_status_moves"
        indexes = [models.Index(fields=["table_name", "key"])]
        triggers = [guards.AppendOnly(name="moves_append_only")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.key}: {self.from_status} → {self.to_status}"
