"""Applications: list, record, the form with its live quote, submission and withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.boards import Figure
from core.clock import business_date
from core.errors import NotAllowed
from core.forms import act_button, form_page, once, refused_into
from core.frame import Act
from core.htmx import redirect_to, render_page
from core.lists import Empty, list_page
from core.permissions import Scope, may, requires, scope_of
from core.privacy import log_view
from core.records import record_page
from sales.access import demand_agent
from sales.filters import ApplicationFilter
from sales.forms import ApplicationForm, ReasonForm, initial_of, plan_label
from sales.models import Application
from sales.selectors import applications, catalogue, organisation
from sales.services import applications as services
from sales.tables import ApplicationTable
from sales.views.quotes import quote_of

Status = Application.Status
_CRUMB = _("Applications")


@requires("sales.view")
@require_http_methods(["GET", "POST"])
def application_list(request: HttpRequest) -> HttpResponse:
    """List the applications of the person's scope; downloads ask a purpose."""
    applies = may(request.user, "sales.apply")
    new = reverse("sales:application_new")
    return list_page(
        request,
        title=_CRUMB,
        queryset=applications.application_list(scope_of(request.user, "sales.view")),
        filterset=ApplicationFilter,
        table=ApplicationTable,
        export_name="applications",
        personal=True,
        primary=Act(_("New application"), new, "plus") if applies else None,
        empty=Empty(
            _("No applications yet"),
            _("Choose a product and quote a premium; the quote becomes the application."),
            new if applies else "",
            _("New application"),
        ),
    )


@requires("sales.view")
@require_GET
def application_detail(request: HttpRequest, application_id: str) -> HttpResponse:
    """Show an application: applicant, cover, premium, disclosures, decision."""
    row = applications.application(application_id, scope_of(request.user, "sales.view"))
    log_view(application_id, "application")
    version = catalogue.version(row.product_code, row.version)
    return record_page(
        request,
        row,
        title=row.applicant_name,
        number=application_id,
        place="application",
        figures=_figures(row),
        facts=_facts(row, version.product_name),
        primary=_primary(request, row),
        more=_more(request, row),
        crumbs=[(_CRUMB, reverse("sales:application_list"))],
        template="sales/application_detail.html",
        context={"disclosed": disclosed(row), "may_submit": _open_to(request, row)},
    )


def _figures(row: Application) -> list[Figure]:
    why = ("premium", f"{row.rating_id}-{int(row.sum_assured)}")
    return [
        Figure(_("Monthly premium"), row.premium_amount, _("won"), why=why),
        Figure(_("Sum assured"), row.sum_assured, _("won")),
        Figure(_("Insurance age"), row.insurance_age, _("years of age"), kind="count"),
    ]


def _facts(row: Application, product_name: str) -> list[tuple[Any, Any]]:
    job = catalogue.jobs().get(row.job_code)
    return [
        (_("Product"), f"{product_name} ({row.product_code} v{row.version})"),
        (_("Term and payment"), plan_label(row.term_months, row.pay_months)),
        (_("Applied on"), row.applied_on),
        (_("Agent"), f"{row.agent.agent_name} ({row.agent_id})"),
        (_("Resident number"), row.rrn_mask),
        (_("Born on"), row.birth_date),
        (_("Sex"), row.get_sex_display()),
        (_("Occupation"), catalogue.in_language(job.name) if job else row.job_code),
        (_("Mobile phone"), row.phone),
        (_("Address"), row.address),
        (_("Beneficiary"), row.beneficiary_name or _("legal heirs")),
        (_("First premium"), _("with the application") if row.initial_premium_paid else _("later")),
        (_("Terms explained"), row.explained),
        *_shared(row),
    ]


def _shared(row: Application) -> list[tuple[Any, Any]]:
    if not row.shares:
        return []
    names = organisation.agents(row.shares)
    shown = [
        f"{names[agent].name if agent in names else ''} ({agent}) {share / 100:g} %"
        for agent, share in row.shares.items()
    ]
    return [(_("Commission shared between"), " · ".join(shown))]


def disclosed(row: Application) -> list[tuple[str, Any]]:
    """Return the questions with the answers given, in words."""
    said, nothing = {True: _t("Yes"), False: _t("No")}, _t("not answered")
    shown = []
    for question in catalogue.questions(row.product_code, row.version):
        answer = row.disclosures.get(question.code)
        words = {value: catalogue.in_language(text) for value, text in question.choices}
        if question.kind == "boolean":
            words = said
        given = nothing if answer is None else words.get(answer, answer)
        shown.append((question.text, given))
    return shown


def _open_to(request: HttpRequest, row: Application) -> bool:
    if row.status != Status.DRAFT or not may(request.user, "sales.apply"):
        return False
    try:
        scope = scope_of(request.user, "sales.apply")
        demand_agent(scope, agent_id=row.agent_id, branch_code=row.agent.branch_id)
    except NotAllowed:
        return False
    return True


def _primary(request: HttpRequest, row: Application) -> Act | None:
    if not _open_to(request, row):
        return None
    return Act(_("Continue the draft"), reverse("sales:application_edit", args=[row.pk]), "edit")


def _more(request: HttpRequest, row: Application) -> list[Act]:
    if not may(request.user, "sales.apply") or row.status not in {Status.DRAFT, Status.SUBMITTED}:
        return []
    return [
        Act(_("Withdraw"), reverse("sales:application_withdraw", args=[row.pk]), "arrow-back-up")
    ]


