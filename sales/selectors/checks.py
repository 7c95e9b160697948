"""May these applications be taken? The same checks for one and for ten thousand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from core.columns import Days, Flags, Ints, Keys, Won
from products.api import Version
from sales import rules
from sales.selectors import catalogue, organisation

BARS: dict[str, str | Promise] = {
    "UNKNOWN": gettext_lazy("There is no agent %(agent)s."),
    "RETIRED": gettext_lazy("Agent %(agent)s is retired and may not sell."),
    "NOT_YET": gettext_lazy("Agent %(agent)s is appointed only from %(appointed)s on."),
    "UNLICENSED": gettext_lazy("Agent %(agent)s has no licence for this kind of insurance."),
    "UNTRAINED": gettext_lazy(
        "The training of agent %(agent)s was valid until %(training)s. "
        "Record the refresher course first."
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row is not taken."""

    row: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What is checked, as equal-length columns."""

    product_code: Keys
    agent_id: Keys
    applicant_name: Keys
    birth_date: Days
    sex: Keys
    job_code: Keys
    sum_assured: Won
    term_months: Ints
    pay_months: Ints
    disclosures: Sequence[Mapping[str, Any]]
    explained: Flags
    shares: Sequence[Mapping[str, int]]

    @property
    def rows(self) -> int:
        """How many applications."""
        return len(self.product_code)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one product version, with the columns that price them."""

    version: Version
    rows: NDArray[np.int64]
    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the checks found and worked out."""

    rows: int
    refusals: list[Refusal]
    groups: list[Group]
    version_number: Ints
    age: Ints
    job_class: Ints


def review(proposed: Proposed, on: date, *, finished: bool = True) -> Reviewed:
    """Check a batch of applications; nothing is written.

    Args:
        proposed: the batch.
        on: the day of application.
        finished: also ask for every answer and the confirmation of the explanation.
    """
    jobs = catalogue.jobs()
    known = np.asarray([code in jobs for code in proposed.job_code], dtype=bool)
    job_class = np.asarray(
        [jobs[code].job_class if code in jobs else 0 for code in proposed.job_code], np.int64
    )
    age = catalogue.insurance_age(proposed.birth_date, on)
    found = [
        *(Refusal(int(row), "JOB", _("Choose an occupation.")) for row in np.flatnonzero(~known)),
        *_names(proposed),
        *_unborn(proposed, on),
        *(_unexplained(proposed) if finished else ()),
        *_not_whole(proposed),
    ]
    version_number = np.zeros(proposed.rows, np.int64)
    groups: list[Group] = []
    offers = catalogue.sellable(sorted(set(proposed.product_code)), on)
    sharing = {agent for shares in proposed.shares for agent in shares}
    sellers = organisation.sellers([*proposed.agent_id, *sorted(sharing)])
    for code, offer in offers.items():
        rows = np.flatnonzero(proposed.product_code == code)
        if isinstance(offer, str):
            found += [Refusal(int(row), "ON_SALE", offer) for row in rows]
            continue
        version_number[rows] = offer.version
        asked = catalogue.questions(code, offer.version)
        group = _group(proposed, rows, offer, asked, age, job_class)
        groups.append(group)
        found += _barred(proposed, rows, sellers, offer.product_type, on)
        found += _answers(proposed, rows, asked, finished=finished)
        found += [
            Refusal(int(rows[row]), "LIMIT", reason)
            for row, reason in catalogue.refusals(code, offer.version, group.columns)
        ]
    found.sort(key=lambda refusal: refusal.row)
    return Reviewed(proposed.rows, found, groups, version_number, age, job_class)


def _names(proposed: Proposed) -> Iterator[Refusal]:
    for row, name in enumerate(proposed.applicant_name):
        if not str(name).strip():
            yield Refusal(row, "NAME", _("Enter the applicant's name."))


def _unborn(proposed: Proposed, on: date) -> Iterator[Refusal]:
    for row in np.flatnonzero(proposed.birth_date > np.datetime64(on, "D")):
        yield Refusal(int(row), "BORN", _("This date of birth has not come yet."))


def _unexplained(proposed: Proposed) -> Iterator[Refusal]:
    text = _("Confirm that the terms were explained and delivered (Commercial Act, Art. 638-3).")
    for row in np.flatnonzero(~proposed.explained):
        yield Refusal(int(row), "EXPLAINED", text)


def _not_whole(proposed: Proposed) -> Iterator[Refusal]:
    """Refuse shares that are not 100 % together, or that leave the seller without one."""
    for row, shares in enumerate(proposed.shares):
        if not shares:
            continue
        if sum(shares.values()) != rules.PERCENT or min(shares.values()) < 1:
            text = _("The shares come to %(sum)s %%; together they are 100 %%.")
            yield Refusal(row, "SHARES", text % {"sum": f"{sum(shares.values()) / 100:g}"})
        elif proposed.agent_id[row] not in shares:
            text = _("%(agent)s sells and keeps a share of the commission.")
            yield Refusal(row, "SHARES", text % {"agent": proposed.agent_id[row]})


def _group(
    proposed: Proposed,
    rows: NDArray[np.int64],
    version: Version,
    asked: Sequence[catalogue.Question],
    age: Ints,
    job_class: Ints,
) -> Group:
    columns = catalogue.rating_columns(
        age=age[rows],
        sex=proposed.sex[rows],
        term_months=proposed.term_months[rows],
        pay_months=proposed.pay_months[rows],
        sum_assured=proposed.sum_assured[rows],
        job_class=np.maximum(job_class[rows], 1),
        asked=asked,
        answers=[_sound(proposed.disclosures[row], asked) for row in rows],
        per_year=catalogue.per_year(version.product_code, version.version),
    )
    return Group(version, rows, columns)


def _sound(answers: Mapping[str, Any], asked: Sequence[catalogue.Question]) -> dict[str, Any]:
    return {
        question.code: answers[question.code]
        for question in asked
        if question.code in answers and question.accepts(answers[question.code])
    }


def _barred(
    proposed: Proposed,
    rows: NDArray[np.int64],
    sellers: Mapping[str, rules.Seller],
    product_type: str,
    on: date,
) -> Iterator[Refusal]:
    bars: dict[str, str] = {}
    for row in rows:
        for agent_id in dict.fromkeys([proposed.agent_id[row], *proposed.shares[row]]):
            seller = sellers.get(agent_id)
            if agent_id not in bars:
                bars[agent_id] = rules.bar_to_sell(seller, product_type=product_type, on=on)
            if bar := bars[agent_id]:
                shown = {
                    "agent": agent_id,
                    "appointed": seller.appointed_on if seller else "",
                    "training": seller.training_valid_until if seller else "",
                }
                yield Refusal(int(row), bar, str(BARS[bar]) % shown)


def _answers(
    proposed: Proposed,
    rows: NDArray[np.int64],
    asked: Sequence[catalogue.Question],
    *,
    finished: bool,
) -> Iterator[Refusal]:
    for row in rows:
        given = proposed.disclosures[row]
        for question in asked:
            if question.code not in given:
                if finished:
                    yield Refusal(
                        int(row), "DISCLOSURE", _("Answer the question: %s") % question.text
                    )
            elif not question.accepts(given[question.code]):
                yield Refusal(
                    int(row), "DISCLOSURE", _("This answer is not possible: %s") % question.text
                )
