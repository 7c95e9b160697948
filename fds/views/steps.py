"""The steps of an investigation, as forms: notes and inquiries, files, links to other cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core.clock import business_date
from core.forms import form_page
from core.permissions import requires
from fds import services
from fds.forms import EvidenceForm, LinkForm, StepForm
from fds.views.common import fact_or_404

MOST_BYTES = 10 * 1024 * 1024


def _journal(number: str) -> str:
    return reverse("fds:review_case", args=[number]) + "?tab=journal"


@requires("fds.review")
@require_http_methods(["GET", "POST"])
def step_new(request: HttpRequest, number: str) -> HttpResponse:
    """Write down what was done or asked."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    return form_page(
        request,
        StepForm,
        title=_("Step of case %(number)s") % {"number": number},
        act=lambda form: services.add_step(
            reception_id=number, business_date=today, **form.cleaned_data
        ),
        done=_journal(number),
        submit=_("Write it down"),
        message=_("Written into the journal; steps cannot be changed."),
        cancel=_journal(number),
        crumbs=[(_("Review queue"), reverse("fds:review"))],
    )


@requires("fds.review")
@require_http_methods(["GET", "POST"])
def link_new(request: HttpRequest, number: str) -> HttpResponse:
    """Link the case to another one."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    return form_page(
        request,
        LinkForm,
        title=_("Link case %(number)s") % {"number": number},
        initial={"other": request.GET.get("other", "")},
        act=lambda form: services.link(
            reception_id=number, business_date=today, **form.cleaned_data
        ),
        done=_journal(number),
        submit=_("Link the cases"),
        message=_("The cases are linked; both show it."),
        cancel=_journal(number),
        crumbs=[(_("Review queue"), reverse("fds:review"))],
    )


@requires("fds.review")
@require_http_methods(["GET", "POST"])
def file_new(request: HttpRequest, number: str) -> HttpResponse:
    """Add a piece of evidence."""
    fact_or_404(request, number, "fds.review")
    today = business_date()

    def keep(form: EvidenceForm) -> None:
        given = form.cleaned_data["file"]
        services.add_file(
            reception_id=number,
            file_name=given.name,
            content=given.read(MOST_BYTES + 1),  # one byte more than allowed is refused
            text=form.cleaned_data["text"],
            business_date=today,
        )

    return form_page(
        request,
        EvidenceForm,
        title=_("Evidence of case %(number)s") % {"number": number},
        act=keep,
        done=_journal(number),
        submit=_("Keep the file"),
        message=_("The file is kept with the documents of the claim."),
        cancel=_journal(number),
        crumbs=[(_("Review queue"), reverse("fds:review"))],
    )
