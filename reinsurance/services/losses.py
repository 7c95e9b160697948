"""Recoveries: worked out when a claim is paid, received when the reinsurer pays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from contracts import api as contracts
from core.bulk import copy_rows, take_ids
from core.columns import Days, Ints, Keys, Won, as_column
from core.errors import DomainError, NotFound
from core.events import MAX_ROWS, publish
from core.status import transition_rows
from reinsurance import rules
from reinsurance.events import RecoveriesDue, RecoveriesReceived
from reinsurance.models import CededLoss, Recovery, Treaty
from reinsurance.selectors import layers_of

from .entries import Recovered, by_line, reinstate
from .treaties import lock_lines
from .write_downs import write_up


class PartialReceipt(DomainError):
    """The reinsurer paid another amount than it owes."""


class ReceivedAlready(DomainError):
    """The recovery has been received by another receipt."""


class NoReference(DomainError):
    """A receipt has a reference, such as the bank's or the reinsurer's account number."""


@transaction.atomic
def cede_losses(
    *,
    payout_id: Ints,
    claim_number: Keys,
    contract_number: Keys,
    line: Keys,
    loss_date: Days,
    amount: Won,
    on: date,
) -> int:
    """Work out what reinsurers owe for paid claims, write it and tell it.

    A payout that was ceded before is left alone, so that the same payment ten times is one
    recovery.

    Args:
        payout_id: (n,) payments.
        claim_number: (n,) claims.
        contract_number: (n,) contracts.
        line: (n,) portfolios.
        loss_date: (n,) days of the losses; treaties cover losses by their date.
        amount: (n,) paid for the losses, without late interest and fees, won.
        on: the day of the payment; reinsurers are billed on it.

    Returns:
        How many recoveries there are.
    """
    lines = sorted(set(line.tolist()))
    lock_lines(lines)
    known = set(CededLoss.objects.filter(pk__in=payout_id.tolist()).values_list("pk", flat=True))
    fresh = np.asarray([key not in known for key in payout_id.tolist()], dtype=bool) & (amount > 0)
    losses = {
        "payout_id": payout_id[fresh],
        "claim_number": claim_number[fresh],
        "contract_number": contract_number[fresh],
        "line": line[fresh],
        "loss_date": loss_date[fresh].astype("datetime64[D]"),
        "amount": amount[fresh],
    }
    if not fresh.any():
        return 0
    treaties = programme_for(lines, losses["loss_date"])
    layers, covers = layers_for(
        treaties,
        line=losses["line"],
        loss_date=losses["loss_date"],
        contract=losses["contract_number"],
    )
    losses["sum_insured"] = sums_of(treaties, losses["contract_number"])
    paid = rules.recover(losses["amount"], layers, covers, sums=losses["sum_insured"])
    _write_losses(losses, treaties, covers, paid, on)
    count = _write_recoveries(losses, treaties, layers, paid, on)
    _buy_back(losses, treaties, layers, paid, on)
    return count


def layers_for(
    treaties: Sequence[Treaty], *, line: Keys, loss_date: Days, contract: Keys
) -> tuple[list[rules.Layer], NDArray[np.bool_]]:
    """Return treaties as layers, and (n, treaties) which of them covers which loss."""
    return layers_of(treaties), covered(treaties, line=line, loss_date=loss_date, contract=contract)


def covered(
    treaties: Sequence[Treaty], *, line: Keys, loss_date: Days, contract: Keys
) -> NDArray[np.bool_]:
    """Say which treaty covers which loss, by line, loss date and, facultative, contract.

    Returns:
        (n, treaties).
    """
    out = np.zeros((len(line), len(treaties)), dtype=bool)
    for number, treaty in enumerate(treaties):
        lower, upper = np.datetime64(treaty.period.lower), np.datetime64(treaty.period.upper)
        out[:, number] = (line == treaty.line) & (loss_date >= lower) & (loss_date < upper)
        if treaty.contract_number:
            out[:, number] &= contract == treaty.contract_number
    return out


def sums_of(treaties: Sequence[Treaty], contract: Keys) -> Won:
    """Return the sums insured of contracts, won; 0 where no treaty asks for them."""
    if not any(treaty.kind == rules.SURPLUS for treaty in treaties):
        return np.zeros(len(contract), dtype=np.int64)
    facts = contracts.facts(set(contract.tolist()))
    sums = [facts[key].sum_assured if key in facts else 0 for key in contract]
    return as_column("won", [int(value) for value in sums])


def programme_for(lines: list[str], loss_date: Days) -> list[Treaty]:
    """Return the treaties that may cover losses one by one; those with a limit are locked."""
    found = (
        Treaty.objects.filter(
            line__in=lines,
            status__in=["SIGNED", "ENDED"],
            period__overlap=DateRange(loss_date.min().item(), loss_date.max().item(), "[]"),
        )
        .exclude(kind__in=rules.ACCUMULATING)
        .order_by("treaty_code")
    )
    limited = found.filter(aggregate_limit__gt=0)
    list(limited.select_for_update().values_list("pk", flat=True))
    return list(found)


def _write_losses(
    losses: dict[str, Any],
    treaties: list[Treaty],
    covers: NDArray[np.bool_],
    paid: NDArray[np.int64],
    on: date,
) -> None:
    codes = [treaty.treaty_code for treaty in treaties]
    copy_rows(
        CededLoss,
        {
            "payout": losses["payout_id"],
            "claim_number": losses["claim_number"],
            "contract_number": losses["contract_number"],
            "line": losses["line"],
            "loss_date": losses["loss_date"],
            "paid_on": on,
            "gross": losses["amount"],
            "ceded": paid.sum(axis=1),
            "sum_insured": losses["sum_insured"],
            "treaties": [
                orjson.dumps([codes[j] for j in np.flatnonzero(row)]).decode() for row in covers
            ],
        },
    )


def _write_recoveries(
    losses: dict[str, Any],
    treaties: list[Treaty],
    layers: list[rules.Layer],
    paid: NDArray[np.int64],
    on: date,
) -> int:
    row, column = np.nonzero(paid)
    if not len(row):
        return 0
    inuring = inuring_before(layers)
    row, column, reinsurer, amount, line = by_line(treaties, row, column, paid[row, column])
    ids = take_ids(Recovery, len(row))
    columns = {
        "ri_claim_id": ids,
        "reception_id": losses["claim_number"][row],
        "contract_id": losses["contract_number"][row],
        "treaty_code": as_column("keys", [treaties[j].treaty_code for j in column]),
        "reinsurer": reinsurer,
        "line": losses["line"][row],
        "amount": amount,
    }
    copy_rows(
        Recovery,
        {
            "ri_claim_id": ids,
            "payout": losses["payout_id"][row],
            "treaty": columns["treaty_code"],
            "reinsurer_name": columns["reinsurer"],
            "recovery_amount": amount,
            "status": "PENDING",
            "line": columns["line"],
            "claim_number": columns["reception_id"],
            "contract_number": columns["contract_id"],
            "billed_on": on,
            "receipt_reference": "",
            "trace": [
                orjson.dumps(
                    {
                        "kind": layers[j].kind,
                        "loss": int(losses["amount"][i]),
                        "loss_date": str(losses["loss_date"][i]),
                        "percent": str(layers[j].percent),
                        "sum_insured": int(losses["sum_insured"][i]),
                        "by_quota_share": int(paid[i, inuring[j]].sum()),
                        "retention": layers[j].retention,
                        "limit": layers[j].limit,
                        "left_before": layers[j].left,
                        "amount": int(paid[i, j]),
                        **({"signed": signed} if signed < rules.SIGNED else {}),
                    }
                ).decode()
                for i, j, signed in zip(row.tolist(), column.tolist(), line.tolist(), strict=True)
            ],
        },
    )
    for start in range(0, len(ids), MAX_ROWS):
        part = slice(start, start + MAX_ROWS)
        publish(RecoveriesDue(business_date=on, **{n: c[part] for n, c in columns.items()}))
    return len(ids)


def _buy_back(
    losses: dict[str, Any],
    treaties: list[Treaty],
    layers: list[rules.Layer],
    paid: NDArray[np.int64],
    on: date,
) -> None:
    """Charge the reinstatements of layers that these losses used up."""
    for j, treaty in enumerate(treaties):
        if not treaty.reinstatements:
            continue
        recovered = [
            Recovered(
                int(losses["payout_id"][i]),
                losses["claim_number"][i],
                losses["loss_date"][i].item(),
                int(paid[i, j]),
            )
            for i in np.flatnonzero(paid[:, j]).tolist()
        ]
        used = int(treaty.aggregate_limit) - (layers[j].left or 0)
        reinstate(treaty, recovered, before=used, on=on)


def inuring_before(layers: Sequence[rules.Layer]) -> list[list[int]]:
    """Return for each layer the numbers of those whose payments it does not see."""
    order = rules.ORDER.index
    return [
        [i for i, x in enumerate(layers) if x.inures and order(x.kind) < order(layer.kind)]
        for layer in layers
    ]


@transaction.atomic
def receive_many(
    ri_claim_ids: Sequence[int],
    *,
    amounts: Sequence[Decimal | int],
    references: Sequence[str],
    on: date,
) -> int:
    """Record that reinsurers paid what they owe; the same receipt again changes nothing.

    Args:
        ri_claim_ids: recoveries, each once.
        amounts: what was paid for each, won; it must be what is owed.
        references: of the receipts.
        on: the day of the receipts.

    Returns:
        How many were newly received.

    Raises:
        NotFound, NoReference, PartialReceipt.
        ReceivedAlready: by another receipt.
    """
    given = {
        int(key): (Decimal(amount), reference.strip())
        for key, amount, reference in zip(ri_claim_ids, amounts, references, strict=True)
    }
    rows = list(Recovery.objects.select_for_update().filter(pk__in=given).order_by("pk"))
    if len(rows) < len(given):
        raise NotFound(_("There is no such recovery."))
    fresh = [row for row in rows if _is_new(row, *given[row.pk])]
    write_up(fresh, on)
    by_reference: dict[str, list[Recovery]] = {}
    for row in fresh:
        by_reference.setdefault(given[row.pk][1], []).append(row)
    for reference, part in by_reference.items():
        transition_rows(
            Recovery,
            [row.pk for row in part],
            frm=["PENDING"],
            to="RECOVERED",
            reason=reference,
            received_on=on,
            receipt_reference=reference[:60],
        )
    for start in range(0, len(fresh), MAX_ROWS):
        _tell_received(fresh[start : start + MAX_ROWS], on)
    return len(fresh)


def receive(ri_claim_id: int, *, amount: Decimal | int, reference: str, on: date) -> int:
    """Record that a reinsurer paid one recovery; see ``receive_many``."""
    return receive_many([ri_claim_id], amounts=[amount], references=[reference], on=on)


def _is_new(row: Recovery, amount: Decimal, reference: str) -> bool:
    if not reference:
        raise NoReference(_("Give the reference of the receipt."))
    if row.status == "RECOVERED":
        if row.receipt_reference == reference[:60] and row.recovery_amount == amount:
            return False
        raise ReceivedAlready(
            _("Recovery %(number)s was received on %(day)s by %(reference)s.")
            % {
                "number": row.pk,
                "day": row.received_on,
                "reference": row.receipt_reference,
            }
        )
    if amount != row.recovery_amount:
        raise PartialReceipt(
            _(
                "%(reinsurer)s owes %(owed)s won for %(claim)s and paid %(paid)s: a difference of"
                " %(difference)s. Clear it with the reinsurer; only the whole is received."
            )
            % {
                "reinsurer": row.reinsurer_name,
                "owed": f"{row.recovery_amount:,.0f}",
                "claim": row.claim_number,
                "paid": f"{amount:,.0f}",
                "difference": f"{row.recovery_amount - amount:,.0f}",
            }
        )
    return True


def _tell_received(rows: list[Recovery], on: date) -> None:
    publish(
        RecoveriesReceived.of(
            business_date=on,
            rows=[
                {
                    "ri_claim_id": row.pk,
                    "reception_id": row.claim_number,
                    "treaty_code": row.treaty_id,
                    "reinsurer": row.reinsurer_name,
                    "line": row.line,
                    "amount": row.recovery_amount,
                }
                for row in rows
            ],
        )
    )
