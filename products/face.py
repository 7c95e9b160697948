"""What stage 1 shows elsewhere: why this premium, search, pickers, panels of the home."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import panels
from core.errors import NotFound
from core.explain import Explanation, Step, explains
from core.notices import tells
from core.permissions import Scope
from core.pickers import picks
from core.search import Hit, searches
from products import selectors
from products.rules import explanation, rating


@explains("premium", right="products.view")
def explain_premium(key: str, scope: Scope) -> Explanation:
    """Explain a premium; the key is ``<rating id>-<sum assured>`` and holds no personal data.

    Raises:
        NotFound: no such rating, or the key is not of this form.
    """
    rating_id, _dash, total = key.partition("-")
    if not (rating_id.isdigit() and total.isdigit()):
        raise NotFound(_t("There is no premium %(key)s.") % {"key": key})
    found = selectors.rating(int(rating_id))
    rule = found.trace["rule"]
    where = [rule["product_code"], rule["version"]]
    url = reverse("products:version_detail", args=where) + "#rule-PREMIUM_CALC"
    return Explanation(
        title=_t("Premium"),
        answer=rating.amount_from(found.trace, int(total)),
        unit=_t("won"),
        formula=_t("unit premium × sum assured + fixed part, rounded"),
        steps=explanation.premium_steps(found.trace, int(total), rule_url=url),
        sources=[
            Step(_t("Product version"), f"{where[0]} v{where[1]}", url=url),
            Step(_t("Trace kept at"), found.made_at.date(), found.inputs_hash[:16]),
        ],
    )


@searches("products.view")
def find_products(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find products by code or name."""
    for product in selectors.search(query, limit):
        yield Hit(
            kind=_("Product"),
            number=product.product_code,
            title=product.product_name,
            url=reverse("products:product_detail", args=[product.product_code]),
            note=str(product.get_status_display()),
        )


@picks("product", right="products.view")
def pick_product(query: str, scope: Scope, limit: int) -> Iterable[tuple[str, str]]:
    """Offer product codes for forms."""
    return [(p.product_code, p.product_name) for p in selectors.search(query, limit)]


panels.register(
    panels.Panel(
        place="home:product_actuary",
        title=_("On sale today"),
        url=lambda _key: reverse("products:panel_catalogue"),
        right="products.view",
        order=10,
        wide=True,
    )
)
panels.register(
    panels.Panel(
        place="home:product_actuary",
        title=_("In preparation"),
        url=lambda _key: reverse("products:panel_desk"),
        right="products.edit",
        order=20,
        wide=True,
    )
)


@tells(_("Versions to check and publish"), url="products:waiting", right="products.publish")
def versions_to_publish(user: Any, today: date) -> int:
    """Count the versions that colleagues have handed over."""
    return selectors.waiting_versions().exclude(made_by=user.get_username()).count()
