"""Every refusal of the API: its code, its status, and what it says.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status and title."""

    status: int
    title: str | Promise


KINDS: dict[str, Kind] = {
    "key_missing": Kind(401, _("The request names no key.")),
    "key_unknown": Kind(401, _("There is no such key.")),
    "key_expired": Kind(401, _("The key has expired or was revoked.")),
    "key_other_mode": Kind(401, _("The key belongs to the other installation.")),
    "signature_missing": Kind(401, _("The request is not signed completely.")),
    "signature_wrong": Kind(401, _("The signature does not match the request.")),
    "timestamp_outside_window": Kind(401, _("The time of the request is outside of the window.")),
    "request_replayed": Kind(401, _("This nonce was used before.")),
    "partner_suspended": Kind(403, _("The partner's access is suspended.")),
    "scope_missing": Kind(403, _("The key does not allow this.")),
    "product_not_agreed": Kind(403, _("The partner may not sell this product.")),
    "not_found": Kind(404, _("There is no such thing, or it is not yours.")),
    "method_not_allowed": Kind(405, _("This address does not take this method.")),
    "too_slow": Kind(408, _("The body came too slowly.")),
    "key_reused": Kind(409, _("The idempotency key was used with other content.")),
    "idempotency_key_missing": Kind(400, _("A request that changes something needs a key.")),
    "idempotency_key_invalid": Kind(400, _("The idempotency key is not well formed.")),
    "body_changed": Kind(400, _("The body is not the one that was signed.")),
    "malformed": Kind(400, _("The body is not JSON of an object.")),
    "too_large": Kind(413, _("The body is too large.")),
    "too_many_lines": Kind(413, _("A bulk has at most 100,000 lines.")),
    "empty": Kind(422, _("There is nothing in the body.")),
    "media_type_unknown": Kind(415, _("This kind of content is not taken.")),
    "invalid": Kind(422, _("Fields are missing or not as they should be.")),
    "refused": Kind(422, _("The business refuses this.")),
    "quota_exceeded": Kind(429, _("The quota is used up for the moment.")),
    "wrong_installation": Kind(503, _("This installation does not keep these books.")),
    "clock_unset": Kind(503, _("The house has not opened its books yet.")),
    "fault": Kind(500, _("Something failed here; nothing was done.")),
}
LINE_CODES: dict[str, str | Promise] = {
    "malformed_line": _("The line is not JSON of an object, or its columns do not fit the header."),
    "line_too_long": _("The line is longer than 16 KB."),
    "field_missing": _("A field is missing."),
    "field_unknown": _("There is no such field."),
    "field_invalid": _("A field is not as it should be."),
    "amount_not_integer": _("An amount is whole won: digits only, no commas, no decimal point."),
    "person_incomplete": _("Give a resident number, or date of birth, sex and person key."),
    "resident_number_invalid": _("The resident number is not possible."),
    "product_unknown": _("There is no such product."),
    "product_not_agreed": _("The partner may not sell this product."),
    "product_not_on_sale": _("The product is not on sale on this day."),
    "external_id_duplicate": _("The external id stands in an earlier line."),
    "external_id_known": _("The external id has a contract already."),
    "premium_changed": _("The premium is another one than agreed."),
    "not_eligible": _("The product does not accept these inputs."),
    "rejected": _("Underwriting rejects this risk."),
    "referred": _("A person would have to decide; this door is straight-through only."),
    "conditional": _("Acceptance would be on conditions only."),
    "seller_barred": _("The partner's agency may not sell this now."),
    "job_unknown": _("There is no such occupation."),
    "name_missing": _("The applicant's name is missing."),
    "birth_date_impossible": _("The date of birth has not come yet."),
    "terms_not_explained": _("The terms were not explained and delivered."),
    "answer_missing": _("A question is not answered, or not as it may be."),
    "partner_suspended": _("The partner was suspended before this line was worked."),
    "books_closed": _("The books refuse the day."),
}


class Problem(Exception):
    """A refusal of the API.

    Args:
        code: a key of ``KINDS``.
        detail: what is the matter in this case, and what would help.
        errors: field by field: ``field``, ``code``, ``detail``.
        headers: more headers of the answer.
    """

    def __init__(
        self,
        code: str,
        detail: str | Promise = "",
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.kind = KINDS[code]
        self.detail = str(detail)
        self.errors = [dict(one) for one in errors]
        self.headers = dict(headers or {})
        super().__init__(f"{code}: {self.detail}")

    def body(self, *, instance: str, base: str) -> dict[str, Any]:
        """Return the members of the problem object."""
        found: dict[str, Any] = {
            "type": f"{base}#{self.code}",
            "title": str(self.kind.title),
            "status": self.kind.status,
            "detail": self.detail or str(self.kind.title),
            "instance": instance,
            "code": self.code,
        }
        if self.errors:
            found["errors"] = self.errors
        return found
