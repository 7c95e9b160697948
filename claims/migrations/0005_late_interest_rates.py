"""Late interest as dated data: the policy-loan rate and the steps of the standard terms."""

from datetime import date
from decimal import Decimal

from django.db import migrations

STEPS = [
    {"from_day": 1, "add": "0"},
    {"from_day": 31, "add": "4"},
    {"from_day": 61, "add": "6"},
    {"from_day": 91, "add": "8"},
]


def load(apps, schema_editor):
    """Load the first rate, open on both ends of the company's history."""
    rate = apps.get_model("claims", "LateInterestRate")
    rate.objects.create(
        period=(date(1990, 1, 1), None),
        base_rate=Decimal("4.5"),
        steps=STEPS,
        source="표준약관 부표 「보험금을 지급할 때의 적립이율 계산」; 회사 보험계약대출이율 4.5%",
        made_by="system:claims-data",
        approved_by="system:claims-approval",
    )


def unload(apps, schema_editor):
    """Take it away again."""
    apps.get_model("claims", "LateInterestRate").objects.filter(
        made_by="system:claims-data"
    ).delete()


class Migration(migrations.Migration):
    dependencies = [("claims", "0004_payout_guards")]

    operations = [migrations.RunPython(load, unload)]
