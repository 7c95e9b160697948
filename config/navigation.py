"""The left side: the seven stages in river order, then operations."""

from django.utils.translation import gettext_lazy as _

from core.frame import Entry, Section

NAVIGATION: tuple[Section, ...] = (
    Section(
        _("Products"),
        "package",
        (
            Entry(_("Products"), "products:product_list", "products.view", "package"),
            Entry(_("Register a product"), "products:product_new", "products.edit", "plus"),
            Entry(_("Waiting for publication"), "products:waiting", "products.publish", "checks"),
        ),
    ),
    Section(
        _("Operations"),
        "settings",
        (
            Entry(_("Nightly chain"), "operations", "core.operations", "timeline"),
            Entry(_("Parked messages"), "parked", "core.operations", "mail-exclamation"),
            Entry(_("Audit trail"), "audit", "core.audit", "history"),
            Entry(_("Access to personal data"), "access_log", "core.audit", "eye"),
            Entry(_("People and roles"), "people", "core.users", "users"),
        ),
    ),
)
