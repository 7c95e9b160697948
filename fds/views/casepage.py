"""What the tabs of a case show: why, time line, relations, journal."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from claims import api as claims
from core.privacy import log_view
from core.reach import way
from fds import selectors
from fds.models import Case, CaseEvent, ShadowEvaluation, Snooze
from fds.rules import lanes, maps
from fds.selectors import ego, story
from fds.views.exports import PAPERS

TABS = (
    ("", _("Why suspected")),
    ("timeline", _("Time line")),
    ("relations", _("Relations")),
    ("journal", _("Journal")),
)


def tab_of(request: HttpRequest) -> str:
    """Return the tab that is asked for, or the first one."""
    wanted = request.GET.get("tab", "")
    return wanted if wanted in dict(TABS) else ""


def context_of(
    request: HttpRequest, tab: str, case: Case, fact: claims.ClaimFact, today: date
) -> dict[str, Any]:
    """Return what the template of a tab needs; what personal data it shows is logged."""
    log_view(fact.reception_id, f"fraud case: {tab or 'why'}")
    if tab == "timeline":
        return timeline(fact, today)
    if tab == "relations":
        return relations(request, fact, today)
    if tab == "journal":
        return journal(case, fact, today)
    return why(fact)


def why(fact: claims.ClaimFact) -> dict[str, Any]:
    """Return the rules that hit and what the models said, as they were kept."""
    number = fact.reception_id
    said = selectors.latest_prediction(number)
    shadow = ShadowEvaluation.objects.filter(claim=number).order_by("-pk").first()
    report = selectors.summaries([number])[number].report
    counting = {rule["code"] for rule in report["rules"] if rule["hit"]}
    return {
        "report": report,
        "said": said,
        "reasons": reasons(said.reasons) if said else [],
        "shadow": [hit for hit in shadow.hits if hit["code"] not in counting] if shadow else [],
        "evaluations": selectors.evaluations_of(number),
    }


def reasons(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the kept reasons in the reader's language, the strength as a share of the strongest.

    Args:
        kept: rank, feature, contribution, sentences by language, as they were frozen.
    """
    language = (get_language() or "ko")[:2]
    most = max((abs(one["contribution"]) for one in kept), default=0) or 1
    return [
        {
            "rank": one["rank"],
            "text": one["text"].get(language) or one["text"].get("ko", ""),
            "share": round(100 * abs(one["contribution"]) / most),
        }
        for one in kept
    ]


def timeline(fact: claims.ClaimFact, today: date) -> dict[str, Any]:
    """Return the story of the person as a picture in lanes and as a list."""
    told = story.story(fact.customer_id)
    return {"story": told, "lanes": _lanes(told, fact.reception_id, today), "moments": told.moments}


def _lanes(told: story.Story, number: str, today: date) -> lanes.Lanes | None:
    names = [f"{one.contract_id}" for one in told.contracts]
    rest = len(names)
    bars = [
        lanes.Bar(
            one.coverage_start,
            min(one.ended_on or one.coverage_end or today, today),
            lane,
            f"{one.product_name} {one.coverage_start} – {one.ended_on or one.coverage_end or ''}",
            "grey" if one.ended_on else "green",
            way("contracts:contract_detail", one.contract_id),
        )
        for lane, one in enumerate(told.contracts)
        if one.coverage_start and one.coverage_start <= today
    ]
    bars += [
        lanes.Bar(
            stay.admitted,
            stay.discharged,
            rest,
            f"{stay.provider} {stay.admitted} – {stay.discharged}",
            "red" if stay.overlaps else "blue",
        )
        for stay in told.stays
    ]
    marks = [
        lanes.Mark(
            one.incident_at.date(),
            rest + 1,
            f"{one.reception_id} {one.claim_type_label} {one.incident_at.date()}",
            "red" if one.reception_id == number else "amber",
            way("claims:claim_detail", one.reception_id),
        )
        for one in told.claims
    ]
    marks += [
        lanes.Mark(
            one.payment_date,
            rest + 2,
            f"{one.reception_id} {one.amount:,} {one.payment_date}",
            "green",
            way("claims:claim_detail", one.reception_id),
        )
        for one in told.payouts
    ]
    names += [_t("Admissions"), _t("Accidents"), _t("Payments")]
    return lanes.lanes(names, bars, marks, until=today)


def relations(request: HttpRequest, fact: claims.ClaimFact, today: date) -> dict[str, Any]:
    """Return the map of what the claim shares with others."""
    hops = hops_of(request)
    found = ego.around_claim(fact.reception_id, hops=hops, today=today)
    return {**picture(found), "hops": hops, "all_hops": ego.HOPS}


def hops_of(request: HttpRequest, usual: int = 2) -> int:
    """Return how many claims away the map looks."""
    wanted = request.GET.get("hops", "")
    return int(wanted) if wanted in {str(hop) for hop in ego.HOPS} else usual


def picture(found: ego.Ego) -> dict[str, Any]:
    """Return a map as places, lines and rows of its table."""
    hubs = {
        key
        for key, node in found.nodes.items()
        if node.kind in ("PROVIDER", "AGENT") or (node.kind != "CLAIM" and node.count > ego.HUB)
    }
    drawn = maps.draw(found.root, found.edges, hubs)
    lines = [
        (drawn.places[one], drawn.places[other], (one, other) in drawn.branches
         or (other, one) in drawn.branches)
        for one, other in found.edges
    ]  # fmt: skip
    shown = [(node, drawn.places[key], url_of(node)) for key, node in found.nodes.items()
             if key in drawn.places]  # fmt: skip
    shared: dict[str, list[str]] = {key: [] for key in found.nodes}
    for one, other in found.edges:
        shared[one].append(other)
        shared[other].append(one)
    rows = [
        (node, url_of(node), [found.nodes[key].label for key in shared[node.key]][:6])
        for node in sorted(found.nodes.values(), key=lambda n: (n.hops, n.kind, n.label))
    ]
    return {"ego": found, "drawn": drawn, "lines": lines, "shown": shown, "rows": rows}


def url_of(node: ego.Node) -> str:
    """Return where a node leads: to its case or claim, or to the page of its party."""
    if node.kind == "CLAIM":
        return way("fds:risk", node.key)
    key = node.key.removeprefix("fold:")
    return way("fds:party", key)


def journal(case: Case, fact: claims.ClaimFact, today: date) -> dict[str, Any]:
    """Return the steps of the inquiry and the history of the same person and provider."""
    steps = list(case.steps.select_related("other").order_by("-on", "-pk"))
    back = CaseEvent.objects.filter(other=case).select_related("case").order_by("-pk")
    linked = [(step.other.claim_id, step) for step in steps if step.other]
    linked += [(step.case.claim_id, step) for step in back]
    keys = [str(fact.customer_id), fact.provider_code, fact.agent_id]
    return {
        "papers": [(kind, title) for kind, (title, _rows) in PAPERS.items()],
        "steps": steps,
        "linked": linked,
        "kin": story.kin(fact),
        "snoozes": Snooze.objects.filter(key__in=[key for key in keys if key]).order_by("-pk")[:10],
        "watched": selectors.watch_entries().filter(provider_id=fact.provider_code or "-"),
        "parties": [
            (why, reverse("fds:party", args=[value]))
            for why, value in story.key_values(fact).items()
        ],
    }
