"""The frame's own pages."""

from django.contrib.auth import views as auth
from django.urls import path

from .views import door, frame

urlpatterns = [
    path("", frame.home, name="home"),
    path("login/", door.DoorView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("preferences/", frame.preferences, name="preferences"),
    path("why/<slug:kind>/<str:key>/", frame.why, name="why"),
    path("search/", frame.search, name="search"),
    path("pick/<slug:kind>/", frame.pick, name="pick"),
    path("views/", frame.saved_views, name="saved_views"),
    path("healthz", frame.healthz, name="healthz"),
]
