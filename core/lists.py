"""The list page: filters that remember, saved views, sort, columns, sums, pages and Excel.

    def thing_list(request):
        return list_page(
            request, title=_("Things"), queryset=selectors.things(scope_of(request.user, "x.view")),
            filterset=ThingFilter, table=ThingTable, export_name="things",
        )

Queries: one for count and sums, one for the rows of the page, one for the saved views, and the
queryset's own prefetches; the same number at 1 and at 50 rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet, Sum
from django.db.models.query import ModelIterable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_filters import FilterSet

from .excel import send_workbook
from .frame import Act
from .htmx import render_page
from .models import SavedView
from .tables import HouseTable, MoneyColumn

Text = str | Promise
_NOTHING = _("Nothing here yet")
SIZES = (25, 50, 100, 200)
_OWN = {"sort", "page", "per", "cols", "export", "reset"}
_SWAP = mark_safe(
    'hx-boost="true" hx-target="#list" hx-select="#list" hx-select-oob="#filter-keep"'
    ' hx-swap="outerHTML show:window:top"'
)


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says, and what to do next."""

    title: Text = _NOTHING
    hint: Text = ""
    url: str = ""
    label: Text = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """An act on the ticked rows: posts their keys as ``keys`` to ``url``, which previews it."""

    label: Text
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter in force, and the address without it."""

    label: Text
    value: str
    url: str


class _Pages(Paginator):  # type: ignore[type-arg]
    """A paginator that was told the count."""

    def __init__(self, rows: Any, per: int, total: int) -> None:
        super().__init__(rows, per)
        self.total = total

    @cached_property
    def count(self) -> int:
        """How many rows there are."""
        return self.total


def list_page(
    request: HttpRequest,
    *,
    title: Text,
    queryset: QuerySet[Any],
    filterset: type[FilterSet],
    table: type[HouseTable],
    template: str = "kit/list.html",
    totals: Sequence[str] | None = None,
    export_name: str = "",
    personal: bool = False,
    primary: Act | None = None,
    more: Sequence[Act] = (),
    bulk: Sequence[Bulk] = (),
    bulk_key: str = "number",
    empty: Empty | None = None,
    crumbs: Sequence[tuple[Text, str]] = (),
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Answer a list page, its swapped part, or its workbook.

    Args:
        request: GET; also POST where ``personal`` (a download with its purpose).
        title: the heading.
        queryset: the rows that the person may see, in their usual order.
        filterset: a ``core.filters.HouseFilterSet``.
        table: a ``core.tables.HouseTable``.
        template: a template that extends ``kit/list.html``.
        totals: names of columns to sum; by default each ``MoneyColumn(total=True)``.
        export_name: file name of the workbook; empty: no export.
        personal: the rows hold personal data, so a download asks a purpose and is logged.
        primary: the page's one primary action.
        more: what stands under "More".
        bulk: acts on ticked rows, which are named by their attribute ``bulk_key``.
        bulk_key: see ``bulk``.
        empty: what an empty list says.
        crumbs: (label, address) of the pages above.
        context: more for the template.
    """
    made = _List(request, queryset, filterset, table, totals)
    if (moved := made.remembered()) is not None:
        return moved
    if _wants_workbook(request, personal) and export_name:
        return send_workbook(request, made.everything, export_name, title, personal)
    made.bulk, made.personal = list(bulk), personal
    made.empty = empty or Empty()
    made.export = made.link(export="xlsx") if export_name else ""
    made.table.bulk = bulk_key if bulk else ""
    shown = {"title": title, "crumbs": crumbs, "primary": primary, "more": more}
    return render_page(
        request,
        "kit/list.html" if request.htmx else template,  # type: ignore[attr-defined]
        {**shown, "list": made, "table": made.table, "filter": made.filter, **(context or {})},
        partial="list",
        status=200 if made.valid else 422,
    )


def _wants_workbook(request: HttpRequest, personal: bool) -> bool:
    given = request.POST if personal else request.GET
    return given.get("export") == "xlsx"


