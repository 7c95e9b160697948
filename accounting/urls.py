"""Addresses of stage 7."""

from django.urls import path

from accounting.views import balances, boards, closing, journals, ledger, measured, rules
from accounting.views import statements as stated

urlpatterns = [
    path("", boards.home, name="home"),
    path("executive/", boards.executive_home, name="executive_home"),
    path("panel/checklist/", closing.panel_checklist, name="panel_checklist"),
    path("panel/breaks/", boards.panel_breaks, name="panel_breaks"),
    path("panel/parked/", boards.panel_parked, name="panel_parked"),
    path("panel/waiting/", boards.panel_waiting, name="panel_waiting"),
    path("panel/trial/", boards.panel_trial, name="panel_trial"),
    path("panel/entries/<str:key>/", ledger.panel_entries, name="panel_entries"),
    path("entries/", ledger.entry_list, name="entry_list"),
    path("entries/<int:entry_id>/", ledger.entry_detail, name="entry_detail"),
    path("entries/<int:entry_id>/reverse/", ledger.entry_reverse, name="entry_reverse"),
    path("events/<uuid:event_id>/", ledger.event_detail, name="event_detail"),
    path("lines/", ledger.line_list, name="line_list"),
    path("accounts/", balances.account_list, name="account_list"),
    path("accounts/<str:code>/", balances.account_detail, name="account_detail"),
    path("trial-balance/", balances.trial_balance, name="trial_balance"),
    path("rules/", rules.rule_list, name="rule_list"),
    path("rules/new/", rules.rule_new, name="rule_new"),
    path("rules/<int:pk>/", rules.rule_detail, name="rule_detail"),
    path("rules/<int:pk>/activate/", rules.rule_activate, name="rule_activate"),
    path("rules/<int:pk>/discard/", rules.rule_discard, name="rule_discard"),
    path("assumptions/", rules.assumption_list, name="assumption_list"),
    path("assumptions/new/", rules.assumption_new, name="assumption_new"),
    path("assumptions/<int:version>/", rules.assumption_detail, name="assumption_detail"),
    path(
        "assumptions/<int:version>/activate/",
        rules.assumption_activate,
        name="assumption_activate",
    ),
    path("months/", closing.period_list, name="period_list"),
    path("months/<str:period>/", closing.period_detail, name="period_detail"),
    path("months/<str:period>/request/", closing.period_request, name="period_request"),
    path("months/<str:period>/close/", closing.period_close, name="period_close"),
    path("statements/", stated.latest, name="statements_latest"),
    path("statements/<str:period>/", stated.show, name="statements"),
    path("measurement/", measured.measurement, name="measurement"),
    path("journals/", journals.journal_list, name="journal_list"),
    path("journals/new/", journals.journal_new, name="journal_new"),
    path("journals/<str:number>/", journals.journal_detail, name="journal_detail"),
    path("journals/<str:number>/post/", journals.journal_approve, name="journal_approve"),
    path("journals/<str:number>/send-back/", journals.journal_send_back, name="journal_send_back"),
]
