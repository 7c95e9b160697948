"""Why a model raised a score, in sentences with the usual value beside, frozen when it was made."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from django.utils import translation
from django.utils.translation import gettext as _

from fds.rules import encoding
from fds.rules import features as rules
from fds.services.learning import Opinion

MOST = 5
LANGUAGES = ("ko", "en")
_MONEY = ("claimed_log", "premium_log", "customer_claimed_log")
_SHARES = ("_rate", "_rate_max", "_rate_mean", "_share")


def reasons_of(
    encoder: dict[str, Any], said: Opinion, table: rules.Features, row: int
) -> list[dict[str, Any]]:
    """Return the five features that raised a claim's score most, in both languages.

    Args:
        encoder: of the model.
        said: its opinion of the table.
        table: the features.
        row: which claim.

    Returns:
        rank, feature, contribution to the log odds, value, usual value, sentences by language.
    """
    parts = said.contributions[row]
    order = [i for i in np.argsort(-parts).tolist() if parts[i] > 0][:MOST]
    found = []
    for rank, i in enumerate(order, 1):
        name = said.names[i]
        value = _value(table, name, row)
        usual = encoding.usual(encoder, name)
        sentences = {}
        for language in LANGUAGES:
            with translation.override(language):
                sentences[language] = sentence(name, value, usual)
        found.append(
            {
                "rank": rank,
                "feature": name,
                "contribution": round(float(parts[i]), 4),
                "value": value,
                "usual": usual,
                "text": sentences,
            }
        )
    return found


def _value(table: rules.Features, name: str, row: int) -> float | str | None:
    if name in table.words:
        return str(table.words[name][row]) or None
    number = float(table.numbers[name][row])
    return None if math.isnan(number) else round(number, 4)


def sentence(name: str, value: float | str | None, usual: float | None) -> str:
    """Say what is unusual about a value, in the active language."""
    label = str(rules.NUMBERS.get(name) or rules.WORDS[name])
    if value is None:
        return _("%(what)s is not known.") % {"what": label}
    if usual is None or isinstance(value, str):
        return _("%(what)s: %(value)s.") % {"what": label, "value": value}
    return _("%(what)s: %(value)s here, %(usual)s usually.") % {
        "what": label,
        "value": shown(name, value),
        "usual": shown(name, usual),
    }


def shown(name: str, value: float) -> str:
    """Write a number as people read it: won, per cent, times, or the number itself."""
    if name in _MONEY:
        return _("%(won)s won") % {"won": f"{round(math.exp(value) - 1):,}"}
    if name.endswith(_SHARES):
        return f"{100 * value:.1f}%"
    if name.endswith("_z"):
        return f"{value:+.1f}σ"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
