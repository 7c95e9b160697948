"""Filters and tags that every template has: amounts, dates, icons, chips, reasons."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from core.explain import why_url
from core.money import korean_reading
from core.people import name_of
from core.permissions import role_label
from core.reach import explained, opened, way
from core.tones import ICONS, tone_of
from core.units import Unit

register = template.Library()


@register.filter
def won(value: Any) -> str:
    """Show whole won with separators; zero is a dash, negative is marked."""
    if value is None or value == "":
        return ""
    amount = Decimal(value).quantize(Decimal(1))
    if amount == 0:
        return "–"
    return f"−{-amount:,}" if amount < 0 else f"{amount:,}"


@register.filter
def won_in(value: Any, unit: Unit | str) -> str:
    """Show won in the reader's unit (``core.units``), or in won where none is given."""
    if value is None or value == "" or not isinstance(unit, Unit):
        return won(value)
    return unit.show(Decimal(value))


@register.filter
def count(value: Any) -> str:
    """Show a count with separators."""
    return "" if value is None or value == "" else f"{int(value):,}"


@register.filter
def percent(value: Any, digits: int = 1) -> str:
    """Show a ratio (0.125) as a percentage (12.5%)."""
    if value is None or value == "":
        return ""
    shown = f"{abs(Decimal(str(value))) * 100:,.{int(digits)}f}%"
    return f"−{shown}" if Decimal(str(value)) < 0 else shown


_KOREAN_UNITS = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_ENGLISH_UNITS = ((10**12, "tn"), (10**9, "bn"), (10**6, "m"), (10**3, "k"))


@register.filter
def short_won(value: Any) -> str:
    """Show won in the largest fitting unit: 12.3억, or 1.23bn in English."""
    if value is None or value == "":
        return ""
    amount = Decimal(value)
    units = _KOREAN_UNITS if (get_language() or "ko").startswith("ko") else _ENGLISH_UNITS
    for size, word in units:
        if abs(amount) >= size:
            scaled = amount / size
            digits = 0 if abs(scaled) >= 1000 else 1
            return f"{scaled:,.{digits}f}{word}".replace("-", "−")
    return won(amount)


@register.filter
def days_from(day: date | datetime | None, today: date | None) -> str:
    """Say in words how far a day is from today: "3 days ago", "in 2 days", "today"."""
    if day is None or today is None:
        return ""
    days = ((day.date() if isinstance(day, datetime) else day) - today).days
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", -days) % {"n": -days}
    return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}


