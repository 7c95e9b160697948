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
    "GROUP": _("Credit and securities of one group"),
    "RELATED_CREDIT": _("Credit to major shareholders and subsidiaries"),
    "RELATED_SECURITIES": _("Securities of major shareholders and subsidiaries"),
    "SUBSIDIARY": _("Credit to one subsidiary"),
    "FOREIGN": _("Foreign currency and property abroad"),
}
