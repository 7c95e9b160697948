"""Forms of the house: fields that read Korean money and dates, pickers, and an idempotent POST.

class PayForm(HouseForm):
amount = MoneyField(label=_("Amount"))
value_date = forms.DateField(label=_("Value date"))
payee = PickerField("payee", label=_("Payee"))

def pay(request, number):
return form_page(
request, PayForm, title=_("Pay"), confirm=True,
act=lambda form: services.pay(number=number, **form.cleaned_data),
done=lambda paid: reverse("things:thing_detail", args=[number]),
)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .errors import DomainError, NotFound
from .htmx import redirect_to, render_page
from .models import Operation
from .rehearsal import rehearse

Text = str | Promise
_SAVE = _("Save")
_UNITS = {"조": 10**12, "억": 10**8, "만": 10**4}


def parse_won(text: str) -> Decimal:
    """Read an amount as people type it: ``1,200,000``, ``120만``, ``1억 2,000만원``.

    Raises:
        ValueError: it is not an amount of whole won.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    plain = plain.replace("−", "-").replace("△", "-").removesuffix("원").lstrip("₩")
    if not plain:
        raise ValueError("empty")
    sign = -1 if plain.startswith("-") else 1
    plain = plain.lstrip("-")
    if re.fullmatch(r"\d+", plain):
        return sign * Decimal(plain)
    found = re.fullmatch(
        r"(?:(\d+(?:\.\d+)?)조)?(?:(\d+(?:\.\d+)?)억)?(?:(\d+(?:\.\d+)?)만)?(\d+)?", plain
    )
    if not found:
        raise ValueError(text)
    sizes = [*_UNITS.values(), 1]
    parts = zip(found.groups(), sizes, strict=True)
    total = sum((Decimal(n) * size for n, size in parts if n), Decimal(0))
    if total != total.to_integral_value():
        raise ValueError(text)
    return sign * total.quantize(Decimal(1))


