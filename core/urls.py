"""The frame's own pages."""

from django.contrib.auth import views as auth
from django.urls import path

from .views import door, frame, homes, operations, people, records

urlpatterns = [
    path("", frame.home, name="home"),
    path("login/", door.DoorView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("preferences/", frame.preferences, name="preferences"),
    path("why/<slug:kind>/<str:key>/", frame.why, name="why"),
    path("search/", frame.search, name="search"),
    path("notices/", frame.notices, name="notices"),
    path("pick/<slug:kind>/", frame.pick, name="pick"),
    path("views/", frame.saved_views, name="saved_views"),
    path("desk/auditor/", homes.auditor_home, name="auditor_home"),
    path("desk/administrator/", homes.administrator_home, name="administrator_home"),
    path("operations/", operations.operations, name="operations"),
    path("operations/run/", operations.run_nights, name="run_nights"),
    path("operations/parked/", operations.parked, name="parked"),
    path("operations/parked/retry/", operations.parked_retry, name="parked_retry"),
    path("operations/runs/<int:run_id>/retry/", operations.retry_run, name="retry_run"),
    path(
        "operations/items/<int:failure_id>/retry/", operations.retry_failure, name="retry_failure"
    ),
    path("operations/<str:day>/", operations.operations, name="operations_day"),
    path("audit/", records.audit, name="audit"),
    path("access/", records.access_log, name="access_log"),
    path("people/", people.people, name="people"),
    path("people/<str:username>/", people.person, name="person"),
    path("people/<str:username>/grant/", people.grant_role, name="grant_role"),
    path("people/<str:username>/account/", people.set_account, name="set_account"),
    path("grants/<int:grant_id>/end/", people.end_role, name="end_role"),
    path("healthz", frame.healthz, name="healthz"),
]
