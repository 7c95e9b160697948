"""Addresses of stage 1."""

from django.urls import path

from products.views import lists, quotes, records, rules, sale

urlpatterns = [
    path("", lists.product_list, name="product_list"),
    path("desk/", lists.home, name="home"),
    path("desk/preparation/", lists.panel_desk, name="panel_desk"),
    path("desk/catalogue/", lists.panel_catalogue, name="panel_catalogue"),
    path("new/", rules.product_new, name="product_new"),
    path("waiting/", sale.waiting, name="waiting"),
    path("waiting/<str:product_code>/<int:version>/", sale.waiting_case, name="waiting_case"),
    path("<str:product_code>/", records.product_detail, name="product_detail"),
    path("<str:product_code>/sale-period/", sale.sale_period, name="sale_period"),
    path("<str:product_code>/withdraw/", sale.withdraw, name="withdraw"),
    path("<str:product_code>/reopen/", sale.reopen, name="reopen"),
    path("<str:product_code>/new-version/", rules.version_new, name="version_new"),
    path("<str:product_code>/v<int:version>/", records.version_detail, name="version_detail"),
    path("<str:product_code>/v<int:version>/edit/", rules.version_edit, name="version_edit"),
    path("<str:product_code>/v<int:version>/submit/", rules.version_submit, name="version_submit"),
    path("<str:product_code>/v<int:version>/quote/", quotes.quote, name="quote"),
]
