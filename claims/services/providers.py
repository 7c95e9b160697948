"""Hospitals and garages."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from claims.models import Provider
from core import numbering
from core.errors import DomainError


class ProviderNameMissing(DomainError):
    """A provider needs a name."""


@transaction.atomic
def register_provider(*, name: str, kind: str, region: str = "", year: int) -> str:
    """Register a provider and return its code.

    Args:
        name: as on its business registration.
        kind: HOSPITAL, CLINIC, GARAGE or OTHER.
        region: city or district.
        year: business year, printed in the code.
    """
    if not name.strip():
        raise ProviderNameMissing(_("Give the provider's name."))
    code = numbering.take_one("PRV", year)
    Provider.objects.create(
        provider_code=code, provider_name=name.strip(), kind=kind, region=region.strip()
    )
    return code


@transaction.atomic
def register_providers(
    *, codes: Sequence[str], names: Sequence[str], kinds: Sequence[str], regions: Sequence[str]
) -> int:
    """Register many providers under codes of their own; those that exist are left alone.

    Returns:
        How many are new.
    """
    known = set(Provider.objects.filter(pk__in=codes).values_list("pk", flat=True))
    fresh = {
        code: Provider(provider_code=code, provider_name=name, kind=kind, region=region)
        for code, name, kind, region in zip(codes, names, kinds, regions, strict=True)
        if code not in known
    }
    Provider.objects.bulk_create(fresh.values())
    return len(fresh)
