"""What people type about investments."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, MoneyField, PickerField
from investments.models import Asset, Counterparty
from investments.models.risk import GRADES
from investments.services import More, Price, Purchase

_EVERY = [
    (1, _("Every month")),
    (2, _("Every two months")),
    (3, _("Every quarter")),
    (4, _("Every four months")),
    (6, _("Every half year")),
    (12, _("Once a year")),
]
_HEADINGS = {
    "asset_id": ("asset_id", "자산번호"),
    "price_date": ("price_date", "기준일"),
    "unit_price": ("unit_price", "단가"),
    "source": ("source", "출처"),
}
_MAX_BYTES = 5_000_000


class PurchaseForm(HouseForm):
    """An order to buy an asset."""

    asset_name = forms.CharField(label=_("Name"), max_length=100)
    asset_type = forms.ChoiceField(label=_("Kind of asset"), choices=Asset.Type.choices)
    classification = forms.ChoiceField(
        label=_("Measurement of the asset"),
        choices=Asset.Classification.choices,
        help_text=_("Shares: fair value. Loans: amortised cost or FVPL. Property: fair value."),
    )
    issuer = forms.CharField(label=_("Issuer, borrower or address"), max_length=100)
    amount = MoneyField(
        label=_("Price"), min_value=1, help_text=_("The whole, without accrued interest.")
    )
    quantity = forms.DecimalField(
        label=_("Quantity"),
        max_digits=18,
        decimal_places=4,
        initial=1,
        help_text=_("Units that a market price is for: shares; 1 where the price is of the whole."),
    )
    face_value = MoneyField(
        label=_("Face value"), required=False, help_text=_("Of a bond or a loan.")
    )
    annual_rate = forms.DecimalField(
        label=_("Rate a year (%)"),
        max_digits=7,
        decimal_places=4,
        min_value=0,
        initial=0,
        help_text=_("Coupon or interest of the face value; dividend or rent of the price."),
    )
    maturity_date = forms.DateField(
        label=_("Maturity"), required=False, help_text=_("Of a bond or a loan.")
    )
    income_every = forms.TypedChoiceField(
        label=_("Income is paid"), choices=_EVERY, coerce=int, initial=3
    )
    income_anchor = forms.IntegerField(
        label=_("A month of payment"),
        min_value=1,
        max_value=12,
        initial=12,
        help_text=_("1 to 12; it is paid on the last day of the month."),
    )
    day_count = forms.ChoiceField(label=_("Day count"), choices=Asset.DayCount.choices)
    issue_date = forms.DateField(
        label=_("Issued on"),
        required=False,
        help_text=_("Of a bond that runs already: interest since its last coupon is paid too."),
    )
    cost_policy = forms.ChoiceField(
        label=_("Lots that a sale takes"),
        choices=Asset.CostPolicy.choices,
        required=False,
        help_text=_("Of shares that are bought more than once."),
    )
    foreign = forms.BooleanField(label=_("In foreign currency or abroad"), required=False)
    note = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def purchase(self) -> Purchase:
        """Return what is to be bought."""
        given: dict[str, Any] = dict(self.cleaned_data)
        for name in ("amount", "face_value"):
            given[name] = int(given[name]) if given[name] else None
        given["cost_policy"] = given["cost_policy"] or "FIFO"
        return Purchase(**given)


class SaleForm(HouseForm):
    """An order to sell an asset, whole or, of shares, a part."""

    quantity = forms.DecimalField(
        label=_("Quantity to sell"),
        max_digits=18,
        decimal_places=4,
        required=False,
        help_text=_("Of shares; empty: the whole."),
    )
    amount = MoneyField(
        label=_("Price"), min_value=1, help_text=_("The whole, without accrued interest.")
    )
    note = forms.CharField(label=_("Reason"), max_length=300, required=False)


class MoreForm(HouseForm):
    """An order to buy more of shares that are held."""

    quantity = forms.DecimalField(
        label=_("Quantity"), max_digits=18, decimal_places=4, min_value=Decimal("0.0001")
    )
    amount = MoneyField(label=_("Price"), min_value=1)
    note = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def more(self, asset_id: str) -> More:
        """Return what is to be bought."""
        given = self.cleaned_data
        return More(
            asset_id=asset_id,
            amount=int(given["amount"]),
            quantity=given["quantity"],
            note=given["note"],
        )


class WriteOffForm(HouseForm):
    """Why nothing more is expected of a debt."""

    evidence = forms.CharField(
        label=_("Evidence that nothing more is expected"),
        max_length=200,
        help_text=_("A court's decision, an empty estate: it stays with the write-off."),
    )


class WriteOffRefusalForm(HouseForm):
    """Why a write-off is refused."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class LateMoneyForm(HouseForm):
    """Money that came in for a debt after it was written off."""

    amount = MoneyField(label=_("Amount received (won)"), min_value=1)
    reference = forms.CharField(label=_("Reference of the receipt"), max_length=60)


