"""What sales asks of products: what is on sale, what a form asks, which rules pay commission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from django.utils.translation import get_language
from numpy.typing import NDArray

from core.columns import Ints, Won
from core.errors import DomainError
from products import api as products
from sales import rules

MONTHLY = 12
_STANDARD = frozenset({"job_class", "existing_sum"})


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the applicant must answer (고지사항)."""

    code: str
    label: Mapping[str, str]
    help: Mapping[str, str]
    kind: str
    default: Any
    choices: tuple[tuple[Any, Mapping[str, str]], ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @property
    def text(self) -> str:
        """The question in the reader's language."""
        return in_language(self.label)

    def accepts(self, answer: Any) -> bool:
        """Say whether an answer is of the right kind."""
        if self.kind == "boolean":
            return isinstance(answer, bool)
        if self.choices:
            return any(answer == value for value, _ in self.choices)
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            return False
        low = self.minimum is None or answer >= self.minimum
        return low and (self.maximum is None or answer <= self.maximum)


@dataclass(frozen=True, slots=True)
class Job:
    """An occupation with its risk class."""

    code: str
    name: Mapping[str, str]
    job_class: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A product rule with the id by which records refer to it."""

    rule_id: int
    value: Mapping[str, Any]


def in_language(texts: Mapping[str, str]) -> str:
    """Return a text in the reader's language, else in Korean."""
    return texts.get((get_language() or "ko")[:2]) or texts.get("ko", "")


@cache
def jobs() -> Mapping[str, Job]:
    """Return the occupations by code."""
    rows = orjson.loads((Path(__file__).parents[1] / "data" / "jobs.json").read_bytes())
    return {
        row["code"]: Job(row["code"], {"ko": row["ko"], "en": row["en"]}, row["class"])
        for row in rows
    }


def on_sale(on: date) -> list[products.Version]:
    """Return the product versions that may be sold on a day."""
    return products.on_sale(on)


def sellable(product_codes: Sequence[str], on: date) -> dict[str, products.Version | str]:
    """Return for each product the version to sell, or why there is none."""
    found: dict[str, products.Version | str] = {}
    for code in product_codes:
        try:
            found[code] = products.sellable(code, on)
        except DomainError as refusal:
            found[code] = str(refusal)
    return found


def version(product_code: str, number: int) -> products.Version:
    """Return a product version. Raises core.errors.NotFound."""
    return products.version(product_code, number)


def plans(product_code: str, number: int) -> list[tuple[int, int]]:
    """Return the offered (term, payment period) in months, in order; term 0 is whole of life."""
    offered = {
        (int(plan["term_months"]), int(pay))
        for plan in products.offer(product_code, number).plans
        for pay in plan["pay_months"]
    }
    return sorted(offered, key=lambda plan: (plan[0] or 10_000, plan[1]))


def sums(product_code: str, number: int) -> tuple[int, int, int]:
    """Return smallest and largest sum assured and the step between, won."""
    offer = products.offer(product_code, number)
    return offer.min_sum, offer.max_sum, offer.step


def per_year(product_code: str, number: int) -> int:
    """Return how often a year a version is paid: monthly where that is offered, else once."""
    offered = products.offer(product_code, number).payments_per_year
    return MONTHLY if MONTHLY in offered else offered[0]


def questions(product_code: str, number: int) -> list[Question]:
    """Return what the applicant must be asked for a version, in order."""
    return [
        _question(entry)
        for entry in products.offer(product_code, number).inputs
        if entry.get("source") == "applicant" and entry["name"] not in _STANDARD
    ]


def _question(entry: Mapping[str, Any]) -> Question:
    return Question(
        code=entry["name"],
        label=entry["label"],
        help=entry.get("help", {}),
        kind=entry["type"],
        default=entry["default"],
        choices=tuple((c["value"], c["label"]) for c in entry.get("choices", ())),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
    )


def rating_columns(
    *,
    age: Ints,
    sex: NDArray[Any],
    term_months: Ints,
    pay_months: Ints,
    sum_assured: Won,
    job_class: Ints,
    asked: Sequence[Question],
    answers: Sequence[Mapping[str, Any]],
    per_year: int = MONTHLY,
) -> dict[str, NDArray[Any]]:
    """Make the input columns of rating and eligibility from applications of one version."""
    columns: dict[str, NDArray[Any]] = {
        "age": age,
        "sex": sex,
        "term_months": term_months,
        "pay_months": pay_months,
        "sum_assured": sum_assured,
        "per_year": np.full(len(age), per_year),
        "job_class": job_class,
    }
    for question in asked:
        values = [given.get(question.code, question.default) for given in answers]
        columns[question.code] = np.asarray(values)
    return columns


def refusals(
    product_code: str, number: int, columns: Mapping[str, NDArray[Any]]
) -> list[tuple[int, str]]:
    """Return (row, reason) for every limit of the version that a row breaks."""
    return [(r.row, r.reason) for r in products.eligible(product_code, number, columns)]


def rate(product_code: str, number: int, columns: Mapping[str, NDArray[Any]]) -> tuple[Won, Ints]:
    """Price a batch inside the caller's transaction; return premiums and ids of the traces."""
    rated = products.rate(product_code, number, columns)
    return rated.premiums, rated.rating_ids


def schedule(
    product_code: str, number: int, columns: Mapping[str, NDArray[Any]], premium: int
) -> list[products.ScheduleRow]:
    """Return what the contract of the first row would be worth as it grows older."""
    names = ("age", "term_months", "pay_months", "per_year", "sum_assured")
    given = {name: int(columns[name][0]) for name in names}
    return products.schedule(
        product_code, number, sex=str(columns["sex"][0]), premium=premium, **given
    )


def insurance_age(born: NDArray[Any], on: date) -> Ints:
    """Return insurance ages (보험나이) on a day."""
    return products.insurance_age(born=born, on=np.datetime64(on, "D"))


def rule(product_code: str, number: int, rule_type: str) -> RuleRow | None:
    """Return a rule of a version, None where it has none."""
    found = products.rule(product_code, number, rule_type)
    return None if found is None else RuleRow(found.rule_id, found.value)


def commission_plan(product_code: str, number: int) -> tuple[int, rules.Plan]:
    """Return the id and the plan of a version's COMMISSION_RULE.

    Raises:
        NotPayable: the version has none.
    """
    found = rule(product_code, number, "COMMISSION_RULE")
    if found is None:
        raise NotPayable(f"{product_code} v{number} has no commission rule.")
    return found.rule_id, rules.plan_of(found.value)


def clawback_table(product_code: str, number: int) -> tuple[int, rules.ClawbackTable]:
    """Return the id and the table of a version's CLAWBACK rule; none takes nothing back."""
    found = rule(product_code, number, "CLAWBACK")
    if found is None:
        return 0, rules.clawback_of({})
    return found.rule_id, rules.clawback_of(found.value)


class NotPayable(DomainError):
    """A product version was sold without a commission rule."""
