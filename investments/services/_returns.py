"""Rows of ``asset_returns``: what an asset earned, with how it was reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import orjson
from django.db.models import Max
from django.utils.translation import gettext as _

from core.bulk import copy_rows
from core.columns import Keys, Won
from core.errors import DomainError
from investments.models import AssetReturn
from investments.rules.interest import return_rate


class AlreadyRecorded(DomainError):
    """This income of the asset has been recorded for this day."""


def write(
    *,
    asset_ids: Keys,
    on: date,
    kind: str,
    amount: Won,
    before: Won,
    carrying_change: Any,
    traces: Sequence[dict[str, Any]],
    again: bool = False,
    suspended: Any = 0,
) -> None:
    """Add one row per asset.

    Args:
        asset_ids: (n,) keys.
        on: the day.
        kind: an ``AssetReturn.Kind``.
        amount: (n,) won, signed.
        before: (n,) carrying amounts before, won.
        carrying_change: (n,) or one value, won, signed.
        traces: (n,) how each amount was reached.
        suspended: (n,) or one value, won: interest that is not earned (stage 3).
        again: a further row of the day is a revision (a value corrected), not a mistake.

    Raises:
        AlreadyRecorded: an asset has a row of this kind on this day.
    """
    if not len(asset_ids):
        return
    known = AssetReturn.objects.filter(asset_id__in=asset_ids.tolist(), record_date=on, kind=kind)
    revisions = dict(known.values_list("asset_id").annotate(last=Max("revision")))
    twice = min(revisions, default=None)
    if twice is not None and not again:
        raise AlreadyRecorded(
            _("%(asset)s has an income of this kind on %(day)s already.")
            % {"asset": twice, "day": on}
        )
    copy_rows(
        AssetReturn,
        {
            "asset": asset_ids,
            "record_date": on,
            "return_amount": amount,
            "return_rate": return_rate(amount, before),
            "kind": kind,
            "carrying_change": carrying_change,
            "suspended": suspended,
            "revision": np.asarray([revisions.get(key, 0) + 1 for key in asset_ids]),
            "trace": [orjson.dumps(trace).decode() for trace in traces],
        },
    )
