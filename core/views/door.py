"""The door: logging in; the demo shows whom one may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.utils.functional import Promise
from django.utils.timezone import localdate

from core.models import RoleGrant
from core.permissions import roles


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Someone whom a visitor of the demo may be."""

    username: str
    role: str | Promise


class DoorView(LoginView):
    """The login page."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's people, one for each role."""
        context = super().get_context_data(**kwargs)
        if settings.DEMO:
            context |= {"people": demo_people(), "demo_password": settings.DEMO_PASSWORD}
        return context


def demo_people() -> list[DemoPerson]:
    """Return one person for each role, the first who was granted it."""
    held = RoleGrant.objects.filter(period__contains=localdate(), user__is_active=True)
    first: dict[str, str] = {}
    for code, username in held.order_by("id").values_list("role", "user__username"):
        first.setdefault(code, username)
    return [DemoPerson(first[code], role.label) for code, role in roles().items() if code in first]
