"""Addresses of stage 4."""

from django.urls import path

from investments.views import assets, boards, credit, orders, prices, risk, write_offs

urlpatterns = [
    path("", boards.home, name="home"),
    path("portfolio/", boards.portfolio, name="portfolio"),
    path("calendar/", boards.calendar, name="calendar"),
    path("panels/waiting/", boards.panel_waiting, name="panel_waiting"),
    path("panels/warnings/", boards.panel_warnings, name="panel_warnings"),
    path("panels/limits/", boards.panel_limits, name="panel_limits"),
    path("panels/calendar/", boards.panel_calendar, name="panel_calendar"),
    path("assets/", assets.asset_list, name="asset_list"),
    path("assets/new/", orders.purchase, name="purchase"),
    path("assets/<str:asset_id>/", assets.asset_detail, name="asset_detail"),
    path("assets/<str:asset_id>/returns/", assets.panel_returns, name="panel_returns"),
    path("assets/<str:asset_id>/prices/", assets.panel_prices, name="panel_prices"),
    path("assets/<str:asset_id>/cash/", assets.panel_cash, name="panel_cash"),
    path("assets/<str:asset_id>/sell/", orders.sale, name="sale"),
    path("assets/<str:asset_id>/income/", assets.income, name="income"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<int:pk>/", orders.order_detail, name="order_detail"),
    path("orders/<int:pk>/approve/", orders.approve, name="approve"),
    path("orders/<int:pk>/decline/", orders.decline, name="decline"),
    path("risk/", risk.risk, name="risk"),
    path("credit-losses/", credit.loss_list, name="loss_list"),
    path("parties/", credit.party_list, name="party_list"),
    path("parties/new/", credit.party_new, name="party_new"),
    path("assets/<str:asset_id>/rating/", credit.rating_new, name="rating_new"),
    path("assets/<str:asset_id>/more/", credit.more, name="more"),
    path("assets/<str:asset_id>/price/", credit.price_correct, name="price_correct"),
    path("panels/credit/<str:asset_id>/", credit.panel_credit, name="panel_credit"),
    path("assets/<str:asset_id>/write-off/", write_offs.propose, name="write_off"),
    path("assets/<str:asset_id>/late-money/", write_offs.late_money, name="late_money"),
    path("write-offs/<int:pk>/book/", write_offs.book, name="write_off_book"),
    path("write-offs/<int:pk>/refuse/", write_offs.refuse, name="write_off_refuse"),
    path("returns/", assets.return_list, name="return_list"),
    path("prices/", prices.price_list, name="price_list"),
    path("prices/new/", prices.price_new, name="price_new"),
    path("prices/file/", prices.price_file, name="price_file"),
]
