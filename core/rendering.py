"""How forms look everywhere: one column, label above, help under, errors tied to their input."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

_SELECTS = (forms.Select, forms.SelectMultiple)
_UNCHECKED = (forms.HiddenInput, forms.MultiWidget, forms.FileInput, forms.PasswordInput)
_CHECKS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


class HouseBoundField(BoundField):
    """A bound field whose widget has the house's classes and, in live forms, checks itself."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        """Add classes, date marks and the live check to what Django gives."""
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        css = _class_of(widget)
        given = str(built.get("class") or widget.attrs.get("class", ""))
        if css and css not in given.split():
            built["class"] = f"{css} {given}".strip()
        if self.errors:
            built["class"] = f"{built.get('class', '')} is-invalid".strip()
        if isinstance(widget, forms.DateInput) and widget.input_type == "text":
            built |= {"data-date": "", "placeholder": "2026-03-01", "autocomplete": "off"}
            built["inputmode"] = "numeric"
        if getattr(self.form, "live", False) and not isinstance(widget, _UNCHECKED):
            built |= self._live()
        return built

    @property
    def shape(self) -> str:
        """How the field template lays it out: ``check``, ``group`` or ``line``."""
        widget = self.field.widget
        if isinstance(widget, forms.CheckboxInput):
            return "check"
        return "group" if widget.use_fieldset else "line"

    def _live(self) -> dict[str, str]:
        return {
            "hx-post": getattr(self.form, "check_at", ""),
            "hx-trigger": "change",
            "hx-target": f"#{self.auto_id}_field",
            "hx-swap": "outerHTML",
            "hx-vals": f'{{"_validate": "{self.name}"}}',
            "hx-sync": "closest form:abort",
        }


def _class_of(widget: Any) -> str:
    if isinstance(widget, forms.MultiWidget):
        return ""
    if isinstance(widget, _CHECKS):
        return "form-check-input"
    return "form-select" if isinstance(widget, _SELECTS) else "form-control"


class HouseRenderer(TemplatesSetting):
    """Render forms with the kit's templates."""

    bound_field_class = HouseBoundField
    form_template_name = "kit/_form.html"
    field_template_name = "kit/_field.html"
