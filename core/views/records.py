"""Audit search and the log of access to personal data."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from core import selectors
from core.filters import HouseFilterSet, PeriodFilter
from core.lists import Empty, list_page
from core.models import AccessRow, AuditRow
from core.permissions import requires
from core.tables import DateColumn, HouseTable, PersonColumn, StatusColumn, TextColumn
from core.templatetags.house import changes, operation_word, seen

_OPERATIONS = (("INSERT", _("added")), ("UPDATE", _("changed")), ("DELETE", _("removed")))


class _KeysColumn(tables.Column):
    css = "text"

    def render(self, value: list[str]) -> str:
        """Show the first keys and how many more there are."""
        more = f" +{len(value) - 3:,}" if len(value) > 3 else ""
        return ", ".join(value[:3]) + more


class _DiffColumn(tables.Column):
    css = ""

    def render(self, record: AuditRow) -> SafeString:
        """Show what changed."""
        return render_to_string("kit/_diff.html", {"row": record})

    def value(self, record: AuditRow) -> str:
        """Give the change to a spreadsheet as text."""
        return "; ".join(f"{name}: {before} → {after}" for name, before, after in changes(record))


class _OperationColumn(tables.Column):
    css = "nowrap"

    def render(self, value: str) -> str:
        """Say it in words."""
        return operation_word(value)


class _TableColumn(TextColumn):
    def render(self, value: str) -> str:
        """Call the table by what it holds."""
        return selectors.table_word(value)


class _WhatColumn(TextColumn):
    def render(self, value: str) -> str:
        """Say what was seen in the reader's language."""
        return seen(value)


class AuditTable(HouseTable):
    """Writes."""

    at = DateColumn(verbose_name=_("When"))
    actor = PersonColumn(verbose_name=_("Who"))
    operation = _OperationColumn(verbose_name=_("What"))
    table_name = _TableColumn(verbose_name=_("Table"))
    keys = _KeysColumn(verbose_name=_("Keys"), orderable=False)
    change = _DiffColumn(
        verbose_name=_("Before and after"), accessor="id", orderable=False, empty_values=()
    )
    cause = TextColumn(verbose_name=_("Cause"))


class AuditFilter(HouseFilterSet):
    """Writes by table, key, actor, kind and time."""

    in_row = 6
    search_fields = ("cause__icontains",)
    table_name = django_filters.ChoiceFilter(
        label=_("Table"), choices=lambda: selectors.audited_tables()
    )
    key = django_filters.CharFilter(label=_("Key"), method="by_key")
    actor = django_filters.CharFilter(label=_("Who"), lookup_expr="icontains")
    operation = django_filters.ChoiceFilter(label=_("What"), choices=_OPERATIONS)
    at = PeriodFilter(label=_("When"))

    class Meta:
        model = AuditRow
        fields = ("table_name", "key", "actor", "operation", "at")

    def by_key(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep writes of the row with this primary key."""
        return queryset.filter(selectors.writes_of(value.strip()))


@require_http_methods(["GET", "POST"])
@requires("core.audit")
def audit(request: HttpRequest) -> HttpResponse:
    """Search every write: by table, key, actor and time, with what it changed."""
    return list_page(
        request,
        title=_("Audit trail"),
        queryset=AuditRow.objects.order_by("-id"),
        filterset=AuditFilter,
        table=AuditTable,
        export_name="audit",
        personal=True,
        empty=Empty(_("Nothing has been written yet")),
    )


class AccessTable(HouseTable):
    """Accesses to personal data."""

    at = DateColumn(verbose_name=_("When"))
    actor = PersonColumn(verbose_name=_("Who"))
    action = StatusColumn(
        verbose_name=_("What was done"),
        tones={"VIEW": "grey", "UNMASK": "amber", "EXPORT": "blue"},
    )
    subject = TextColumn(verbose_name=_("Whose"))
    what = _WhatColumn(verbose_name=_("What"))
    purpose = TextColumn(verbose_name=_("Purpose"))

    class Meta:
        model = AccessRow
        fields = ("at", "actor", "action", "subject", "what", "purpose")


class AccessFilter(HouseFilterSet):
    """Accesses by person, act and time."""

    search_fields = ("what__icontains", "purpose__icontains")
    actor = django_filters.CharFilter(label=_("Who"), lookup_expr="icontains")
    subject = django_filters.CharFilter(label=_("Whose"))
    action = django_filters.ChoiceFilter(label=_("What was done"), choices=AccessRow.Action.choices)
    at = PeriodFilter(label=_("When"))

    class Meta:
        model = AccessRow
        fields = ("actor", "subject", "action", "at")


@require_http_methods(["GET", "POST"])
@requires("core.audit")
def access_log(request: HttpRequest) -> HttpResponse:
    """Search who saw, unmasked or took out whose personal data, and why."""
    return list_page(
        request,
        title=_("Access to personal data"),
        queryset=AccessRow.objects.order_by("-id"),
        filterset=AccessFilter,
        table=AccessTable,
        export_name="access-log",
        personal=True,
        empty=Empty(_("Nobody has looked at personal data yet")),
    )
