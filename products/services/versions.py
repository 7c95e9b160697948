"""Register, change, submit, publish and withdraw products and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed
from core.events import publish
from core.status import IllegalTransition, transition
from products import selectors
from products.events import ProductsPublished, ProductsWithdrawn
from products.models import Product, ProductRule, ProductVersion
from products.rules import schemas
from products.rules.problems import Problem
from products.rules.ruleset import RuleSet

Status = ProductVersion.Status


class BadRules(DomainError):
    """Rules that their schemas refuse; `problems` says each path and reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" · ".join(str(problem) for problem in problems))


class CodeTaken(DomainError):
    """There is a product with this code already."""


class DraftExists(DomainError):
    """The product has a version that is still being worked on."""


class BadPeriod(DomainError):
    """The dates of sale do not fit together or with those of another version."""


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a product is registered with.

    Attributes:
        product_code: at most 20 characters, unique.
        product_name: Korean name.
        name_en: English name.
        product_type: LIFE or NON_LIFE.
        line: portfolio, one of `Product.Line`.
        measurement: GMM or PAA.
        sale_start_date: first day of sale, None when open.
        sale_end_date: last day of sale, None when open.
        description: what it covers, by language code.
    """

    product_code: str
    product_name: str
    product_type: str
    line: str
    measurement: str
    name_en: str = ""
    sale_start_date: date | None = None
    sale_end_date: date | None = None
    description: Mapping[str, str] | None = None


@transaction.atomic
def register(*, product: NewProduct, rules: Mapping[str, Any], by: str) -> ProductVersion:
    """Register a product and its rules together, as draft version 1.

    Args:
        product: the master data.
        rules: rule by type, as JSON values.
        by: user name of the maker.

    Raises:
        BadRules: a schema refuses a rule; nothing is written.
        CodeTaken: the code exists.
        BadPeriod: the sale would end before it starts.
    """
    refuse_bad(rules, complete=False)
    _refuse_bad_sale(product.sale_start_date, product.sale_end_date)
    if Product.objects.filter(product_code=product.product_code).exists():
        raise CodeTaken(_("There is a product %(code)s already.") % {"code": product.product_code})
    made = Product.objects.create(
        product_code=product.product_code,
        product_name=product.product_name,
        name_en=product.name_en,
        product_type=product.product_type,
        line=product.line,
        sale_start_date=product.sale_start_date,
        sale_end_date=product.sale_end_date,
        description=dict(product.description or {}),
    )
    return _draft(made, 1, product.measurement, rules, by=by, note="")


@transaction.atomic
def new_version(
    *, product_code: str, by: str, note: str, rules: Mapping[str, Any] | None = None
) -> ProductVersion:
    """Start a new draft from the product's latest version.

    Args:
        product_code: the product.
        by: user name of the maker.
        note: what will change and why.
        rules: rule by type; None copies those of the latest version.

    Raises:
        NotFound: no such product.
        DraftExists: a version is a draft or waits for publication already.
        BadRules: a schema refuses a rule.
    """
    product = _locked(product_code)
    latest = product.versions.order_by("-version").first()
    assert latest is not None
    if latest.status in (Status.DRAFT, Status.REVIEW):
        raise DraftExists(
            _("Version %(version)s of %(code)s is not published yet; change that one.")
            % {"version": latest.version, "code": product_code}
        )
    values = selectors.rules_of(latest.pk) if rules is None else rules
    refuse_bad(values, complete=False)
    return _draft(product, latest.version + 1, latest.measurement, values, by=by, note=note)


@transaction.atomic
def change_draft(
    *, product_code: str, version: int, rules: Mapping[str, Any], by: str, note: str | None = None
) -> ProductVersion:
    """Replace the rules of a draft; who changes it becomes one of its makers.

    Raises:
        NotFound, BadRules.
        IllegalTransition: the version is no draft.
    """
    refuse_bad(rules, complete=False)
    found = _locked_version(product_code, version)
    if found.status != Status.DRAFT:
        raise IllegalTransition(_("Only a draft can be changed; start a new version instead."))
    found.rules.all().delete()
    _write_rules(found, rules)
    changed = {"made_by": by, "makers": _with(found, by), "updated_at": timezone.now()}
    if note is not None:
        changed["note"] = note
    ProductVersion.objects.filter(pk=found.pk).update(**changed)
    found.refresh_from_db()
    return found


@transaction.atomic
def submit(*, product_code: str, version: int, by: str) -> ProductVersion:
    """Hand a draft to a second person for publication; from now on its rules are fixed.

    Args:
        product_code: the product.
        version: its draft.
        by: user name; one of the makers from now on.

    Raises:
        NotFound, IllegalTransition.
        BadRules: a needed rule is missing, or one has become unsound.
    """
    found = _locked_version(product_code, version)
    refuse_bad(selectors.rules_of(found.pk), complete=True)
    transition(found, Status.REVIEW, made_by=by, makers=_with(found, by), updated_at=timezone.now())
    return found


@transaction.atomic
def send_back(*, product_code: str, version: int, reason: str, by: str) -> ProductVersion:
    """Return a version that waits to its maker, with the reason.

    Raises:
        NotFound, IllegalTransition.
        NotAllowed: no reason is given.
    """
    if not reason.strip():
        raise NotAllowed(_("Say why the version goes back to its maker."))
    found = _locked_version(product_code, version)
    transition(found, Status.DRAFT, reason=f"{by}: {reason}", updated_at=timezone.now())
    return found


@transaction.atomic
def publish_version(
    *, product_code: str, version: int, start: date, by: str, today: date
) -> ProductVersion:
    """Publish a version for sale from ``start`` on and announce it; the earlier one ends then.

    Args:
        product_code: the product.
        version: a version in review.
        start: first day on which it is sold.
        by: user name of the checker, none of those who wrote or submitted it.
        today: business date.

    Raises:
        NotFound, IllegalTransition, BadRules.
        NotAllowed: the checker is one of the makers.
        BadPeriod: the start lies before that of the version sold now, or in the past of one.
    """
    found = _locked_version(product_code, version)
    if by in found.makers:
        raise NotAllowed(_("Nobody publishes what they made; ask a colleague."))
    refuse_bad(selectors.rules_of(found.pk), complete=True)
    first = _end_predecessor(found, start=start, today=today)
    transition(
        found,
        Status.PUBLISHED,
        checked_by=by,
        published_at=timezone.now(),
        updated_at=timezone.now(),
        period=(start, None),
    )
    if first and found.product.status == Product.Status.INACTIVE:
        transition(found.product, Product.Status.ACTIVE, reason=f"v{version}")
    publish(
        ProductsPublished.of(
            business_date=today,
            rows=[{"product_code": product_code, "version": version, "start_date": start}],
        )
    )
    return found


def _end_predecessor(found: ProductVersion, *, start: date, today: date) -> bool:
    """End the version sold now at ``start``; return whether there was none."""
    earlier = (
        ProductVersion.objects.select_for_update()
        .filter(product_id=found.product_id, status__in=(Status.PUBLISHED, Status.RETIRED))
        .order_by("-version")
        .first()
    )
    if earlier is None:
        return True
    if start < today or start <= earlier.period.lower:
        raise BadPeriod(
            _(
                "%(start)s is too early: version %(version)s is sold from %(since)s, "
                "today is %(now)s."
            )
            % {
                "start": start,
                "version": earlier.version,
                "since": earlier.period.lower,
                "now": today,
            }
        )
    if earlier.period.upper is None or earlier.period.upper > start:
        ProductVersion.objects.filter(pk=earlier.pk).update(
            period=(earlier.period.lower, start), updated_at=timezone.now()
        )
    return False


@transaction.atomic
def withdraw(*, product_code: str, reason: str, by: str, today: date) -> Product:
    """Take a product off sale; contracts in force are served as before.

    Raises:
        NotFound, IllegalTransition.
    """
    product = _locked(product_code)
    transition(product, Product.Status.INACTIVE, reason=f"{by}: {reason}")
    publish(ProductsWithdrawn.of(business_date=today, rows=[{"product_code": product_code}]))
    return product


@transaction.atomic
def reopen(*, product_code: str, reason: str, by: str) -> Product:
    """Put a withdrawn product on sale again; it needs a published version.

    Raises:
        NotFound, IllegalTransition.
        BadPeriod: no version is published.
    """
    product = _locked(product_code)
    if not product.versions.filter(status=Status.PUBLISHED).exists():
        raise BadPeriod(_("%(code)s has no published version to sell.") % {"code": product_code})
    transition(product, Product.Status.ACTIVE, reason=f"{by}: {reason}")
    return product


@transaction.atomic
def set_sale_period(*, product_code: str, start: date | None, end: date | None) -> Product:
    """Set the first and last day of sale.

    Raises:
        NotFound, BadPeriod.
    """
    _refuse_bad_sale(start, end)
    product = _locked(product_code)
    Product.objects.filter(pk=product.pk).update(
        sale_start_date=start, sale_end_date=end, updated_at=timezone.now()
    )
    product.refresh_from_db()
    return product


def refuse_bad(rules: Mapping[str, Any], *, complete: bool) -> None:
    """Refuse rules that are unsound.

    Args:
        rules: rule by type.
        complete: also demand every rule that publication needs.

    Raises:
        BadRules: with every fault.
    """
    unknown = [name for name in rules if name not in ProductRule.Type.values]
    if unknown:
        raise BadRules([Problem(name, "$", _("is not a type of rule")) for name in unknown])
    if problems := schemas.problems_of_set(rules, complete=complete):
        raise BadRules(problems)


def preview(*, product_code: str, rules: Mapping[str, Any]) -> RuleSet:
    """Compile rules that are not stored, for a quote beside the form.

    Raises:
        BadRules: the rules are unsound or the premium cannot be computed from them.
    """
    refuse_bad(rules, complete=False)
    needed = ("AGE_LIMIT", "COVERAGE_LIMIT", "PREMIUM_CALC")
    missing = [Problem(name, "$", schemas.MISSING) for name in needed if name not in rules]
    if missing:
        raise BadRules(missing)
    return RuleSet(product_code, 0, rules)


def _with(version: ProductVersion, maker: str) -> list[str]:
    return sorted({*version.makers, maker})


def _draft(
    product: Product, number: int, measurement: str, rules: Mapping[str, Any], *, by: str, note: str
) -> ProductVersion:
    try:
        with transaction.atomic():
            made = ProductVersion.objects.create(
                product=product,
                version=number,
                measurement=measurement,
                made_by=by,
                makers=[by],
                note=note,
            )
    except IntegrityError as error:
        raise DraftExists(_("Someone else has just started this version.")) from error
    _write_rules(made, rules)
    return made


def _write_rules(version: ProductVersion, rules: Mapping[str, Any]) -> None:
    ProductRule.objects.bulk_create(
        ProductRule(
            product_id=version.product_id, version=version, rule_type=name, rule_value=value
        )
        for name, value in rules.items()
    )


def _refuse_bad_sale(start: date | None, end: date | None) -> None:
    if start and end and end < start:
        raise BadPeriod(
            _("The sale would end on %(end)s, before it starts on %(start)s.")
            % {"end": end, "start": start}
        )


def _locked(product_code: str) -> Product:
    selectors.product(product_code)
    return Product.objects.select_for_update().get(pk=product_code)


def _locked_version(product_code: str, version: int) -> ProductVersion:
    found = selectors.version(product_code, version)
    return (
        ProductVersion.objects.select_for_update(of=("self",))
        .select_related("product")
        .get(pk=found.pk)
    )
