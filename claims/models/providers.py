"""Hospitals and garages."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Provider(Timestamped):
    """A hospital or a garage that appears in claims."""

    class Kind(models.TextChoices):
        """What it is."""

        HOSPITAL = "HOSPITAL", _("Hospital")
        CLINIC = "CLINIC", _("Clinic")
        GARAGE = "GARAGE", _("Garage")
        OTHER = "OTHER", _("Other")

    provider_code = models.CharField(max_length=20, primary_key=True)
    provider_name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind)
    region = models.CharField(max_length=30, blank=True)

    class Meta:
        db_table = "providers"
        constraints = [
            models.CheckConstraint(
                name="provider_kind_known",
                condition=Q(kind__in=["HOSPITAL", "CLINIC", "GARAGE", "OTHER"]),
            )
        ]
        indexes = [
            GinIndex(
                name="provider_name_trgm", fields=["provider_name"], opclasses=["gin_trgm_ops"]
            )
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.provider_code} {self.provider_name}"
