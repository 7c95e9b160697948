"""Who may do what, and over which rows: roles are granted for periods, rights follow from them.

The matrix of roles and rights is the composition root's (``settings.ROLES``); this module only
applies it. A right is ``"<app>.<verb>"``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.timezone import localdate

from .errors import NotAllowed
from .models import RoleGrant, User


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do, over which rows, and where its day begins.

    Args:
        label: translated name.
        home: URL name of its home page.
        reach: ``"all"``, ``"branch"`` (rows of the person's branch) or ``"own"`` (own rows).
        rights: rights such as ``"contracts.view"``; ``"contracts.*"`` gives all of an app.
        limits: amounts in won up to which it may approve, by right.
    """

    label: str | Promise
    home: str
    reach: str
    rights: frozenset[str]
    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a person may see: all, one branch's, or their own."""

    branch: str | None = None
    own: str | None = None

    @property
    def everything(self) -> bool:
        """Whether no row is hidden."""
        return self.branch is None and self.own is None


def roles() -> Mapping[str, Role]:
    """Return the roles of this installation by code."""
    from django.conf import settings

    return import_string(settings.ROLES)


def roles_of(user: Any) -> list[str]:
    """Return the codes of the roles that a person holds today."""
    if not user.is_authenticated:
        return []
    cached = getattr(user, "_role_codes", None)
    if cached is None:
        held = RoleGrant.objects.filter(user_id=user.pk, period__contains=localdate())
        cached = [code for code in roles() if code in set(held.values_list("role", flat=True))]
        user._role_codes = cached
    return cached


def may(user: Any, right: str) -> bool:
    """Say whether one of the person's roles gives ``right``."""
    app = right.split(".")[0]
    return any(
        right in role.rights or f"{app}.*" in role.rights
        for role in (roles()[code] for code in roles_of(user))
    )


def scope_of(user: Any, right: str) -> Scope:
    """Return the widest scope in which the person holds ``right``.

    Raises:
        NotAllowed: no role of the person gives it.
    """
    app = right.split(".")[0]
    reaches = {
        role.reach
        for role in (roles()[code] for code in roles_of(user))
        if right in role.rights or f"{app}.*" in role.rights
    }
    if "all" in reaches:
        return Scope()
    if "branch" in reaches and user.branch_code:
        return Scope(branch=user.branch_code)
    if "own" in reaches and user.own_number:
        return Scope(own=user.own_number)
    raise NotAllowed(f"{user} has no role that allows {right}.")


def limit_of(user: Any, right: str) -> int:
    """Return the highest amount in won that the person may approve by ``right`` (0: none)."""
    return max((roles()[code].limits.get(right, 0) for code in roles_of(user)), default=0)


def requires(right: str) -> Callable[..., Any]:
    """Let a view run only for people who hold ``right``; others get 403, guests the login page.

    The view's ``right`` attribute says it, so that navigation and the matrix test can read it.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request.user, right):
                raise PermissionDenied(right)
            return view(request, *args, **kwargs)

        protected = login_required(guarded)
        protected.right = right  # type: ignore[attr-defined]
        return protected

    return decorate


def grant(user: User, role: str, *, by: str, reason: str, start: Any, end: Any = None) -> RoleGrant:
    """Grant a role for [start, end).

    Raises:
        NotAllowed: the role is unknown, or someone grants it to themselves.
    """
    if role not in roles():
        raise NotAllowed(f"There is no role {role}.")
    if by == user.username:
        raise NotAllowed("Nobody grants a role to themselves.")
    return RoleGrant.objects.create(
        user=user, role=role, period=(start, end), granted_by=by, reason=reason
    )
