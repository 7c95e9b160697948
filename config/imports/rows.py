"""Rows of a file, read by a mapping into what one policy and one claim need."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from config.imports.readers import BadFile, BadMapping, BadValue, Row, read

_READER = {"type": "object", "minProperties": 1}
SCHEMA = {
    "type": "object",
    "required": ["source", "product_code", "row_key", "agent", "customer", "policy", "claim"],
    "properties": {
        "source": {"type": "string", "pattern": "^[a-z0-9_-]+$"},
        "product_code": {"type": "string"},
        "row_key": _READER,
        "agent": {"type": "object", "required": ["key", "name"]},
        "provider": {"type": "object", "required": ["key", "name", "kind"]},
        "customer": {"type": "object", "required": ["key", "name", "sex", "age"]},
        "policy": {
            "type": "object",
            "required": ["key", "contract_date", "term_months", "sum_assured", "inputs"],
        },
        "claim": {
            "type": "object",
            "required": ["key", "incident_date", "report_date", "claim_type", "claimed"],
        },
        "facts": {"type": "object", "additionalProperties": _READER},
        "label": {"type": "object", "required": ["state", "decided_on"]},
        "edges": {"type": "object", "required": ["row_key", "role", "party", "check"]},
    },
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row, read."""

    number: int
    key: str
    agent_key: str
    agent_name: str
    provider_key: str
    provider_name: str
    customer_key: str
    customer_name: str
    sex: str
    birth_date: date
    policy_key: str
    contract_date: date
    term_months: int
    sum_assured: int
    inputs: Mapping[str, Any]
    claim_key: str
    incident_date: date
    report_date: date
    claim_type: str
    claimed: int
    location: str
    description: str
    facts: Mapping[str, Any]
    label: tuple[str, date] | None
    parties: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken, and why."""

    number: int
    key: str
    reason: str


def load_mapping(path: Path) -> dict[str, Any]:
    """Read a mapping.

    Raises:
        BadMapping: it is not JSON, or lacks something; every lack is named with its path.
    """
    try:
        mapping: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as wrong:
        raise BadMapping(f"{path.name} is not JSON: {wrong}") from wrong
    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(SCHEMA).iter_errors(mapping)
    ]
    if errors:
        raise BadMapping("; ".join(errors))
    return mapping


def read_file(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows of a CSV or Excel file with their numbers as a person counts (header: 1).

    A CSV is UTF-8, or CP949 as Korean Excel saves it.

    Raises:
        BadFile: it is neither.
    """
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        try:
            sheet = load_workbook(path, read_only=True, data_only=True).active
        except (BadZipFile, InvalidFileException, KeyError) as wrong:
            raise BadFile(f"{path.name} is not an Excel workbook; save it anew as .xlsx") from wrong
        lines = sheet.iter_rows(values_only=True)  # type: ignore[union-attr]
        header = [str(cell or "") for cell in next(lines)]
        for number, line in enumerate(lines, 2):
            cells = ("" if cell is None else str(cell) for cell in line)
            yield number, dict(zip(header, cells, strict=False))
        return
    with path.open(encoding=_encoding(path), newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            yield number, {k: v or "" for k, v in row.items() if k is not None}


def _encoding(path: Path) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while file.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadFile(f"{path.name} is neither UTF-8 nor CP949 text; save it as CSV UTF-8")


def parse(mapping: Mapping[str, Any], number: int, row: Row) -> Parsed | BadRow:
    """Read one row by the mapping.

    Raises:
        BadMapping: the mapping names a column that is not there.
    """
    key = str(number)
    try:
        key = str(read(mapping["row_key"], row))
        return _parsed(mapping, number, key, row)
    except BadValue as wrong:
        return BadRow(number, key, str(wrong))


def _parsed(mapping: Mapping[str, Any], number: int, key: str, row: Row) -> Parsed:
    agent, customer = mapping["agent"], mapping["customer"]
    policy, claim = mapping["policy"], mapping["claim"]
    provider = mapping.get("provider")
    incident: date = read(claim["incident_date"], row)
    report: date = read(claim["report_date"], row)
    start: date = read(policy["contract_date"], row)
    if start > incident:
        raise BadValue(f"the accident of {incident} lies before the policy's start {start}")
    if report < incident:
        raise BadValue(f"reported on {report}, before the accident of {incident}")
    age = int(read(customer["age"], row))
    if not 0 < age < 120:
        raise BadValue(f"age {age} is not a person's")
    return Parsed(
        number=number,
        key=key,
        agent_key=str(read(agent["key"], row))[:20],
        agent_name=str(read(agent["name"], row))[:50],
        provider_key=str(read(provider["key"], row))[:20] if provider else "",
        provider_name=str(read(provider["name"], row)) if provider else "",
        customer_key=str(read(customer["key"], row)),
        customer_name=str(read(customer["name"], row))[:50],
        sex=str(read(customer["sex"], row)),
        birth_date=date(start.year - age, 1, 1),
        policy_key=str(read(policy["key"], row)),
        contract_date=start,
        term_months=int(read(policy["term_months"], row)),
        sum_assured=_whole(read(policy["sum_assured"], row)),
        inputs={name: read(reader, row) for name, reader in policy["inputs"].items()},
        claim_key=str(read(claim["key"], row)),
        incident_date=incident,
        report_date=report,
        claim_type=str(read(claim["claim_type"], row)),
        claimed=_whole(read(claim["claimed"], row)),
        location=str(read(claim.get("location", {"value": ""}), row)),
        description=str(read(claim.get("description", {"value": ""}), row)),
        facts=_facts(mapping.get("facts", {}), row),
        label=_label(mapping.get("label"), row),
    )


def _facts(readers: Mapping[str, Any], row: Row) -> dict[str, Any]:
    values = {name: read(reader, row) for name, reader in readers.items()}
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if value is not None
    }


def _label(readers: Mapping[str, Any] | None, row: Row) -> tuple[str, date] | None:
    if readers is None:
        return None
    return str(read(readers["state"], row)), read(readers["decided_on"], row)


def parties_of(
    mapping: Mapping[str, Any], parties: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str, str], ...]:
    """Return (kind, value, role) of the parties that the mapping keeps (``edges.parties``)."""
    kept = mapping["edges"].get("parties", {})
    return tuple(
        (kept[role]["kind"], party, kept[role].get("role", ""))
        for role, party in parties
        if role in kept and party
    )


def _whole(value: Any) -> int:
    number = Decimal(str(value))
    if number != number.to_integral_value():
        raise BadValue(f"{value} is not whole won")
    return int(number)


def read_edges(mapping: Mapping[str, Any], path: Path) -> dict[str, list[tuple[str, str]]]:
    """Read the parties of each row: row key → (role, party), for the check against the row."""
    how = mapping["edges"]
    parties: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for _number, row in read_file(path):
        parties[row[how["row_key"]]].append((row[how["role"]], row[how["party"]]))
    return parties


def disagreement(
    mapping: Mapping[str, Any], row: Row, parties: list[tuple[str, str]] | None
) -> str | None:
    """Say how a row and its edges contradict each other, or None."""
    if parties is None:
        return "the edge file has no party of this row"
    for role, column in mapping["edges"]["check"].items():
        named = {party for r, party in parties if r == role}
        own = {row[column]} if row[column] else set()
        if named != own:
            return f"{role}: the row says {own or '{}'}, the edges say {named or '{}'}"
    return None
