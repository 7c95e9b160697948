"""The desks of the auditor and the administrator."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET
from redis import Redis
from redis.exceptions import RedisError

from core import selectors
from core.boards import Chart, Figure, Series, board_page
from core.frame import Act
from core.models import AccessRow, BusinessClock, EventRecord, JobFailure, RoleGrant, User
from core.permissions import requires

_MONTH = timedelta(days=30)


def _count(label: str, value: int, url: str = "", note: str = "", unit: str = "") -> Figure:
    return Figure(label, value, unit, kind="count", url=url, note=note)


@require_GET
@requires("core.audit")
def auditor_home(request: HttpRequest) -> HttpResponse:
    """Show the auditor what left the usual path: exports, unmaskings, writes past the house."""
    since = timezone.now() - _MONTH
    odd = selectors.past_the_application(since)
    context = {
        "accesses": AccessRow.objects.exclude(action="VIEW").order_by("-at")[:12],
        "odd": odd.order_by("-at")[:12],
        "grants": RoleGrant.objects.select_related("user").order_by("-id")[:12],
    }
    return board_page(
        request,
        title=_("Auditor's desk"),
        figures=_auditor_figures(selectors.personal_access(since), odd.count()),
        charts=[_writes_chart()],
        place="home:auditor",
        template="core/auditor_home.html",
        primary=Act(_("Search the audit trail"), reverse("audit"), "search"),
        context=context,
    )


def _auditor_figures(seen: dict[str, int], odd: int) -> list[Figure]:
    access, month = reverse("access_log"), _("in 30 days")
    strange = _("neither a person nor a programme of ours")
    undone = JobFailure.objects.filter(resolved_at=None).count()
    return [
        _count(
            _("Exports of personal data"), seen["EXPORT"], f"{access}?action=EXPORT", unit=month
        ),
        _count(_("Unmaskings"), seen["UNMASK"], f"{access}?action=UNMASK", unit=month),
        _count(_("Views of personal data"), seen["VIEW"], f"{access}?action=VIEW", unit=month),
        _count(_("Writes past the application"), odd, reverse("audit"), strange, unit=month),
        _count(_("Items of the chain not done"), undone, reverse("operations")),
        _count(_("Parked messages"), selectors.outbox().parked, reverse("parked")),
    ]


def _writes_chart() -> Chart:
    audit, days = reverse("audit"), selectors.writes_by_day(timezone.localdate())
    most = max(days, key=lambda pair: pair[1])
    return Chart(
        "writes",
        _("Most was written on %(day)s: %(n)s writes") % {"day": most[0], "n": f"{most[1]:,}"},
        "bar",
        [f"{day:%m-%d}" for day, _n in days],
        [Series(_("Writes"), [n for _day, n in days])],
        urls=[f"{audit}?at_after={day}&at_before={day}" for day, _n in days],
        wide=True,
    )


@require_GET
@requires("core.users")
def administrator_home(request: HttpRequest) -> HttpResponse:
    """Show the administrator people, the chain, the queues and the health of the servers."""
    return board_page(
        request,
        title=_("Administrator's desk"),
        figures=_administrator_figures(),
        place="home:administrator",
        template="core/administrator_home.html",
        primary=Act(_("People and roles"), reverse("people"), "users"),
        more=[Act(_("Reference data"), reverse("admin:index"), "database")],
        context={"health": health(), "doors": selectors.session_limits()},
    )


def _administrator_figures() -> list[Figure]:
    days, box = selectors.chain_days(1), selectors.outbox()
    people, last = reverse("people"), days[0] if days else None
    everyone = User.objects.filter(is_active=True)
    roleless = selectors.people(timezone.localdate()).filter(is_active=True)
    return [
        _count(_("People who may log in"), everyone.count(), f"{people}?account=open"),
        _count(
            _("Dormant for 90 days"),
            everyone.filter(selectors.dormant()).count(),
            f"{people}?account=dormant",
        ),
        _count(
            _("Without a role"),
            roleless.filter(role_count=0).count(),  # type: ignore[misc]
            f"{people}?account=roleless",
        ),
        Figure(
            _("Chain of the last business date"),
            _chain_word(last),
            kind="text",
            url=reverse("operations"),
            note=str(last["business_date"]) if last else "",
        ),
        _count(
            _("Messages on their way"), box.waiting + box.sent, note=_behind(box.seconds_behind)
        ),
        _count(_("Parked messages"), box.parked, f"{reverse('parked')}?state=PARKED"),
    ]


def _chain_word(last: dict[str, int] | None) -> str:
    if last is None:
        return _("not yet run")
    if last["failed"]:
        return ngettext("%(n)s step failed", "%(n)s steps failed", last["failed"]) % {
            "n": last["failed"]
        }
    return _("done") if last["done"] == last["steps"] else _("running")


def _behind(seconds: int) -> str:
    return _("the oldest for %(n)s s") % {"n": f"{seconds:,}"} if seconds else ""


def health() -> list[tuple[str, bool, str]]:
    """Return (server, whether it answers, what it says) for the administrator's desk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database())"
        )
        version, size = cursor.fetchone()
    last = (
        EventRecord.objects.order_by("-published_at").values_list("published_at", flat=True).first()
    )
    clock = BusinessClock.objects.values_list("today", flat=True).first()
    return [
        ("PostgreSQL", True, f"{version} · {size / 2**20:,.0f} MB"),
        ("Redis", *_redis()),
        (_("Business clock"), clock is not None, str(clock or _("not set"))),
        (
            _("Last event"),
            last is not None,
            f"{timezone.localtime(last):%Y-%m-%d %H:%M}" if last else "–",
        ),
    ]


def _redis() -> tuple[bool, str]:
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        ) as client:
            found = client.info("server")
    except (RedisError, OSError) as silent:
        return False, type(silent).__name__
    return True, str(found.get("redis_version", ""))
