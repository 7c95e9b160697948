"""Reads of stage 1: versions and rules, lists and records complete for display."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.remember import remember
from products.models import Product, ProductRule, ProductVersion, Rating
from products.rules import samples, schemas
from products.rules.ruleset import RuleSet
from products.rules.samples import Change, Sample

_FIXED = (ProductVersion.Status.PUBLISHED, ProductVersion.Status.RETIRED)
_KEEP = 256
_compiled: dict[tuple[int, datetime], RuleSet] = {}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with what later stages must know of its product.

    Attributes:
        pk: primary key, for foreign keys of later stages only.
        product_code, version: business key.
        product_name, name_en, product_type, line: of the product.
        measurement: GMM or PAA.
        status: of the version.
        start, end: period of sale [start, end); None is open.
        published_at: when its rules became fixed.
        checked_by: who published it.
    """

    pk: int
    product_code: str
    version: int
    product_name: str
    name_en: str
    product_type: str
    line: str
    measurement: str
    status: str
    start: date | None
    end: date | None
    published_at: datetime | None
    checked_by: str

    @property
    def name_shown(self) -> str:
        """The product's name in the reader's language, where it has one."""
        korean = (get_language() or "ko").startswith("ko")
        return self.product_name if korean else self.name_en or self.product_name


def _row(found: ProductVersion) -> VersionRow:
    period = found.period
    return VersionRow(
        pk=found.pk,
        product_code=found.product_id,
        version=found.version,
        product_name=found.product.product_name,
        name_en=found.product.name_en,
        product_type=found.product.product_type,
        line=found.product.line,
        measurement=found.measurement,
        status=found.status,
        start=period.lower if period else None,
        end=period.upper if period else None,
        published_at=found.published_at,
        checked_by=found.checked_by,
    )


def _is_fixed(row: VersionRow) -> bool:
    return row.status in _FIXED


@remember(seconds=30, when=_is_fixed)
def version_row(*, product_code: str, version: int) -> VersionRow:
    """Return one version.

    Raises:
        NotFound: there is none.
    """
    return _one(Q(product_id=product_code, version=version), f"{product_code} v{version}")


@remember(seconds=30, when=_is_fixed)
def version_by_pk(pk: int) -> VersionRow:
    """Return one version by its primary key.

    Raises:
        NotFound: there is none.
    """
    return _one(Q(pk=pk), str(pk))


def _one(where: Q, shown: str) -> VersionRow:
    found = ProductVersion.objects.select_related("product").filter(where).first()
    if found is None:
        raise NotFound(_("There is no product version %(name)s.") % {"name": shown})
    return _row(found)


def versions_on_sale(on: date, product_codes: Iterable[str] | None = None) -> list[VersionRow]:
    """Return the version of each product that may be sold on a day, by product code."""
    found = ProductVersion.objects.select_related("product").filter(
        Q(product__sale_end_date=None) | Q(product__sale_end_date__gte=on),
        Q(product__sale_start_date=None) | Q(product__sale_start_date__lte=on),
        product__status=Product.Status.ACTIVE,
        status=ProductVersion.Status.PUBLISHED,
        period__contains=on,
    )
    if product_codes is not None:
        found = found.filter(product_id__in=list(product_codes))
    return [_row(version) for version in found.order_by("product_id")]


def rules_of(version_pk: int) -> dict[str, Any]:
    """Return the rules of a version by type."""
    rows = ProductRule.objects.filter(version_id=version_pk).order_by("rule_id")
    return dict(rows.values_list("rule_type", "rule_value"))


@remember(seconds=30, when=lambda ids: len(ids) > 0)
def rule_ids(version_pk: int) -> dict[str, int]:
    """Return the ids of a version's rules by type."""
    rows = ProductRule.objects.filter(version_id=version_pk)
    return dict(rows.values_list("rule_type", "rule_id"))


def ruleset(row: VersionRow) -> RuleSet:
    """Return a version's compiled rules; those of a published version are kept in memory."""
    if row.status not in _FIXED or row.published_at is None:
        return RuleSet(row.product_code, row.version, rules_of(row.pk))
    key = (row.pk, row.published_at)
    if key not in _compiled:
        if len(_compiled) >= _KEEP:
            _compiled.clear()
        _compiled[key] = RuleSet(row.product_code, row.version, rules_of(row.pk))
    return _compiled[key]


