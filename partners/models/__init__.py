"""Partners, their keys, what they asked, their bulks, and what they are told."""

from .accounts import MODES, SCOPES, Partner, PartnerKey
from .bulks import Bulk, BulkChunk
from .calls import Answered, Call, UsedNonce
from .installation import Installation
from .webhooks import Delivery, DeliveryAttempt, Webhook

__all__ = [
    "MODES",
    "SCOPES",
    "Answered",
    "Bulk",
    "BulkChunk",
    "Call",
    "Delivery",
    "DeliveryAttempt",
    "Installation",
    "Partner",
    "PartnerKey",
    "UsedNonce",
    "Webhook",
]
