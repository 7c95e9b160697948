"""Orders, trades and lots."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .assets import Asset


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
    quantity = models.DecimalField(
        max_digits=18, decimal_places=4, null=True, help_text="Of a part or of more; null: whole."
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
            models.CheckConstraint(
                name="order_amount_positive",
                condition=Q(amount__gt=0) & (Q(quantity=None) | Q(quantity__gt=0)),
            ),
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
    quantity = models.DecimalField(
        max_digits=18, decimal_places=4, null=True, help_text="Units that changed hands."
    )
    cost = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Purchase cost of what was sold, won."
    )
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "asset_trades"
        constraints = [
            models.UniqueConstraint(
                "asset", "side", "trade_date", name="bought_and_sold_once_a_day"
            ),
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


class Lot(models.Model):
    """One purchase of an asset that may be bought again, and what is left of it."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="lots", db_column="asset_id")
    bought_on = models.DateField()
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    cost = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won.")
    quantity_left = models.DecimalField(max_digits=18, decimal_places=4)
    cost_left = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won.")

    class Meta:
        db_table = "asset_lots"
        constraints = [
            models.UniqueConstraint("asset", "bought_on", name="one_lot_a_day"),
            models.CheckConstraint(
                name="lot_left_within_what_was_bought",
                condition=Q(
                    quantity__gt=0,
                    cost__gt=0,
                    quantity_left__gte=0,
                    quantity_left__lte=F("quantity"),
                    cost_left__gte=0,
                    cost_left__lte=F("cost"),
                ),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.asset_id} {self.bought_on}"
