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
        _("Sales"),
        "users-group",
        (
            Entry(_("My commissions and customers"), "sales:home", "sales.apply", "coins"),
            Entry(_("My branch"), "sales:branch_home", "sales.manage", "building-store"),
            Entry(_("New application"), "sales:application_new", "sales.apply", "plus"),
            Entry(_("Applications"), "sales:application_list", "sales.view", "writing"),
            Entry(_("Commissions"), "sales:commission_list", "sales.view", "receipt-2"),
            Entry(_("Statements"), "sales:settlement_list", "sales.view", "file-invoice"),
            Entry(_("First-year cap"), "sales:cap_board", "sales.view", "gauge"),
            Entry(_("Commission plans"), "sales:plan_list", "sales.view", "adjustments"),
            Entry(_("Agents"), "sales:agent_list", "sales.view", "users"),
        ),
    ),
    Section(
        _("Contracts"),
        "file-certificate",
        (
            Entry(
                _("Underwriting"),
                "contracts:underwriting_home",
                "contracts.underwrite",
                "stethoscope",
            ),
            Entry(_("Servicing desk"), "contracts:servicing_home", "contracts.service", "headset"),
            Entry(_("Contracts"), "contracts:contract_list", "contracts.view", "file-certificate"),
            Entry(_("Policyholders"), "contracts:customer_list", "contracts.view", "user"),
            Entry(_("Premium bills"), "contracts:bill_list", "contracts.view", "file-invoice"),
            Entry(
                _("Underwriting decisions"),
                "contracts:underwriting_list",
                "contracts.view",
                "checklist",
            ),
        ),
    ),
    Section(
        _("Investments"),
        "building-bank",
        (
            Entry(_("Investment desk"), "investments:home", "investments.view", "layout-dashboard"),
            Entry(_("Portfolio"), "investments:portfolio", "investments.view", "chart-donut"),
            Entry(_("Assets"), "investments:asset_list", "investments.view", "coins"),
            Entry(_("Orders"), "investments:order_list", "investments.view", "arrows-exchange"),
            Entry(_("Returns"), "investments:return_list", "investments.view", "trending-up"),
            Entry(_("Prices"), "investments:price_list", "investments.view", "tag"),
            Entry(_("Cash calendar"), "investments:calendar", "investments.view", "calendar"),
            Entry(_("Portfolio risk"), "investments:risk", "investments.view", "shield-half"),
        ),
    ),
    Section(
        _("Claims"),
        "ambulance",
        (
            Entry(_("Claims"), "claims:claim_list", "claims.view", "clipboard-list"),
            Entry(_("Receive a claim"), "claims:claim_new", "claims.receive", "plus"),
            Entry(_("My claims"), "claims:adjuster_home", "claims.adjust", "briefcase"),
            Entry(_("Claims desk"), "claims:manager_home", "claims.approve", "checks"),
            Entry(
                _("Hospitals and garages"),
                "claims:provider_list",
                "claims.view",
                "building-hospital",
            ),
        ),
    ),
    Section(
        _("Fraud detection"),
        "radar-2",
        (
            Entry(_("Claim review and fraud monitoring"), "fds:monitor", "fds.view", "radar"),
            Entry(_("Review queue"), "fds:review", "fds.view", "list-search"),
            Entry(_("Fraud cases"), "fds:case_list", "fds.view", "folders"),
            Entry(_("Payment holds"), "fds:hold_list", "fds.view", "hand-stop"),
            Entry(_("Tasks from decided cases"), "fds:task_list", "fds.view", "checklist"),
            Entry(_("Watch-list"), "fds:watch_list", "fds.view", "eye-exclamation"),
            Entry(_("Fraud rules"), "fds:ruleset_list", "fds.view", "adjustments"),
            Entry(_("Snoozed rules"), "fds:snooze_list", "fds.view", "zzz"),
            Entry(_("Fraud models"), "fds:model_list", "fds.view", "brain"),
            Entry(_("Board of fraud detection"), "fds:board", "fds.view", "chart-bar"),
        ),
    ),
    Section(
        _("Reinsurance"),
        "umbrella",
        (
            Entry(
                _("Reinsurance desk"), "reinsurance:home", "reinsurance.view", "layout-dashboard"
            ),
            Entry(_("Treaties"), "reinsurance:treaty_list", "reinsurance.view", "contract"),
            Entry(
                _("Bordereau of claims"), "reinsurance:recovery_list", "reinsurance.view", "receipt"
            ),
            Entry(
                _("Bordereau of premiums"), "reinsurance:cession_list", "reinsurance.view", "cash"
            ),
            Entry(_("Losses gross and net"), "reinsurance:loss_list", "reinsurance.view", "scale"),
            Entry(_("By age"), "reinsurance:ageing", "reinsurance.view", "hourglass"),
            Entry(_("Programme"), "reinsurance:programme", "reinsurance.view", "layers-subtract"),
            Entry(
                _("Accounts with reinsurers"),
                "reinsurance:accounts",
                "reinsurance.view",
                "receipt-2",
            ),
            Entry(_("Catastrophes"), "reinsurance:event_list", "reinsurance.view", "storm"),
        ),
    ),
    Section(
        _("Accounting"),
        "calculator",
        (
            Entry(_("Accounting desk"), "accounting:home", "accounting.close", "layout-dashboard"),
            Entry(
                _("Executive report"), "accounting:executive_home", "accounting.view", "chart-bar"
            ),
            Entry(_("Journal entries"), "accounting:entry_list", "accounting.view", "receipt"),
            Entry(_("General ledger"), "accounting:line_list", "accounting.view", "book"),
            Entry(_("Trial balance"), "accounting:trial_balance", "accounting.view", "scale"),
            Entry(
                _("Financial statements"),
                "accounting:statements_latest",
                "accounting.view",
                "report-money",
            ),
            Entry(
                _("IFRS 17 measurement"),
                "accounting:measurement",
                "accounting.view",
                "chart-histogram",
            ),
            Entry(_("Measurement runs"), "accounting:run_list", "accounting.view", "player-play"),
            Entry(
                _("Measurement assumptions"),
                "accounting:assumption_list",
                "accounting.view",
                "adjustments",
            ),
            Entry(_("Yield curves"), "accounting:curve_list", "accounting.view", "chart-line"),
            Entry(_("Claims triangles"), "accounting:triangles", "accounting.view", "triangle"),
            Entry(_("Months and closing"), "accounting:period_list", "accounting.view", "lock"),
            Entry(_("Manual journals"), "accounting:journal_list", "accounting.view", "writing"),
            Entry(_("Posting rules"), "accounting:rule_list", "accounting.view", "list-check"),
            Entry(_("Chart of accounts"), "accounting:account_list", "accounting.view", "list"),
        ),
    ),
    Section(
        _("Partners"),
        "plug-connected",
        (
            Entry(_("Partner desk"), "partners:home", "partners.view", "layout-dashboard"),
            Entry(_("Partner list"), "partners:partner_list", "partners.view", "building-store"),
            Entry(_("Bulk binds"), "partners:bulk_list", "partners.view", "stack-2"),
            Entry(_("Webhook deliveries"), "partners:delivery_list", "partners.view", "webhook"),
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
