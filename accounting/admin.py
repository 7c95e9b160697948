"""Reference data of stage 7 in the admin: accounts. Rules and books have their own screens."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounting.models import Account
from core.admin import HouseModelAdmin


@admin.register(Account)
class AccountAdmin(HouseModelAdmin):
    """Open accounts and rename them; what an account is never changes, none is removed."""

    list_display = ("account_code", "account_name", "name_en", "account_type", "statement_line")
    list_filter = ("account_type", "is_ifrs17_relevant", "is_control", "is_memorandum")
    search_fields = ("account_code", "account_name", "name_en")
    exclude = ("created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Fix code and nature of an account that exists."""
        return ("account_code", "account_type", "is_memorandum") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes an account."""
        return False
