"""Words of what has no status or choice of its own."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FLOW_KINDS: dict[str, Promise] = {
    "COUPON": _("Interest payment"),
    "REDEMPTION": _("Redemption"),
    "RENT": _("Rent"),
    "DIVIDEND": _("Dividend"),
}
LIMITS: dict[str, Promise] = {
    "PROPERTY": _("Property"),
    "BORROWER": _("Credit to one borrower"),
    "ISSUER": _("Bonds and shares of one issuer"),
    "LARGE_CREDITS": _("Credits above 1 % of assets, together"),
}
