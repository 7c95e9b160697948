"""A proposal as partners write it: the same shape for one request, one JSON line, one CSV row."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_WON = 10**12
Won = Annotated[
    int,
    Field(strict=True, ge=0, le=MOST_WON, description="Whole won: a JSON integer, never a string"),
]
Months = Annotated[int, Field(strict=True, ge=0, le=1_200)]
ExternalId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=50,
        pattern=r"^[A-Za-z0-9._\-]+$",
        description="Your own key of the contract; it is used once",
    ),
]
ProductCode = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Z0-9_\-]+$")]
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]+$")]
_AMOUNTS = ("sum_assured", "premium", "claimed_amount")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_NUMBERS = (*_AMOUNTS, "term_months", "pay_months")
_PERSON = ("name", "resident_number", "birth_date", "sex", "person_key", "phone", "address",
           "job_code")  # fmt: skip
MOST_BYTES = 16_384


class Applicant(BaseModel):
    """Who is insured. Without a resident number: date of birth, sex, and your own person key."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    resident_number: Annotated[
        str | None,
        Field(pattern=r"^\d{6}-?\d{7}$", description="Encrypted on arrival, never given back"),
    ] = None
    birth_date: date | None = None
    sex: Literal["M", "F"] | None = None
    person_key: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    phone: Annotated[str, Field(max_length=20, pattern=r"^[0-9+\-]*$")] = ""
    address: Text = ""
    job_code: Annotated[str, Field(max_length=10, description="Korean standard occupation")] = (
        "3120"
    )


class Risk(BaseModel):
    """What is to be insured and for how long."""

    model_config = ConfigDict(extra="forbid")
    product_code: ProductCode
    sum_assured: Won
    term_months: Months
    pay_months: Months
    answers: Annotated[
        dict[str, bool | int | str], Field(description="Questions of the product, by code")
    ] = {}


class QuoteRequest(Risk):
    """Ask for a price; nothing is bound."""

    birth_date: date
    sex: Literal["M", "F"]
    job_code: Annotated[str, Field(max_length=10)] = "3120"


class Proposal(Risk):
    """A proposal to bind."""

    external_id: ExternalId
    applicant: Applicant
    premium: Annotated[
        int | None,
        Field(strict=True, ge=1, le=MOST_WON, description="Agreed premium; refused if it changed"),
    ] = None
    explained: Annotated[
        bool,
        Field(strict=True, description="Terms explained and delivered (Commercial Act 638-3)"),
    ]


@dataclass(frozen=True, slots=True)
class LineRefusal:
    """Why a line is not taken."""

    code: str
    field: str
    detail: str


def read_json(line: bytes) -> Proposal | LineRefusal:
    """Read one line of NDJSON."""
    if len(line) > MOST_BYTES:
        return LineRefusal("line_too_long", "", _("The line has more than 16 KB."))
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return LineRefusal("malformed_line", "", _("Not JSON: %s") % error)
    if not isinstance(given, dict):
        return LineRefusal("malformed_line", "", _("A line is a JSON object."))
    return _validated(given)


def read_csv(line: bytes, columns: Sequence[str]) -> Proposal | LineRefusal:
    """Read one row of CSV; answers stand in columns ``answers.CODE``.

    Args:
        line: the row, UTF-8, without line breaks inside of quotes.
        columns: of the header.
    """
    if len(line) > MOST_BYTES:
        return LineRefusal("line_too_long", "", _("The line has more than 16 KB."))
    try:
        cells = next(csv.reader([line.decode("utf-8")], strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        return LineRefusal("malformed_line", "", _("Not a row of CSV in UTF-8: %s") % error)
    if len(cells) != len(columns):
        text = _("The row has %(n)d columns, the header %(m)d.")
        return LineRefusal("malformed_line", "", text % {"n": len(cells), "m": len(columns)})
    return _validated(_nested(dict(zip(columns, cells, strict=True))))


def header_of(line: bytes) -> list[str]:
    """Return the columns that the first line of a CSV names; [] where it is no header."""
    try:
        columns = next(csv.reader([line.decode("utf-8-sig")], strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        return []
    names = [name.strip() for name in columns]
    return names if "external_id" in names and len(set(names)) == len(names) else []


def _nested(row: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"applicant": {}, "answers": {}}
    for name, text in row.items():
        if name.startswith("answers."):
            found["answers"][name.removeprefix("answers.")] = _typed(text)
        elif name in _PERSON:
            if text:
                found["applicant"][name] = text
        elif name == "explained":
            found[name] = {"true": True, "false": False, "1": True, "0": False}.get(
                text.lower(), text
            )
        elif text or name not in ("premium",):
            found[name] = int(text) if name in _NUMBERS and _WHOLE.fullmatch(text) else text
    return found


def _typed(text: str) -> bool | int | str:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if _WHOLE.fullmatch(text) else text


def _validated(given: Mapping[str, Any]) -> Proposal | LineRefusal:
    try:
        return Proposal.model_validate(given)
    except ValidationError as error:
        first = refusals_of(error.errors(include_url=False, include_context=False))[0]
        return LineRefusal(first["code"], first["field"], first["detail"])


def refusals_of(errors: Sequence[Mapping[str, Any]], skip: int = 0) -> list[dict[str, str]]:
    """Return what a validation found wrong, field by field, in the reader's language.

    Args:
        errors: of pydantic.
        skip: how many parts of each location are not the sender's.
    """
    return [_said(error, [str(part) for part in error["loc"][skip:]]) for error in errors]


def _said(error: Mapping[str, Any], path: list[str]) -> dict[str, str]:
    field, kind = ".".join(path), str(error["type"])
    name = path[-1] if path else ""
    if kind == "missing":
        return {"code": "field_missing", "field": field, "detail": _("%s is missing.") % field}
    if kind == "extra_forbidden":
        text = _("There is no field %s.") % field
        return {"code": "field_unknown", "field": field, "detail": text}
    if kind.startswith(("int_", "float")) and name in _AMOUNTS:
        text = _("%s is an amount in whole won: digits only, no quotes, commas or decimal point.")
        return {"code": "amount_not_integer", "field": field, "detail": text % field}
    text = _("%(field)s is not as it should be: %(why)s.")
    return {
        "code": "field_invalid",
        "field": field,
        "detail": text % {"field": field or _("The body"), "why": error["msg"]},
    }
