"""Words that several screens share."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sales import api as sales


def months_in_words(months: int) -> str:
    """Say a term in years where it is whole years; 0 is the whole of life."""
    if months == 0:
        return _("whole of life")
    if months % 12 == 0:
        return ngettext("%(n)s year", "%(n)s years", months // 12) % {"n": months // 12}
    return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}


def crumb() -> tuple[str, str]:
    """Return the way back to the contracts."""
    return _("Contracts"), reverse("contracts:contract_list")


def occupation(code: str) -> str:
    """Say an occupation by its code in the reader's language."""
    language = (get_language() or "ko")[:2]
    for job in sales.jobs():
        if job.code == code:
            return f"{job.name.get(language) or job.name['ko']} ({code})"
    return code
