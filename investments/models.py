"""Assets, trades and returns."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
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

        ORDERED = "ORDERED", _("On order")
        HELD = "HELD", _("In the portfolio")
        SOLD = "SOLD", _("Sold")
        DECLINED = "DECLINED", _("Not bought")

    class DayCount(models.TextChoices):
        """How days become a part of a year."""

        ACT_365 = "ACT_365", _("Actual days / 365")
        THIRTY_360 = "THIRTY_360", _("30 / 360")

    TRANSITIONS = {"ORDERED": ("HELD", "DECLINED"), "HELD": ("SOLD",)}
    TONES = {"ORDERED": "amber", "HELD": "green", "SOLD": "grey", "DECLINED": "grey"}

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
    quantity = models.DecimalField(
        max_digits=18, decimal_places=4, default=1, help_text="Units that a market price is for."
    )
    day_count = models.CharField(max_length=10, choices=DayCount, default=DayCount.ACT_365)
    income_every = models.PositiveSmallIntegerField(
        default=1, help_text="Months between two payments of income."
    )
    income_anchor = models.PositiveSmallIntegerField(
        default=12, help_text="A month (1 to 12) in which income is paid, on its last day."
    )
    income_from = models.DateField(
        null=True, help_text="Income up to and including this day has been paid."
    )
    accrued_interest = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Earned, not yet paid, won."
    )
    effective_rate = models.DecimalField(
        max_digits=14, decimal_places=10, default=0, help_text="Effective interest, a year; 0: par."
    )
    amortised_cost = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Cost after amortisation, won."
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.ORDERED)
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
                name="asset_status_known",
                condition=Q(status__in=["ORDERED", "HELD", "SOLD", "DECLINED"]),
            ),
            models.CheckConstraint(
                name="asset_values_not_negative",
                condition=Q(purchase_price__gt=0, current_value__gte=0, accrued_interest__gte=0),
            ),
            models.CheckConstraint(
                name="asset_measured_as_its_kind_allows",
                condition=Q(asset_type="STOCK", classification__in=["FVPL", "FVOCI"])
                | Q(asset_type="BOND", classification__in=["AC", "FVOCI", "FVPL"])
                | Q(asset_type="LOAN", classification__in=["AC", "FVPL"])
                | Q(asset_type="REAL_ESTATE", classification="PROPERTY"),
            ),
            models.CheckConstraint(
                name="debt_has_face_and_maturity",
                condition=Q(
                    asset_type__in=["BOND", "LOAN"],
                    face_value__isnull=False,
                    face_value__gt=0,
                    maturity_date__isnull=False,
                    maturity_date__gt=F("purchase_date"),
                )
                | Q(asset_type__in=["STOCK", "REAL_ESTATE"], face_value=None, maturity_date=None),
            ),
            models.CheckConstraint(
                name="asset_income_terms_possible",
                condition=Q(
                    quantity__gt=0,
                    annual_rate__gte=0,
                    income_every__in=[1, 2, 3, 4, 6, 12],
                    income_anchor__gte=1,
                    income_anchor__lte=12,
                ),
            ),
            models.CheckConstraint(
                name="asset_day_count_known", condition=Q(day_count__in=["ACT_365", "THIRTY_360"])
            ),
            models.CheckConstraint(
                name="asset_sold_iff_date",
                condition=Q(status="SOLD", sold_on__isnull=False)
                | (~Q(status="SOLD") & Q(sold_on=None)),
            ),
        ]
        indexes = [models.Index(fields=["status", "asset_type"])]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.asset_id} {self.asset_name}"


class TradeOrder(Timestamped):
    """A proposal to buy or to sell an asset, until a second person decides."""

    class Status(models.TextChoices):
        """Maker and checker."""

        PROPOSED = "PROPOSED", _("Waits for approval")
        EXECUTED = "EXECUTED", _("Executed")
        DECLINED = "DECLINED", _("Order declined")

    TRANSITIONS = {"PROPOSED": ("EXECUTED", "DECLINED")}
    TONES = {"PROPOSED": "amber", "EXECUTED": "green", "DECLINED": "red"}

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="orders", db_column="asset_id")
    side = models.CharField(max_length=4, choices=[("BUY", _("Purchase")), ("SELL", _("Sale"))])
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Won, without interest."
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    note = models.CharField(max_length=300, blank=True, help_text="Why.")
    made_by = models.CharField(max_length=150)
    made_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "asset_orders"
        constraints = [
            models.UniqueConstraint(
                "asset", "side", condition=Q(status="PROPOSED"), name="one_open_order_a_side"
            ),
            models.CheckConstraint(name="order_side_known", condition=Q(side__in=["BUY", "SELL"])),
            models.CheckConstraint(
                name="order_status_known",
                condition=Q(status__in=["PROPOSED", "EXECUTED", "DECLINED"]),
            ),
            models.CheckConstraint(name="order_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="order_decided_by_a_second_person",
                condition=Q(status="PROPOSED", decided_by="", decided_on=None)
                | (
                    ~Q(status="PROPOSED")
                    & ~Q(decided_by="")
                    & ~Q(decided_by=F("made_by"))
                    & Q(decided_on__isnull=False)
                ),
            ),
        ]
        indexes = [models.Index(fields=["status", "made_on"])]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.side} {self.asset_id}"


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
    carrying_change = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Change of the carrying amount, won."
    )
    trace = models.JSONField(default=dict, help_text="How the amount was reached.")

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
    source = models.CharField(max_length=60, help_text="Exchange, rating agency, appraiser.")
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_prices"
        constraints = [
            models.UniqueConstraint("asset", "price_date", name="one_price_a_day"),
            models.CheckConstraint(name="unit_price_not_negative", condition=Q(unit_price__gte=0)),
        ]
        triggers = [guards.AppendOnly(name="prices_append_only")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.price_date}"
