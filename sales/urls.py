"""Addresses of stage 2."""

from django.urls import path

from sales.views import (
    agents,
    applications,
    commissions,
    grants,
    homes,
    panels,
    plans,
    quotes,
    settlements,
)

urlpatterns = [
    path("", homes.home, name="home"),
    path("branch/", homes.branch_home, name="branch_home"),
    path("agents/", agents.agent_list, name="agent_list"),
    path("agents/new/", agents.agent_new, name="agent_new"),
    path("agents/<str:agent_id>/", agents.agent_detail, name="agent_detail"),
    path("agents/<str:agent_id>/change/", agents.agent_change, name="agent_change"),
    path("agents/<str:agent_id>/training/", agents.agent_train, name="agent_train"),
    path("agents/<str:agent_id>/post/", agents.agent_post, name="agent_post"),
    path("agents/<str:agent_id>/retire/", agents.agent_retire, name="agent_retire"),
    path("agents/<str:agent_id>/reappoint/", agents.agent_reappoint, name="agent_reappoint"),
    path("applications/", applications.application_list, name="application_list"),
    path("applications/new/", applications.application_new, name="application_new"),
    path(
        "applications/new/<str:product_code>/",
        applications.application_form,
        name="application_form",
    ),
    path(
        "applications/new/<str:product_code>/quote/",
        quotes.application_quote,
        name="application_quote",
    ),
    path(
        "applications/<str:application_id>/",
        applications.application_detail,
        name="application_detail",
    ),
    path(
        "applications/<str:application_id>/edit/",
        applications.application_edit,
        name="application_edit",
    ),
    path(
        "applications/<str:application_id>/submit/",
        applications.application_submit,
        name="application_submit",
    ),
    path(
        "applications/<str:application_id>/withdraw/",
        applications.application_withdraw,
        name="application_withdraw",
    ),
    path("commissions/", commissions.commission_list, name="commission_list"),
    path("commissions/contracts/", commissions.contract_sums, name="contract_sums"),
    path("commissions/cap/", grants.cap_board, name="cap_board"),
    path("commissions/grant/", grants.grant_new, name="grant_new"),
    path("commissions/share/<str:contract_id>/", grants.contract_share, name="contract_share"),
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/new/", plans.plan_new, name="plan_new"),
    path("plans/arbitrage/", plans.arbitrage_board, name="arbitrage_board"),
    path("plans/<str:plan_id>/", plans.plan_detail, name="plan_detail"),
    path("plans/<str:plan_id>/compare/", plans.plan_compare, name="plan_compare"),
    path("plans/<str:plan_id>/activate/", plans.plan_activate, name="plan_activate"),
    path("plans/<str:plan_id>/retire/", plans.plan_retire, name="plan_retire"),
    path("settlements/", settlements.settlement_list, name="settlement_list"),
    path("settlements/release/", settlements.settlement_release, name="settlement_release"),
    path(
        "settlements/<str:settlement_id>/", settlements.settlement_detail, name="settlement_detail"
    ),
    path(
        "settlements/<str:settlement_id>/paper/",
        settlements.settlement_paper,
        name="settlement_paper",
    ),
    path(
        "settlements/<str:settlement_id>/release/",
        settlements.settlement_release_one,
        name="settlement_release_one",
    ),
    path("panels/contract/<str:contract_id>/", panels.contract_commissions, name="panel_contract"),
    path(
        "panels/agent/<str:agent_id>/applications/",
        panels.agent_applications,
        name="panel_applications",
    ),
    path(
        "panels/agent/<str:agent_id>/commissions/",
        panels.agent_commissions,
        name="panel_commissions",
    ),
]
