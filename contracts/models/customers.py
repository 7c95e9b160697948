"""Policyholders and insured persons."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from core import guards, references
from core.models import Timestamped


class Customer(Timestamped):
    """A policyholder and insured person. The resident number lives in the vault columns only."""

    class Sex(models.TextChoices):
        """As the mortality tables have it."""

        MALE = "M", _("Male")
        FEMALE = "F", _("Female")

    customer_id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=50)
    rrn_hash = models.CharField(
        max_length=255, unique=True, help_text="Keyed HMAC of the resident number."
    )
    rrn_cipher = models.BinaryField()
    rrn_mask = models.CharField(max_length=14)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex)
    job_code = models.CharField(max_length=10)
    health_status = models.TextField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "customers"
        constraints = [
            models.CheckConstraint(name="customer_sex_known", condition=Q(sex__in=["M", "F"]))
        ]
        indexes = [
            GinIndex(name="customer_name_trgm", fields=["name"], opclasses=["gin_trgm_ops"]),
            models.Index(Right("phone", 4), name="customer_phone_last_four"),
        ]
        triggers = [
            *guards.audited(exclude=("rrn_cipher", "rrn_hash")),
            guards.Fixed(name="customer_keeps_the_key", fields=("customer_id",)),
            references.NeverDeleted(name="never_deleted"),
        ]

    def __str__(self) -> str:
        return self.name
