"""Training, judging and promoting models of fraud: out of time, on labels of the past only."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from claims import api as claims
from core.columns import Keys
from core.errors import DomainError
from fds import selectors
from fds.models import Label, LearnedModel
from fds.rules import encoding, features, measures
from fds.services import boosting
from fds.services.common import person

Kind, Status = LearnedModel.Kind, LearnedModel.Status
FEWEST = 30
ENOUGH_FOR_TREES = 500
FRAUD, HONEST = (Label.State.CONFIRMED,), (Label.State.INNOCENT,)
HOLD_BACK = 0.25
Numbers = NDArray[np.float64]


class FutureLabels(DomainError):
    """The training would use what could not be known at its end."""


class TooFewFrauds(DomainError):
    """There is too little to learn from."""


class TamperedModel(DomainError):
    """A model's text is not what was stored."""


@dataclass(frozen=True, slots=True)
class Periods:
    """When was learned, calibrated and judged; each [start, next).

    Args:
        since: first report that is learned.
        until: first report that is not; labels decided from then on are not known.
        validated_until: reports in [until, this day) judge the model.
        labels_as_of: labels decided before this day are known when it is judged.
    """

    since: date
    until: date
    validated_until: date
    labels_as_of: date


@dataclass(frozen=True, slots=True)
class Examples:
    """Claims with known outcomes: features and truth, (n,)."""

    reception_id: Keys
    features: features.Features
    truth: Numbers

    def take(self, rows: NDArray[Any]) -> Examples:
        """Return some of the rows."""
        return Examples(self.reception_id[rows], _rows(self.features, rows), self.truth[rows])


def examples(since: date, until: date, *, labels_before: date) -> Examples:
    """Read the claims reported in [since, until) whose outcome was known before a day.

    Established fraud is 1, an inquiry that left no suspicion 0. All other states, and claims
    that nobody looked at, teach nothing: not investigated is not honest.
    """
    numbers = claims.reported_between(since, until)
    known = selectors.labels_known(numbers.tolist(), labels_before)
    judged = np.isin(known.state, (*FRAUD, *HONEST))
    chosen = known.reception_id[judged]
    found = claims.claim_columns(chosen.tolist())
    table = selectors.features(selectors.moments_of(found))
    return Examples(chosen, table, np.isin(known.state[judged], FRAUD).astype(np.float64))


def train(
    *,
    kind: str,
    name: str,
    periods: Periods,
    business_date: date,
    without: Collection[str] = (),
) -> LearnedModel:
    """Learn a model of one kind and judge it on the reports that follow; it starts as candidate.

    Args:
        kind: LIGHTGBM or LOGISTIC.
        name: for people.
        periods: what is learned and what judges.
        business_date: nothing later may be used.
        without: features to leave out.

    Raises:
        FutureLabels: a period is not over, or labels of the judging reach into the learning.
        TooFewFrauds: fewer than 30 established frauds, or no honest claim.
        NotAllowed: a programme cannot train.
    """
    person()
    _refuse_the_future(periods, business_date)
    past = examples(periods.since, periods.until, labels_before=periods.until)
    later = examples(periods.until, periods.validated_until, labels_before=periods.labels_as_of)
    return learn(kind=kind, name=name, periods=periods, past=past, later=later, without=without)


@transaction.atomic
def learn(
    *,
    kind: str,
    name: str,
    periods: Periods,
    past: Examples,
    later: Examples,
    without: Collection[str] = (),
) -> LearnedModel:
    """Learn from examples that were read before; several kinds can share one reading.

    The isotonic steps come from the last quarter of the learning period, scored by a model of the
    first three quarters; the stored model has learned from all of it.

    Raises:
        TooFewFrauds.
    """
    maker = person()
    if past.truth.sum() < FEWEST or past.truth.all():
        raise TooFewFrauds(
            _("%(n)d established frauds among %(all)d claims: at least %(least)d are needed.")
            % {"n": int(past.truth.sum()), "all": len(past.truth), "least": FEWEST}
        )
    held = int(len(past.truth) * (1 - HOLD_BACK))
    rows = np.arange(len(past.truth))
    first, last = past.take(rows[:held]), past.take(rows[held:])
    encoder, artefact = _fit(kind, first, without)
    calibrator = boosting.steps(_raw(kind, artefact, encoder, last.features), last.truth)
    encoder, artefact = _fit(kind, past, without)
    encoder["shares"] = _shares(encoder, past.features)
    score = _raw(kind, artefact, encoder, later.features)
    marks = measures.judge(later.truth, score, measures.isotonic(calibrator, score))
    return LearnedModel.objects.create(
        kind=kind,
        name=name.strip()[:100] or str(Kind(kind).label),
        feature_set=features.VERSION,
        artefact=artefact,
        encoder=encoder,
        calibrator=calibrator,
        sha256=digest(artefact, encoder, calibrator),
        trained_from=periods.since,
        trained_until=periods.until,
        calibrated_until=periods.until,
        validated_until=periods.validated_until,
        labels_as_of=periods.labels_as_of,
        metrics=marks,
        counts={
            "learned": len(past.truth),
            "frauds": int(past.truth.sum()),
            "calibrated": len(last.truth),
            "judged": len(later.truth),
            "judged_frauds": int(later.truth.sum()),
        },
        made_by=maker,
    )


