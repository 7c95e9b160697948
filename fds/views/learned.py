"""Models, as pages: the list, the card of one, two beside each other, a second person promotes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Chart, Figure, Series
from core.forms import form_page
from core.frame import Act
from core.htmx import render_page
from core.permissions import may, requires
from fds import selectors, services
from fds.forms import PromoteForm
from fds.models import LearnedModel
from fds.rules import features, measures

MARKS = {
    "roc_auc": _("ROC-AUC"),
    "pr_auc": _("Average precision (PR-AUC)"),
    "precision_top": _("Precision of the top 2 %"),
    "precision_36": _("Precision of the first 36"),
    "recall_5": _("Frauds among the top 5 %"),
    "recall_10": _("Frauds among the top 10 %"),
    "brier": _("Brier score"),
    "ece": _("Calibration error (ECE)"),
    "base": _("Share of fraud"),
    "claims": _("Claims judged"),
    "frauds": _("Frauds among them"),
}
COUNTS = ("claims", "frauds")
LOWER_IS_BETTER = ("brier", "ece")
SHARES = tuple(range(0, 101, 5))
_CRUMBS = [(_("Fraud models"), "fds:model_list")]


def _crumbs() -> list[tuple[Any, str]]:
    return [(label, reverse(name)) for label, name in _CRUMBS]


@requires("fds.view")
@require_GET
def model_list(request: HttpRequest) -> HttpResponse:
    """List the models: the champion, its challenger, candidates, those out of use."""
    models = list(selectors.learned_models())
    order = {"CHAMPION": 0, "CHALLENGER": 1, "CANDIDATE": 2, "RETIRED": 3}
    models.sort(key=lambda model: order[model.status])
    checks = {model.pk: (selectors.checks_of(model.pk) or [None])[-1] for model in models}
    return render_page(
        request,
        "fds/models.html",
        {
            "title": _("Fraud models"),
            "rows": [(model, checks[model.pk]) for model in models],
            "policy": selectors.tier_policy(),
            "more": [Act(_("Board of fraud detection"), reverse("fds:board"), "chart-bar")],
        },
    )


@requires("fds.view")
@require_GET
def model_card(request: HttpRequest, model_id: int) -> HttpResponse:
    """Show what a model learned, how it was judged, how its inputs moved, and its hash."""
    model = get_object_or_404(LearnedModel, pk=model_id)
    checks = selectors.checks_of(model_id)
    encoder = model.encoder
    names = [*encoder["numbers"], *encoder["words"]]
    ruling = selectors.champion()
    promotes = may(request.user, "fds.models")
    other = ruling if ruling and ruling.pk != model.pk else None
    return render_page(
        request,
        "fds/model_card.html",
        {
            "title": f"{model}",
            "model": model,
            "figures": [
                Figure(label, marks_shown(name, model.metrics.get(name)), kind="text")
                for name, label in list(MARKS.items())[:6]
            ],
            "marks": [
                (label, marks_shown(name, model.metrics.get(name))) for name, label in MARKS.items()
            ],
            "counts": model.counts,
            "features": [(feature_label(name), name in encoder["words"]) for name in names],
            "charts": [calibration(model), *drift(checks)],
            "checks": checks[::-1][:20],
            "intact": services.learning.digest(model.artefact, encoder, model.calibrator)
            == model.sha256,
            "primary": Act(_("Move"), reverse("fds:model_promote", args=[model_id]), "arrow-up")
            if promotes
            else None,
            "more": [
                Act(
                    _("Compare with the champion"),
                    reverse("fds:model_compare", args=[model_id, other.pk]),
                    "scale",
                )
            ]
            if other
            else [],
            "crumbs": _crumbs(),
        },
    )


def feature_label(name: str) -> str:
    """Return what a feature is called."""
    return str(features.NUMBERS.get(name) or features.WORDS.get(name) or name)


def marks_shown(name: str, value: float | None) -> str:
    """Write a mark as people read it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if name in COUNTS else f"{value:.3f}"


def calibration(model: LearnedModel) -> Chart:
    """Return the chart of what probability a rank has after calibration."""
    limits = model.calibrator["quantiles"]
    places = [limits[round(share / 100 * (len(limits) - 1))] for share in SHARES]
    values = measures.isotonic(model.calibrator, measures.np.asarray(places)).tolist()
    return Chart(
        "calibration",
        _t("The highest claim has a probability of %(p)s %%") % {"p": f"{100 * values[-1]:.1f}"},
        "line",
        [f"{share}%" for share in SHARES],
        [Series(_t("Calibrated probability"), values)],
        percent=True,
        note=_t("By rank of the raw score, from the last quarter of the learning period."),
        wide=True,
    )


def drift(checks: list[Any]) -> list[Chart]:
    """Return the chart of how inputs and scores moved, once there are checks."""
    if not checks:
        return []
    worst = max(float(check.worst_psi or 0) for check in checks)
    return [
        Chart(
            "drift",
            _t("The largest shift of an input was %(psi)s") % {"psi": f"{worst:.3f}"},
            "line",
            [str(check.on) for check in checks],
            [
                Series(_t("Largest shift of an input (PSI)"),
                       [float(c.worst_psi) if c.worst_psi is not None else None for c in checks]),
                Series(_t("Shift of the score (PSI)"),
                       [float(c.score_psi) if c.score_psi is not None else None for c in checks]),
            ],
            note=_t("0.1 and more is looked at, 0.25 and more means another model."),
            wide=True,
        )
    ]  # fmt: skip


@requires("fds.view")
@require_GET
def model_compare(request: HttpRequest, model_id: int, other_id: int) -> HttpResponse:
    """Show the marks of two models beside each other."""
    one, other = (get_object_or_404(LearnedModel, pk=pk) for pk in (model_id, other_id))
    same = (one.trained_until, one.validated_until) == (other.trained_until, other.validated_until)
    rows = []
    for name, label in MARKS.items():
        a, b = one.metrics.get(name), other.metrics.get(name)
        better = ""
        if a is not None and b is not None and a != b and name not in (*COUNTS, "base"):
            better = "one" if (a > b) != (name in LOWER_IS_BETTER) else "other"
        rows.append((label, marks_shown(name, a), marks_shown(name, b), better))
    mine, theirs = (set(m.encoder["numbers"]) | set(m.encoder["words"]) for m in (one, other))
    return render_page(
        request,
        "fds/model_compare.html",
        {
            "title": _("%(one)s and %(other)s") % {"one": one, "other": other},
            "one": one,
            "other": other,
            "same": same,
            "rows": rows,
            "only_one": sorted(feature_label(name) for name in mine - theirs),
            "only_other": sorted(feature_label(name) for name in theirs - mine),
            "crumbs": _crumbs(),
        },
    )


@requires("fds.models")
@require_http_methods(["GET", "POST"])
def model_promote(request: HttpRequest, model_id: int) -> HttpResponse:
    """Make a model champion or challenger, or retire it, with one's own reason."""
    model = get_object_or_404(LearnedModel, pk=model_id)
    card = reverse("fds:model_card", args=[model_id])
    return form_page(
        request,
        PromoteForm,
        title=_("Move %(model)s") % {"model": model},
        confirm=True,
        form_kwargs={"moves": LearnedModel.TRANSITIONS[model.status]},
        act=lambda form: services.promote(model_id=model_id, **form.cleaned_data),
        done=card,
        submit=_("Move the model"),
        message=_("Moved. The history keeps your reason."),
        cancel=card,
        crumbs=[*_crumbs(), (str(model), card)],
        template="fds/model_promote.html",
        context={"model": model, "ruling": selectors.champion()},
    )
