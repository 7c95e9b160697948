"""People who log in, and what they were granted."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards


class User(AbstractUser):
    """Someone who works here; roles are granted for periods, scope follows from them."""

    class Density(models.TextChoices):
        """How close the rows stand."""

        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    class Theme(models.TextChoices):
        """Light, dark, or as the system says."""

        AUTO = "auto", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    display_name = models.CharField(max_length=50, blank=True)
    branch_code = models.CharField(max_length=20, blank=True, help_text="Unit that they belong to.")
    own_number = models.CharField(
        max_length=20, blank=True, help_text="Business number of the person, where they have one."
    )
    language = models.CharField(max_length=5, default="ko")
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMPACT)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_theme_known", condition=models.Q(theme__in=["auto", "light", "dark"])
            ),
            models.CheckConstraint(
                name="user_density_known",
                condition=models.Q(density__in=["comfortable", "compact"]),
            ),
        ]
        triggers = guards.audited(exclude=("password", "last_login"))

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def initial(self) -> str:
        """The letter in the round mark at the top."""
        return str(self)[:1].upper()


class RoleGrant(models.Model):
    """A role that a person holds during ``period`` [start, end)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=40, help_text="A key of config.roles.ROLES.")
    period = DateRangeField()
    granted_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=200)

    class Meta:
        db_table = "core_role_grants"
        constraints = [
            ExclusionConstraint(
                name="role_granted_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class SavedView(models.Model):
    """A list's filters that someone named and kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    query = models.TextField(help_text="Query string of the list.")

    class Meta:
        db_table = "core_saved_views"
        constraints = [
            models.UniqueConstraint("user", "page", "name", name="saved_view_named_once")
        ]

    def __str__(self) -> str:
        return self.name


class Operation(models.Model):
    """A form that was carried out: its hidden id, so that a repeated POST does nothing more."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", null=True)
    path = models.CharField(max_length=200)
    result_url = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_operations"

    def __str__(self) -> str:
        return f"{self.path} {self.id}"