def advised_kind(frauds: int) -> str:
    """Return which kind should lead: below 500 established frauds the simpler one."""
    return Kind.LIGHTGBM if frauds >= ENOUGH_FOR_TREES else Kind.LOGISTIC


def verified(model: LearnedModel) -> LearnedModel:
    """Return the model if its text is the one that was stored.

    Raises:
        TamperedModel.
    """
    if digest(model.artefact, model.encoder, model.calibrator) != model.sha256:
        raise TamperedModel(
            _("Model %(n)d is not what was stored: it is not used.") % {"n": model.pk}
        )
    return model


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model says, (n,) each; ``contributions`` (n, features) to the log odds."""

    probability: Numbers
    percentile: Numbers
    names: list[str]
    contributions: Numbers
    score: Numbers


def opinion(model: LearnedModel, table: features.Features) -> Opinion:
    """Score a feature table with a stored model and say what moved the scores.

    Raises:
        TamperedModel.
    """
    kind, artefact, encoder, calibrator = _read(model.pk, model.sha256)
    score, names, parts = _explained(kind, artefact, encoder, table)
    order, total = encoding.by_feature(names, parts)
    return Opinion(
        probability=measures.isotonic(calibrator, score),
        percentile=measures.percentile(calibrator, score),
        names=order,
        contributions=total,
        score=score,
    )


@lru_cache(maxsize=8)
def _read(model_id: int, sha256: str) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    model = verified(LearnedModel.objects.get(pk=model_id))
    return model.kind, model.artefact, model.encoder, model.calibrator


def digest(artefact: str, encoder: dict[str, Any], calibrator: dict[str, Any]) -> str:
    """Return the SHA-256 of a model's three parts in canonical JSON."""
    parts = orjson.dumps([artefact, encoder, calibrator], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(parts).hexdigest()


def _fit(kind: str, known: Examples, without: Collection[str]) -> tuple[dict[str, Any], str]:
    encoder = encoding.fit(known.features, without=without)
    if kind == Kind.LIGHTGBM:
        first = len(encoder["numbers"])
        words = range(first, first + len(encoder["words"]))
        matrix = encoding.for_trees(encoder, known.features)
        return encoder, boosting.grow(matrix, known.truth, words)
    fitted = boosting.line(encoding.for_line(encoder, known.features), known.truth)
    return encoder, orjson.dumps(fitted).decode()


def _raw(kind: str, artefact: str, encoder: dict[str, Any], table: features.Features) -> Numbers:
    if kind == Kind.LIGHTGBM:
        return boosting.tree_scores(artefact, encoding.for_trees(encoder, table))
    fitted = orjson.loads(artefact)
    matrix = encoding.for_line(encoder, table)
    return np.asarray(matrix @ np.asarray(fitted["coefficients"]) + fitted["constant"])


def _explained(
    kind: str, artefact: str, encoder: dict[str, Any], table: features.Features
) -> tuple[Numbers, list[str], Numbers]:
    if kind == Kind.LIGHTGBM:
        matrix = encoding.for_trees(encoder, table)
        parts = boosting.tree_contributions(artefact, matrix)
        return (
            boosting.tree_scores(artefact, matrix),
            encoding.columns(encoder, linear=False),
            parts,
        )
    fitted = orjson.loads(artefact)
    matrix = encoding.for_line(encoder, table)
    parts = matrix * np.asarray(fitted["coefficients"])
    return parts.sum(axis=1) + fitted["constant"], encoding.columns(encoder, linear=True), parts


def _shares(encoder: dict[str, Any], table: features.Features) -> dict[str, Any]:
    """Keep how the training claims were spread, for the watch over drift."""
    numbers = {}
    for name in encoder["numbers"]:
        limits = measures.quantiles(table.numbers[name])
        numbers[name] = {
            "limits": limits,
            "shares": measures.shares(table.numbers[name], limits),
        }
    words = {
        name: measures.word_shares(table.words[name], kept)
        for name, kept in encoder["words"].items()
    }
    return {"numbers": numbers, "words": words}


def _rows(table: features.Features, rows: NDArray[Any]) -> features.Features:
    return features.Features(
        {name: column[rows] for name, column in table.numbers.items()},
        {name: column[rows] for name, column in table.words.items()},
    )


def _refuse_the_future(periods: Periods, business_date: date) -> None:
    if not periods.since < periods.until <= periods.validated_until:
        raise FutureLabels(_("The judged period follows the learned one."))
    if max(periods.validated_until, periods.labels_as_of) > business_date:
        raise FutureLabels(
            _("Outcomes after %(day)s are not known yet: no model learns from the future.")
            % {"day": business_date}
        )
    if periods.labels_as_of < periods.validated_until:
        raise FutureLabels(_("The judged reports must be over before their outcomes are counted."))
