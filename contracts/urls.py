"""Addresses of stage 3."""

from django.urls import path

from contracts.views import actions, contracts, customers, endings, panels, servicing, underwriting

urlpatterns = [
    path("", contracts.contract_list, name="contract_list"),
    path("bills/", servicing.bill_list, name="bill_list"),
    path("servicing/", servicing.servicing_home, name="servicing_home"),
    path("underwriting/", underwriting.underwriting_home, name="underwriting_home"),
    path("underwriting/all/", underwriting.underwriting_list, name="underwriting_list"),
    path(
        "underwriting/<str:application_id>/escalate/",
        underwriting.underwriting_escalate,
        name="underwriting_escalate",
    ),
    path(
        "underwriting/<str:application_id>/",
        underwriting.underwriting_case,
        name="underwriting_case",
    ),
    path("customers/", customers.customer_list, name="customer_list"),
    path("customers/<int:customer_id>/", customers.customer_detail, name="customer_detail"),
    path(
        "customers/<int:customer_id>/correct/",
        customers.customer_correct,
        name="customer_correct",
    ),
    path("customers/<int:customer_id>/number/", customers.customer_unmask, name="customer_unmask"),
    path("panels/at-risk/", panels.at_risk, name="panel_at_risk"),
    path("panels/sold/<str:product_code>/", panels.sold, name="panel_sold"),
    path(
        "panels/underwriting/<str:application_id>/",
        panels.underwriting,
        name="panel_underwriting",
    ),
    path(
        "panels/customer/<int:customer_id>/",
        panels.customer_contracts,
        name="panel_customer",
    ),
    path("<str:contract_id>/", contracts.contract_detail, name="contract_detail"),
    path("<str:contract_id>/journey/", contracts.journey, name="journey"),
    path("<str:contract_id>/origin/", panels.origin, name="panel_origin"),
    path("<str:contract_id>/application/", panels.application, name="panel_application"),
    path("<str:contract_id>/issue/", panels.issue, name="panel_issue"),
    path("<str:contract_id>/bills/", panels.bills, name="panel_bills"),
    path("<str:contract_id>/reserves/", panels.reserves, name="panel_reserves"),
    path("<str:contract_id>/schedule/", panels.schedule, name="panel_schedule"),
    path("<str:contract_id>/collect/", actions.collect, name="collect"),
    path("<str:contract_id>/surrender/", actions.surrender, name="surrender"),
    path("<str:contract_id>/withdraw/", actions.withdraw, name="withdraw"),
    path("<str:contract_id>/reinstate/", endings.reinstate, name="reinstate"),
    path("<str:contract_id>/pay-value/", endings.pay_value, name="pay_value"),
    path("<str:contract_id>/debit/", actions.debit, name="debit"),
]
