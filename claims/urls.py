"""Addresses of stages 5 and 6: claims and payouts."""

from django.urls import path

from claims.views import adjusting, closing, documents, homes, lists, providers, records

urlpatterns = [
    path("", lists.claim_list, name="claim_list"),
    path("new/", lists.claim_new, name="claim_new"),
    path("desk/", homes.adjuster_home, name="adjuster_home"),
    path("desk/next/", adjusting.claim_next, name="claim_next"),
    path("manager/", homes.manager_home, name="manager_home"),
    path("panel/approvals/", homes.panel_approvals, name="panel_approvals"),
    path("panel/contract/<str:contract_id>/", lists.panel_contract, name="panel_contract"),
    path("providers/", providers.provider_list, name="provider_list"),
    path("providers/new/", providers.provider_new, name="provider_new"),
    path("providers/<str:code>/", providers.provider_detail, name="provider_detail"),
    path("<str:number>/", records.claim_detail, name="claim_detail"),
    path("<str:number>/start/", adjusting.claim_start, name="claim_start"),
    path("<str:number>/adjust/", adjusting.claim_adjust, name="claim_adjust"),
    path("<str:number>/adjust/preview/", adjusting.claim_preview, name="claim_preview"),
    path("<str:number>/approve/", adjusting.claim_approve, name="claim_approve"),
    path("<str:number>/send-back/", adjusting.claim_send_back, name="claim_send_back"),
    path("<str:number>/reopen/", adjusting.claim_reopen, name="claim_reopen"),
    path("<str:number>/assign/", adjusting.claim_assign, name="claim_assign"),
    path("<str:number>/investigate/", adjusting.claim_investigate, name="claim_investigate"),
    path("<str:number>/reserve/", adjusting.claim_reserve, name="claim_reserve"),
    path("<str:number>/pay/", closing.claim_pay, name="claim_pay"),
    path("<str:number>/reject/", closing.claim_reject, name="claim_reject"),
    path("<str:number>/withdraw/", closing.claim_withdraw, name="claim_withdraw"),
    path("<str:number>/documents/new/", documents.claim_document_new, name="claim_document_new"),
    path("<str:number>/documents/<str:sha256>/", documents.claim_document, name="claim_document"),
]
