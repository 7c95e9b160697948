"""What came out of an inquiry, and what others have to do because of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .learning import Label
from .review import Case


class Outcome(models.Model):
    """The outcome of a case as a person wrote it down; it is never changed."""

    class Kind(models.TextChoices):
        """Sort of fraud, as the supervisor counts them (금융감독원 보험사기 적발통계)."""

        FALSE_ACCIDENT = "FALSE_ACCIDENT", _("Accident or illness that never was")
        STAGED = "STAGED", _("Accident on purpose")
        INFLATED = "INFLATED", _("Circumstances changed or loss inflated")
        OVERTREATED = "OVERTREATED", _("Stay or treatment without need")
        NONDISCLOSURE = "NONDISCLOSURE", _("Illness concealed when the contract was made")
        TWICE = "TWICE", _("Claimed twice")
        SOLICITED = "SOLICITED", _("Brokered or solicited")
        OTHER = "OTHER", _("Another sort")

    class Ground(models.TextChoices):
        """Why the benefit is not owed, or the police are told."""

        FRAUD = "FRAUD", _("Insurance fraud (Special Act §2, §8)")
        INTENT = "INTENT", _("Intent or gross negligence (Commercial Act §659)")
        DISCLOSURE = "DISCLOSURE", _("Breach of disclosure (Commercial Act §651)")
        INVALID = "INVALID", _("Fraudulent double or excess insurance (Commercial Act §669, §672)")
        MORALS = "MORALS", _("Against good morals (Civil Act §103)")
        TERMS = "TERMS", _("Excluded by the policy's terms")
        REFERRAL = "REFERRAL", _("Referral to the police (Special Act §6)")

    class FalseAlarm(models.TextChoices):
        """Why a suspicion was none; it teaches the rules."""

        EXPLAINED = "EXPLAINED", _("Circumstances explained by evidence")
        COARSE = "COARSE", _("The rule is too coarse here")
        FAMILY = "FAMILY", _("Shared contact of one household")
        BUSY = "BUSY", _("Busy provider without anything unusual")
        DATA = "DATA", _("Wrong data")

    case = models.OneToOneField(Case, models.PROTECT, related_name="outcome")
    state = models.CharField(max_length=9, choices=Label.State)
    kind = models.CharField(max_length=14, choices=Kind, blank=True)
    ground = models.CharField(max_length=10, choices=Ground, blank=True)
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Established damage, won."
    )
    evidence = models.TextField(blank=True)
    false_alarm = models.CharField(max_length=9, choices=FalseAlarm, blank=True)
    decided_on = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "fds_outcomes"
        constraints = [
            models.CheckConstraint(
                name="outcome_state_known",
                condition=Q(state__in=["INNOCENT", "DOUBTFUL", "REFERRED", "CONFIRMED", "CLOSED"]),
            ),
            models.CheckConstraint(
                name="outcome_kind_known",
                condition=Q(
                    kind__in=[
                        "",
                        "FALSE_ACCIDENT",
                        "STAGED",
                        "INFLATED",
                        "OVERTREATED",
                        "NONDISCLOSURE",
                        "TWICE",
                        "SOLICITED",
                        "OTHER",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="outcome_ground_known",
                condition=Q(
                    ground__in=[
                        "",
                        "FRAUD",
                        "INTENT",
                        "DISCLOSURE",
                        "INVALID",
                        "MORALS",
                        "TERMS",
                        "REFERRAL",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="outcome_false_alarm_known",
                condition=Q(false_alarm__in=["", "EXPLAINED", "COARSE", "FAMILY", "BUSY", "DATA"]),
            ),
            models.CheckConstraint(
                name="fraud_has_sort_ground_and_evidence",
                condition=~Q(state__in=["CONFIRMED", "REFERRED"])
                | (~Q(kind="") & ~Q(ground="") & ~Q(evidence="")),
            ),
            models.CheckConstraint(
                name="damage_only_of_fraud",
                condition=Q(state="CONFIRMED", amount__gt=0)
                | Q(state="REFERRED", amount__gte=0)
                | (~Q(state__in=["CONFIRMED", "REFERRED"]) & Q(amount=0)),
            ),
        ]
        triggers = [guards.AppendOnly(name="outcomes_append_only")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"


class Task(Timestamped):
    """What somebody else has to do because of an outcome."""

    class Kind(models.TextChoices):
        """What is to be done."""

        DENY = "DENY", _("Deny the benefit")
        REDUCE = "REDUCE", _("Reduce the benefit")
        REFUND = "REFUND", _("Tell victims that surcharged premiums are refunded")

    class Status(models.TextChoices):
        """Whether it was done."""

        OPEN = "OPEN", _("To be done")
        DONE = "DONE", _("Done")

    TRANSITIONS = {"OPEN": ("DONE",)}
    TONES = {"OPEN": "amber", "DONE": "green"}

    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=6, choices=Kind)
    text = models.TextField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0, help_text="Won.")
    made_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    made_by = models.CharField(max_length=150)
    done_by = models.CharField(max_length=150, blank=True)
    done_on = models.DateField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "fds_tasks"
        constraints = [
            models.UniqueConstraint("case", "kind", name="task_once_a_case"),
            models.CheckConstraint(
                name="task_kind_known", condition=Q(kind__in=["DENY", "REDUCE", "REFUND"])
            ),
            models.CheckConstraint(
                name="task_status_known", condition=Q(status__in=["OPEN", "DONE"])
            ),
            models.CheckConstraint(
                name="task_done_by_somebody",
                condition=Q(status="OPEN", done_by="", done_on=None)
                | (Q(status="DONE", done_on__isnull=False) & ~Q(done_by="") & ~Q(note="")),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(status="OPEN"), name="tasks_to_do")]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