def product_list() -> QuerySet[Product]:
    """Return products with the number of their versions and of those that wait."""
    published = Q(versions__status__in=_FIXED)
    return Product.objects.annotate(
        version_count=Count("versions", distinct=True),
        waiting=Count(
            "versions",
            filter=Q(versions__status=ProductVersion.Status.REVIEW),
            distinct=True,
        ),
        current=Max("versions__version", filter=published),
    ).order_by("product_code")


def product(product_code: str) -> Product:
    """Return one product with its versions, the newest first.

    Raises:
        NotFound: there is none.
    """
    versions = ProductVersion.objects.order_by("-version")
    found = (
        Product.objects.filter(product_code=product_code)
        .prefetch_related(Prefetch("versions", queryset=versions))
        .first()
    )
    if found is None:
        raise NotFound(_("There is no product %(code)s.") % {"code": product_code})
    return found


def version(product_code: str, number: int) -> ProductVersion:
    """Return one version with its product.

    Raises:
        NotFound: there is none.
    """
    found = (
        ProductVersion.objects.select_related("product")
        .filter(product_id=product_code, version=number)
        .first()
    )
    if found is None:
        name = f"{product_code} v{number}"
        raise NotFound(_("There is no product version %(name)s.") % {"name": name})
    return found


def waiting_versions() -> QuerySet[ProductVersion]:
    """Return the versions that wait for publication, the oldest first."""
    return (
        ProductVersion.objects.select_related("product")
        .filter(status=ProductVersion.Status.REVIEW)
        .order_by("updated_at", "pk")
    )


def rating(rating_id: int) -> Rating:
    """Return a stored rating with its version.

    Raises:
        NotFound: there is none.
    """
    found = Rating.objects.select_related("version").filter(pk=rating_id).first()
    if found is None:
        raise NotFound(_("There is no rating %(number)s.") % {"number": rating_id})
    return found


def search(query: str, limit: int) -> list[Product]:
    """Return products whose code or name contains the words."""
    words = Q(product_code__icontains=query) | Q(product_name__icontains=query)
    return list(Product.objects.filter(words | Q(name_en__icontains=query))[:limit])


@dataclass(frozen=True, slots=True)
class Counts:
    """How many versions and products stand where."""

    drafts: int
    waiting: int
    faulty: int
    inactive: int


def counts() -> Counts:
    """Count drafts, drafts with faults, versions that wait, and products not on sale."""
    drafts = list(ProductVersion.objects.filter(status=ProductVersion.Status.DRAFT))
    faulty = sum(bool(schemas.problems_of_set(rules_of(d.pk), complete=True)) for d in drafts)
    return Counts(
        drafts=len(drafts),
        waiting=waiting_versions().count(),
        faulty=faulty,
        inactive=Product.objects.filter(status=Product.Status.INACTIVE).count(),
    )


def _previous(version: ProductVersion) -> ProductVersion | None:
    return (
        ProductVersion.objects.select_related("product")
        .filter(product_id=version.product_id, version__lt=version.version)
        .order_by("-version")
        .first()
    )


def changes_of(version: ProductVersion) -> list[Change]:
    """Return what a version's rules changed against the version before; empty for the first."""
    before = _previous(version)
    if before is None:
        return []
    return samples.changes(rules_of(before.pk), rules_of(version.pk))


@dataclass(frozen=True, slots=True)
class Compared:
    """Sample premiums at one age, and those of the version before (None: no such)."""

    age: int
    male: int
    female: int
    male_before: int | None
    female_before: int | None


def sample_comparison(version: ProductVersion) -> list[Compared]:
    """Return sample premiums beside those of the version before; empty for unsound rules."""
    now = _samples(version)
    before = _previous(version)
    then = {sample.age: sample for sample in _samples(before)} if before else {}
    return [
        Compared(
            sample.age,
            sample.male,
            sample.female,
            then[sample.age].male if sample.age in then else None,
            then[sample.age].female if sample.age in then else None,
        )
        for sample in now
    ]


def _samples(version: ProductVersion) -> list[Sample]:
    rules = ruleset(_row(version))
    if schemas.problems_of_set(rules.rules, complete=True):
        return []
    return samples.premium_samples(rules)


def lines() -> dict[str, str]:
    """Return the names of the portfolios by code, in the reader's language."""
    return {code: str(label) for code, label in Product.Line.choices}
