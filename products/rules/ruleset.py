"""The rules of one product version, compiled once and used for any number of contracts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike, NDArray

from products.rules import basis as bases
from products.rules.basis import Basis
from products.rules.jdm import DecisionTable, Expression, RuleFailed
from products.rules.rounding import Mode
from products.rules.surrender import Deduction, SurrenderBasis

Column = NDArray[Any]
STANDARD = ("age", "term_months", "pay_months", "per_year", "sum_assured")
SEXES = np.array(["M", "F"], dtype=object)


@dataclass(frozen=True)
class Factor:
    """One multiplier of the premium.

    Attributes:
        code: name within the rule.
        name: display name by language code.
        applies_to: ``risk`` multiplies the cost of benefits, ``gross`` the whole premium.
        coverages: codes of the coverages that a risk factor touches; empty for all.
        source: compiled table or expression that answers ``factor``.
    """

    code: str
    name: Mapping[str, str]
    applies_to: str
    coverages: tuple[str, ...]
    source: DecisionTable | Expression


@dataclass(frozen=True)
class CommissionPlan:
    """Commission of a version.

    Attributes:
        comm_rate: percent of the first premium, before the agent's rate.
        instalments: (k,) numbers of the paid premium at which each part is earned, ascending.
        rates: percent of one premium at each instalment; the first one's is ``comm_rate``.
        first_year_multiple: cap of the first year in monthly premiums (1,200 % rule).
    """

    comm_rate: Decimal
    instalments: tuple[int, ...]
    rates: tuple[Decimal, ...]
    first_year_multiple: Decimal


@dataclass(frozen=True)
class ClawbackPlan:
    """Share of paid commission taken back on early termination, by paid instalments.

    Attributes:
        last: (bands,) last number of paid instalments of each band, ascending.
        percents: (bands + 1,) percent of each band, 0 after the last.
        always_full: causes for which everything is taken back at any time.
    """

    last: NDArray[np.int64]
    percents: NDArray[np.float64]
    always_full: frozenset[str]

    def percent(self, paid_instalments: ArrayLike) -> NDArray[np.float64]:
        """Return the percent taken back, (n,); no instalment paid counts as the first band."""
        return self.percents[np.searchsorted(self.last, np.asarray(paid_instalments, np.int64))]


@dataclass(frozen=True)
class RuleSet:
    """Rules of one version, checked beforehand by `products.rules.schemas`.

    Attributes:
        product_code: the product.
        version: number of the version.
        rules: rule by type, as parsed from JSON.
    """

    product_code: str
    version: int
    rules: Mapping[str, Any] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rules in canonical form."""
        text = json.dumps(self.rules, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def calc(self) -> Mapping[str, Any]:
        """The PREMIUM_CALC rule."""
        return self.rules["PREMIUM_CALC"]

    @cached_property
    def limits(self) -> Mapping[str, Any]:
        """The COVERAGE_LIMIT rule."""
        return self.rules["COVERAGE_LIMIT"]

    @cached_property
    def basis(self) -> Basis:
        """Basis of the premium."""
        return bases.read(self.calc["basis"], self.limits)

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """Compiled multipliers of the premium, in order."""
        return tuple(_factor(entry) for entry in self.calc.get("factors", []))

    @cached_property
    def rounding(self) -> tuple[int, Mode]:
        """Unit in won and mode of the final rounding."""
        rule = self.calc["rounding"]
        return int(rule["unit"]), Mode(rule["mode"])

    @cached_property
    def reserve_method(self) -> str:
        """NET_PREMIUM, UNEARNED_DAILY, UNEARNED_24 or UNEARNED_8."""
        return str(self.rules["RESERVE"]["method"])

    @cached_property
    def reserve_basis(self) -> Basis:
        """Basis of the reserve: its own, or that of the premium."""
        rule = self.rules["RESERVE"]
        if isinstance(rule.get("basis"), Mapping):
            return bases.read(rule["basis"], self.limits)
        return self.basis

    @cached_property
    def surrender(self) -> SurrenderBasis:
        """Terms of surrender."""
        rule = self.rules["RESERVE"].get("surrender", {})
        return SurrenderBasis(
            kind=Deduction(rule.get("kind", Deduction.PROTECTION)),
            cap_multiple=float(rule.get("cap_multiple", 1.0)),
            runoff_years=int(rule.get("runoff_years", 7)),
            guarantee_ratio=float(rule.get("guarantee_ratio", 1.0)),
            channel_factor=float(rule.get("channel_factor", 1.0)),
        )

    @cached_property
    def underwriting(self) -> DecisionTable | None:
        """Compiled table of the UNDERWRITING rule, None where the product has none."""
        rule = self.rules.get("UNDERWRITING")
        return DecisionTable(rule["table"], "UNDERWRITING") if rule else None

    @cached_property
    def commission(self) -> CommissionPlan:
        """Commission plan."""
        rule = self.rules["COMMISSION_RULE"]
        return CommissionPlan(
            comm_rate=Decimal(str(rule["comm_rate"])),
            instalments=tuple(int(entry["instalment"]) for entry in rule["instalments"]),
            rates=tuple(Decimal(str(entry["rate"])) for entry in rule["instalments"]),
            first_year_multiple=Decimal(str(rule["cap"]["first_year_multiple"])),
        )

    @cached_property
    def clawback(self) -> ClawbackPlan:
        """Clawback plan; nothing is taken back where the product has no such rule."""
        rule = self.rules.get("CLAWBACK", {"table": []})
        return ClawbackPlan(
            last=np.array([band["to"] for band in rule["table"]], np.int64),
            percents=np.array([*(band["percent"] for band in rule["table"]), 0.0], np.float64),
            always_full=frozenset(rule.get("always_full", ())),
        )

    def inputs(self, *rule_types: str) -> dict[str, Mapping[str, Any]]:
        """Return declared inputs by name, of the given rules or of pricing and underwriting."""
        found: dict[str, Mapping[str, Any]] = {}
        for rule_type in rule_types or ("PREMIUM_CALC", "UNDERWRITING"):
            for entry in self.rules.get(rule_type, {}).get("inputs", []):
                found.setdefault(entry["name"], entry)
        return found

    def prepare(self, columns: Mapping[str, ArrayLike]) -> dict[str, Column]:
        """Bring the inputs of a batch to full columns.

        Args:
            columns: the standard inputs (``sex`` as "M"/"F" or 0/1) and any declared ones;
                scalars spread. Declared inputs left out take their default.

        Returns:
            (n,) arrays: standard integers as int64, ``sex`` as "M"/"F", ``sex_index`` as 0/1, and
            every declared input.

        Raises:
            RuleFailed: a standard input is missing.
        """
        missing = [name for name in ("sex", *STANDARD) if name not in columns]
        if missing:
            params = {"rule": self.product_code, "name": missing[0]}
            msg = _("%(rule)s: the input %(name)s is missing.") % params
            raise RuleFailed(msg)
        length = max(np.size(value) for value in columns.values())
        out: dict[str, Column] = {
            name: np.broadcast_to(np.asarray(columns[name], np.int64), (length,))
            for name in STANDARD
        }
        index = _sex_index(columns["sex"], length)
        out["sex_index"], out["sex"] = index, SEXES[index]
        declared = self.inputs()
        for name, entry in declared.items():
            given = np.asarray(columns.get(name, entry["default"]))
            if given.dtype.kind in "US":
                given = given.astype(object)
            out[name] = np.broadcast_to(given, (length,))
        return out


def _sex_index(values: ArrayLike, length: int) -> NDArray[np.int64]:
    """Return 0 for male and 1 for female, from letters or numbers."""
    given = np.broadcast_to(np.asarray(values), (length,))
    if given.dtype.kind in "iub":
        return given.astype(np.int64)
    return (given == "F").astype(np.int64)


def _factor(entry: Mapping[str, Any]) -> Factor:
    """Compile one factor."""
    source: DecisionTable | Expression
    if "table" in entry:
        source = DecisionTable(entry["table"], entry["code"])
    else:
        source = Expression(entry["expression"], entry["code"])
    return Factor(
        code=entry["code"],
        name=entry["name"],
        applies_to=entry["applies_to"],
        coverages=tuple(entry.get("coverages", ())),
        source=source,
    )
