"""Assets: what is held, and how it is measured."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
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
        LOST = "LOST", _("Written off")
        DECLINED = "DECLINED", _("Not bought")

    class DayCount(models.TextChoices):
        """How days become a part of a year."""

        ACT_365 = "ACT_365", _("Actual days / 365")
        THIRTY_360 = "THIRTY_360", _("30 / 360")

    class CostPolicy(models.TextChoices):
        """Which lots a sale takes."""

        FIFO = "FIFO", _("First in, first out")
        AVERAGE = "AVERAGE", _("Weighted average")

    TRANSITIONS = {"ORDERED": ("HELD", "DECLINED"), "HELD": ("SOLD", "LOST")}
    TONES = {
        "ORDERED": "amber",
        "HELD": "green",
        "SOLD": "grey",
        "LOST": "red",
        "DECLINED": "grey",
    }

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
    issue_date = models.DateField(
        null=True, blank=True, help_text="Interest runs from the end of this day; null: purchase."
    )
    interest_from = models.DateField(
        null=True, help_text="The first coupon that we get runs from the end of this day."
    )
    bought_interest = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Paid with the purchase, won."
    )
    cost_policy = models.CharField(
        max_length=7, choices=CostPolicy, default=CostPolicy.FIFO, help_text="Of several lots."
    )
    cost_held = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Purchase cost of what is held, won."
    )
    foreign = models.BooleanField(default=False, help_text="In foreign currency, or abroad.")
    stage = models.PositiveSmallIntegerField(default=1, help_text="Of credit risk, 1 to 3.")
    allowance = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Expected credit loss, won."
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.ORDERED)
    sold_on = models.DateField(null=True, help_text="Sold, repaid or written off.")

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
                condition=Q(status__in=["ORDERED", "HELD", "SOLD", "LOST", "DECLINED"]),
            ),
            models.CheckConstraint(
                name="asset_values_not_negative",
                condition=Q(
                    purchase_price__gt=0,
                    current_value__gte=0,
                    accrued_interest__gte=0,
                    bought_interest__gte=0,
                    cost_held__gte=0,
                    allowance__gte=0,
                ),
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
                name="asset_cost_policy_known", condition=Q(cost_policy__in=["FIFO", "AVERAGE"])
            ),
            models.CheckConstraint(name="asset_stage_known", condition=Q(stage__in=[1, 2, 3])),
            models.CheckConstraint(
                name="asset_sold_iff_date",
                condition=Q(status__in=["SOLD", "LOST"], sold_on__isnull=False)
                | (~Q(status__in=["SOLD", "LOST"]) & Q(sold_on=None)),
            ),
        ]
        indexes = [models.Index(fields=["status", "asset_type"])]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.asset_id} {self.asset_name}"
