"""Who may do what, and over which rows: roles are granted for periods, rights follow from them.

The matrix of roles and rights is the composition root's (``settings.ROLES``); this module only
applies it. A right is ``"<app>.<verb>"``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from .errors import DomainError, NotAllowed
from .models import RoleGrant, User


class GrantOverlaps(DomainError):
    """The same role is granted twice for one day, or for no day."""


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


def role_label(code: str) -> object:
    """Return a role's translated name, or the code of one that this installation has no more."""
    found = roles().get(code)
    return found.label if found else code


def roles_of(user: Any) -> list[str]:
    """Return the codes of the roles that a person holds today."""
    if not user.is_authenticated:
        return []
    cached = getattr(user, "_role_codes", None)
    if cached is None:
        held = RoleGrant.objects.filter(user_id=user.pk, period__contains=localdate())
        today = set(held.values_list("role", flat=True))
        cached = [code for code in roles() if code in today]
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
    raise NotAllowed(
        _("%(person)s has no role that allows %(right)s.") % {"person": user, "right": right}
    )


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
        GrantOverlaps: the person holds it already in that period, or the period is empty.
    """
    if role not in roles():
        raise NotAllowed(_("There is no role %(role)s.") % {"role": role})
    if by == user.username:
        raise NotAllowed(_("Nobody grants a role to themselves."))
    if end is not None and end <= start:
        raise GrantOverlaps(_("A role ends after it begins."))
    if user.grants.filter(role=role, period__overlap=(start, end)).exists():
        raise GrantOverlaps(
            _("%(person)s already holds this role in that period.") % {"person": user}
        )
    return RoleGrant.objects.create(
        user=user, role=role, period=(start, end), granted_by=by, reason=reason
    )


def revoke(given: RoleGrant, *, by: str, reason: str, on: date) -> None:
    """End a grant: ``on`` is the first day without it; one of today is taken back altogether.

    Raises:
        NotAllowed: someone ends their own role, or it had ended before.
    """
    if by == given.user.username:
        raise NotAllowed(_("Nobody changes their own roles."))
    upper = given.period.upper
    if upper is not None and upper <= on:
        raise NotAllowed(_("This role has ended already."))
    found = RoleGrant.objects.filter(pk=given.pk)
    if given.period.lower is not None and given.period.lower >= on:
        found.delete()
        return
    said = f"{given.reason} · {by}: {reason}"
    found.update(period=(given.period.lower, on), reason=said[:200])


def set_account(user: User, *, open_: bool, by: str) -> None:
    """Open or close a person's account.

    Raises:
        NotAllowed: it is one's own.
    """
    if by == user.username:
        raise NotAllowed(_("Nobody opens or closes their own account."))
    User.objects.filter(pk=user.pk).update(is_active=open_)
