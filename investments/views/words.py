"""Words of what has no status or choice of its own."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from investments.models.risk import LIMITS

__all__ = ["FLOW_KINDS", "LIMITS"]

FLOW_KINDS: dict[str, Promise] = {
    "COUPON": _("Interest payment"),
    "REDEMPTION": _("Redemption"),
    "RENT": _("Rent"),
    "DIVIDEND": _("Dividend"),
}
