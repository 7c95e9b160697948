"""The frame's own pages."""

from django.contrib.auth import views as auth
from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("why/<slug:kind>/<str:key>/", views.why, name="why"),
    path("search/", views.search, name="search"),
]
