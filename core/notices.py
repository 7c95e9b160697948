"""Notices: how much of what a person answers for waits just now, for the bell in the top bar.

    @tells(_("Proposals wait for you"), url="claims:manager_home", right="claims.approve")
    def proposals(user, today):
        return selectors.proposals_waiting(...).count()

A source is asked when its right is held; what counts nothing is not shown. The counts are kept
for ``settings.NOTICES_SECONDS``, because every page asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils.functional import Promise

from .permissions import may

Count = Callable[[Any, date], int]


@dataclass(frozen=True, slots=True)
class Source:
    """Something that may wait for a person.

    Args:
        name: unique, for the cache.
        label: what waits, in words.
        url: name of the page where it is done.
        right: who answers for it.
        count: ``fn(user, today)`` says how many wait.
        query: appended to the address, for example ``"?due=late"``.
        tone: ``amber`` waits, ``red`` is overdue or has failed.
    """

    name: str
    label: str | Promise
    url: str
    right: str
    count: Count
    query: str = ""
    tone: str = "amber"


@dataclass(frozen=True, slots=True)
class Notice:
    """What waits, how many, and where."""

    label: str | Promise
    count: int
    url: str
    tone: str


_sources: list[Source] = []


def tells(
    label: str | Promise, *, url: str, right: str, query: str = "", tone: str = "amber"
) -> Callable[[Count], Count]:
    """Offer a source of notices (use it in an app's face)."""

    def register(count: Count) -> Count:
        name = f"{count.__module__}.{count.__name__}"
        _sources.append(Source(name, label, url, right, count, query, tone))
        return count

    return register


def notices_for(user: Any, today: date) -> list[Notice]:
    """Return what waits for a person on the business date, failures and what is late first."""
    asked = [source for source in _sources if may(user, source.right)]
    key = f"notices:{user.pk}:{today}"
    counts = cache.get(key) if settings.NOTICES_SECONDS else None
    if counts is None or counts.keys() != {source.name for source in asked}:
        counts = {source.name: source.count(user, today) for source in asked}
        if settings.NOTICES_SECONDS:
            cache.set(key, counts, settings.NOTICES_SECONDS)
    found = [
        Notice(s.label, counts[s.name], reverse(s.url) + s.query, s.tone)
        for s in asked
        if counts[s.name]
    ]
    return sorted(found, key=lambda notice: notice.tone != "red")
