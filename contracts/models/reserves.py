"""Policy reserves by contract and base date."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards, references

from .contracts import Contract


class ReservesAddUp(references.ReferencesExist):
    """Write what a statement adds to each line of a day, and refuse reserves of no contract.

    One look-up of each row's contract serves both.
    """

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        look_up, free = guards.without("seqscan", "hashjoin", "mergejoin")
        (contract,) = self.checked(model)
        return f"""
            {look_up}
            EXECUTE $q$
                WITH added AS (
                    SELECT n.base_date, c.line, sum(n.movement) AS movement,
                        min(n.contract_id) AS one
                    FROM new_rows n LEFT JOIN contracts c ON c.contract_id = n.contract_id
                    GROUP BY n.base_date, c.line
                ), written AS (
                    INSERT INTO reserve_totals (base_date, line, movement)
                    SELECT base_date, line, movement FROM added WHERE line IS NOT NULL
                )
                SELECT one FROM added WHERE line IS NULL LIMIT 1
            $q$ INTO bad;
            {free}
            {contract.refuse()}
            RETURN NULL;
        """  # noqa: S608 - own names


class LiabilityReserve(models.Model):
    """The policy reserve (계약자적립액 or unearned premium) of a contract on a base date."""

    class Basis(models.TextChoices):
        """How it was computed."""

        NET_PREMIUM = "NET_PREMIUM", _("Net premium reserve")
        UNEARNED = "UNEARNED", _("Unearned premium")

    class Occasion(models.TextChoices):
        """Why it was computed."""

        ISSUE = "ISSUE", _("At issue")
        MONTH_END = "MONTH_END", _("At month end")
        ENDED = "ENDED", _("When the contract ended")
        REVIVED = "REVIVED", _("When it was reinstated")

    reserve_id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(
        Contract,
        models.PROTECT,
        related_name="reserves",
        db_column="contract_id",
        db_index=False,  # the unique constraint begins with it
        db_constraint=False,
    )
    base_date = models.DateField()
    occasion = models.CharField(max_length=9, choices=Occasion, default=Occasion.MONTH_END)
    reserve_amount = models.DecimalField(max_digits=18, decimal_places=2)
    movement = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Against the previous base date, won."
    )
    basis = models.CharField(max_length=11, choices=Basis)
    elapsed_months = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "liability_reserves"
        constraints = [
            models.UniqueConstraint(
                "contract", "base_date", "occasion", name="one_reserve_per_base_date_and_occasion"
            ),
            models.CheckConstraint(
                name="reserve_occasion_known",
                condition=Q(occasion__in=["ISSUE", "MONTH_END", "ENDED", "REVIVED"]),
            ),
            models.CheckConstraint(
                name="ended_contract_has_no_reserve",
                condition=~Q(occasion="ENDED") | Q(reserve_amount=0),
            ),
            models.CheckConstraint(
                name="reserve_basis_known", condition=Q(basis__in=["NET_PREMIUM", "UNEARNED"])
            ),
            models.CheckConstraint(name="reserve_not_negative", condition=Q(reserve_amount__gte=0)),
        ]
        triggers = [
            guards.AppendOnly(name="reserves_append_only"),
            ReservesAddUp(name="reserves_add_up", fields=("contract",)),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.base_date}"

    @property
    def figure_key(self) -> str:
        """The key under which this reserve is explained."""
        return f"{self.contract_id}.{self.base_date}.{self.occasion}"


class ReserveTotal(models.Model):
    """What one statement added to the policy reserves of a line on a base date.

    Written by a trigger of ``LiabilityReserve``, whatever path the reserves came by, so that the
    reserve of a line is a sum over batches and not over every contract and month.
    """

    base_date = models.DateField()
    line = models.CharField(max_length=20)
    movement = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")

    class Meta:
        db_table = "reserve_totals"
        triggers = [guards.AppendOnly(name="reserve_totals_append_only")]

    def __str__(self) -> str:
        return f"{self.line} {self.base_date}"
