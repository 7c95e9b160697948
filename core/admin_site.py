"""The Django admin: reference data and logins, for administrators, through the house's door."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

RIGHT = "core.users"


class HouseAdminConfig(AdminConfig):
    """Puts the house's site where Django's would be."""

    default_site = "core.admin_site.HouseAdminSite"


class HouseAdminSite(AdminSite):
    """A site that only administrators enter; guests go to the ordinary login page."""

    site_header = _("Mulgil · reference data")
    site_title = _("Mulgil")
    index_title = _("Reference data")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether the person is an administrator today."""
        from .permissions import may

        return bool(request.user.is_active and may(request.user, RIGHT))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send guests to the login page; refuse everyone else."""
        if request.user.is_authenticated:
            raise PermissionDenied(RIGHT)
        return redirect(f"{_login_url()}?{urlencode({'next': request.get_full_path()})}")


def _login_url() -> str:
    from django.urls import reverse

    return reverse("login")
