"""Import in chunks, each whole or not at all, through the services that the screens use."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction

from claims import services as claims
from claims.models import Claim
from config.imports.rows import (
    BadRow,
    Parsed,
    disagreement,
    parse,
    parties_of,
    read_edges,
    read_file,
)
from contracts import services as contracts
from contracts.models import Contract, Customer
from core import privacy
from core.bulk import analyze
from core.columns import Keys, as_column
from fds import services as fds
from fds.models import Analysis, ClaimFacts, Evaluation, Label, PartyLink
from products import api as products
from sales.models import Agent
from sales.services import organisation as sales

CHUNK = 500
BRANCH = "IMPORT"
FILLED = (Claim, Contract, Customer, ClaimFacts, PartyLink, Label, Analysis, Evaluation)


@dataclass
class Totals:
    """What an import did: rows = imported + refused + already there."""

    rows: int = 0
    imported: int = 0
    already: int = 0
    contracts: int = 0
    refused: list[BadRow] = field(default_factory=list)
    receptions: list[str] = field(default_factory=list)

    @property
    def reconciles(self) -> bool:
        """Whether every row went somewhere."""
        return self.rows == self.imported + self.already + len(self.refused)


class _RefusedRows(Exception):
    """Rows of a chunk that the services refuse; the chunk is rolled back and done without them."""

    def __init__(self, bad: list[BadRow]) -> None:
        self.bad = bad
        super().__init__()


@dataclass(frozen=True)
class Importer:
    """An import of one file by one mapping.

    Args:
        mapping: as ``rows.load_mapping`` reads it.
        path: the file.
        edges: the file of parties, or None.
        business_date: the day on which the facts come into the books.
        dry_run: check everything, write nothing.
    """

    mapping: Mapping[str, Any]
    path: Path
    edges: Path | None
    business_date: date
    dry_run: bool

    def run(self) -> Iterator[Totals]:
        """Import chunk by chunk; yields the totals after each.

        An interrupted import is simply run again: rows that are in are left alone.

        Raises:
            BadMapping: a column that the mapping names is not in the file.
            BadFile: the file cannot be read.
        """
        totals = Totals()
        parties = read_edges(self.mapping, self.edges) if self.edges else None
        lines = read_file(self.path)
        first_at: dict[str, int] = {}
        known = 1  # rows by which the planner's statistics were last made
        while chunk := list(islice(lines, CHUNK)):
            totals.rows += len(chunk)
            good: list[Parsed] = []
            for number, row in chunk:
                read = parse(self.mapping, number, row)
                if isinstance(read, Parsed) and parties is not None:
                    wrong = disagreement(self.mapping, row, parties.get(read.key))
                    read = (
                        BadRow(number, read.key, wrong)
                        if wrong
                        else replace(read, parties=parties_of(self.mapping, parties[read.key]))
                    )
                if isinstance(read, Parsed):
                    read = _repeated(read, first_at)
                if isinstance(read, BadRow):
                    totals.refused.append(read)
                else:
                    good.append(read)
            self._chunk(good, totals)
            if totals.imported >= 2 * known and not self.dry_run:
                known = max(totals.imported, CHUNK)
                analyze(*FILLED)
            yield totals
        if totals.imported > known and not self.dry_run:
            analyze(*FILLED)

    def _chunk(self, rows: list[Parsed], totals: Totals) -> None:
        known = set(
            Claim.objects.filter(external_key__in=[r.claim_key for r in rows]).values_list(
                "external_key", flat=True
            )
        )
        totals.already += sum(r.claim_key in known for r in rows)
        rows = [r for r in rows if r.claim_key not in known]
        while rows:
            try:
                with transaction.atomic():
                    issued, received = self._write(rows)
                    if self.dry_run:
                        transaction.set_rollback(True)
            except _RefusedRows as refused:
                totals.refused += refused.bad
                gone = {bad.number for bad in refused.bad}
                rows = [r for r in rows if r.number not in gone]
                continue
            totals.imported += len(rows)
            totals.contracts += issued
            totals.receptions += received
            return

    def _write(self, rows: list[Parsed]) -> tuple[int, list[str]]:
        self._agents(rows)
        if "provider" in self.mapping:
            self._providers(rows)
        policies = {r.policy_key: r for r in rows}
        numbers = _contract_numbers(list(policies))
        fresh = [r for key, r in policies.items() if key not in numbers]
        if fresh:
            self._issue(fresh, rows)
            numbers = _contract_numbers(list(policies))
        return len(fresh), self._receive(rows, numbers)

    def _agents(self, rows: Sequence[Parsed]) -> None:
        wanted = {r.agent_key: r.agent_name for r in rows}
        known = set(Agent.objects.filter(agent_id__in=wanted).values_list("agent_id", flat=True))
        missing = [key for key in sorted(wanted) if key not in known]
        if not missing:
            return
        sales.open_branch(
            branch_code=BRANCH, branch_name="이관 계약", region="-", opened_on=date(1990, 1, 1)
        )
        sales.appoint(
            [
                sales.Appointment(
                    agent_id=key,
                    name=wanted[key],
                    branch_code=BRANCH,
                    commission_rate=Decimal(0),
                    licence_number=key,
                    appointed_on=date(1990, 1, 1),
                    training_valid_until=self.business_date,
                )
                for key in missing
            ]
        )

    def _providers(self, rows: Sequence[Parsed]) -> None:
        wanted = {r.provider_key: r.provider_name for r in rows if r.provider_key}
        claims.register_providers(
            codes=list(wanted),
            names=list(wanted.values()),
            kinds=[self.mapping["provider"]["kind"]] * len(wanted),
            regions=[""] * len(wanted),
        )

    def _issue(self, fresh: Sequence[Parsed], rows: Sequence[Parsed]) -> None:
        code = self.mapping["product_code"]
        version = products.sellable(code, max(r.contract_date for r in fresh))
        columns = _rating_columns(fresh)
        by_policy = {r.policy_key: [] for r in fresh}  # type: dict[str, list[Parsed]]
        for row in rows:
            if row.policy_key in by_policy:
                by_policy[row.policy_key].append(row)
        refusals = products.eligible(code, version.version, columns)
        if refusals:
            reasons: dict[str, list[str]] = {}
            for refusal in refusals:
                reasons.setdefault(fresh[refusal.row].policy_key, []).append(str(refusal.reason))
            raise _RefusedRows(
                [
                    BadRow(row.number, row.key, " ".join(dict.fromkeys(found)))
                    for policy, found in reasons.items()
                    for row in by_policy[policy]
                ]
            )
        rated = products.rate(code, version.version, columns)
        contracts.issue(
            contracts.NewContracts(
                version_id=np.full(len(fresh), version.pk),
                customer_id=self._customers(fresh),
                agent_id=as_column("keys", [r.agent_key for r in fresh]),
                contract_date=as_column("days", [r.contract_date for r in fresh]),
                uw_result=_same("PASS", fresh),
                application_id=_same("", fresh),
                premium=rated.premiums * 12,
                rating_id=rated.rating_ids,
                sum_assured=columns["sum_assured"],
                insurance_age=columns["age"],
                sex=as_column("keys", [r.sex for r in fresh]),
                term_months=columns["term_months"],
                pay_months=columns["pay_months"],
                frequency=_same("SINGLE", fresh),
                loading_percent=np.zeros(len(fresh), np.int64),
                received=rated.premiums * 12,
                external_key=as_column("keys", [r.policy_key for r in fresh]),
            ),
            business_date=self.business_date,
        )

    def _customers(self, fresh: Sequence[Parsed]) -> Any:
        source = self.mapping["source"]
        return contracts.customers_for(
            contracts.NewCustomers(
                name=as_column("keys", [r.customer_name for r in fresh]),
                rrn_hash=as_column(
                    "keys", [privacy.pseudonym(source, r.customer_key) for r in fresh]
                ),
                rrn_cipher=[b""] * len(fresh),
                rrn_mask=_same("", fresh),
                birth_date=as_column("days", [r.birth_date for r in fresh]),
                sex=as_column("keys", [r.sex for r in fresh]),
                job_code=_same("8731", fresh),
                phone=_same("", fresh),
                address=_same("", fresh),
            )
        )

    def _receive(self, rows: Sequence[Parsed], numbers: Mapping[str, str]) -> list[str]:
        batch = claims.NewClaims(
            contract_id=as_column("keys", [numbers[r.policy_key] for r in rows]),
            claim_type=as_column("keys", [r.claim_type for r in rows]),
            channel=_same("API", rows),
            incident_at=np.array([f"{r.incident_date}T12:00" for r in rows], "datetime64[m]"),
            reported_at=np.array([f"{r.report_date}T12:00" for r in rows], "datetime64[m]"),
            claimed=as_column("won", [r.claimed for r in rows]),
            provider_code=as_column("keys", [r.provider_key for r in rows]),
            location=as_column("keys", [r.location for r in rows]),
            description=as_column("keys", [r.description for r in rows]),
            claimant_name=as_column("keys", [r.customer_name for r in rows]),
            accident_no=_same("", rows),
            external_key=as_column("keys", [r.claim_key for r in rows]),
        )
        refusals = claims.check_many(batch, business_date=self.business_date, confirmed=True)
        if refusals:
            reasons: dict[int, list[str]] = {}
            for refusal in refusals:
                reasons.setdefault(refusal.row, []).append(refusal.reason)
            raise _RefusedRows(
                [
                    BadRow(rows[i].number, rows[i].key, " ".join(dict.fromkeys(found)))
                    for i, found in sorted(reasons.items())
                ]
            )
        received = claims.receive_many(batch, business_date=self.business_date)
        self._evidence(rows, received)
        return [str(number) for number in received]

    def _evidence(self, rows: Sequence[Parsed], received: Keys) -> None:
        """Hand over what fraud detection learns from: facts, parties, outcomes."""
        source = self.mapping["source"]
        fds.record_facts(
            {number: row.facts for number, row in zip(received, rows, strict=True)}, source=source
        )
        named = [
            (number, *party)
            for number, row in zip(received, rows, strict=True)
            for party in row.parties
        ]
        own = fds.parties_of_contracts(received.tolist())
        columns = zip(*named, strict=True) if named else [()] * 4
        told = fds.Parties(*(as_column("keys", column) for column in columns))
        fds.record_parties(
            fds.Parties(
                *(
                    np.concatenate([getattr(one, name) for one in (own, told)])
                    for name in ("reception_id", "kind", "value", "role")
                )
            )
        )
        known = [(n, row.label) for n, row in zip(received, rows, strict=True) if row.label]
        if known:
            fds.record_labels(
                fds.Labels(
                    as_column("keys", [number for number, _label in known]),
                    as_column("keys", [label[0] for _number, label in known]),
                    as_column("days", [label[1] for _number, label in known]),
                    as_column("won", [0] * len(known)),
                    "IMPORT",
                )
            )


def _repeated(row: Parsed, first_at: dict[str, int]) -> Parsed | BadRow:
    """Return the row, or that it repeats a claim which an earlier row of the file has."""
    first = first_at.setdefault(row.claim_key, row.number)
    if first == row.number:
        return row
    return BadRow(row.number, row.key, f"the claim {row.claim_key} stands in row {first} already")


def _rating_columns(rows: Sequence[Parsed]) -> dict[str, Any]:
    ages = products.insurance_age(
        born=as_column("days", [r.birth_date for r in rows]),
        on=as_column("days", [r.contract_date for r in rows]),
    )
    names = rows[0].inputs.keys()
    return {
        "age": ages,
        "sex": as_column("keys", [r.sex for r in rows]),
        "term_months": as_column("ints", [r.term_months for r in rows]),
        "pay_months": as_column("ints", [r.term_months for r in rows]),
        "per_year": np.full(len(rows), 12),
        "sum_assured": as_column("won", [r.sum_assured for r in rows]),
        **{name: as_column("keys", [r.inputs[name] for r in rows]) for name in names},
    }


def _same(text: str, rows: Sequence[Parsed]) -> Keys:
    return as_column("keys", [text] * len(rows))


def _contract_numbers(keys: Sequence[str]) -> dict[str, str]:
    found = Contract.objects.filter(external_key__in=keys)
    return {str(key): number for key, number in found.values_list("external_key", "contract_id")}


def write_refusals(path: Path, refused: Sequence[BadRow]) -> None:
    """Write the refused rows as CSV: row number, key, reason; no text is a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "key", "reason"])
        for bad in sorted(refused, key=lambda b: b.number):
            writer.writerow([bad.number, _plain(bad.key), _plain(bad.reason)])


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
