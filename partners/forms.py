"""What staff type about partners."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import HouseForm
from partners.models import SCOPES


class PartnerForm(HouseForm):
    """A partner to connect."""

    code = forms.RegexField(
        r"^[A-Za-z0-9]{3,20}$",
        label=_("Partner code"),
        help_text=_("3 to 20 letters and digits; it prefixes the partner's own ids."),
    )
    name = forms.CharField(label=_("Company"), max_length=80)
    licence_number = forms.CharField(label=_("Agency registration number"), max_length=30)
    contact_email = forms.EmailField(label=_("Technical contact"), required=False)
    products = forms.CharField(
        label=_("Products"),
        required=False,
        help_text=_("Product codes, separated by blanks; empty: all on sale."),
    )
    requests_per_minute = forms.IntegerField(
        label=_("Requests a minute"), min_value=1, max_value=100_000, initial=600
    )
    lines_per_day = forms.IntegerField(
        label=_("Bulk lines a day"), min_value=1, max_value=200_000_000, initial=2_000_000
    )


class KeyForm(HouseForm):
    """A key to make."""

    label = forms.CharField(label=_("What the key is used for"), max_length=80, required=False)
    scopes = forms.MultipleChoiceField(
        label=_("What the key may do"),
        choices=list(SCOPES.items()),
        initial=list(SCOPES),
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=3_650,
        required=False,
        help_text=_("Empty: never."),
    )


class RotateForm(HouseForm):
    """How long the old key goes on."""

    overlap_hours = forms.IntegerField(
        label=_("Hours in which both keys work"), min_value=0, max_value=720, initial=24
    )


class ReasonForm(HouseForm):
    """Why a partner's access changes."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class SignUpForm(HouseForm):
    """A sandbox account."""

    live = False
    code = forms.RegexField(
        r"^[A-Za-z0-9]{3,20}$",
        label=_("Partner code"),
        help_text=_("3 to 20 letters and digits; it prefixes the partner's own ids."),
    )
    name = forms.CharField(label=_("Company"), max_length=80)
    contact_email = forms.EmailField(label=_("Technical contact"), required=False)


class TryForm(HouseForm):
    """A request to try in the sandbox."""

    live = False
    key = forms.CharField(label=_("Key"), max_length=40)
    secret = forms.CharField(
        label=_("Secret"),
        max_length=60,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=True),
        help_text=_("It is used for this request and kept nowhere."),
    )
    operation = forms.RegexField(
        r"^(GET|POST|PUT) /[A-Za-z0-9/_\-?=&.]*$",
        label=_("Request"),
        max_length=200,
        help_text=_("Method and path, such as GET /products."),
    )
    body = forms.CharField(
        label=_("JSON body"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "form-control mono"}),
    )
