"""Addresses of fraud detection."""

from django.urls import path

from fds.views import holds, monitor, outcomes, party, queue, review, rulesets, steps, watchlist

urlpatterns = [
    path("", monitor.monitor, name="monitor"),
    path("desk/", monitor.home, name="home"),
    path("risk/<str:number>/", monitor.risk, name="risk"),
    path("panel/contract/<str:contract_id>/", monitor.panel_contract, name="panel_contract"),
    path("panel/provider/<str:code>/", monitor.panel_provider, name="panel_provider"),
    path("cases/", queue.case_list, name="case_list"),
    path("review/", queue.review, name="review"),
    path("review/next/", queue.review_next, name="review_next"),
    path("review/<str:number>/", review.review_case, name="review_case"),
    path("review/<str:number>/take/", queue.review_take, name="review_take"),
    path("review/<str:number>/put-back/", queue.review_put_back, name="review_put_back"),
    path("review/<str:number>/step/", steps.step_new, name="step_new"),
    path("review/<str:number>/link/", steps.link_new, name="link_new"),
    path("review/<str:number>/file/", steps.file_new, name="file_new"),
    path("review/<str:number>/aside/", queue.review_aside, name="review_aside"),
    path("review/<str:number>/call-back/", queue.review_call_back, name="review_call_back"),
    path("review/<str:number>/decide/", outcomes.review_decide, name="review_decide"),
    path("review/<str:number>/alarm/", outcomes.review_false_alarm, name="review_false_alarm"),
    path("tasks/", outcomes.task_list, name="task_list"),
    path("tasks/<str:number>/<str:kind>/", outcomes.task_done, name="task_done"),
    path("party/<str:value>/", party.party, name="party"),
    path("holds/", holds.hold_list, name="hold_list"),
    path("holds/<str:number>/", holds.hold_release, name="hold_release"),
    path("holds/<str:number>/new/", holds.hold_new, name="hold_new"),
    path("watch-list/", watchlist.watch_list, name="watch_list"),
    path("watch-list/new/", watchlist.watch_new, name="watch_new"),
    path("watch-list/<str:code>/<str:start>/", watchlist.watch_detail, name="watch_detail"),
    path("watch-list/<str:code>/<str:start>/agree/", watchlist.watch_approve, name="watch_approve"),
    path("rules/", rulesets.ruleset_list, name="ruleset_list"),
    path("rules/new/", rulesets.ruleset_new, name="ruleset_new"),
    path("rules/<int:version>/", rulesets.ruleset_edit, name="ruleset_edit"),
    path("rules/<int:version>/trials/", rulesets.ruleset_trials, name="ruleset_trials"),
    path("rules/<int:version>/shadow/", rulesets.ruleset_shadow, name="ruleset_shadow"),
    path("rules/<int:version>/back/", rulesets.ruleset_back, name="ruleset_back"),
    path("rules/<int:version>/activate/", rulesets.ruleset_activate, name="ruleset_activate"),
]
