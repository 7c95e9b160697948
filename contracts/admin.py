"""Reference views of stage 3 for the administrator: to look up, not to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from contracts.models import DebitFailure, Termination


class _LookUp(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes rows here."""
        return False


@admin.register(Termination)
class TerminationAdmin(_LookUp):
    """How contracts ended."""

    list_display = ("contract_id", "kind", "ended_on", "refund", "requested_by")
    list_filter = ("kind",)


@admin.register(DebitFailure)
class DebitFailureAdmin(_LookUp):
    """Debits that the bank refuses."""

    list_display = ("contract_id", "reason", "period")
    list_filter = ("reason",)
