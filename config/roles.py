"""The matrix: which role may do what, over which rows, up to which amount.

A right is ``"<app>.<verb>"``; ``"<app>.*"`` gives all of an app. Segregation of duties: nobody
may both make and check the same thing, whatever their roles (services and constraints see to it).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.permissions import Role

ALL_VIEW = frozenset(
    {
        "products.view",
        "sales.view",
        "contracts.view",
        "investments.view",
        "claims.view",
        "fds.view",
        "reinsurance.view",
        "accounting.view",
        "partners.view",
    }
)


def _role(label: Promise, home: str, reach: str, *rights: str, **limits: int) -> Role:
    return Role(
        label=label,
        home=home,
        reach=reach,
        rights=frozenset(rights),
        limits={key.replace("__", "."): amount for key, amount in limits.items()},
    )


ROLES: dict[str, Role] = {
    "product_actuary": _role(
        _("Product actuary"),
        "products:home",
        "all",
        "products.*",
        "sales.view",
        "sales.plan",
        "contracts.view",
        "accounting.view",
    ),
    "agent": _role(
        _("Agent"),
        "sales:home",
        "own",
        "products.view",
        "sales.view",
        "sales.apply",
        "contracts.view",
        "claims.view",
        "claims.receive",
    ),
    "branch_manager": _role(
        _("Branch manager"),
        "sales:branch_home",
        "branch",
        "products.view",
        "sales.view",
        "sales.apply",
        "sales.manage",
        "contracts.view",
        "claims.view",
        "claims.receive",
    ),
    "underwriter": _role(
        _("Underwriter"),
        "contracts:underwriting_home",
        "all",
        "products.view",
        "sales.view",
        "contracts.view",
        "contracts.underwrite",
        contracts__underwrite=500_000_000,
    ),
    "chief_underwriter": _role(
        _("Chief underwriter"),
        "contracts:underwriting_home",
        "all",
        "products.view",
        "sales.view",
        "contracts.view",
        "contracts.underwrite",
        contracts__underwrite=3_000_000_000,
    ),
    "policy_servicing": _role(
        _("Policy servicing"),
        "contracts:servicing_home",
        "all",
        "products.view",
        "sales.view",
        "contracts.view",
        "contracts.service",
        "contracts.collect",
        "claims.view",
        "claims.receive",
    ),
    "claims_adjuster": _role(
        _("Claims adjuster"),
        "claims:adjuster_home",
        "all",
        "contracts.view",
        "claims.view",
        "claims.receive",
        "claims.adjust",
        "claims.pay",
        "fds.view",
        "fds.task",
        "reinsurance.view",
    ),
    "claims_manager": _role(
        _("Claims manager"),
        "claims:manager_home",
        "all",
        "contracts.view",
        "claims.view",
        "claims.receive",
        "claims.adjust",
        "claims.approve",
        "claims.pay",
        "fds.view",
        "fds.task",
        "fds.hold",
        "reinsurance.view",
        claims__approve=300_000_000,
    ),
    "siu": _role(
        _("SIU investigator"),
        "fds:home",
        "all",
        "contracts.view",
        "claims.view",
        "fds.view",
        "fds.review",
        "fds.hold",
        "fds.rules",
        "fds.models",
        "fds.watch",
    ),
    "reinsurance": _role(
        _("Reinsurance"),
        "reinsurance:home",
        "all",
        "contracts.view",
        "claims.view",
        "reinsurance.*",
        "accounting.view",
    ),
    "investment": _role(
        _("Investment"),
        "investments:home",
        "all",
        "investments.*",
        "accounting.view",
    ),
    "accountant": _role(
        _("Accountant"),
        "accounting:home",
        "all",
        *ALL_VIEW,
        "accounting.*",
        "sales.settle",
        "core.operations",
    ),
    "partner_manager": _role(
        _("Partner manager"),
        "partners:home",
        "all",
        "products.view",
        "contracts.view",
        "partners.*",
    ),
    "executive": _role(
        _("Executive"),
        "accounting:executive_home",
        "all",
        *ALL_VIEW,
        "investments.approve",
        "reinsurance.sign",
        "claims.approve",
        claims__approve=5_000_000_000,
    ),
    "auditor": _role(
        _("Auditor"), "auditor_home", "all", *ALL_VIEW, "core.audit", "core.operations"
    ),
    "administrator": _role(
        _("Administrator"),
        "administrator_home",
        "all",
        "core.operations",
        "core.operate",
        "core.audit",
        "core.users",
        "partners.view",
    ),
}
