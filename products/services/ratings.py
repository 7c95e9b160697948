"""Keep the traces of premiums."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints
from products.models import Rating
from products.rules import rating as engine


def store_ratings(*, version_pk: int, rated: engine.Rating) -> Ints:
    """Keep the traces of a rated batch once each; the amounts are not stored here.

    Args:
        version_pk: the version whose rules rated.
        rated: the batch.

    Returns:
        (n,) id of the stored rating of each row.
    """
    by_hash = {digest: number for number, digest in enumerate(rated.digests)}
    known = _stored(version_pk, by_hash)
    missing = sorted(set(by_hash) - set(known))
    if missing:
        rows = []
        for digest in missing:
            trace = rated.trace(by_hash[digest])
            inputs = trace["inputs"]
            rows.append(
                Rating(version_id=version_pk, inputs=inputs, inputs_hash=digest, trace=trace)
            )
        Rating.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
        known |= _stored(version_pk, missing)
    ids: NDArray[np.int64] = np.array([known[digest] for digest in rated.digests], np.int64)
    return ids[rated.index]


def _stored(version_pk: int, digests: Any) -> dict[str, int]:
    rows = Rating.objects.filter(version_id=version_pk, inputs_hash__in=list(digests))
    return dict(rows.values_list("inputs_hash", "pk"))
