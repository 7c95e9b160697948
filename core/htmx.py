"""One way to answer: the whole page, or only the part that htmx swaps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext as _


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the whole page, or only ``template#partial`` when htmx swaps that part.

    The partial may stand in a template that ``template`` extends.
    """
    htmx = request.htmx  # type: ignore[attr-defined]
    swap = partial and htmx and not htmx.boosted and not htmx.history_restore_request
    name = f"{_owner(template, partial)}#{partial}" if swap else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def _owner(template: str, partial: str) -> str:
    """Return the nearest of a template and those that it extends that has the partial.

    Raises:
        TemplateDoesNotExist: none has it.
    """
    return _owner_once(template, partial) if not settings.DEBUG else _find_owner(template, partial)


def _find_owner(template: str, partial: str) -> str:
    name = template
    while name:
        source: Any = get_template(name).template  # type: ignore[attr-defined]
        if partial in source.extra_data.get("partials", {}):
            return name
        parent = source.nodelist.get_nodes_by_type(ExtendsNode)
        name = parent[0].parent_name.var if parent else ""
    raise TemplateDoesNotExist(f"{template}#{partial}")


_owner_once = cache(_find_owner)


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """Go to ``url`` after a success: 303, or ``HX-Redirect`` for htmx."""
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    redirect = HttpResponseRedirect(url)
    redirect.status_code = 303
    return redirect


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long work is.

    Args:
        url: address of the fragment that answers with ``progress_fragment``.
        label: what is being done.
        done: items done.
        total: items in all.
        finished: nothing more will happen.
        note: for example the time left, or what failed.
    """

    url: str
    label: str | Promise
    done: int
    total: int
    finished: bool = False
    note: str | Promise = ""

    @property
    def said(self) -> str:
        """The progress in words."""
        share = 100 * self.done // self.total if self.total else 100
        return _("%(label)s: %(share)s%%") % {"label": self.label, "share": share}


def progress_fragment(request: HttpRequest, progress: Progress) -> HttpResponse:
    """Answer a poll of ``kit/_progress.html``: status 286 ends the polling when it is finished."""
    status = 286 if progress.finished else 200
    return render(request, "kit/_progress.html", {"progress": progress}, status=status)
