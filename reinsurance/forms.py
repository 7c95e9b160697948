"""What people type about reinsurance."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm, MoneyField, PickerField, parse_won
from products import api as products
from reinsurance import selectors
from reinsurance.models import Treaty
from reinsurance.services import Draft

_MAX_BYTES = 5_000_000


def _lines() -> list[tuple[str, str]]:
    return list(products.lines().items())


def _percent(label: Any, hint: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        required=False,
        label=label,
        max_digits=7,
        decimal_places=4,
        min_value=0,
        max_value=100,
        initial=0,
        help_text=hint,
    )


class PercentsField(forms.CharField):
    """Percents in a row, separated by commas."""

    def to_python(self, value: Any) -> Any:
        """Read the percents."""
        try:
            return tuple(Decimal(part.strip()) for part in (value or "").split(",") if part.strip())
        except InvalidOperation as wrong:
            raise forms.ValidationError(_("Percents separated by commas.")) from wrong

    def prepare_value(self, value: Any) -> Any:
        """Show what is stored as it is typed."""
        return value if isinstance(value, str) else ", ".join(str(v) for v in value or ())


class PairsField(forms.CharField):
    """Pairs of percents such as ``45:33, 55:28.5``."""

    def to_python(self, value: Any) -> Any:
        """Read the pairs."""
        found = []
        for part in (value or "").split(","):
            if not part.strip():
                continue
            try:
                ratio, rate = part.split(":")
                found.append((Decimal(ratio.strip()), Decimal(rate.strip())))
            except (ValueError, InvalidOperation) as wrong:
                raise forms.ValidationError(_("Pairs such as 45:33, 55:28.5.")) from wrong
        return tuple(found)

    def prepare_value(self, value: Any) -> Any:
        """Show what is stored as it is typed."""
        if isinstance(value, str):
            return value
        return ", ".join(f"{ratio}:{rate}" for ratio, rate in value or ())


class PanelField(PairsField):
    """Signed lines such as ``코리안리:60, 뮌헨리:40``."""

    def to_python(self, value: Any) -> Any:
        """Read the lines; the name ends at the last colon."""
        found = []
        for part in (value or "").split(","):
            if not part.strip():
                continue
            name, _colon, percent = part.rpartition(":")
            try:
                found.append((name.strip(), Decimal(percent.strip())))
            except InvalidOperation as wrong:
                raise forms.ValidationError(_("Lines such as 코리안리:60, 뮌헨리:40.")) from wrong
        return tuple(found)


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
    reinsurer_name = forms.CharField(
        label=_("Reinsurer"), max_length=50, help_text=_("Where several sign: the leader.")
    )
    panel = PanelField(
        label=_("Signed lines (%)"),
        required=False,
        help_text=_("Several reinsurers, 100 % together: 코리안리:60, 뮌헨리:40. One: empty."),
    )
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
        label=_("Retention"),
        initial=0,
        help_text=_("Layers: what we keep of one sum insured, loss, event or period."),
    )
    layer_limit = MoneyField(
        label=_("Limit of the treaty"), initial=0, help_text=_("Layers: paid above the retention.")
    )
    aggregate_limit = MoneyField(
        label=_("Limit of the period"), initial=0, help_text=_("For all losses; 0: none.")
    )
    premium_percent = _percent(_("Premium (%)"), _("Layers: of the premium of the portfolio."))
    net_premium_base = forms.BooleanField(
        label=_("Premium of what treaties before it leave"), required=False
    )
    inures = forms.BooleanField(
        label=_("Inures to later treaties"),
        required=False,
        initial=True,
        help_text=_("Later kinds see losses without what this treaty pays."),
    )
    contract_number = PickerField(
        "contract",
        label=_("Contract"),
        required=False,
        max_length=30,
        help_text=_("Facultative: the one contract."),
    )
    surplus_lines = forms.DecimalField(
        required=False,
        label=_("Lines"),
        max_digits=6,
        decimal_places=2,
        min_value=0,
        initial=0,
        help_text=_("Surplus: limit as a multiple of the retained line."),
    )
    scale = PairsField(
        label=_("Sliding scale"),
        required=False,
        help_text=_("Loss ratio : commission in percent, for example 45:33, 55:28.5, 70:23."),
    )
    profit_percent = _percent(_("Profit commission (%)"), _("Of the profit at the end."))
    profit_expense_percent = _percent(
        _("Expenses of the reinsurer (%)"), _("Of the premium, in the profit account.")
    )
    reinstatements = PercentsField(
        label=_("Reinstatements (%)"),
        required=False,
        help_text=_("Price of each in order, for example 100, 50; none: empty."),
    )
    reinstatement_time = forms.BooleanField(
        label=_("Reinstatement pro rata as to time"), required=False
    )
    layer_premium = MoneyField(
        required=False,
        label=_("Premium of the layer"),
        initial=0,
        help_text=_("For the period; reinstatements are priced on it."),
    )
    deposit_premium = MoneyField(
        required=False,
        label=_("Deposit premium"),
        initial=0,
        help_text=_("Layers: paid in advance for the period and adjusted at its end."),
    )
    deposit_instalments = forms.IntegerField(
        required=False, label=_("Instalments of the deposit"), min_value=0, max_value=12, initial=0
    )
    minimum_premium = MoneyField(
        required=False,
        label=_("Minimum premium"),
        initial=0,
        help_text=_("What the period's premium comes to at least."),
    )
    follows = forms.CharField(
        required=False, label=_("Renews the treaty"), max_length=20, help_text=_("Its code.")
    )
    deficit_years = forms.IntegerField(
        required=False,
        label=_("Deficit carried forward (treaties)"),
        min_value=0,
        max_value=10,
        initial=0,
        help_text=_("Over how many treaties before it a deficit lessens the profit commission."),
    )
    hours = forms.IntegerField(
        required=False,
        label=_("Hours clause"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=_("Catastrophe: length of an event in hours, for example 72."),
    )

    def draft(self) -> Draft:
        """Return the terms; what was left empty has its default."""
        given = {k: v for k, v in self.cleaned_data.items() if v is not None}
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


class WriteDownForm(HouseForm):
    """How much of a recovery is not believed to come in."""

    percent = forms.DecimalField(
        label=_("Written down in all (%)"),
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
        help_text=_("Of what is owed; less than before writes up."),
    )
    reason = forms.CharField(
        label=_("Ground of the write-down"),
        max_length=200,
        help_text=_("Insolvency, dispute, age: what shows that it will not come in."),
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


def _reinsurers() -> list[tuple[str, str]]:
    return [(name, name) for name in selectors.reinsurers()]


class SettlementForm(HouseForm):
    """What is to be settled with whom."""

    reinsurer = forms.ChoiceField(label=_("Reinsurer"), choices=_reinsurers)
    until = forms.DateField(label=_("Entries up to"), help_text=_("This day included."))
    net = forms.BooleanField(
        label=_("Clear recoveries against it"),
        required=False,
        help_text=_("What the reinsurer owes for losses billed up to that day is set off."),
    )


class CancelForm(HouseForm):
    """A settlement taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class EventForm(HouseForm):
    """A catastrophe."""

    event_code = forms.RegexField(
        r"^[A-Z0-9][A-Z0-9-]{0,19}$",
        label=_("Event code"),
        max_length=20,
        help_text=_("Capitals, digits and hyphens, for example STORM-2026-08."),
    )
    event_name = forms.CharField(label=_("Name"), max_length=100)
    line = forms.ChoiceField(label=_("Portfolio"), choices=_lines)
    starts_at = forms.DateTimeField(
        label=_("Hours begin"), help_text=_("For example 2026-08-01 06:00.")
    )
    hours = forms.IntegerField(label=_("Hours"), min_value=1, max_value=1000)


class EventClaimsForm(HouseForm):
    """Claims that belong to a catastrophe."""

    live = False
    claims = forms.MultipleChoiceField(
        label=_("Claims within the hours"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, members: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["claims"]
        field.choices = [
            (m.claim_number, f"{m.claim_number} · {m.incident_at} · {m.paid + m.reserve:,}")
            for m in members
        ]
        if not members:
            field.help_text = _t("No claim of these hours is free.")
