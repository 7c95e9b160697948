"""All addresses: the frame's own, one prefix for each stage, and the admin."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from partners.views.rest.api import api

urlpatterns = [
    path("", include("core.urls")),
    *(
        path(f"{stage}/", include((f"{stage}.urls", stage)))
        for stage in settings.STAGES
        if find_spec(f"{stage}.urls")
    ),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
]
