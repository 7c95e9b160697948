"""What the explanations share."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _t

from core.errors import NotFound
from core.explain import Step
from investments.models import Asset


def asset_of(key: str) -> Asset:
    """Return an asset by its number.

    Raises:
        NotFound: there is none.
    """
    found = Asset.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_t("There is no asset %(key)s.") % {"key": key})
    return found


def asset_url(key: str) -> str:
    """Return the address of an asset's record."""
    return reverse("investments:asset_detail", args=[key])


def won() -> str:
    """Return the word for won."""
    return _t("won")


def amount(label: str, value: Decimal, note: str = "", url: str = "") -> Step:
    """Return a line of an explanation with an amount in won."""
    return Step(label, value, note, url, won())
