"""Returns, interest that came in, and prices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .assets import Asset


class AssetReturn(Timestamped):
    """Income of an asset, or the change of its value, on a day."""

    class Kind(models.TextChoices):
        """What it is."""

        INTEREST = "INTEREST", _("Interest")
        DIVIDEND = "DIVIDEND", _("Dividend")
        RENT = "RENT", _("Rent")
        VALUATION = "VALUATION", _("Change of value")
        DISPOSAL = "DISPOSAL", _("Gain or loss on sale")
        WRITE_OFF = "WRITE_OFF", _("Written off")

    return_id = models.BigAutoField(primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="returns", db_column="asset_id")
    record_date = models.DateField()
    return_amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    return_rate = models.DecimalField(
        max_digits=5, decimal_places=2, help_text="Percent of the carrying amount before."
    )
    kind = models.CharField(max_length=9, choices=Kind)
    carrying_change = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Change of the carrying amount, won."
    )
    suspended = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=0,
        db_default=0,
        help_text="Interest that an impaired debt does not earn, won; not in the amount.",
    )
    revision = models.PositiveSmallIntegerField(
        default=1, help_text="2 and more: valued again on the same day, at a corrected price."
    )
    trace = models.JSONField(default=dict, help_text="How the amount was reached.")

    class Meta:
        db_table = "asset_returns"
        constraints = [
            models.UniqueConstraint(
                "asset", "record_date", "kind", "revision", name="one_return_a_day_and_revision"
            ),
            models.CheckConstraint(
                name="return_kind_known",
                condition=Q(
                    kind__in=[
                        "INTEREST",
                        "DIVIDEND",
                        "RENT",
                        "VALUATION",
                        "DISPOSAL",
                        "WRITE_OFF",
                    ]
                ),
            ),
        ]
        triggers = [guards.AppendOnly(name="returns_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.kind} {self.record_date}"


class InterestReceipt(models.Model):
    """Interest that was receivable and came in."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="receipts", db_column="asset_id")
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_interest_receipts"
        constraints = [
            models.UniqueConstraint("asset", "received_on", name="interest_comes_once_a_day"),
            models.CheckConstraint(name="interest_received_positive", condition=Q(amount__gt=0)),
        ]
        triggers = [guards.AppendOnly(name="receipts_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.received_on}"


class AssetPrice(models.Model):
    """A market price or an appraisal of one unit of an asset on a day."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="prices", db_column="asset_id")
    price_date = models.DateField()
    unit_price = models.DecimalField(max_digits=20, decimal_places=4, help_text="Won for one unit.")
    revision = models.PositiveSmallIntegerField(
        default=1, help_text="The highest of a day counts; 2 and more correct it."
    )
    reason = models.CharField(max_length=200, blank=True, help_text="Of a correction.")
    source = models.CharField(max_length=60, help_text="Exchange, rating agency, appraiser.")
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_prices"
        constraints = [
            models.UniqueConstraint(
                "asset", "price_date", "revision", name="one_price_a_day_and_revision"
            ),
            models.CheckConstraint(
                name="price_corrected_for_a_reason",
                condition=Q(revision=1) | (Q(revision__gt=1) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="unit_price_not_negative", condition=Q(unit_price__gte=0)),
        ]
        triggers = [guards.AppendOnly(name="prices_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.price_date}"