class _List:
    """All that ``kit/list.html`` shows."""

    sizes = SIZES
    swap = _SWAP

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        filterset: type[FilterSet],
        table: type[HouseTable],
        totals: Sequence[str] | None,
    ) -> None:
        self.request = request
        self.filter = filterset(request.GET, queryset=queryset, request=request)
        self.valid = self.filter.is_valid()
        self.rows = self.filter.qs if self.valid else queryset.none()
        self.errors = self.filter.form.errors
        self.table_class = table
        self.totals = totals
        self.bulk: list[Bulk] = []
        self.personal = False
        self.empty = Empty()
        self.export = ""
        match = request.resolver_match
        self.name = match.view_name if match else request.path

    def remembered(self) -> HttpResponse | None:
        """Go back to the filters of the last visit; ``?reset=1`` forgets them."""
        if self.request.method != "GET":
            return None
        memory = f"list:{self.request.path}"
        query = self.request.GET.copy()
        if "reset" in query:
            self.request.session.pop(memory, None)
            return HttpResponseRedirect(self.request.path)
        for name in ("page", "export"):
            query.pop(name, None)
        kept = self.request.session.get(memory, "")
        if kept and not self.request.GET and not self._going_back:
            return HttpResponseRedirect(f"{self.request.path}?{kept}")
        if self.valid and query.urlencode() != kept and self.request.GET:
            self.request.session[memory] = query.urlencode()
        return None

    @property
    def _going_back(self) -> bool:
        """Whether the person steps back within this list, where the address is what they want."""
        came_from = urlsplit(self.request.META.get("HTTP_REFERER", "")).path
        restored = self.request.htmx.history_restore_request  # type: ignore[attr-defined]
        return bool(restored) or came_from == self.request.path

    @cached_property
    def table(self) -> HouseTable:
        """The table of the present page, sorted, its columns chosen, its sums set."""
        table = self._sorted(self.table_class(self.rows))
        table.swap, table.sums = _SWAP, self._counted["sums"]
        table.paginate(
            paginator_class=lambda rows, per: _Pages(rows, per, self.total),
            page=min(self._whole("page", 1), max(1, -(-self.total // self.per))),
            per_page=self.per,
        )
        return table

    def everything(self) -> tuple[HouseTable, QuerySet[Any]]:
        """Return the shown columns and all rows, sorted, for a workbook."""
        table = self._sorted(self.table_class(self.rows))
        return table, table.data.data

    def _sorted(self, table: HouseTable) -> HouseTable:
        chosen = self.request.GET.getlist("cols")
        for name, _label, on in self._choices(table, chosen):
            if not on:
                table.columns.hide(name)
        if wanted := self.request.GET.get("sort"):
            table.order_by = wanted.split(",")
        data = table.data.data
        if data._iterable_class is ModelIterable and not data.query.group_by:
            order = data.query.order_by or data.model._meta.ordering or ()
            table.data.data = data.order_by(*order, "pk")
        return table

    @staticmethod
    def _choices(table: HouseTable, chosen: Sequence[str]) -> Iterable[tuple[str, str, bool]]:
        for name, bound in table.columns.items():
            yield name, str(bound.header), name in chosen if chosen else name not in table.hidden

    @cached_property
    def columns(self) -> list[tuple[str, str, bool]]:
        """Name, heading and whether it is shown, for the column chooser."""
        fresh = self.table_class(self.rows.none())
        return list(self._choices(fresh, self.request.GET.getlist("cols")))

    @cached_property
    def _counted(self) -> dict[str, Any]:
        columns = self.table_class.base_columns
        names = self.totals
        if names is None:
            names = [n for n, c in columns.items() if isinstance(c, MoneyColumn) and c.total]
        sums = {
            f"sum_{name}": Sum(str(columns[name].accessor or name).replace(".", "__"))
            for name in names
        }
        found = self.rows.order_by().aggregate(row_count=Count("*"), **sums)
        return {"total": found.pop("row_count"), "sums": {k[4:]: v or 0 for k, v in found.items()}}

    @property
    def total(self) -> int:
        """How many rows the filters leave."""
        return int(self._counted["total"])

    @property
    def live(self) -> str:
        """What a screen reader is told after a swap."""
        return ngettext("%(n)s row found", "%(n)s rows found", self.total) % {"n": self.total}

    @property
    def per(self) -> int:
        """Rows a page."""
        wanted = self._whole("per", SIZES[0])
        return wanted if wanted in SIZES else SIZES[0]

    def _whole(self, name: str, default: int) -> int:
        text = self.request.GET.get(name, "")
        return int(text) if text.isdecimal() and int(text) > 0 else default

    @property
    def page(self) -> Any:
        """The present page."""
        return self.table.page

    @property
    def pages(self) -> Iterable[Any]:
        """Page numbers to show, with ellipses."""
        return self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1)

    @cached_property
    def _fields(self) -> list[Any]:
        return list(self.filter.form.visible_fields())

    @property
    def shown_fields(self) -> list[Any]:
        """The filters that stand in the row."""
        return self._fields_in_order[: getattr(self.filter, "in_row", 4) + 1]

    @property
    def hidden_fields(self) -> list[Any]:
        """The filters under "More filters"."""
        return self._fields_in_order[getattr(self.filter, "in_row", 4) + 1 :]

    @property
    def _fields_in_order(self) -> list[Any]:
        return sorted(self._fields, key=lambda f: f.name != "q")

    @property
    def hidden_used(self) -> bool:
        """Whether one of the hidden filters is in force."""
        return any(_used(field) for field in self.hidden_fields)

    @property
    def applied(self) -> list[Applied]:
        """The filters in force, each with the address without it."""
        return [
            Applied(field.label, _shown(field), self._without(field))
            for field in self._fields_in_order
            if _used(field)
        ]

    def _without(self, field: Any) -> str:
        query = self.request.GET.copy()
        for name in list(query):
            if name == field.html_name or name.startswith(f"{field.html_name}_"):
                del query[name]
        query.pop("page", None)
        return f"?{query.urlencode()}" if query else "?reset=1"

    @property
    def keep(self) -> list[tuple[str, str]]:
        """Sort, columns and page size, which filtering keeps."""
        return self._pairs(lambda name: name in {"sort", "per", "cols"})

    @property
    def keep_columns(self) -> list[tuple[str, str]]:
        """Filters, sort and page size, which choosing columns keeps."""
        return self._pairs(lambda name: name not in {"cols", "page", "export"})

    def _pairs(self, wanted: Any) -> list[tuple[str, str]]:
        return [(k, v) for k, vs in self.request.GET.lists() if wanted(k) for v in vs]

    @property
    def query(self) -> str:
        """The list's present query, as a saved view keeps it."""
        return urlencode(self._pairs(lambda name: name not in {"page", "export"}))

    @property
    def here(self) -> str:
        """The address of the present list."""
        return self.request.get_full_path()

    def link(self, **changes: Any) -> str:
        """Return the present address with other parameters."""
        query = self.request.GET.copy()
        query.update(changes)
        return f"?{query.urlencode()}"

    @cached_property
    def views(self) -> list[SavedView]:
        """The person's saved views of this list."""
        mine = SavedView.objects.filter(user_id=self.request.user.pk or 0, page=self.name)
        return list(mine.order_by("name"))


def _used(field: Any) -> bool:
    value = field.form.cleaned_data.get(field.name) if hasattr(field.form, "cleaned_data") else None
    return value not in (None, "", [], ()) and not (hasattr(value, "exists") and not value)


def _shown(field: Any) -> str:
    value = field.form.cleaned_data[field.name]
    if isinstance(value, slice):
        ends = [_day(v) for v in (value.start, value.stop)]
        return " – ".join(ends)
    if isinstance(value, bool):
        return _t("yes") if value else _t("no")
    labels = dict(_flat(getattr(field.field, "choices", ())))
    many = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(labels.get(str(v), v)) for v in many)


def _day(value: Any) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if hasattr(value, "date") else f"{value:,}"


def _flat(choices: Any) -> Iterable[tuple[str, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from ((str(v), text) for v, text in label)
        else:
            yield str(value), label
