"""The keyed hash under which parties meet."""

from __future__ import annotations

from core import privacy


def hashed(kind: str, value: str) -> str:
    """Return the keyed hash of a party's value; spelling differences are levelled first.

    Args:
        kind: of ``PartyLink.Kind``. Persons meet across roles: the insured is also a person.
        value: as given; blanks, dashes and case do not matter.
    """
    same = "PERSON" if kind in ("CUSTOMER", "PERSON") else kind
    plain = "".join(value.split()).replace("-", "").casefold()
    return privacy.pseudonym(f"party:{same}", plain)
