"""The posting engine: which entries and lines a batch of facts posts, over whole columns at once.

A rule is read once from its data (``read``); ``lines_for`` then turns the columns of an event into
entries and lines. Positive amounts stand on the side that the rule names, negative ones on the
other; nothing is posted for zero. Every fact makes an entry of its own, unless a line of the rule
gathers: then facts of one key share an entry, and that line is the sum of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.errors import DomainError

Columns = Mapping[str, NDArray[Any]]
_TERM = re.compile(r"\s*([+-]?)\s*([a-z][a-z0-9_]*)\s*")


class NoAccountForValue(DomainError):
    """The rule names no account for a value that occurs in the event."""


class MixedFacts(DomainError):
    """Facts that share an entry ask for different accounts or groups on a gathered line."""


class UnbalancedRule(DomainError):
    """The rule's lines do not balance for the facts at hand."""


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """An account, fixed or chosen by a column's value.

    Args:
        code: the fixed account; empty when ``column`` decides.
        column: whose value decides; with no ``of`` the value is the account itself.
        of: account by value.
        other: the choice for values that ``of`` does not name.
    """

    code: str = ""
    column: str = ""
    of: Mapping[str, str] | None = None
    other: AccountChoice | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule.

    Args:
        sign: +1 debit, −1 credit.
        account: where it is posted.
        amount: (factor, column) terms that sum to the amount.
        reference: column of the line's business key.
        when: column → values for which the line exists.
        group: whether the line carries the group of insurance contracts.
        gather: whether the line is the sum of all facts of one key.
    """

    sign: int
    account: AccountChoice
    amount: tuple[tuple[int, str], ...]
    reference: str
    when: Mapping[str, tuple[str, ...]]
    group: bool
    gather: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A posting rule, read."""

    code: str
    keys: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries and lines in columns.

    ``row`` (entries,) is the (first) fact of each entry; ``reference`` and ``key`` (entries,) its
    business key and its full identity. The columns from ``entry`` on are (lines,), by entry and
    ``line_no``; ``entry`` counts entries from 0. Amounts are whole won, one side zero.
    """

    row: NDArray[np.int64]
    reference: NDArray[np.object_]
    key: NDArray[np.object_]
    entry: NDArray[np.int64]
    line_no: NDArray[np.int64]
    account: NDArray[np.object_]
    debit: NDArray[np.int64]
    credit: NDArray[np.int64]
    line_reference: NDArray[np.object_]
    group: NDArray[np.object_]


def terms(expression: str) -> tuple[tuple[int, str], ...]:
    """Read a sum of columns such as ``"amount - released"``.

    Raises:
        ValueError: it is not a sum of column names.
    """
    found: list[tuple[int, str]] = []
    place = 0
    while place < len(expression):
        match = _TERM.match(expression, place)
        if match is None or (found and not match[1]):
            raise ValueError(
                _("%(text)s is not a sum of columns such as amount - fee.")
                % {"text": repr(expression)}
            )
        found.append((-1 if match[1] == "-" else 1, match[2]))
        place = match.end()
    if not found:
        raise ValueError(_("An amount names at least one column."))
    return tuple(found)


def read(code: str, keys: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> Rule:
    """Read a rule from its data, which ``accounting.rules.checking`` has accepted."""
    return Rule(code, tuple(keys), tuple(_line(line, keys[0]) for line in lines))


def _line(data: Mapping[str, Any], reference: str) -> Line:
    when = data.get("when", {})
    return Line(
        sign=1 if data["side"] == "D" else -1,
        account=_choice(data["account"]),
        amount=terms(data["amount"]),
        reference=data.get("reference", reference),
        when={c: (v,) if isinstance(v, str) else tuple(v) for c, v in when.items()},
        group=bool(data.get("group", False)),
        gather=bool(data.get("gather", False)),
    )


def _choice(data: Any) -> AccountChoice:
    if isinstance(data, str):
        return AccountChoice(code=data)
    other = _choice(data["else"]) if "else" in data else None
    return AccountChoice(column=data["column"], of=data.get("of"), other=other)


def lines_for(rule: Rule, columns: Columns) -> Posting:
    """Compute the entries and lines that a batch of facts posts by one rule.

    Args:
        rule: the rule.
        columns: the event's columns, (n,) each; ``group_code`` where lines carry a group.

    Returns:
        The posting: one entry for each fact with an amount that is not zero, or one for all facts
        of a key where the rule gathers.

    Raises:
        NoAccountForValue: an account is chosen by a value that the rule does not name.
        MixedFacts: facts that share an entry differ in what their common line names.
        UnbalancedRule: debits and credits of a fact differ.
    """
    signed = _signed(rule, columns)  # (n, lines), debit positive
    if np.any(signed.sum(axis=1)):
        row = int(np.flatnonzero(signed.sum(axis=1))[0])
        raise UnbalancedRule(
            _("%(rule)s: the lines of %(fact)s do not balance.")
            % {"rule": rule.code, "fact": columns[rule.keys[0]][row]}
        )
    if any(line.gather for line in rule.lines):
        return _filled(rule, columns, *_gathered(rule, columns, signed))
    fact, place = np.nonzero(signed)  # facts ascend
    begins = np.flatnonzero(np.diff(fact, prepend=-1))
    rows, entry = fact[begins], np.repeat(np.arange(len(begins)), np.diff(begins, append=len(fact)))
    return _filled(rule, columns, rows, entry, place, fact, signed[fact, place])


_Flat = tuple[NDArray[np.int64], ...]


def _gathered(rule: Rule, columns: Columns, signed: NDArray[np.int64]) -> _Flat:
    """Return the first fact of each entry, and entry, place, fact and amount of each line."""
    facts = np.flatnonzero(signed.any(axis=1))
    _reference, keys = _keys(rule, columns, facts)
    numbers: dict[str, int] = {}
    entry = np.asarray([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
    first = np.empty(len(numbers), np.int64)
    first[entry[::-1]] = facts[::-1]
    parts: list[_Flat] = []
    for number, line in enumerate(rule.lines):
        amount, mine, chosen = signed[facts, number], entry, facts
        if line.gather:
            _alike(rule, line, columns, facts, first[entry])
            amount = np.bincount(entry, amount, len(first)).astype(np.int64)
            mine, chosen = np.arange(len(first)), first
        hit = np.flatnonzero(amount)
        parts.append((mine[hit], np.full(len(hit), number), chosen[hit], amount[hit]))
    mine, place, chosen, amount = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((place, mine))
    left, mine = np.unique(mine[order], return_inverse=True)  # what sums to nothing posts nothing
    return first[left], mine, place[order], chosen[order], amount[order]


def _alike(
    rule: Rule,
    line: Line,
    columns: Columns,
    facts: NDArray[np.int64],
    first: NDArray[np.int64],
) -> None:
    """Raise MixedFacts unless facts name the same account and group as the first of their entry."""
    account = _accounts(rule, line.account, columns, facts)
    other = account != _accounts(rule, line.account, columns, first)
    if line.group:
        other |= columns["group_code"][facts] != columns["group_code"][first]
    if np.any(other):
        fact = columns[rule.keys[0]][facts[np.flatnonzero(other)[0]]]
        raise MixedFacts(
            _("%(rule)s: facts of %(fact)s belong to different accounts or groups.")
            % {"rule": rule.code, "fact": fact}
        )


def _filled(
    rule: Rule,
    columns: Columns,
    rows: NDArray[np.int64],
    entry: NDArray[np.int64],
    place: NDArray[np.int64],
    fact: NDArray[np.int64],
    amount: NDArray[np.int64],
) -> Posting:
    """Make the posting of lines that are ordered by entry."""
    first = np.searchsorted(entry, np.arange(len(rows)))
    reference, key = _keys(rule, columns, rows)
    posting = Posting(
        row=rows,
        reference=reference,
        key=key,
        entry=entry,
        line_no=np.arange(len(fact)) - first[entry] + 1,
        account=np.empty(len(fact), dtype=object),
        debit=np.maximum(amount, 0),
        credit=np.maximum(-amount, 0),
        line_reference=np.empty(len(fact), dtype=object),
        group=np.empty(len(fact), dtype=object),
    )
    for number, line in enumerate(rule.lines):
        here = place == number
        chosen = fact[here]
        posting.account[here] = _accounts(rule, line.account, columns, chosen)
        posting.line_reference[here] = _text(columns[line.reference])[chosen]
        posting.group[here] = columns["group_code"][chosen] if line.group else ""
    return posting


def _signed(rule: Rule, columns: Columns) -> NDArray[np.int64]:
    n = len(columns[rule.keys[0]])
    signed = np.zeros((n, len(rule.lines)), dtype=np.int64)
    for number, line in enumerate(rule.lines):
        for factor, name in line.amount:
            signed[:, number] += line.sign * factor * columns[name]
        for name, values in line.when.items():
            signed[~np.isin(_text(columns[name]).astype(str), values), number] = 0
    return signed


def _keys(
    rule: Rule, columns: Columns, rows: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    reference = _text(columns[rule.keys[0]])[rows]
    key = np.empty(len(rows), dtype=object)
    if len(rule.keys) == 1:
        key[:] = reference
    else:
        parts = [reference, *(_text(columns[name])[rows] for name in rule.keys[1:])]
        key[:] = ["/".join(values) for values in zip(*parts, strict=True)]
    return reference, key


def _accounts(
    rule: Rule, choice: AccountChoice, columns: Columns, rows: NDArray[np.int64]
) -> NDArray[np.object_]:
    accounts = np.empty(len(rows), dtype=object)
    if choice.code:
        accounts[:] = choice.code
        return accounts
    values = _text(columns[choice.column])[rows]
    if choice.of is None:
        return values
    accounts[:] = [choice.of.get(value, "") for value in values]
    missing = accounts == ""
    if not np.any(missing):
        return accounts
    if choice.other is None:
        value = values[missing][0]
        raise NoAccountForValue(
            _("%(rule)s names no account for %(column)s = %(value)s; add it to the rule.")
            % {"rule": rule.code, "column": choice.column, "value": repr(value)}
        )
    accounts[missing] = _accounts(rule, choice.other, columns, rows[missing])
    return accounts


def _text(column: NDArray[Any]) -> NDArray[np.object_]:
    if column.dtype == object:
        return column
    text = np.empty(len(column), dtype=object)
    text[:] = [str(value) for value in column.tolist()]
    return text
