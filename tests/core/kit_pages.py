"""Pages made with the kit over core's own tables: what a stage would write, for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from django.views.decorators.http import require_POST

from core import panels, pickers
from core.boards import Chart, Figure, Series, board_page
from core.errors import DomainError
from core.explain import Explanation, Step, explains, why_url
from core.filters import HouseFilterSet, PeriodFilter
from core.forms import HouseForm, MoneyField, PickerField, act_button, form_page
from core.frame import Act
from core.htmx import Progress, progress_fragment, render_page
from core.lists import Empty, list_page
from core.models import JobRun, SavedView, User
from core.permissions import Scope, requires
from core.records import record_page
from core.search import Hit, searches
from core.tables import (
    DateColumn,
    HouseTable,
    MoneyColumn,
    NumberLinkColumn,
    StatusColumn,
    WhyColumn,
)


class RunTable(HouseTable):
    hidden = ("started_at",)
    job = NumberLinkColumn("run_detail", key="pk", verbose_name="작업")
    business_date = DateColumn(verbose_name="영업일")
    state = StatusColumn(verbose_name="상태")
    items = MoneyColumn(total=True, verbose_name="금액 (원)")
    position = WhyColumn("sample", key="pk", verbose_name="산출액 (원)")
    started_at = DateColumn(verbose_name="시작")

    class Meta:
        model = JobRun
        fields = ("job", "business_date", "state", "items", "position", "started_at")


class RunFilter(HouseFilterSet):
    search_fields = ("job__icontains",)
    business_date = PeriodFilter(label="영업일")

    class Meta:
        model = JobRun
        fields = ("state", "business_date")


@requires("core.operations")
def run_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        title="작업 목록",
        queryset=JobRun.objects.order_by("-business_date", "position"),
        filterset=RunFilter,
        table=RunTable,
        export_name="runs",
        primary=Act("새 작업", reverse("thing_new"), "plus"),
        empty=Empty("작업이 없습니다", "첫 작업을 등록하십시오.", "/things/new/", "새 작업"),
    )


@requires("core.operations")
def run_list_personal(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        title="개인정보 목록",
        queryset=JobRun.objects.order_by("id"),
        filterset=RunFilter,
        table=RunTable,
        export_name="people",
        personal=True,
    )


@requires("core.operations")
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    run = JobRun.objects.get(pk=pk)
    return record_page(
        request,
        run,
        title="작업",
        number=f"RUN-{pk}",
        status_field="state",
        place="run",
        key=str(pk),
        figures=[
            Figure("금액", run.items, "원", why=("sample", str(pk))),
            Figure("비율", Decimal("0.125"), before=Decimal("0.14"), better="down", kind="percent"),
            Figure("건수", 12, "건", before=10, better="up", kind="count"),
        ],
        facts=[("작업", run.job), ("영업일", run.business_date), ("순서", run.position)],
        primary=Act("처리", reverse("thing_new")),
        more=[Act("인쇄", "/", "printer")],
        crumbs=[("작업 목록", reverse("run_list"))],
    )


def run_panel(request: HttpRequest, pk: str) -> HttpResponse:
    return HttpResponse(f'<p id="panel-run">패널 {pk}</p>')


class ThingRefused(DomainError):
    """A refusal for tests."""


class ThingForm(HouseForm):
    name = forms.CharField(label="이름", max_length=60, help_text="사람이 알아볼 이름")
    amount = MoneyField(label="금액", min_value=1, max_value=10**9)
    day = forms.DateField(label="기준일")
    kind = forms.ChoiceField(label="종류", choices=[("a", "가"), ("b", "나")])
    owner = PickerField("person", label="담당자", required=False)
    agreed = forms.BooleanField(label="확인했습니다", required=False)


def keep(form: Any, request: HttpRequest) -> SavedView:
    """Write a row, as a service would, or refuse."""
    view = SavedView.objects.create(
        user_id=request.user.pk, page="things", name=form.cleaned_data["name"], query="x"
    )
    if form.cleaned_data["name"] == "안됨":
        raise ThingRefused("이 이름은 쓸 수 없습니다.")
    return view


@requires("core.operate")
def thing_new(request: HttpRequest) -> HttpResponse:
    return form_page(
        request,
        ThingForm,
        title="새 작업",
        act=lambda form: keep(form, request),
        done=lambda view: f"/things/{view.pk}/done/",
        confirm="confirm" in request.GET,
        submit="등록",
        message="등록했습니다.",
        cancel=reverse("run_list"),
        crumbs=[("작업 목록", reverse("run_list"))],
    )


@require_POST
@requires("core.operate")
def thing_act(request: HttpRequest) -> HttpResponse:
    def act() -> None:
        if request.POST.get("refuse"):
            raise ThingRefused("지금은 할 수 없습니다.")
        SavedView.objects.create(
            user_id=request.user.pk, page="act", name=str(SavedView.objects.count()), query=""
        )

    return act_button(request, act=act, done=reverse("run_list"), message="했습니다.")


@requires("core.operations")
def board(request: HttpRequest) -> HttpResponse:
    months = [f"2025-{m:02d}" for m in range(4, 13)] + ["2026-01", "2026-02", "2026-03"]
    rising = [3.1e8 + i * 2.4e7 for i in range(12)]
    return board_page(
        request,
        title="경영 현황",
        figures=[
            Figure("순이익", 1_284_560_000, "원", before=1.19e9, better="up", url="/things/"),
            Figure("비율", Decimal("0.712"), before=Decimal("0.7"), better="down", kind="percent"),
            Figure("신규", 1204, "건", before=1204, kind="count", plan=1500),
            Figure("잔액", -5_400_000, "원"),
        ],
        charts=[
            Chart("a", "석 달째 늘고 있습니다", "line", months,
                  [Series("올해", rising), Series("작년", [v * 0.85 for v in rising])], "원"),
            Chart("b", "세 종류가 전체의 대부분입니다", "donut", ["가", "나", "다"],
                  [Series("잔액", [5e9, 3e9, 1e9])], "원", urls=["/things/?q=a", "", ""]),
            Chart("c", "지점 사이의 차이가 큽니다", "hbar", ["강남", "부산", "대전"],
                  [Series("실적", [9e8, 4e8, 1.5e8])], "원", urls=["/things/", "", ""]),
            Chart("d", "비율은 안정적입니다", "stack", months,
                  [Series("발생", rising), Series("지급", [v / 2 for v in rising])], "원"),
        ],
        place="home:sample",
    )  # fmt: skip


@requires("core.operations")
def work(request: HttpRequest) -> HttpResponse:
    return render_page(request, "kit/work.html", {"title": "심사"})


def progress(request: HttpRequest, done: int) -> HttpResponse:
    said = Progress(request.path, "마감", done, 10, finished=done >= 10)
    return progress_fragment(request, said)


@explains("sample", right="core.operations")
def explain_sample(key: str, scope: Scope) -> Explanation:
    return Explanation(
        "산출액", 12_300, formula="기준 × 요율", as_of="2026-03-31",
        steps=[
            Step("기준", 10_000, "표 3행", unit="원"),
            Step("요율", "1.23", url=why_url("sample", f"{key}-1")),
        ],
        sources=[Step("작업 목록", key, url="/things/")],
    )  # fmt: skip


@pickers.picks("person", right="core.operations")
def pick_person(query: str, scope: Scope, limit: int) -> list[tuple[str, str]]:
    found = User.objects.filter(username__icontains=query)[:limit]
    return [(user.username, str(user)) for user in found]


@searches("core.operations")
def search_runs(query: str, scope: Scope, limit: int) -> list[Hit]:
    runs = JobRun.objects.filter(job__icontains=query)[:limit]
    return [Hit("작업", f"RUN-{r.pk}", r.job, f"/things/{r.pk}/") for r in runs]


panels.register(
    panels.Panel(
        "run", "연결된 일", lambda key: reverse("run_panel", args=[key]), "core.operations"
    )
)

urlpatterns = [
    path("things/", run_list, name="run_list"),
    path("things/personal/", run_list_personal, name="run_list_personal"),
    path("things/new/", thing_new, name="thing_new"),
    path("things/act/", thing_act, name="thing_act"),
    path("things/board/", board, name="board"),
    path("things/work/", work, name="work"),
    path("things/progress/<int:done>/", progress, name="progress"),
    path("things/<int:pk>/", run_detail, name="run_detail"),
    path("things/<str:pk>/panel/", run_panel, name="run_panel"),
    path("", include("config.urls")),
]
