"""Who and what belongs to a claim: declared facts, parties by keyed hash, rings of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards


class ClaimFacts(models.Model):
    """What was declared with a claim beyond its reception; names as in ``rules.facts``."""

    claim = models.ForeignKey(
        "claims.Claim", models.PROTECT, related_name="+", db_column="reception_id"
    )
    facts = models.JSONField(help_text="Name → number, text or ISO day.")
    source = models.CharField(max_length=40)
    known_at = models.DateTimeField(help_text="When the company came to know it.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_claim_facts"
        triggers = [guards.AppendOnly(name="claim_facts_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.source}"


class PartyLink(models.Model):
    """A party of a claim: a person, phone, account, address, vehicle, document or provider.

    The value is a keyed HMAC of what was given: equal values meet, nobody can read them back.
    """

    class Kind(models.TextChoices):
        """What links claims."""

        CUSTOMER = "CUSTOMER", _("Insured person")
        PERSON = "PERSON", _("Other person of the accident")
        PHONE = "PHONE", _("Telephone")
        ACCOUNT = "ACCOUNT", _("Payout account")
        ADDRESS = "ADDRESS", _("Address")
        VEHICLE = "VEHICLE", _("Vehicle")
        DOCUMENT = "DOCUMENT", _("Document")
        PROVIDER = "PROVIDER", _("Hospital or garage")
        AGENT = "AGENT", _("Agent who sold")

    claim = models.ForeignKey(
        "claims.Claim",
        models.PROTECT,
        related_name="+",
        db_column="reception_id",
        db_index=False,
    )
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=64, help_text="Keyed HMAC-SHA-256, hex.")
    role = models.CharField(max_length=20, blank=True, help_text="DRIVER, PASSENGER, VICTIM, …")
    reported_at = models.DateTimeField(help_text="Report of the claim: its place in the order.")
    known_at = models.DateTimeField(help_text="When the company came to know it.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_party_links"
        constraints = [
            models.UniqueConstraint("claim", "kind", "value", name="party_once_per_claim"),
            models.CheckConstraint(
                name="party_kind_known",
                condition=Q(
                    kind__in=[
                        "CUSTOMER",
                        "PERSON",
                        "PHONE",
                        "ACCOUNT",
                        "ADDRESS",
                        "VEHICLE",
                        "DOCUMENT",
                        "PROVIDER",
                        "AGENT",
                    ]
                ),
            ),
        ]
        indexes = [models.Index(fields=["value", "reported_at"], name="party_by_value")]
        triggers = [guards.AppendOnly(name="party_links_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.kind}"


class NetworkRun(models.Model):
    """One reading of the whole network for a day: what reads of later days may build on."""

    class Kind(models.TextChoices):
        """What was worked out."""

        COMPONENTS = "COMPONENTS", _("Who is held together")
        RANKS = "RANKS", _("Who stands near fraud")

    kind = models.CharField(max_length=10, choices=Kind)
    as_of = models.DateField(help_text="Reports and outcomes up to this day, included.")
    claims = models.PositiveIntegerField()
    links = models.PositiveIntegerField()
    found = models.PositiveIntegerField(help_text="Components or parties that were written.")
    rings = models.PositiveIntegerField(help_text="Components that look like a ring, of all.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_network_runs"
        constraints = [
            models.UniqueConstraint("kind", "as_of", name="network_run_once_a_day"),
            models.CheckConstraint(
                name="network_run_kind_known", condition=Q(kind__in=["COMPONENTS", "RANKS"])
            ),
        ]
        triggers = [guards.AppendOnly(name="network_runs_append_only")]

    def __str__(self) -> str:
        return f"{self.kind} {self.as_of}"


class PartyRisk(models.Model):
    """How near a party stands to established fraud in the network of a day (BiRank).

    A snapshot holds the parties from which a known fraud can be reached; all others have none.
    """

    as_of = models.DateField(help_text="Outcomes decided by this day were known.")
    value = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=PartyLink.Kind)
    claims = models.PositiveIntegerField()
    frauds = models.PositiveIntegerField()
    rank = models.DecimalField(
        max_digits=7, decimal_places=6, help_text="Share of parties below it, 0 to 1."
    )
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_party_risk"
        constraints = [
            models.UniqueConstraint("as_of", "value", name="party_risk_once_a_day"),
            models.CheckConstraint(
                name="party_risk_kind_known",
                condition=Q(
                    kind__in=[
                        "CUSTOMER",
                        "PERSON",
                        "PHONE",
                        "ACCOUNT",
                        "ADDRESS",
                        "VEHICLE",
                        "DOCUMENT",
                        "PROVIDER",
                        "AGENT",
                    ]
                ),
            ),
        ]
        triggers = [guards.AppendOnly(name="party_risk_append_only")]

    def __str__(self) -> str:
        return f"{self.as_of} {self.kind}"


class Component(models.Model):
    """People held together by shared phones, accounts, addresses, vehicles (hubs cut).

    A component is written on the day on which it appears or changes, with all its claims: what
    held on a day is, for each claim, the latest row up to it. One that fell apart is written with
    what is left, so that the earlier row no longer speaks.
    """

    as_of = models.DateField()
    number = models.PositiveIntegerField(help_text="1 for the largest of the day.")
    people = models.PositiveIntegerField()
    households = models.PositiveIntegerField(
        db_default=1, help_text="People of one small address are one."
    )
    claims = models.PositiveIntegerField()
    frauds = models.PositiveIntegerField(help_text="Established, known on the day.")
    short_term = models.PositiveIntegerField(help_text="People with claims within 30 days.")
    same_provider = models.PositiveIntegerField(
        help_text="Most households of newcomers at one provider within 60 days."
    )
    ties = models.IntegerField(
        db_default=0, help_text="Pairs of households that are strongly tied."
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Claimed, won.")
    flagged = models.BooleanField(help_text="Looks like a ring by ``rules.graphs.Group.flagged``.")
    links = ArrayField(models.CharField(max_length=8), help_text="Kinds of what is shared.")
    content = models.CharField(
        max_length=64, db_default="", help_text="SHA-256 of all this and its claims."
    )
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_components"
        constraints = [models.UniqueConstraint("as_of", "number", name="component_once_a_day")]
        indexes = [
            models.Index(fields=["-as_of"], condition=Q(flagged=True), name="component_rings")
        ]
        triggers = [guards.AppendOnly(name="components_append_only")]

    def __str__(self) -> str:
        return f"{self.as_of} #{self.number}"


class ComponentMember(models.Model):
    """A claim of a component."""

    component = models.ForeignKey(Component, models.PROTECT, related_name="members")
    claim = models.ForeignKey(
        "claims.Claim",
        models.PROTECT,
        related_name="+",
        db_column="reception_id",
        db_index=False,
    )
    person = models.CharField(max_length=64, help_text="HMAC of the insured person.")

    class Meta:
        db_table = "fds_component_members"
        constraints = [
            models.UniqueConstraint("component", "claim", name="claim_once_in_a_component")
        ]
        indexes = [models.Index(fields=["claim", "-component"], name="component_of_claim")]
        triggers = [guards.AppendOnly(name="component_members_append_only")]

    def __str__(self) -> str:
        return f"{self.component_id} {self.claim_id}"
