"""Commissions, their settlement, and the record of what was sold."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import guards, references
from core.models import Timestamped
from sales.models.organisation import Agent
from sales.models.plans import CommissionPlan


class CommissionSettlement(Timestamped):
    """An agent's monthly statement (수수료명세서): frozen when paid."""

    class Status(models.TextChoices):
        """Maker and checker, then paid."""

        DRAFT = "DRAFT", _("Draft")
        PAID = "PAID", _("Paid")

    TRANSITIONS = {"DRAFT": ("PAID",)}

    settlement_id = models.CharField(max_length=30, primary_key=True)
    agent = models.ForeignKey(
        Agent, models.PROTECT, related_name="settlements", db_column="agent_id"
    )
    month = models.CharField(max_length=7, help_text="YYYY-MM in which it is paid.")
    due_until = models.DateField(help_text="Lines due until this day are settled.")
    earned = models.DecimalField(max_digits=15, decimal_places=2)
    clawed_back = models.DecimalField(max_digits=15, decimal_places=2)
    carried_in = models.DecimalField(
        max_digits=15, decimal_places=2, default=0, help_text="Owed from before: zero or negative."
    )
    carried_out = models.DecimalField(
        max_digits=15, decimal_places=2, default=0, help_text="Still owed: zero or negative."
    )
    income_tax = models.DecimalField(max_digits=15, decimal_places=2)
    local_tax = models.DecimalField(max_digits=15, decimal_places=2)
    withheld = models.DecimalField(max_digits=15, decimal_places=2)
    net_paid = models.DecimalField(max_digits=15, decimal_places=2)
    status = models.CharField(max_length=5, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)
    paid_on = models.DateField(null=True)

    class Meta:
        db_table = "commission_settlements"
        constraints = [
            models.UniqueConstraint("agent", "month", name="one_settlement_a_month"),
            models.CheckConstraint(
                name="settlement_status_known", condition=Q(status__in=["DRAFT", "PAID"])
            ),
            models.CheckConstraint(
                name="settlement_adds_up",
                condition=Q(
                    net_paid=F("carried_in")
                    + F("earned")
                    - F("clawed_back")
                    - F("withheld")
                    - F("carried_out")
                ),
            ),
            models.CheckConstraint(name="settlement_never_negative", condition=Q(net_paid__gte=0)),
            models.CheckConstraint(
                name="settlement_carries_only_what_is_owed",
                condition=Q(carried_in__lte=0, carried_out__lte=0),
            ),
            models.CheckConstraint(
                name="settlement_withholds_two_taxes",
                condition=Q(withheld=F("income_tax") + F("local_tax"), income_tax__gte=0),
            ),
            models.CheckConstraint(
                name="settlement_paid_by_a_second_person",
                condition=Q(status="DRAFT") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            pgtrigger.Protect(
                name="paid_statement_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="PAID"),
            ),
            pgtrigger.Protect(name="statement_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.settlement_id


class Commission(Timestamped):
    """A line between the company and an agent about one contract.

    What was earned, advanced, redeemed, taken back or restored. Each line says from which base,
    rates, plan and rule it follows.
    """

    class Status(models.TextChoices):
        """PENDING until a settlement pays it (or recovers it, if it is a clawback)."""

        PENDING = "PENDING", _("Waiting for payment")
        PAID = "PAID", _("Paid")
        RECALLED = "RECALLED", _("Clawed back")

    class Kind(models.TextChoices):
        """Why it arose."""

        NEW = "NEW", _("New business")
        RENEWAL = "RENEWAL", _("Later instalment")
        MAINTAIN = "MAINTAIN", _("Maintenance fee")
        OVERRIDE = "OVERRIDE", _("Override")
        INCENTIVE = "INCENTIVE", _("Incentive")
        SUPPORT = "SUPPORT", _("Settlement support")
        RESTORED = "RESTORED", _("Clawback restored")
        ADVANCE = "ADVANCE", _("Advance")
        REDEEMED = "REDEEMED", _("Redemption of an advance")
        CLAWBACK = "CLAWBACK", _("Clawback")
        RECALL = "RECALL", _("Advance taken back")

    TRANSITIONS = {"PENDING": ("PAID", "RECALLED")}
    BY_INSTALMENT = ("NEW", "RENEWAL", "MAINTAIN")
    ACCRUED = (*BY_INSTALMENT, "OVERRIDE", "INCENTIVE", "SUPPORT", "RESTORED")
    AT_STAKE = ("NEW", "RENEWAL", "OVERRIDE", "INCENTIVE", "SUPPORT")
    ADVANCES = ("ADVANCE", "REDEEMED", "RECALL")
    TAKEN = ("CLAWBACK", "RECALL")

    comm_id = models.BigAutoField(primary_key=True)
    # The one foreign key that points onward: a commission belongs to a contract of stage 3.
    contract = models.ForeignKey(
        "contracts.Contract",
        models.PROTECT,
        related_name="+",
        db_column="contract_id",
        db_index=False,
        db_constraint=False,
    )
    agent = models.ForeignKey(
        Agent,
        models.PROTECT,
        related_name="commissions",
        db_column="agent_id",
        db_index=False,
        db_constraint=False,
    )
    product_code = models.CharField(max_length=20)
    version = models.PositiveIntegerField(help_text="Product version that the contract has.")
    amount = models.DecimalField(
        max_digits=15, decimal_places=2, help_text="Won; negative for a clawback."
    )
    payment_date = models.DateField(help_text="Due date: the month after it arose.")
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    kind = models.CharField(max_length=9, choices=Kind)
    part = models.PositiveSmallIntegerField(
        db_default=0,
        help_text="Number among the lines of one contract, kind and instalment; 0: the first.",
    )
    instalment = models.PositiveSmallIntegerField(help_text="Premium instalment that it rests on.")
    base_amount = models.DecimalField(
        max_digits=15,
        decimal_places=2,
        help_text="Premium, won; of a clawback: the commissions that arose so far; of an"
        " override, advance or redemption: the commission that it rests on.",
    )
    product_rate = models.DecimalField(
        max_digits=14,
        decimal_places=10,
        help_text="Share of the base by the product's rule, 2.5 = 250 %.",
    )
    agent_rate = models.DecimalField(max_digits=14, decimal_places=10)
    share = models.PositiveSmallIntegerField(
        db_default=10_000, help_text="Of the contract, hundredths of a percent."
    )
    rule_id = models.BigIntegerField(help_text="The product rule applied; 0: the plan's.")
    plan = models.ForeignKey(
        CommissionPlan,
        models.PROTECT,
        related_name="lines",
        null=True,
        db_index=False,
        db_constraint=False,
        help_text="The plan applied; null: the product's own rule.",
    )
    event_id = models.UUIDField(help_text="The event that it follows from.")
    accrued_on = models.DateField()
    settlement = models.ForeignKey(
        CommissionSettlement,
        models.PROTECT,
        related_name="lines",
        db_column="settlement_id",
        db_index=False,
        db_constraint=False,
        null=True,
        help_text="The statement that it stands on; a PENDING line stands on a draft.",
    )

    class Meta:
        db_table = "commissions"
        constraints = [
            models.UniqueConstraint(
                "contract", "kind", "instalment", "part", name="one_commission_per_instalment"
            ),
            models.CheckConstraint(
                name="commission_status_known",
                condition=Q(status__in=["PENDING", "PAID", "RECALLED"]),
            ),
            models.CheckConstraint(
                name="commission_kind_known",
                condition=Q(
                    kind__in=[
                        "NEW",
                        "RENEWAL",
                        "MAINTAIN",
                        "OVERRIDE",
                        "INCENTIVE",
                        "SUPPORT",
                        "RESTORED",
                        "ADVANCE",
                        "REDEEMED",
                        "CLAWBACK",
                        "RECALL",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="only_clawbacks_are_negative",
                condition=Q(kind__in=["CLAWBACK", "RECALL", "REDEEMED"], amount__lte=0)
                | (~Q(kind__in=["CLAWBACK", "RECALL", "REDEEMED"]) & Q(amount__gte=0)),
            ),
            models.CheckConstraint(
                name="commission_share_within_the_contract",
                condition=Q(share__gte=1, share__lte=10_000),
            ),
            models.CheckConstraint(
                name="commission_paid_only_on_a_statement",
                condition=Q(status="PENDING") | ~Q(settlement=None),
            ),
            models.CheckConstraint(
                name="only_clawbacks_are_recalled",
                condition=~Q(status="RECALLED") | Q(kind__in=["CLAWBACK", "RECALL"]),
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "status", "payment_date"]),
            models.Index(
                fields=["settlement"],
                condition=Q(settlement__isnull=False),
                name="commission_by_statement",
            ),
        ]
        triggers = [
            *guards.machine("status"),
            pgtrigger.ReadOnly(
                name="commission_figures_are_final",
                fields=[
                    "contract",
                    "agent",
                    "amount",
                    "kind",
                    "part",
                    "instalment",
                    "base_amount",
                    "product_rate",
                    "agent_rate",
                    "share",
                    "rule_id",
                    "plan",
                    "accrued_on",
                ],
            ),
            pgtrigger.Protect(name="commission_is_never_deleted", operation=pgtrigger.Delete),
            references.ReferencesExist(
                name="references_exist",
                fields=("contract", "agent", "settlement", "plan"),
                neighbours=("contract",),
            ),
            references.ReferencesStay(name="references_stay", fields=("settlement",)),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.instalment}"


class SalesRecord(models.Model):
    """A contract as its seller's record has it: kept from the facts, for plans and persistency."""

    contract_id = models.CharField(max_length=30, primary_key=True)
    agent_id = models.CharField(max_length=20)
    product_code = models.CharField(max_length=20)
    issued_on = models.DateField()
    premium = models.DecimalField(max_digits=15, decimal_places=2, help_text="Per instalment, won.")
    pay_months = models.PositiveSmallIntegerField()
    reached = models.PositiveSmallIntegerField(
        default=0, help_text="Highest measured instalment that was paid: 1, 13, 25, 37, 61."
    )
    ended_on = models.DateField(null=True)
    ended_kind = models.CharField(max_length=10, blank=True)
    ended_paid = models.PositiveSmallIntegerField(
        db_default=0, help_text="Instalments paid when it ended."
    )

    class Meta:
        db_table = "sales_records"
        constraints = [
            models.CheckConstraint(
                name="sales_record_ended_iff_kind",
                condition=Q(ended_on=None, ended_kind="")
                | (Q(ended_on__isnull=False) & ~Q(ended_kind="")),
            )
        ]
        indexes = [models.Index(fields=["agent_id", "issued_on"])]

    def __str__(self) -> str:
        return self.contract_id
