"""The first-year cap by contract, grants that count in it, and shares of a contract."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Figure, board_page
from core.clock import business_date
from core.errors import NotFound
from core.forms import form_page
from core.frame import Act
from core.permissions import may, requires, scope_of
from sales.forms import GrantForm, ShareForm
from sales.selectors import headroom, hierarchy
from sales.selectors.headroom import Room
from sales.services import grants as services
from sales.services import hierarchy as places
from sales.tables import contract_url

_FULL = 0.9
_SHOWN = 60


@requires("sales.view")
@require_GET
def cap_board(request: HttpRequest) -> HttpResponse:
    """Show how much of the first-year cap contracts have used, the fullest first."""
    today = business_date()
    rooms = headroom.board(scope_of(request.user, "sales.view"), today)
    capped = [room for room in rooms if room.cap]
    full = [room for room in capped if room.used >= _FULL]
    grant = Act(_("Grant an incentive"), reverse("sales:grant_new"), "gift")
    return board_page(
        request,
        title=_("First-year cap (1,200 % rule)"),
        as_of=today,
        figures=[
            Figure(
                _("Contracts in their first year"),
                len(rooms),
                kind="count",
                note=_("the newest of them") if len(rooms) == headroom.MOST else "",
            ),
            Figure(_("Near the cap"), len(full), kind="count", note=_("90 % or more")),
            Figure(_("Paid so far"), sum(room.paid for room in capped), _("won")),
            Figure(_("Still scheduled"), sum(room.scheduled for room in capped), _("won")),
            Figure(_("Headroom"), sum(max(room.left, 0) for room in capped), _("won")),
        ],
        primary=grant if may(request.user, "sales.settle") else None,
        template="sales/cap_board.html",
        context={
            "shown": _SHOWN,
            "rows": [(room, contract_url(room.contract_id)) for room in rooms[:_SHOWN]],
        },
    )


@requires("sales.settle")
@require_http_methods(["GET", "POST"])
def grant_new(request: HttpRequest) -> HttpResponse:
    """Grant an incentive or settlement support, after showing which lines and entries follow."""
    board = reverse("sales:cap_board")
    return form_page(
        request,
        GrantForm,
        title=_("Grant an incentive"),
        initial={"contracts": request.GET.get("contract", "")},
        act=lambda form: services.grant(
            kind=form.cleaned_data["kind"],
            agent_id=form.cleaned_data["agent_id"],
            contract_ids=form.cleaned_data["contracts"],
            amount=int(form.cleaned_data["amount"]),
            business_date=business_date(),
        ),
        confirm=True,
        done=board,
        submit=_("Grant it"),
        message=_("Granted; it stands on the next statement."),
        cancel=board,
        crumbs=[(_("First-year cap (1,200 % rule)"), board)],
    )


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def contract_share(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Share a contract's commission between agents from a day on."""
    room = _room(request, contract_id)
    back = contract_url(contract_id)
    now = hierarchy.current_shares(contract_id, business_date()) or [(room.agent_id, 10_000)]
    return form_page(
        request,
        ShareForm,
        title=_("Share the commission"),
        initial={
            "shares": "\n".join(f"{agent} {share / 100:g}" for agent, share in now),
            "starts": business_date(),
        },
        act=lambda form: places.share(contract_id=contract_id, **form.cleaned_data),
        done=back,
        submit=_("Share it"),
        message=_("Later instalments are shared this way."),
        cancel=back,
        crumbs=[(contract_id, back)],
    )


def _room(request: HttpRequest, contract_id: str) -> Room:
    """Return the contract if its seller lies in the person's scope."""
    scope = scope_of(request.user, "sales.manage")
    found = headroom.rooms([contract_id], business_date())
    if not found or not headroom.within(found[0], scope):
        raise NotFound(_("There is no contract %s.") % contract_id)
    return found[0]
