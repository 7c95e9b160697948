"""What fraud detection shows elsewhere: why this score, panels on claims, contracts, providers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from claims import api as claims
from core import panels
from core.errors import NotFound
from core.explain import Explanation, Step, explains
from core.notices import tells
from core.permissions import Scope
from fds import selectors
from fds.rules import names


@explains("risk-score", right="fds.view")
def explain_score(key: str, scope: Scope) -> Explanation:
    """Explain a risk score from the report that was stored when it was made."""
    summary = selectors.summaries([key]).get(key)
    if summary is None or not claims.visible(key, scope):
        raise NotFound(_t("There is no score of claim %(number)s.") % {"number": key})
    report = summary.report
    steps = [step for rule in report["rules"] for step in _rule_steps(rule)]
    if report["points"] > report["score"]:
        steps.append(Step(_("Sum of the points"), report["points"], _t("capped at 100")))
    verdict = _t("suspicious") if summary.suspicious else _t("below the threshold")
    return Explanation(
        title=_("Risk score"),
        answer=summary.score,
        unit=_("pts"),
        formula=_t("points of the rules that hit, at most 100; suspicious from %(n)d: %(verdict)s")
        % {"n": summary.threshold, "verdict": verdict},
        steps=steps,
        sources=[
            Step(_("Claim"), key, url=reverse("claims:claim_detail", args=[key])),
            Step(_("Rule set"), f"v{summary.ruleset}", url=reverse("fds:ruleset_list")),
        ],
    )


def _rule_steps(rule: dict[str, Any]) -> list[Step]:
    operands = rule["operands"]
    said = {
        "R01": lambda: (
            _t("cover since %(a)s, accident %(b)s: %(n)s days, 0 to %(m)d count")
            % {
                "a": operands["coverage_start"] or "–",
                "b": operands["incident_date"],
                "n": operands["days"] if operands["days"] is not None else "–",
                "m": operands["max_days"],
            }
        ),
        "R02": lambda: (
            _t("%(n)d accidents after %(a)s until %(b)s, %(m)d or more count")
            % {
                "n": operands["accidents"],
                "a": operands["after"],
                "b": operands["until"],
                "m": operands["at_least"],
            }
        ),
        "R03": lambda: (
            _t("provider %(code)s on %(day)s: %(found)s")
            % {
                "code": operands["provider_code"] or "–",
                "day": operands["on"],
                "found": _t("watched") if operands["watched"] else _t("not watched"),
            }
        ),
    }.get(rule["code"])
    note = said() if said else names.sentence(rule["code"], operands)
    counts = rule["hit"] and not rule.get("snoozed")
    steps = [
        Step(
            f"{rule['code']} {names.title_of(rule['code'], rule['title'])}",
            rule["points"] if counts else 0,
            note,
            unit=_("pts"),
        )
    ]
    if rule["code"] == "R02" and rule["hit"]:
        steps += [
            Step(
                f"  {line['accident_no']}",
                line["incident_date"],
                url=reverse("claims:claim_detail", args=[line["reception_id"]]),
            )
            for line in rule["evidence"][:10]
        ]
    return steps


def _panel(place: str, title: Any, name: str, order: int) -> None:
    panels.register(
        panels.Panel(
            place=place,
            title=title,
            url=lambda key: reverse(name, args=[key]),
            right="fds.view",
            order=order,
        )
    )


_panel("claim", _("Fraud risk"), "fds:risk", 10)
_panel("contract", _("Fraud check"), "fds:panel_contract", 55)
_panel("provider", _("Watch-list"), "fds:panel_provider", 20)


@tells(_("Suspicious claims nobody has decided"), url="fds:review", right="fds.review")
def cases_undecided(user: Any, today: date) -> int:
    """Count the cases that are open or the person's own."""
    counted = selectors.queue_figures(user.get_username(), today)
    return counted["open"] + counted["mine"]


@tells(_("Fraud models past a limit"), url="fds:monitor", right="fds.review", tone="red")
def models_to_look_at(user: Any, today: date) -> int:
    """Count the models in use whose last check raised an alarm."""
    return len(selectors.alarming_checks())


@tells(_("Holds to be reviewed"), url="fds:hold_list", right="fds.hold", tone="red")
def holds_to_review(user: Any, today: date) -> int:
    """Count the holds whose day of review has come."""
    return selectors.holds_due(today)


@tells(
    _("Tasks from decided fraud cases"),
    url="fds:task_list",
    right="fds.task",
    query="?status=OPEN",
)
def tasks_open(user: Any, today: date) -> int:
    """Count what adjusters have to do because of decided cases."""
    return selectors.tasks_open()
