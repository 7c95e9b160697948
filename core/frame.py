"""What every page needs: navigation, business date, the person's roles and choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from .models import BusinessClock
from .permissions import may, roles, roles_of
from .units import UNITS, unit_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    label: str | Promise
    url_name: str
    right: str
    icon: str = ""

    @property
    def url(self) -> str:
        """The address, or nothing where its stage has no pages in this installation."""
        return _address(self.url_name)


@dataclass(frozen=True, slots=True)
class Section:
    """A stage in the navigation."""

    label: str | Promise
    icon: str
    entries: tuple[Entry, ...]
    current: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the person may do from a page: its primary action, or one under "More"."""

    label: str | Promise
    url: str | Promise
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The home of one of the person's roles."""

    label: str | Promise
    url: str


_FEW = 3


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the context that the frame (base.html) shows; worked out once a request."""
    known = getattr(request, "_frame", None)
    if known is None:
        known = _frame_of(request)
        request._frame = known  # type: ignore[attr-defined]
    return known


def _frame_of(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo": settings.DEMO}
    held = [roles()[code] for code in roles_of(user)]
    sections = navigation_for(user)
    homes = homes_of(user)
    here = _here(request.path, sections, homes)
    return {
        "navigation": [_shown(section, here, len(sections)) for section in sections],
        "homes": homes,
        "here": here,
        "business_day": BusinessClock.objects.values_list("today", flat=True).first(),
        "role_labels": [role.label for role in held],
        "unit": unit_of(request),
        "units": UNITS,
        "river": request.COOKIES.get("river", ""),
        "demo": settings.DEMO,
    }


def homes_of(user: Any) -> list[Home]:
    """Return the homes of the person's roles whose stage has pages in this installation."""
    held = [roles()[code] for code in roles_of(user)]
    return [Home(role.label, url) for role in held if (url := _address(role.home))]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def navigation_for(user: Any) -> list[Section]:
    """Return the sections with the entries that the person may open, in river order."""
    sections: tuple[Section, ...] = import_string(settings.NAVIGATION)
    shown = [
        Section(s.label, s.icon, tuple(e for e in s.entries if may(user, e.right) and e.url))
        for s in sections
    ]
    return [s for s in shown if s.entries]


def _here(path: str, sections: list[Section], homes: list[Home]) -> str:
    """Return the address in the menu that the page belongs to: the longest that begins it."""
    urls = [e.url for s in sections for e in s.entries] + [h.url for h in homes]
    return max((url for url in urls if path.startswith(url) and url != "/"), key=len, default="")


def _shown(section: Section, here: str, count: int) -> Section:
    current = here in {entry.url for entry in section.entries}
    return replace(section, current=current, open=current or count <= _FEW)
