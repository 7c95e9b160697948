"""What people type about reinsurance."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, MoneyField, parse_won
from products import api as products
from reinsurance.models import Treaty
from reinsurance.services import Draft

_MAX_BYTES = 5_000_000


def _lines() -> list[tuple[str, str]]:
    return list(products.lines().items())


def _percent(label: Any, hint: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        max_digits=7,
        decimal_places=4,
        min_value=0,
        max_value=100,
        initial=0,
        help_text=hint,
    )


class TreatyForm(HouseForm):
    """The terms of a treaty."""

    treaty_code = forms.RegexField(
        r"^[A-Z0-9][A-Z0-9-]{0,19}$",
        label=_("Treaty code"),
        max_length=20,
        help_text=_("Capitals, digits and hyphens, for example XL-TERM-2027."),
    )
    treaty_name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind of treaty"), choices=Treaty.Kind.choices)
    reinsurer_name = forms.CharField(label=_("Reinsurer"), max_length=50)
    line = forms.ChoiceField(label=_("Portfolio"), choices=_lines)
    start = forms.DateField(label=_("Losses from"))
    last_day = forms.DateField(label=_("Losses until"), help_text=_("The last day, included."))
    position = forms.IntegerField(
        label=_("Order in the programme"), min_value=1, max_value=99, initial=1
    )
    cession_percent = _percent(_("Ceded (%)"), _("Quota share: of each loss and premium."))
    commission_percent = _percent(
        _("Reinsurance commission (%)"), _("What comes back of the ceded premium.")
    )
    retention = MoneyField(
        label=_("Retention"), initial=0, help_text=_("Excess: what we keep of one loss.")
    )
    layer_limit = MoneyField(
        label=_("Limit of a loss"), initial=0, help_text=_("Excess: paid above the retention.")
    )
    aggregate_limit = MoneyField(
        label=_("Limit of the period"), initial=0, help_text=_("For all losses; 0: none.")
    )
    premium_percent = _percent(_("Premium (%)"), _("Excess: of the premium of the portfolio."))

    def draft(self) -> Draft:
        """Return the terms."""
        given = dict(self.cleaned_data)
        given["end"] = given.pop("last_day") + timedelta(days=1)
        return Draft(**given)


class SignForm(HouseForm):
    """The signature: nothing to type."""


class EndForm(HouseForm):
    """An end before the time."""

    on = forms.DateField(label=_("First day without cover"))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class ReceiptForm(HouseForm):
    """A reinsurer's payment of one recovery."""

    amount = MoneyField(label=_("Amount received"), min_value=1)
    reference = forms.CharField(
        label=_("Reference"), max_length=60, help_text=_("Of the bank or of the reinsurer.")
    )


class ReceiptsForm(HouseForm):
    """One payment of several recoveries."""

    live = False
    total = MoneyField(label=_("Amount received"), min_value=1)
    reference = forms.CharField(
        label=_("Reference"), max_length=60, help_text=_("Of the bank or of the reinsurer.")
    )

    def __init__(self, *args: Any, owed: Decimal = Decimal(0), **kwargs: Any) -> None:
        self.owed = owed
        super().__init__(*args, **kwargs)

    def clean_total(self) -> Decimal:
        """Refuse a sum that is not what is owed."""
        total: Decimal = self.cleaned_data["total"]
        if total != self.owed:
            raise forms.ValidationError(
                _t("These recoveries come to %(owed)s won.") % {"owed": f"{self.owed:,.0f}"}
            )
        return total


@dataclass(frozen=True, slots=True)
class Receipts:
    """The rows of a file of receipts."""

    ri_claim_ids: list[int]
    amounts: list[Decimal]
    references: list[str]


class ReceiptsFileForm(HouseForm):
    """A reinsurer's statement of account as CSV."""

    live = False
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns recovery, amount, reference; one recovery a row."),
    )

    def clean_file(self) -> Receipts:
        """Read the rows; a row that cannot be read is named."""
        upload = self.cleaned_data["file"]
        if upload.size > _MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from wrong
        found, faults = Receipts([], [], []), []
        for number, row in enumerate(csv.DictReader(io.StringIO(text)), start=1):
            try:
                key, amount = int(row["recovery"]), parse_won(row["amount"])
            except (KeyError, TypeError, ValueError):
                faults.append(str(number))
                continue
            found.ri_claim_ids.append(key)
            found.amounts.append(amount)
            found.references.append((row.get("reference") or "").strip())
        if faults or not found.ri_claim_ids:
            raise forms.ValidationError(
                _t("Rows that cannot be read: %(rows)s.") % {"rows": ", ".join(faults[:20]) or "–"}
            )
        if len(set(found.ri_claim_ids)) < len(found.ri_claim_ids):
            raise forms.ValidationError(_("A recovery stands twice in the file."))
        return found
