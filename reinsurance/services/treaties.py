"""Treaties: drafted by one person, signed by another, ended for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core.acting import current
from core.errors import DomainError, NotAllowed, NotFound
from core.status import transition
from reinsurance import rules
from reinsurance.models import CededLoss, Recovery, Treaty
from reinsurance.selectors import terms_of


class BadTerms(DomainError):
    """The terms of the treaty do not fit together."""


class CodeTaken(DomainError):
    """Another treaty has this code."""


class PanelNotWhole(DomainError):
    """The signed lines of the reinsurers are not 100 % together."""


class OverlappingLayer(DomainError):
    """A signed excess layer of the line covers the same amounts on the same days."""


class TooMuchCeded(DomainError):
    """The quota shares of the line would cede more than the whole."""


class SamePerson(NotAllowed):
    """Whoever drafts a treaty cannot sign it."""


class LossesPaid(DomainError):
    """Losses that the treaty would cover, or would not cover any more, have been paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The terms of a treaty.

    Args:
        line: the portfolio that it covers.
        start: first loss date covered.
        end: first loss date not covered any more.
        position: order among the treaties of its kind, 1 first.
        cession_percent: quota share: what is ceded, percent.
        commission_percent: what comes back of the ceded premium, percent.
        retention: layers: what the insurer keeps of one sum insured, loss, event or period, won.
        layer_limit: layers: what is paid above the retention at most, won; of a surplus it
            follows from its lines.
        aggregate_limit: what is paid for the whole period at most, won; 0: no limit. Where there
            are reinstatements it follows from them.
        premium_percent: layers: percent of the line's premium.
        contract_number: facultative: the one contract.
        inures: later kinds see the loss without what this treaty pays.
        net_premium_base: its premium is taken of what the treaties before it leave.
        surplus_lines: surplus: limit ÷ retained line.
        scale: sliding scale of commission: (loss ratio %, commission %), ascending.
        profit_percent: of the profit that comes back, percent.
        profit_expense_percent: the reinsurer's expenses in the profit account, percent.
        reinstatements: percent of ``layer_premium`` for each, in order.
        reinstatement_time: pro rata as to time too.
        layer_premium: of the whole period, won; reinstatements are priced on it.
        hours: catastrophe: length of an event by the hours clause.
        panel: signed lines (reinsurer, percent), 100 together; empty: one signed all of it.
            ``reinsurer_name`` leads and is among them.
        deposit_premium: layers: paid in advance for the period, won; adjusted at its end.
        deposit_instalments: how many equal instalments the deposit has.
        minimum_premium: what the period's premium comes to at least, won.
        follows: the treaty that this one renews.
        deficit_years: over how many treaties before it a deficit lessens the profit commission.
    """

    treaty_code: str
    treaty_name: str
    kind: str
    reinsurer_name: str
    line: str
    start: date
    end: date
    position: int = 1
    cession_percent: Decimal = Decimal(0)
    commission_percent: Decimal = Decimal(0)
    retention: Decimal = Decimal(0)
    layer_limit: Decimal = Decimal(0)
    aggregate_limit: Decimal = Decimal(0)
    premium_percent: Decimal = Decimal(0)
    contract_number: str = ""
    inures: bool = True
    net_premium_base: bool = False
    surplus_lines: Decimal = Decimal(0)
    scale: tuple[tuple[Decimal, Decimal], ...] = ()
    profit_percent: Decimal = Decimal(0)
    profit_expense_percent: Decimal = Decimal(0)
    reinstatements: tuple[Decimal, ...] = ()
    reinstatement_time: bool = False
    layer_premium: Decimal = Decimal(0)
    hours: int = 0
    panel: tuple[tuple[str, Decimal], ...] = ()
    deposit_premium: Decimal = Decimal(0)
    deposit_instalments: int = 0
    minimum_premium: Decimal = Decimal(0)
    follows: str = ""
    deficit_years: int = 0


@transaction.atomic
def draft(terms: Draft) -> str:
    """Draft a treaty, or change a draft; whoever did it last is its maker.

    Raises:
        BadTerms, PanelNotWhole, CodeTaken: a signed treaty has the code.
        OverlappingLayer, TooMuchCeded: it could not be signed.
    """
    _check_terms(terms)
    _lock_line(terms.line, shared=False)
    known = Treaty.objects.select_for_update().filter(pk=terms.treaty_code).first()
    if known is not None and known.status != "DRAFT":
        raise CodeTaken(
            _("%(code)s is a signed treaty; take another code.") % {"code": terms.treaty_code}
        )
    values = _values(terms)
    _check_neighbours(terms_of(Treaty(treaty_code=terms.treaty_code, **values)), terms.line)
    if known is None:
        Treaty.objects.create(treaty_code=terms.treaty_code, **values)
    else:
        Treaty.objects.filter(pk=terms.treaty_code).update(**values, updated_at=Now())
    return terms.treaty_code


_PLAIN = (
    "treaty_name",
    "kind",
    "reinsurer_name",
    "line",
    "position",
    "cession_percent",
    "commission_percent",
    "retention",
    "layer_limit",
    "aggregate_limit",
    "premium_percent",
    "contract_number",
    "inures",
    "net_premium_base",
    "surplus_lines",
    "profit_percent",
    "profit_expense_percent",
    "reinstatement_time",
    "layer_premium",
    "hours",
    "deposit_premium",
    "deposit_instalments",
    "minimum_premium",
    "follows",
    "deficit_years",
)


def _values(terms: Draft) -> dict[str, Any]:
    """Return the columns of a draft, with what follows from other terms."""
    values = {name: getattr(terms, name) for name in _PLAIN}
    if terms.kind == rules.SURPLUS:
        values["layer_limit"] = terms.retention * terms.surplus_lines
    if terms.reinstatements:
        values["aggregate_limit"] = terms.layer_limit * (1 + len(terms.reinstatements))
    return values | {
        "period": DateRange(terms.start, terms.end),
        "scale": [[str(ratio), str(rate)] for ratio, rate in terms.scale],
        "reinstatements": [str(percent) for percent in terms.reinstatements],
        "panel": [[name.strip(), str(percent)] for name, percent in terms.panel],
        "made_by": current().actor,
    }


@transaction.atomic
def sign(treaty_code: str) -> None:
    """Put a drafted treaty in force for its period.

    Raises:
        NotFound, IllegalTransition, SamePerson, OverlappingLayer, TooMuchCeded.
        LossesPaid: a loss of its line and period has been paid without it.
    """
    treaty = _locked(treaty_code)
    if treaty.made_by == current().actor:
        raise SamePerson(
            _("%(maker)s drafted %(code)s: someone else signs it.")
            % {"maker": treaty.made_by, "code": treaty_code}
        )
    _check_neighbours(terms_of(treaty), treaty.line)
    paid = CededLoss.objects.filter(
        line=treaty.line,
        loss_date__gte=treaty.period.lower,
        loss_date__lt=treaty.period.upper,
    )
    if treaty.kind == rules.FACULTATIVE:
        paid = paid.filter(contract_number=treaty.contract_number)
    first = paid.order_by("loss_date").first()
    if first is not None:
        raise LossesPaid(
            _(
                "The loss of %(day)s (%(claim)s) has been paid without this treaty; let its"
                " period begin after the last such loss."
            )
            % {"day": first.loss_date, "claim": first.claim_number}
        )
    transition(treaty, Treaty.Status.SIGNED, checked_by=current().actor)


@transaction.atomic
def end(treaty_code: str, *, on: date, reason: str) -> None:
    """End a treaty before its time: losses from ``on`` are not covered; earlier ones stay so.

    Args:
        treaty_code: a signed treaty.
        on: first loss date not covered any more, within its period.
        reason: kept in the history.

    Raises:
        NotFound, IllegalTransition, BadTerms.
        LossesPaid: it has paid for a loss on or after that day.
    """
    treaty = _locked(treaty_code)
    if not (treaty.period.lower < on <= treaty.period.upper) or not reason.strip():
        raise BadTerms(_("The end lies within the treaty's period, and there is a reason for it."))
    losses = CededLoss.objects.filter(line=treaty.line, loss_date__gte=on)
    later = Recovery.objects.filter(treaty=treaty, payout_id__in=losses.values("pk"))
    if later.exists():
        raise LossesPaid(
            _("%(code)s has paid for losses on or after %(day)s.")
            % {"code": treaty_code, "day": on}
        )
    transition(
        treaty, Treaty.Status.ENDED, reason=reason, period=DateRange(treaty.period.lower, on)
    )


def lock_lines(lines: list[str]) -> None:
    """Keep the programmes of these lines as they are until the transaction ends."""
    for line in sorted(lines):
        _lock_line(line, shared=True)


def _lock_line(line: str, *, shared: bool) -> None:
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [f"reinsurance:{line}"])


def _locked(treaty_code: str) -> Treaty:
    line = Treaty.objects.filter(pk=treaty_code).values_list("line", flat=True).first()
    if line is None:
        raise NotFound(_("There is no treaty %(code)s.") % {"code": treaty_code})
    _lock_line(line, shared=False)
    return Treaty.objects.select_for_update().get(pk=treaty_code)


def _check_terms(terms: Draft) -> None:
    fault = _fault_in(terms)
    if fault:
        raise BadTerms(f"{terms.treaty_code}: {fault}")
    wrong = rules.fault_of_panel(terms.panel)
    if wrong or (terms.panel and terms.reinsurer_name not in dict(terms.panel)):
        raise PanelNotWhole(
            _(
                "%(code)s: signed lines are 100 %% together, each reinsurer once, the leader"
                " %(leader)s among them (%(wrong)s)."
            )
            % {
                "code": terms.treaty_code,
                "leader": terms.reinsurer_name,
                "wrong": wrong or ", ".join(name for name, _percent in terms.panel),
            }
        )


def _fault_in(terms: Draft) -> str:
    if terms.start >= terms.end:
        return _("the period ends after it begins.")
    if terms.kind not in rules.ORDER:
        return _("this kind of treaty is not known.")
    percents = (
        terms.commission_percent,
        terms.premium_percent,
        terms.profit_percent,
        terms.profit_expense_percent,
    )
    if terms.aggregate_limit < 0 or any(not 0 <= percent <= 100 for percent in percents):
        return _("percents lie between 0 and 100, limits are not below zero.")
    return _fault_of_kind(terms) or _fault_of_extras(terms)


def _fault_of_kind(terms: Draft) -> str:
    if (terms.kind == rules.FACULTATIVE) != bool(terms.contract_number):
        return _("a facultative cession, and only that, names its contract.")
    if terms.kind in (rules.QUOTA_SHARE, rules.FACULTATIVE):
        if not 0 < terms.cession_percent <= 100:
            return _("a quota share cedes more than 0 and at most 100 percent.")
        if terms.retention or terms.layer_limit:
            return _("a quota share has no retention and no layer.")
        return ""
    if terms.cession_percent:
        return _("an excess cedes no percent of a loss.")
    if terms.kind == rules.SURPLUS:
        if terms.retention <= 0 or terms.surplus_lines <= 0:
            return _("a surplus has a retained line and a number of lines above zero.")
    elif terms.retention <= 0 or terms.layer_limit <= 0:
        return _("an excess has a retention and a limit above zero.")
    if (terms.kind == rules.CATASTROPHE) != (terms.hours > 0):
        return _("a catastrophe excess, and only that, has an hours clause.")
    return ""


def _fault_of_extras(terms: Draft) -> str:
    wrong = rules.fault_of_scale([(float(r), float(c)) for r, c in terms.scale])
    if terms.scale and (wrong or terms.kind not in rules.PROPORTIONAL):
        return _(
            "a sliding scale belongs to a proportional treaty; loss ratios rise and rates fall"
            " (%(point)s)."
        ) % {"point": wrong or terms.kind}
    return _fault_of_deposit(terms) or _fault_of_reinstatements(terms)


def _fault_of_deposit(terms: Draft) -> str:
    given = (terms.deposit_premium, terms.minimum_premium, terms.deposit_instalments)
    if any(given) and not (
        terms.kind in (rules.EXCESS, rules.CATASTROPHE, rules.STOP_LOSS)
        and terms.deposit_premium > 0
        and terms.minimum_premium >= 0
        and 1 <= terms.deposit_instalments <= 12
        and not terms.net_premium_base
    ):
        return _(
            "a deposit premium belongs to a layer on the line's whole premium; it has one to twelve"
            " instalments, and a minimum premium stands beside it."
        )
    if (terms.deficit_years > 0) != bool(terms.follows) or terms.follows == terms.treaty_code:
        return _("a deficit is carried forward from the treaty that this one renews: name both.")
    if terms.follows and not Treaty.objects.filter(pk=terms.follows, line=terms.line).exists():
        return _("there is no treaty %(code)s of this portfolio to renew.") % {
            "code": terms.follows
        }
    return ""


def _fault_of_reinstatements(terms: Draft) -> str:
    if not terms.reinstatements:
        return ""
    if terms.kind not in (rules.EXCESS, rules.CATASTROPHE) or terms.layer_premium <= 0:
        return _("reinstatements belong to a layer with a premium that they are priced on.")
    if any(not 0 <= percent <= 1000 for percent in terms.reinstatements):
        return _("a reinstatement costs 0 to 1,000 percent of the layer's premium.")
    return ""


def _check_neighbours(new: rules.Terms, line: str) -> None:
    others = Treaty.objects.filter(line=line, status__in=["SIGNED", "ENDED"]).exclude(pk=new.code)
    signed = [terms_of(treaty) for treaty in others]
    layer = rules.overlapping(new, signed)
    if layer is not None:
        raise OverlappingLayer(
            _("%(new)s overlaps %(code)s: %(limit)s in excess of %(retention)s won.")
            % {
                "new": new.code,
                "code": layer.code,
                "limit": f"{layer.limit:,.0f}",
                "retention": f"{layer.retention:,.0f}",
            }
        )
    near = [t for t in signed if t.start < new.end and new.start < t.end]
    share, day = rules.highest_share([new, *near], contract=new.contract)
    if share > 100:
        raise TooMuchCeded(
            _("From %(day)s the quota shares would cede %(percent)s %%, together with %(codes)s.")
            % {
                "day": day,
                "percent": f"{share.normalize():f}",
                "codes": ", ".join(
                    t.code for t in near if t.percent and t.contract == new.contract
                ),
            }
        )
