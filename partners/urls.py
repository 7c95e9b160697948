"""Addresses of the partner pages."""

from django.urls import path

from partners.views import developer

urlpatterns = [
    path("problems/", developer.problems, name="problems"),
]
