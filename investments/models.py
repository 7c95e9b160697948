"""Assets, trades and returns."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Asset(Timestamped):
    """An investment asset and its present value."""

    class Type(models.TextChoices):
        """The four kinds."""

        STOCK = "STOCK", _("Stock")
        BOND = "BOND", _("Bond")
        REAL_ESTATE = "REAL_ESTATE", _("Real estate")
        LOAN = "LOAN", _("Loan")

    class Classification(models.TextChoices):
        """How it is measured (IFRS 9; IAS 40 for property)."""

        AC = "AC", _("Amortised cost")
        FVOCI = "FVOCI", _("Fair value through OCI")
        FVPL = "FVPL", _("Fair value through profit or loss")
        PROPERTY = "PROPERTY", _("Investment property at fair value")

    class Status(models.TextChoices):
        """Held or gone."""

        ORDERED = "ORDERED", _("Waits for approval")
        HELD = "HELD", _("Held")
        SOLD = "SOLD", _("Sold")

    TRANSITIONS = {"ORDERED": ("HELD",), "HELD": ("SOLD",)}

    asset_id = models.CharField(max_length=20, primary_key=True)
    asset_name = models.CharField(max_length=100)
    asset_type = models.CharField(max_length=11, choices=Type)
    classification = models.CharField(max_length=8, choices=Classification)
    issuer = models.CharField(max_length=100, help_text=_("Issuer, borrower or address."))
    purchase_date = models.DateField()
    purchase_price = models.DecimalField(max_digits=18, decimal_places=2, help_text="Total, won.")
    current_value = models.DecimalField(max_digits=18, decimal_places=2, help_text="Carrying, won.")
    face_value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    annual_rate = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=0,
        help_text="Coupon, interest, dividend or rent, %.",
    )
    maturity_date = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=7, choices=Status, default=Status.ORDERED)
    sold_on = models.DateField(null=True)

    class Meta:
        db_table = "investment_assets"
        constraints = [
            models.CheckConstraint(
                name="asset_type_known",
                condition=Q(asset_type__in=["STOCK", "BOND", "REAL_ESTATE", "LOAN"]),
            ),
            models.CheckConstraint(
                name="asset_classification_known",
                condition=Q(classification__in=["AC", "FVOCI", "FVPL", "PROPERTY"]),
            ),
            models.CheckConstraint(
                name="asset_status_known", condition=Q(status__in=["ORDERED", "HELD", "SOLD"])
            ),
            models.CheckConstraint(
                name="asset_values_not_negative",
                condition=Q(purchase_price__gt=0, current_value__gte=0),
            ),
            models.CheckConstraint(
                name="asset_sold_iff_date",
                condition=Q(status="SOLD", sold_on__isnull=False)
                | (~Q(status="SOLD") & Q(sold_on=None)),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.asset_id} {self.asset_name}"


class Trade(models.Model):
    """A purchase or a sale."""

    class Side(models.TextChoices):
        """Direction."""

        BUY = "BUY", _("Purchase")
        SELL = "SELL", _("Sale")

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="trades", db_column="asset_id")
    side = models.CharField(max_length=4, choices=Side)
    trade_date = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Cash, won.")
    carrying = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Carrying amount given up, won."
    )
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_trades"
        constraints = [
            models.UniqueConstraint("asset", "side", name="bought_and_sold_once"),
            models.CheckConstraint(name="trade_side_known", condition=Q(side__in=["BUY", "SELL"])),
            models.CheckConstraint(name="trade_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="trade_approved_by_a_second_person",
                condition=~Q(approved_by=models.F("made_by")) & ~Q(approved_by=""),
            ),
        ]
        triggers = [guards.AppendOnly(name="trades_append_only")]

    def __str__(self) -> str:
        return f"{self.side} {self.asset_id}"


class AssetReturn(Timestamped):
    """Income of an asset, or the change of its value, on a day."""

    class Kind(models.TextChoices):
        """What it is."""

        INTEREST = "INTEREST", _("Interest")
        DIVIDEND = "DIVIDEND", _("Dividend")
        RENT = "RENT", _("Rent")
        VALUATION = "VALUATION", _("Change of value")
        DISPOSAL = "DISPOSAL", _("Gain or loss on sale")

    return_id = models.BigAutoField(primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="returns", db_column="asset_id")
    record_date = models.DateField()
    return_amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    return_rate = models.DecimalField(
        max_digits=5, decimal_places=2, help_text="Percent of the carrying amount before."
    )
    kind = models.CharField(max_length=9, choices=Kind)

    class Meta:
        db_table = "asset_returns"
        constraints = [
            models.UniqueConstraint("asset", "record_date", "kind", name="one_return_a_day"),
            models.CheckConstraint(
                name="return_kind_known",
                condition=Q(kind__in=["INTEREST", "DIVIDEND", "RENT", "VALUATION", "DISPOSAL"]),
            ),
        ]
        triggers = [guards.AppendOnly(name="returns_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.kind} {self.record_date}"
