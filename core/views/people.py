"""People and roles: who may what, since when, granted by whom and why."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from axes.utils import reset
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import permissions, selectors
from core.filters import HouseFilterSet
from core.forms import HouseForm, act_button, form_page
from core.frame import Act
from core.lists import list_page
from core.models import RoleGrant, User
from core.permissions import requires, roles
from core.records import record_page
from core.tables import DateColumn, HouseTable, NumberLinkColumn, TextColumn
from core.templatetags.house import chip


class _RolesColumn(tables.Column):
    css = ""

    def render(self, record: User, table: Any) -> SafeString:
        """Show the roles held today."""
        held = table.roles_held.get(record.pk, [])
        return format_html_join(
            " ",
            "{}",
            (
                (chip(roles()[code].label, "blue", "user-check"),)
                for code in held
                if code in roles()
            ),
        )

    def value(self, record: User, table: Any) -> str:
        """Give the roles to a spreadsheet."""
        return ", ".join(table.roles_held.get(record.pk, []))


class _AccountColumn(tables.Column):
    css = "nowrap"

    def render(self, record: User) -> SafeString:
        """Say whether the account is open, dormant or closed."""
        if not record.is_active:
            return chip(_t("shut"), "grey")
        return chip(_t("dormant"), "amber") if is_dormant(record) else chip(_t("in use"), "green")


def is_dormant(user: User) -> bool:
    """Say whether nobody has used the account for 90 days."""
    used = user.last_login or user.date_joined
    return user.is_active and used.date() < localdate() - selectors.DORMANT_AFTER


class PeopleTable(HouseTable):
    """People with a login."""

    username = NumberLinkColumn("person", verbose_name=_("Login"))
    display_name = TextColumn(verbose_name=_("Name"))
    roles = _RolesColumn(
        verbose_name=_("Roles today"), accessor="id", orderable=False, empty_values=()
    )
    branch_code = TextColumn(verbose_name=_("Belongs to"))
    own_number = TextColumn(verbose_name=_("Own number"))
    account = _AccountColumn(
        verbose_name=_("Account"), accessor="is_active", empty_values=(), order_by=("is_active",)
    )
    last_login = DateColumn(verbose_name=_("Last login"))

    @property
    def roles_held(self) -> dict[int, list[str]]:
        """Roles of the people on the page, read once."""
        if not hasattr(self, "_roles_held"):
            rows = self.page.object_list.data if hasattr(self, "page") else self.data
            self._roles_held = selectors.roles_by_person([user.pk for user in rows], localdate())
        return self._roles_held


class PeopleFilter(HouseFilterSet):
    """People by role and account."""

    search_fields = ("username__icontains", "display_name__icontains", "own_number__icontains")
    role = django_filters.ChoiceFilter(
        label=_("Role"),
        method="by_role",
        choices=lambda: [(code, role.label) for code, role in roles().items()],
    )
    account = django_filters.ChoiceFilter(
        label=_("Account"),
        method="by_account",
        choices=(
            ("open", _("in use")),
            ("dormant", _("dormant")),
            ("closed", _("shut")),
            ("roleless", _("without a role")),
        ),
    )

    branch_code = django_filters.CharFilter(label=_("Belongs to"))

    class Meta:
        model = User
        fields = ("role", "account", "branch_code")

    def by_role(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep those who hold the role today."""
        return queryset.filter(grants__role=value, grants__period__contains=localdate())

    def by_account(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep accounts in this state."""
        if value == "dormant":
            return queryset.filter(selectors.dormant())
        if value == "roleless":
            return queryset.filter(is_active=True, role_count=0)
        return queryset.filter(is_active=value == "open")


@require_GET
@requires("core.users")
def people(request: HttpRequest) -> HttpResponse:
    """List everyone with a login."""
    return list_page(
        request,
        title=_("People and roles"),
        queryset=selectors.people(localdate()),
        filterset=PeopleFilter,
        table=PeopleTable,
        primary=Act(_("New login"), reverse("admin:core_user_add"), "user-plus"),
    )


@require_GET
@requires("core.users")
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Show one person: roles with their periods, what they did with them, the account."""
    user = get_object_or_404(User, username=username)
    today = localdate()
    grants = [
        (
            grant,
            permissions.role_label(grant.role),
            today in grant.period if grant.period and not grant.period.isempty else False,
        )
        for grant in user.grants.order_by("-period")
    ]
    own = user.pk == request.user.pk
    return record_page(
        request,
        user,
        title=str(user),
        number=user.username,
        status_field="",
        facts=[
            (_("Belongs to"), user.branch_code),
            (_("Own number"), user.own_number),
            (_("Last login"), user.last_login and f"{user.last_login:%Y-%m-%d}"),
            (
                _("Account"),
                _("dormant") if is_dormant(user) else _("in use") if user.is_active else _("shut"),
            ),
        ],
        crumbs=[(_("People and roles"), reverse("people"))],
        primary=None
        if own
        else Act(_("Grant a role"), reverse("grant_role", args=[username]), "user-plus"),
        template="core/person.html",
        context={"person": user, "grants": grants, "own": own},
    )


class GrantForm(HouseForm):
    """Which role, from when to when, and why."""

    role = forms.ChoiceField(label=_("Role"))
    start = forms.DateField(label=_("From"))
    end = forms.DateField(
        label=_("Until"), required=False, help_text=_("The last day is the one before this day.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, role.label) for code, role in roles().items()]
        self.fields["role"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@requires("core.users")
def grant_role(request: HttpRequest, username: str) -> HttpResponse:
    """Grant a role for a period, with a reason; never to oneself."""
    user = get_object_or_404(User, username=username)
    url = reverse("person", args=[username])
    return form_page(
        request,
        GrantForm,
        title=_t("Grant a role to %(person)s") % {"person": user},
        initial={"start": localdate()},
        act=lambda form: permissions.grant(user, by=request.user.username, **form.cleaned_data),
        done=url,
        submit=_("Grant"),
        message=_("The role is granted."),
        cancel=url,
        crumbs=[(_("People and roles"), reverse("people")), (str(user), url)],
    )


class EndForm(HouseForm):
    """Why a role ends."""

    reason = forms.CharField(label=_("Reason"), max_length=100)


@require_http_methods(["GET", "POST"])
@requires("core.users")
def end_role(request: HttpRequest, grant_id: int) -> HttpResponse:
    """End a role today, with a reason."""
    grant = get_object_or_404(RoleGrant.objects.select_related("user"), pk=grant_id)
    url = reverse("person", args=[grant.user.username])
    return form_page(
        request,
        EndForm,
        title=_t("End the role %(role)s of %(person)s")
        % {"role": permissions.role_label(grant.role), "person": grant.user},
        act=lambda form: permissions.revoke(
            grant, by=request.user.username, on=localdate(), **form.cleaned_data
        ),
        done=url,
        submit=_("End it today"),
        danger=True,
        message=_("The role has ended."),
        cancel=url,
        crumbs=[(_("People and roles"), reverse("people")), (str(grant.user), url)],
    )


@require_POST
@requires("core.users")
def set_account(request: HttpRequest, username: str) -> HttpResponse:
    """Open, close or unlock an account; never one's own."""
    user = get_object_or_404(User, username=username)
    wanted = request.POST.get("account", "")

    def act() -> None:
        permissions.set_account(user, open_=wanted != "close", by=request.user.username)
        if wanted == "unlock":
            reset(username=username)

    said = {"close": _("The account is closed."), "unlock": _("The lock is off.")}
    return act_button(
        request,
        act=act,
        done=reverse("person", args=[username]),
        message=said.get(wanted, _("The account is open.")),
    )
