"""Underwriting of a batch by the product's decision table; the gravest answer decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from products.rules.jdm import Fired
from products.rules.ruleset import RuleSet


class Result(StrEnum):
    """Answers in order of gravity."""

    PASS = "PASS"  # noqa: S105
    CONDITION = "CONDITION"
    REFER = "REFER"
    REJECT = "REJECT"


GRAVITY = {result: rank for rank, result in enumerate(Result)}


@dataclass(frozen=True)
class Finding:
    """One rule that applied.

    Attributes:
        rule: id of the row.
        result: what it says.
        extra_percent: extra on the cost of risk (할증), percent.
        exclusion: coverage or body part excluded (부담보), empty for none.
        reason: text by language code.
    """

    rule: str
    result: Result
    extra_percent: int
    exclusion: str
    reason: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What the rules say of one combination of inputs.

    Attributes:
        result: the gravest result; PASS when no rule applied.
        extra_percent: sum of the extras.
        exclusions: exclusions in order.
        findings: the rules that applied.
    """

    result: Result
    extra_percent: int
    exclusions: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Underwritten:
    """Answers of a batch: ``outcomes[index[i]]`` belongs to row i."""

    index: NDArray[np.int64]
    outcomes: tuple[Outcome, ...]

    @property
    def results(self) -> NDArray[np.object_]:
        """Result of each row, (n,)."""
        return np.array([str(o.result) for o in self.outcomes], dtype=object)[self.index]

    @property
    def extra_percent(self) -> NDArray[np.int64]:
        """Extra of each row in percent, (n,)."""
        return np.array([o.extra_percent for o in self.outcomes], np.int64)[self.index]


def underwrite(ruleset: RuleSet, columns: Mapping[str, ArrayLike]) -> Underwritten:
    """Apply the UNDERWRITING rule to a batch.

    Args:
        ruleset: rules of one version.
        columns: as for `products.rules.rating.rate`, and the rule's declared inputs.

    Returns:
        The outcome of each row. A product without the rule passes everybody.

    Raises:
        RuleFailed: an input is missing or ZEN refuses a value.
    """
    prepared = ruleset.prepare(columns)
    table = ruleset.underwriting
    if table is None:
        whole = np.zeros(len(prepared["age"]), np.int64)
        return Underwritten(whole, (Outcome(Result.PASS, 0, (), ()),))
    answer = table.evaluate(prepared)
    return Underwritten(answer.index, tuple(_outcome(fired) for fired in answer.outcomes))


def _outcome(fired: Fired) -> Outcome:
    """Join the rules that applied."""
    findings = tuple(
        Finding(
            rule=row,
            result=Result(str(output["result"])),
            extra_percent=int(output.get("extra_percent") or 0),
            exclusion=str(output.get("exclusion") or ""),
            reason=_reason(output, note),
        )
        for row, output, note in zip(fired.rows, fired.outputs, fired.notes, strict=True)
    )
    gravest = max((f.result for f in findings), key=GRAVITY.__getitem__, default=Result.PASS)
    return Outcome(
        result=gravest,
        extra_percent=sum(f.extra_percent for f in findings),
        exclusions=tuple(f.exclusion for f in findings if f.exclusion),
        findings=findings,
    )


def _reason(output: Mapping[str, Any], note: str) -> dict[str, str]:
    korean = str(output.get("reason_ko") or note)
    return {"ko": korean, "en": str(output.get("reason_en") or korean)}
