"""Who leads: a second person lets a model lead that finds more on claims that neither learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed, NotFound
from core.status import transition
from fds import selectors
from fds.models import LearnedModel, Promotion
from fds.rules import measures
from fds.services.common import person, reason_given
from fds.services.learning import examples, opinion, verified

Status, Basis = LearnedModel.Status, Promotion.Basis
FEWEST_FRAUDS = 10


class NotBetter(DomainError):
    """The candidate is not better out of time than the champion, or that cannot be shown."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Marks of a model and of the one before it, on the reports of [since, until)."""

    before: LearnedModel | None
    basis: str
    since: date
    until: date
    marks: dict[str, float]
    marks_before: dict[str, float]


@transaction.atomic
def promote(*, model_id: int, to: str, reason: str) -> None:
    """Make a model champion or challenger, or retire it; the former one steps aside.

    What shows that a new champion is better is kept: its marks beside the ruling one's, on the
    same claims, which neither had learned.

    Args:
        model_id: the model.
        to: CHAMPION, CHALLENGER or RETIRED.
        reason: the person's own.

    Raises:
        NotAllowed: its maker cannot make it champion.
        NotBetter: its average precision or its precision at the top is below the champion's, none
            of them above it, or too few frauds are known to say so.
        TamperedModel, NotFound, ReasonMissing, IllegalTransition.
    """
    name, reason = person(), reason_given(reason)
    model = LearnedModel.objects.select_for_update().filter(pk=model_id).first()
    if model is None:
        raise NotFound(_("There is no model %(n)d.") % {"n": model_id})
    verified(model)
    shown = None
    if to == Status.CHAMPION:
        if model.made_by == name:
            raise NotAllowed(_("A second person promotes: you trained this model."))
        shown = _shown(model)
    for old in LearnedModel.objects.select_for_update().filter(status=to).exclude(pk=model_id):
        if to != Status.RETIRED:
            transition(old, Status.RETIRED, reason=reason)
    changes = {"approved_by": name, "approval_reason": reason[:300]}
    transition(model, to, reason=reason, **(changes if to == Status.CHAMPION else {}))
    if shown:
        Promotion.objects.create(
            model=model,
            before=shown.before,
            basis=shown.basis,
            since=shown.since,
            until=shown.until,
            marks=shown.marks,
            marks_before=shown.marks_before,
            reason=reason[:300],
            made_by=name,
        )


def _shown(model: LearnedModel) -> _Evidence:
    """Return what shows that a model may lead.

    Raises:
        NotBetter.
    """
    ruling = selectors.champion()
    period = (model.trained_until, model.validated_until)
    if ruling is None:
        return _Evidence(None, Basis.FIRST, *period, model.metrics, {})
    if model.status == Status.RETIRED:  # going back to an earlier champion is always possible
        return _Evidence(ruling, Basis.BACK, *period, model.metrics, ruling.metrics)
    if _judged_alike(model, ruling):
        shown = _Evidence(ruling, Basis.SAME, *period, model.metrics, ruling.metrics)
    else:
        shown = _anew(model, ruling)
    _refuse_worse(shown)
    return shown


def _judged_alike(model: LearnedModel, ruling: LearnedModel) -> bool:
    names = ("trained_until", "validated_until", "labels_as_of", "feature_set")
    return all(getattr(model, name) == getattr(ruling, name) for name in names)


def _anew(model: LearnedModel, ruling: LearnedModel) -> _Evidence:
    """Judge both on the reports after whatever either has learned."""
    since = max(model.trained_until, ruling.trained_until)
    until = max(model.validated_until, since)
    known = examples(since, until, labels_before=model.labels_as_of)
    if known.truth.sum() < FEWEST_FRAUDS:
        raise NotBetter(
            _(
                "Only %(n)d frauds are known among the claims that neither model learned: "
                "at least %(least)d are needed to compare them."
            )
            % {"n": int(known.truth.sum()), "least": FEWEST_FRAUDS}
        )
    marks = []
    for one in (model, ruling):
        said = opinion(one, known.features)
        marks.append(measures.judge(known.truth, said.score, said.probability))
    return _Evidence(ruling, Basis.ANEW, since, until, *marks)


def _refuse_worse(shown: _Evidence) -> None:
    new, old = (
        (marks.get("pr_auc", 0.0), marks.get("precision_top", 0.0))
        for marks in (shown.marks, shown.marks_before)
    )
    if new[0] < old[0]:
        raise NotBetter(
            _("On the same claims the champion finds more: %(old).3f against %(new).3f.")
            % {"old": old[0], "new": new[0]}
        )
    if new[1] < old[1] or new == old:
        raise NotBetter(
            _("At the top of the list the champion is as good or better: %(old).3f, %(new).3f.")
            % {"old": old[1], "new": new[1]}
        )
