"""The page of a party: all its claims, what it shares with others, how near it stands to fraud."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Figure
from core.clock import business_date
from core.htmx import render_page
from core.permissions import requires
from core.privacy import log_view
from fds.selectors import ego, past
from fds.views.casepage import hops_of, picture


@requires("fds.view")
@require_GET
def party(request: HttpRequest, value: str) -> HttpResponse:
    """Show a party by its keyed hash."""
    today, hops = business_date(), hops_of(request, 1)
    found = ego.around_party(value, hops=hops, today=today)
    if found is None:
        raise Http404(value)
    log_view(f"#{value[:12]}", "party of claims")
    node = found.nodes[value]
    known = past.history(value)
    return render_page(
        request,
        "fds/party.html",
        {
            "title": f"{node.kind_label} {node.label}",
            "node": node,
            "figures": [
                Figure(_("Claims"), node.count, kind="count"),
                Figure(_("Fraud established"), known.frauds, kind="count"),
                Figure(_("Suspected"), known.suspected, kind="count"),
                Figure(_("Claimed"), known.claimed, _("won")),
                Figure(_("Paid"), known.paid, _("won")),
            ],
            "known": known,
            "hops": hops,
            "all_hops": ego.HOPS,
            **picture(found),
            "crumbs": [(_("Review queue"), reverse("fds:review"))],
        },
    )