@register.filter
def figure(value: Any) -> Any:
    """Show a number with separators and leave other things as they are."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | Decimal):
        whole = Decimal(value)
        text = f"{whole:,.0f}" if whole == whole.to_integral_value() else f"{whole:,f}"
        return text.replace("-", "−")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


@register.filter
def at(value: Any, key: Any) -> Any:
    """Look up ``key`` in a mapping or list; nothing if it is absent."""
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return ""


@lru_cache(maxsize=512)
def icon_svg(name: str, css: str = "") -> SafeString:
    """Return an icon of @tabler/icons (outline) as inline SVG, hidden from screen readers."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"{name!r} is not the name of an icon.")
    path = settings.ICONS_DIR / f"{name}.svg"
    if not path.exists():
        if settings.DEBUG and settings.ICONS_DIR.exists():
            raise template.TemplateSyntaxError(f"There is no icon {name!r} in {path.parent}.")
        return mark_safe("")
    body = re.sub(r"<path stroke=\"none\"[^>]*/>", "", path.read_text())
    inner = re.sub(r"\s+", " ", re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", body, flags=re.S)).strip()
    return mark_safe(  # noqa: S308 - a file of the package, no input
        f'<svg class="icon {css}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        f"{inner}</svg>"
    )


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Put an icon: ``{% icon "user" %}``."""
    return icon_svg(name, css)


@register.simple_tag
def chip(text: Any, tone: str = "grey", name: str = "") -> SafeString:
    """Put a chip: ``{% chip _("Overdue") "red" %}``; tones are those of ``core.tones``."""
    return format_html(
        '<span class="chip chip-{}">{}<span>{}</span></span>',
        tone,
        icon_svg(name or ICONS[tone]),
        text,
    )


@register.simple_tag
def dday(day: date | None, today: date | None, closed: bool = False) -> SafeString | str:
    """Put a deadline as a chip: D-3, D-day, D+2 (red once it has passed, amber two days before)."""
    if day is None or today is None:
        return ""
    left = (day - today).days
    if closed:
        return format_html('<span class="nowrap">{}</span>', day.isoformat())
    tone = "red" if left < 0 else "amber" if left <= 2 else "grey"
    text = "D-day" if left == 0 else f"D-{left}" if left > 0 else f"D+{-left}"
    return format_html('<span class="nowrap">{} {}</span>', day.isoformat(), chip(text, tone))


@register.simple_tag
def status(row: Any, field: str = "status") -> SafeString:
    """Put the chip of a record's status: ``{% status row %}``, ``{% status row "state" %}``."""
    value = getattr(row, field)
    shown = getattr(row, f"get_{field}_display", lambda: value)()
    return chip(shown, tone_of(value, getattr(row, "TONES", None)))


def why_link(kind: str, key: Any, text: Any) -> SafeString:
    """Return the quiet link that opens the explanation of a figure; its text where not allowed."""
    if not explained(kind):
        return format_html("{}", text)
    return format_html(
        '<a class="why" href="{url}" hx-get="{url}" hx-target="#drawer-body" hx-swap="innerHTML"'
        ' title="{title}">{text}</a>',
        url=why_url(kind, key),
        title=_("Why? See how this was worked out"),
        text=text,
    )


@register.simple_block_tag
def why(content: str, kind: str, key: Any) -> SafeString:
    """Make a computed figure ask-able: ``{% why "amount" number %}12,300{% endwhy %}``."""
    return why_link(kind, key, content)


@register.inclusion_tag("kit/_operation.html")
def operation(value: str = "") -> dict[str, str]:
    """Put the hidden operation id that makes a POST idempotent (see core.forms.once)."""
    return {"operation": value or str(uuid4())}


@register.inclusion_tag("kit/_empty.html")
def empty(
    title: str, hint: str = "", url: str = "", label: str = "", name: str = "inbox"
) -> dict[str, str]:
    """Put an empty state that says what to do next."""
    return {"title": title, "hint": hint, "url": url, "label": label, "icon_name": name}


register.filter("korean_reading", korean_reading)
register.filter("person", name_of)
register.filter("role_label", role_label)
register.simple_tag(why_url, name="why_url")
register.simple_tag(way, name="way")
register.filter("opened", opened)


@register.filter
def seen(what: str) -> str:
    """Say in the reader's language what somebody saw of a person's data."""
    return pgettext("seen", what) if what else ""


@register.filter
def bulk_key(record: Any, name: str) -> Any:
    """Return the business key of a row for a bulk act."""
    return record.get(name) if isinstance(record, dict) else getattr(record, name)


@register.filter
def is_why(url: str) -> bool:
    """Say whether an address is an explanation, which opens in the drawer."""
    return url.startswith("/why/")


@register.filter
def said(field: Any) -> Any:
    """Show what a bound field holds, as words: labels of choices, separators in amounts."""
    value = getattr(field.form, "cleaned_data", {}).get(field.name)
    choices = {str(key): label for key, label in getattr(field.field, "choices", ()) or ()}
    if isinstance(value, list | tuple):
        return ", ".join(str(choices.get(str(v), v)) for v in value)
    return choices.get(str(value), figure(value))


@register.filter
def shown(figure_: Any, field: str = "value") -> Any:
    """Show the value (or the plan) of a ``core.boards.Figure`` by its kind."""
    value = getattr(figure_, field)
    if value is None:
        return "–"
    if figure_.kind == "percent":
        return percent(value)
    if figure_.kind == "count":
        return count(value)
    return won(value) if figure_.kind == "won" else value


@register.simple_tag
def shown_in(figure_: Any, unit: Unit | str = "", field: str = "value") -> Any:
    """Show a figure's value or plan, won in the reader's unit where the page offers the choice."""
    value = getattr(figure_, field)
    if figure_.kind == "won" and value is not None:
        return won_in(value, unit)
    return shown(figure_, field)


@register.simple_tag
def unit_in(figure_: Any, unit: Unit | str = "") -> Any:
    """Return the unit that stands behind a figure."""
    scaled = figure_.kind == "won" and figure_.unit and isinstance(unit, Unit)
    return unit.label if scaled else figure_.unit  # type: ignore[union-attr]


@register.filter
def signed(change: Decimal, kind: str = "won") -> str:
    """Show a change with its direction: ▲ 3.2%, ▼ 0.4%p."""
    unit = "%p" if kind == "percent" else "%"
    size = f"{abs(change) * 100:,.1f}{unit}"
    return f"= {size}" if change == 0 else f"{'▲' if change > 0 else '▼'} {size}"


@register.filter
def when(value: Any) -> str:
    """Show a day, or an instant to the minute in Korean time."""
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else ""


@register.filter
def changes(row: Any) -> list[tuple[str, Any, Any]]:
    """Return (column, before, after) of an audit row; a batch shows its first rows."""
    if row.operation == "UPDATE":
        names = sorted({*(row.before or {}), *(row.after or {})})
        names = [name for name in names if name != "updated_at"] or names
        return [(n, _flat(row.before, n), _flat(row.after, n)) for n in names]
    if row.operation == "DELETE":
        return [(name, value, None) for name, value in sorted((row.before or {}).items())]
    first = (row.after or [{}])[0] if len(row.after or []) == 1 else {}
    return [(n, None, v) for n, v in sorted(first.items())] or [
        ("#", None, ", ".join(row.keys[:8]))
    ]


def _flat(values: Any, name: str) -> Any:
    value = (values or {}).get(name)
    return "∅" if value is None else value


@register.filter
def operation_word(operation: str) -> str:
    """Say INSERT, UPDATE or DELETE in words."""
    return {"INSERT": _("added"), "UPDATE": _("changed"), "DELETE": _("removed")}[operation]
