"""Addresses of the partner pages."""

from django.urls import path

from partners.views import developer, logs, staff

urlpatterns = [
    path("", staff.home, name="home"),
    path("list/", staff.partner_list, name="partner_list"),
    path("new/", staff.partner_new, name="partner_new"),
    path("bulks/", logs.bulk_list, name="bulk_list"),
    path("bulks/<str:bulk_id>/", logs.bulk_detail, name="bulk_detail"),
    path("bulks/<str:bulk_id>/retry/", logs.bulk_retry, name="bulk_retry"),
    path("deliveries/", logs.delivery_list, name="delivery_list"),
    path("deliveries/<int:number>/", logs.delivery_detail, name="delivery_detail"),
    path("deliveries/<int:number>/again/", logs.delivery_again, name="delivery_again"),
    path("keys/<str:key_id>/", staff.key_shown, name="key_shown"),
    path("keys/<str:key_id>/rotate/", staff.key_rotate, name="key_rotate"),
    path("keys/<str:key_id>/revoke/", staff.key_revoke, name="key_revoke"),
    path("developers/", developer.guide, name="developers"),
    path("developers/account/", developer.sign_up, name="sign_up"),
    path("developers/try/", developer.try_it, name="try_it"),
    path("developers/mulgil_partner.py", developer.client, name="client"),
    path("developers/problems/", developer.problems, name="problems"),
    path("p/<str:code>/", staff.partner_detail, name="partner_detail"),
    path("p/<str:code>/dashboard/", staff.dashboard, name="dashboard"),
    path("p/<str:code>/keys/new/", staff.key_new, name="key_new"),
    path("p/<str:code>/suspend/", staff.partner_suspend, name="partner_suspend"),
    path("p/<str:code>/resume/", staff.partner_resume, name="partner_resume"),
]
