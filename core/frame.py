"""What every page needs: navigation, business date, the person's roles and choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from .models import BusinessClock
from .permissions import may, roles, roles_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    label: str | Promise
    url_name: str
    right: str
    icon: str = ""

    @property
    def url(self) -> str:
        """The address."""
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class Section:
    """A stage in the navigation."""

    label: str | Promise
    icon: str
    entries: tuple[Entry, ...]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the context that the frame (base.html) shows."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo": settings.DEMO}
    return {
        "navigation": navigation_for(user),
        "business_day": BusinessClock.objects.values_list("today", flat=True).first(),
        "role_labels": [roles()[code].label for code in roles_of(user)],
        "demo": settings.DEMO,
    }


def navigation_for(user: Any) -> list[Section]:
    """Return the sections with the entries that the person may open, in river order."""
    sections: tuple[Section, ...] = import_string(settings.NAVIGATION)
    shown = [
        Section(s.label, s.icon, tuple(e for e in s.entries if may(user, e.right)))
        for s in sections
    ]
    return [s for s in shown if s.entries]
