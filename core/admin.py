"""What administrators keep in the Django admin: logins. Stages register their reference data."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import User
from .permissions import may


class HouseModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin page for reference data: who holds ``right`` may read and change, nobody deletes."""

    right = "core.users"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show it to those who hold the right."""
        return may(request.user, self.right)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those who hold the right read."""
        return may(request.user, self.right)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those who hold the right add."""
        return may(request.user, self.right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let those who hold the right change."""
        return may(request.user, self.right)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: reference data ends, it does not vanish."""
        return False


@admin.register(User)
class PersonAdmin(HouseModelAdmin, UserAdmin):  # type: ignore[type-arg]
    """Logins: name, unit, number. Roles are granted on their own page, never here."""

    list_display = (
        "username",
        "display_name",
        "branch_code",
        "own_number",
        "is_active",
        "last_login",
    )
    list_filter = ("is_active",)
    search_fields = ("username", "display_name", "own_number")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("display_name", "branch_code", "own_number", "email")}),
        (_("Account"), {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "display_name",
                    "branch_code",
                    "own_number",
                    "password1",
                    "password2",
                )
            },
        ),
    )
