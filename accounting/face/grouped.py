"""Why contracts are in their group of profitability."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _t

from accounting.face.keys import RIGHT, unknown
from accounting.models import AssumptionSet
from accounting.rules import assumptions
from accounting.selectors import members
from core.explain import Explanation, Step, explains
from core.permissions import Scope


@explains("grouped", right=RIGHT)
def explain_grouped(key: str, scope: Scope) -> Explanation:
    """Explain the profitability of a group by the tests of its contracts; the key is its code.

    Raises:
        NotFound: there is no such group.
    """
    found = members.evidence().get(key)
    if found is None:
        raise unknown(key)
    won = _t("won")
    ratio = f"{found.ratio:.2%}" if found.ratio is not None else "–"
    return Explanation(
        title=_t("Profitability at issue") + f" {key}",
        answer=found.label,
        unit="",
        formula=_t(
            "fulfilment cash flows of a contract at issue above 0: onerous · not above 0 under"
            " every stress: no significant possibility of becoming onerous · else: remaining"
        ),
        steps=[
            Step(_t("Contracts of the group"), found.contracts),
            Step(_t("Sets of alike contracts tested"), found.sets),
            Step(_t("Without a test"), found.untested),
            Step(_t("Premiums at issue"), found.premiums, unit=won),
            Step(_t("Fulfilment cash flows at issue"), found.fulfilment, unit=won),
            Step(_t("Fulfilment per won of premiums"), ratio),
            Step(_t("Most profitable and least profitable set"), _range(found)),
            Step(_t("Fulfilment cash flows in the worst scenario"), found.worst, unit=won),
        ],
        sources=[
            *(_assumed(version, key) for version in found.assumption_sets),
            *(
                Step(
                    _t("Yield curve"),
                    f"v{version}",
                    url=reverse("accounting:curve_detail", args=[version]),
                )
                for version in found.curves
            ),
            Step(
                _t("Basis in the standard"),
                "IFRS 17.14–19, .22, .24, .47",
                note=_t("Never reassessed"),
            ),
        ],
    )


def _range(found: members.Evidence) -> str:
    return f"{found.lowest:.2%} … {found.highest:.2%}" if found.sets else "–"


def _assumed(version: int, group: str) -> Step:
    values = AssumptionSet.objects.get(version=version).values
    line = members.line_of(group)
    stress = assumptions.read(values).line(line).stress
    return Step(
        _t("Assumptions"),
        f"v{version}",
        url=reverse("accounting:assumption_detail", args=[version]),
        note=_t("Stresses: claims +%(claims)s, expenses +%(expenses)s, lapses ±%(lapse)s")
        % {
            "claims": f"{stress.claims:.0%}",
            "expenses": f"{stress.expenses:.0%}",
            "lapse": f"{stress.lapse:.0%}",
        },
    )
