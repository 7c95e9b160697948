"""How a case ends, as forms: the outcome, the false alarm in one click, the tasks of others."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page
from core.lists import Empty, list_page
from core.permissions import may, requires
from fds import selectors, services
from fds.filters import TaskFilter
from fds.forms import DoneForm, OutcomeForm
from fds.models import Case, Label, Outcome, Task
from fds.tables import TaskTable
from fds.views.common import fact_or_404


@requires("fds.review")
@require_http_methods(["GET", "POST"])
def review_decide(request: HttpRequest, number: str) -> HttpResponse:
    """Decide a case with its outcome; what follows is shown before it is confirmed."""
    fact = fact_or_404(request, number, "fds.review")
    case = get_object_or_404(Case, claim_id=number)
    today = business_date()
    return form_page(
        request,
        OutcomeForm,
        title=_("Decide case %(number)s") % {"number": number},
        initial={"state": request.GET.get("state", ""), "amount": int(case.amount)}
        if request.GET.get("state") == Label.State.CONFIRMED
        else {"state": request.GET.get("state", "")},
        act=lambda form: services.conclude(
            reception_id=number, finding=form.finding(), business_date=today
        ),
        done=reverse("fds:review_case", args=[number]),
        submit=_("Record the decision"),
        message=_("Decided."),
        confirm=True,
        cancel=reverse("fds:review_case", args=[number]),
        crumbs=[(_("Review queue"), reverse("fds:review"))],
        template="fds/decide.html",
        context={
            "case": case,
            "fact": fact,
            "line": selectors.cases([case], today)[0],
            "hold": selectors.hold_of(number),
            "holds": may(request.user, "fds.hold"),
            "today": today,
        },
    )


@requires("fds.review")
@require_POST
def review_false_alarm(request: HttpRequest, number: str) -> HttpResponse:
    """Clear a case by one click that says why it was a false alarm."""
    fact_or_404(request, number, "fds.review")
    today = business_date()
    why = request.POST.get("why", "")
    if why not in Outcome.FalseAlarm.values:
        raise Http404(why)
    words = str(Outcome.FalseAlarm(why).label)
    note = request.POST.get("note", "").strip()
    finding = services.Finding(
        state=Label.State.INNOCENT,
        reason=_t("False alarm: %(why)s.") % {"why": words} + (f" {note}" if note else ""),
        false_alarm=why,
    )
    return act_button(
        request,
        act=lambda: services.conclude(reception_id=number, finding=finding, business_date=today),
        done=reverse("fds:review_case", args=[number]),
        message=_("Cleared as a false alarm."),
    )


@requires("fds.view")
@require_http_methods(["GET", "POST"])
def task_list(request: HttpRequest) -> HttpResponse:
    """List what adjusters have to do because of decided cases."""
    return list_page(
        request,
        title=_("Tasks from decided cases"),
        queryset=Task.objects.select_related("case").order_by("status", "due_on", "pk"),
        filterset=TaskFilter,
        table=TaskTable,
        export_name="siu-tasks",
        personal=True,
        empty=Empty(
            _("Nothing is to be done"),
            _("A decided case hands its consequences over to the adjusters here."),
        ),
    )


@requires("fds.task")
@require_http_methods(["GET", "POST"])
def task_done(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Show a task and say how it was done."""
    fact = fact_or_404(request, number, "fds.task")
    task = get_object_or_404(Task, case__claim=number, kind=kind.upper())
    today = business_date()
    return form_page(
        request,
        DoneForm,
        title=f"{task.get_kind_display()} {number}",
        act=lambda form: services.finish_task(
            reception_id=number, kind=task.kind, business_date=today, **form.cleaned_data
        ),
        done=reverse("fds:task_list"),
        submit=_("Done"),
        message=_("Marked as done."),
        cancel=reverse("fds:task_list"),
        crumbs=[(_("Tasks from decided cases"), reverse("fds:task_list"))],
        template="fds/task.html",
        context={"task": task, "fact": fact, "today": today},
    )