class MoneyInput(forms.TextInput):
    """A text input for won: separators while typing, the Korean reading below."""

    reads_aloud = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        given = {"data-money": "", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__({**given, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """Show separators."""
        if value in (None, ""):
            return None
        try:
            return f"{parse_won(str(value).split('.')[0]):,}"
        except ValueError:
            return str(value)


class MoneyField(forms.Field):
    """Whole won; takes separators, full-width digits and 만/억/조.

    Args:
        min_value: smallest amount (inclusive).
        max_value: largest amount (inclusive).
    """

    widget = MoneyInput
    default_error_messages = {
        "invalid": _("Enter whole won, for example 1,200,000 or 120만."),
        "min": _("At least %(limit)s won."),
        "max": _("At most %(limit)s won."),
    }

    def __init__(
        self, *, min_value: int | None = 0, max_value: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.min_value, self.max_value = min_value, max_value

    def to_python(self, value: Any) -> Decimal | None:
        """Read what was typed."""
        if value in self.empty_values:
            return None
        try:
            return parse_won(str(value))
        except ValueError as wrong:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from wrong

    def validate(self, value: Any) -> None:
        """Check the limits."""
        super().validate(value)
        for code, limit in (("min", self.min_value), ("max", self.max_value)):
            if value is None or limit is None:
                continue
            if (value < limit) if code == "min" else (value > limit):
                raise forms.ValidationError(
                    self.error_messages[code], code, params={"limit": f"{limit:,}"}
                )


class PickerInput(forms.TextInput):
    """A text input whose suggestions come from a registered picker (core.pickers)."""

    template_name = "kit/_picker.html"

    def __init__(self, kind: str, attrs: dict[str, Any] | None = None) -> None:
        self.kind = kind
        super().__init__({"autocomplete": "off", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the address of the suggestions."""
        context = super().get_context(name, value, attrs)
        own = context["widget"]["attrs"]
        for clash in [key for key in own if key.startswith("hx-")]:
            del own[clash]  # the suggestions use the input's requests
        context["picker_url"] = reverse("pick", args=[self.kind])
        return context


class PickerField(forms.CharField):
    """A business number or code, chosen by searching names; the service checks that it exists."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        kwargs.setdefault("widget", PickerInput(kind))
        super().__init__(**kwargs)


class HouseForm(forms.Form):
    """A form of the house; ``live`` checks each field on the server when it is left.

    A form that stands on another page than its own names its own in ``check_at``.
    """

    live = True
    check_at = ""
    use_required_attribute = False


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: the data of a POST, also an empty one; None for a GET."""
    return request.POST if request.method == "POST" else None


@contextmanager
def refused_into(form: Any) -> Iterator[None]:
    """Turn a refusal inside the block into an error of ``form`` (then answer with status 422)."""
    try:
        yield
    except NotFound:
        raise
    except DomainError as refusal:
        form.add_error(None, str(refusal))


def once(request: HttpRequest, act: Callable[[], str]) -> str:
    """Do ``act`` once for the form's hidden operation id; a repeat gets the first one's address.

    Args:
        request: a POST from a form with ``{% operation %}``.
        act: does the work and returns the address to go to. It runs in a transaction together
            with the record of the operation, so that both are true or neither.

    Raises:
        core.errors.DomainError: the act refuses; nothing is recorded and it may be tried again.
    """
    try:
        key = UUID(request.POST.get("_operation", ""))
    except ValueError:
        return act()
    with transaction.atomic():
        done, first = Operation.objects.get_or_create(
            id=key, defaults={"user_id": request.user.pk, "path": request.path[:200]}
        )
        if not first:
            return done.result_url if done.user_id == request.user.pk else request.path
        url = act()
        Operation.objects.filter(id=key).update(result_url=url)
    return url


def form_page(
    request: HttpRequest,
    form_class: Callable[..., Any],
    *,
    title: Text,
    act: Callable[[Any], Any],
    done: Callable[[Any], str] | str,
    initial: dict[str, Any] | None = None,
    form_kwargs: dict[str, Any] | None = None,
    confirm: bool = False,
    submit: Text = _SAVE,
    message: Text = "",
    danger: bool = False,
    cancel: str = "",
    crumbs: Sequence[tuple[Text, str]] = (),
    template: str = "kit/form.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Answer a form page: show, check one field, rehearse, do once, refuse with 422.

    Args:
        request: GET or POST.
        form_class: makes the form from ``(data, files, initial=…, **form_kwargs)``.
        title: the heading.
        act: ``fn(form)`` with the valid form: one service call.
        done: the address to go to, or ``fn(result)`` that makes it.
        initial: the form's initial values.
        form_kwargs: more arguments of the form.
        confirm: show what the act will do, in figures and entries, before it is done.
        submit: text of the button.
        message: said on the next page.
        danger: the act destroys or ends something.
        cancel: address of the way back.
        crumbs: (label, address) of the pages above.
        template: extends ``kit/form.html``.
        context: more for the template.
    """
    sent = request.method == "POST"
    data = (request.POST, request.FILES) if sent else (None, None)
    form = form_class(*data, initial=initial, **(form_kwargs or {}))
    shown = {
        "title": title,
        "form": form,
        "submit": submit,
        "danger": danger,
        "cancel": cancel,
        "crumbs": crumbs,
        "confirm": confirm,
        "operation_id": request.POST.get("_operation", ""),
        **(context or {}),
    }
    if sent and (name := request.POST.get("_validate")) and name in form.fields:
        return render(request, "kit/_field_checked.html", {"field": form[name]})
    if sent and form.is_valid() and "_back" not in request.POST:
        with refused_into(form):
            if confirm and "_confirmed" not in request.POST:
                shown["rehearsal"] = rehearse(lambda: act(form))
                return render_page(request, "kit/confirm.html", shown, partial="form")
            return _done(request, message, lambda: _address(done, act(form)))
    status = 422 if sent and form.errors else 200
    return render_page(request, template, shown, partial="form", status=status)


def _done(request: HttpRequest, message: Text, act: Callable[[], str]) -> HttpResponse:
    url = once(request, act)
    if message:
        messages.success(request, str(message))
    return redirect_to(request, url)


def _address(done: Callable[[Any], str] | str, result: Any) -> str:
    return done(result) if callable(done) else done


def act_button(
    request: HttpRequest, *, act: Callable[[], Any], done: str, message: Text = ""
) -> HttpResponse:
    """Answer the POST of a button without fields (``kit/_act.html``): do once, or refuse with 422.

    Raises:
        core.errors.DomainError: the act refuses; ``core.middleware`` shows the reason with 422.
    """

    def do() -> str:
        act()
        return done

    return _done(request, message, do)


__all__ = [
    "HouseForm",
    "MoneyField",
    "PickerField",
    "act_button",
    "form_page",
    "once",
    "parse_won",
    "posted",
    "refused_into",
]