class RatingForm(HouseForm):
    """How a bond or a loan stands."""

    grade = forms.ChoiceField(label=_("Grade"), choices=GRADES)
    days_past_due = forms.IntegerField(
        label=_("Days past due"), min_value=0, max_value=9999, initial=0
    )
    source = forms.CharField(
        label=_("Source"), max_length=60, help_text=_("Rating agency, or own assessment.")
    )


class CorrectionForm(HouseForm):
    """The right price of today."""

    unit_price = forms.DecimalField(
        label=_("Price of one unit (KRW)"), max_digits=20, decimal_places=4, min_value=0
    )
    source = forms.CharField(label=_("Source"), max_length=60)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def price(self, asset_id: str, day: date) -> Price:
        """Return the price."""
        given = self.cleaned_data
        return Price(asset_id, day, given["unit_price"], given["source"])


class PartyForm(HouseForm):
    """What the limits ask about an issuer or borrower."""

    party_name = forms.CharField(label=_("Issuer or borrower"), max_length=100)
    group_name = forms.CharField(label=_("Group of companies"), max_length=100, required=False)
    relation = forms.ChoiceField(label=_("Relation to us"), choices=Counterparty.Relation.choices)
    spread = forms.BooleanField(
        label=_("A fund or a pool of many debtors"),
        required=False,
        help_text=_("It is no single issuer or borrower."),
    )


class ApproveForm(HouseForm):
    """The approval of an order: nothing to type."""


class DeclineForm(HouseForm):
    """The refusal of an order."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Whoever made the order reads it.")
    )


class IncomeForm(HouseForm):
    """A dividend or a rent that came in."""

    amount = MoneyField(label=_("Amount"), min_value=1)


class PriceForm(HouseForm):
    """One market price or appraisal."""

    asset_id = PickerField("asset", label=_("Asset"))
    price_date = forms.DateField(label=_("Day of the price"))
    unit_price = forms.DecimalField(
        label=_("Price of one unit (KRW)"), max_digits=20, decimal_places=4, min_value=0
    )
    source = forms.CharField(
        label=_("Source"), max_length=60, help_text=_("Exchange, rating agency or appraiser.")
    )

    def price(self) -> Price:
        """Return the price."""
        return Price(**self.cleaned_data)


class PricesFileForm(HouseForm):
    """A CSV file of prices."""

    live = False
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns asset_id, price_date, unit_price, source; one price a row."),
    )

    def clean_file(self) -> list[Price]:
        """Read the rows; a row that cannot be read is named."""
        upload = self.cleaned_data["file"]
        if upload.size > _MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        rows = csv.reader(io.StringIO(_decoded(upload.read())))
        columns = _columns(next(rows, []))
        found, faults = [], []
        for number, row in enumerate(rows, start=1):
            if not any(cell.strip() for cell in row):
                continue
            try:
                found.append(_price_of([row[i].strip() for i in columns]))
            except (IndexError, ValueError, InvalidOperation):
                faults.append(str(number))
        if faults:
            raise forms.ValidationError(
                _t("Rows that cannot be read: %(rows)s.") % {"rows": ", ".join(faults[:20])}
            )
        if not found:
            raise forms.ValidationError(_("There is no price in the file."))
        return found


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return data.decode("cp949")
        except UnicodeDecodeError as wrong:
            raise forms.ValidationError(_("The file is neither UTF-8 nor CP949 text.")) from wrong


def _columns(heading: list[str]) -> list[int]:
    names = [name.strip().lower() for name in heading]
    try:
        return [
            next(names.index(known) for known in known_as if known in names)
            for known_as in _HEADINGS.values()
        ]
    except StopIteration as missing:
        raise forms.ValidationError(
            _("The first row must name asset_id, price_date, unit_price and source.")
        ) from missing


def _price_of(cells: list[str]) -> Price:
    asset_id, day, price, source = cells
    unit_price = Decimal(price.replace(",", ""))
    if not unit_price.is_finite() or unit_price != round(unit_price, 4):
        raise ValueError(price)
    plain = day.replace(".", "-").replace("/", "-")
    if len(plain) == 8 and plain.isdigit():
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    return Price(asset_id, date.fromisoformat(plain), unit_price, source)
