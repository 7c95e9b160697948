"""Addresses of reinsurance."""

from django.urls import path

from reinsurance.views import boards, bordereaux, panels, receipts, treaties

urlpatterns = [
    path("", boards.home, name="home"),
    path("ageing/", boards.ageing, name="ageing"),
    path("panels/ageing/", boards.panel_ageing, name="panel_ageing"),
    path("panels/capacity/", boards.panel_capacity, name="panel_capacity"),
    path("panels/drafts/", boards.panel_drafts, name="panel_drafts"),
    path("panels/cessions/", boards.panel_cessions, name="panel_cessions"),
    path("panels/claim/<str:claim_number>/", panels.panel_claim, name="panel_claim"),
    path("panels/contract/<str:contract_number>/", panels.panel_contract, name="panel_contract"),
    path("panels/treaty/<str:treaty_code>/", panels.panel_treaty, name="panel_treaty"),
    path("treaties/", treaties.treaty_list, name="treaty_list"),
    path("treaties/new/", treaties.treaty_new, name="treaty_new"),
    path("treaties/<str:treaty_code>/", treaties.treaty_detail, name="treaty_detail"),
    path("treaties/<str:treaty_code>/edit/", treaties.treaty_edit, name="treaty_edit"),
    path("treaties/<str:treaty_code>/sign/", treaties.treaty_sign, name="treaty_sign"),
    path("treaties/<str:treaty_code>/end/", treaties.treaty_end, name="treaty_end"),
    path("recoveries/", bordereaux.recovery_list, name="recovery_list"),
    path("recoveries/receive/", receipts.receive_many, name="receive_many"),
    path("recoveries/file/", receipts.receive_file, name="receive_file"),
    path("recoveries/<int:pk>/", receipts.recovery_detail, name="recovery_detail"),
    path("recoveries/<int:pk>/receive/", receipts.receive, name="receive"),
    path("losses/", bordereaux.loss_list, name="loss_list"),
    path("premiums/", bordereaux.cession_list, name="cession_list"),
]
