"""Reference data of stage 2 in the admin: branches."""

from django.contrib import admin

from core.admin import HouseModelAdmin
from sales.models import Branch


@admin.register(Branch)
class BranchAdmin(HouseModelAdmin):
    """Open branches and set their monthly plan."""

    list_display = ("branch_code", "branch_name", "region", "opened_on", "monthly_plan")
    search_fields = ("branch_code", "branch_name")
    list_filter = ("region",)
    exclude = ("created_at", "updated_at")