@requires("sales.apply")
@require_GET
def application_new(request: HttpRequest) -> HttpResponse:
    """Choose the product to apply for."""
    today = business_date()
    offers = [
        (version, catalogue.sums(version.product_code, version.version))
        for version in catalogue.on_sale(today)
    ]
    context = {
        "title": _("New application"),
        "lead": _("Choose the product. What is on sale on %(day)s is listed.") % {"day": today},
        "offers": offers,
        "crumbs": [(_CRUMB, reverse("sales:application_list"))],
    }
    return render_page(request, "sales/application_new.html", context)


@sensitive_post_parameters("resident_number", "sealed")
@requires("sales.apply")
@require_http_methods(["GET", "POST"])
def application_form(request: HttpRequest, product_code: str) -> HttpResponse:
    """Fill in an application; keep it as a draft, or submit it."""
    today = business_date()
    offer = catalogue.sellable([product_code], today)[product_code]
    if isinstance(offer, str):
        raise services.ApplicationClosed(offer)
    desk = _Desk(request, scope_of(request.user, "sales.apply"), product_code, offer.version)
    return desk.answer(initial={"agent_id": request.user.own_number})  # type: ignore[union-attr]


@sensitive_post_parameters("resident_number", "sealed")
@requires("sales.apply")
@require_http_methods(["GET", "POST"])
def application_edit(request: HttpRequest, application_id: str) -> HttpResponse:
    """Go on with a draft."""
    scope = scope_of(request.user, "sales.apply")
    row = applications.application(application_id, scope)
    if row.status != Status.DRAFT:
        raise services.ApplicationClosed(
            _t("%s is no longer a draft; withdraw it and apply anew.") % application_id
        )
    log_view(application_id, "application form")
    offer = catalogue.sellable([row.product_code], business_date())[row.product_code]
    if isinstance(offer, str):
        raise services.ApplicationClosed(offer)
    stored = services.batch_of(row)
    desk = _Desk(request, scope, row.product_code, offer.version, application_id)
    return desk.answer(initial=initial_of(stored), kept=stored.sealed[0])


@dataclass
class _Desk:
    """One showing or posting of the application form."""

    request: HttpRequest
    scope: Scope
    product_code: str
    version: int
    application_id: str = ""

    def answer(self, *, initial: Mapping[str, Any], kept: Any = None) -> HttpResponse:
        """Show the form, check a field, quote, keep, or submit."""
        request, posted = self.request, self.request.method == "POST"
        form = ApplicationForm(
            request.POST if posted else None,
            initial=dict(initial),
            product_code=self.product_code,
            version=self.version,
            today=business_date(),
            own_agent=self.scope.own or "",
            finished=not ({"_draft", "_quote"} & set(request.POST)),
            kept=kept,
        )
        if posted and (name := request.POST.get("_validate")) and name in form.fields:
            return render(request, "kit/_field_checked.html", {"field": form[name]})
        if posted and "_quote" not in request.POST and form.is_valid():
            with refused_into(form):
                url = once(request, lambda: self._keep(form))
                done = _("Kept as a draft.") if "_draft" in request.POST else _("Submitted.")
                messages.success(request, str(done))
                return redirect_to(request, url)
        if "_quote" in request.POST:
            form.errors.clear()  # what is missing is no error yet
        status = 422 if posted and form.errors else 200
        return self._page(form, status, kept)

    def _keep(self, form: ApplicationForm) -> str:
        today = business_date()
        batch = form.batch()
        self._demand(str(batch.agent_id[0]))
        number = services.save_draft(batch, business_date=today, application_id=self.application_id)
        if "_draft" not in self.request.POST:
            services.submit(number, business_date=today)
        return reverse("sales:application_detail", args=[number])

    def _demand(self, agent_id: str) -> None:
        found = organisation.agents([agent_id]).get(agent_id)
        demand_agent(
            self.scope, agent_id=agent_id, branch_code=found.branch_code if found else None
        )

    def _page(self, form: ApplicationForm, status: int, kept: Any) -> HttpResponse:
        found = catalogue.version(self.product_code, self.version)
        context = {
            "title": _("Application"),
            "lead": f"{found.product_name} · {self.product_code} v{self.version}",
            "form": form,
            "product_code": self.product_code,
            "quote": quote_of(self.request.POST, self.product_code, self.version, self.scope)
            if self.request.method == "POST"
            else None,
            "operation_id": self.request.POST.get("_operation", ""),
            "cancel": reverse("sales:application_list"),
            "crumbs": [
                (_CRUMB, reverse("sales:application_list")),
                (_("Choose the product"), reverse("sales:application_new")),
            ],
        }
        return render_page(
            self.request, "sales/application_form.html", context, partial="form", status=status
        )


@requires("sales.apply")
@require_POST
def application_submit(request: HttpRequest, application_id: str) -> HttpResponse:
    """Submit a finished draft from its record."""
    applications.application(application_id, scope_of(request.user, "sales.apply"))
    return act_button(
        request,
        act=lambda: services.submit(application_id, business_date=business_date()),
        done=reverse("sales:application_detail", args=[application_id]),
        message=_("Submitted."),
    )


@requires("sales.apply")
@require_http_methods(["GET", "POST"])
def application_withdraw(request: HttpRequest, application_id: str) -> HttpResponse:
    """Take an application back before it is decided."""
    row = applications.application(application_id, scope_of(request.user, "sales.apply"))
    back = reverse("sales:application_detail", args=[application_id])
    return form_page(
        request,
        ReasonForm,
        title=_("Withdraw the application"),
        act=lambda form: services.withdraw(
            application_id, reason=form.cleaned_data["reason"], business_date=business_date()
        ),
        done=back,
        submit=_("Withdraw"),
        message=_("Withdrawn."),
        danger=True,
        cancel=back,
        crumbs=[(_CRUMB, reverse("sales:application_list")), (str(row), back)],
    )
