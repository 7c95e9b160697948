"""Rule set 2: the specification's three rules count, R04 to R23 are written down in shadow."""

from django.db import migrations

RULES = [
    ("R04", "BEFORE_COVER", "소급 사고: 보장개시 전 사고", 70, {}),
    ("R05", "MANY_CONTRACTS", "단기 집중가입: 180일 내 5건 이상", 20, {"at_least": 5}),
    ("R06", "HIGH_DAILY_BENEFIT", "입원일당 과다: 합계 20만원 이상", 10, {"won": 200000}),
    (
        "R07",
        "HOSPITAL_HOPPING",
        "메뚜기 입원: 1년 3회·3개 병원·90일 이상(경증)",
        30,
        {"admissions": 3, "hospitals": 3, "days": 90},
    ),
    ("R08", "OVERLAPPING_STAY", "중복 입원: 다른 병원과 기간 겹침", 40, {"at_least": 1}),
    ("R09", "LONG_STAY", "장기 입원: 동일 상병 상위 5% 초과", 20, {"peers": 30}),
    ("R10", "COMPANIONS", "가족·동거인 동반 입원: 7일 내 같은 병원", 20, {"at_least": 1}),
    (
        "R11",
        "AGENT_AND_PROVIDER",
        "설계사·병원 쏠림: 우연 대비 5배 이상",
        30,
        {"claims": 5, "lift": 5, "people": 3},
    ),
    ("R12", "PROVIDER_SURGE", "병원 집중: 동종 대비 z 3 이상", 20, {"z": 3}),
    (
        "R13",
        "STAGED_COLLISION",
        "고의 충돌 의심: 1년 3회·상대과실 70% 이상·소액",
        40,
        {"accidents": 3, "fault_percent": 70, "most_won": 2000000},
    ),
    ("R14", "MET_AGAIN", "역할 교대: 같은 사람끼리 다른 사고에서 다시 만남", 40, {"at_least": 1}),
    ("R15", "SHARED_CONTACT", "계좌·전화 공유: 3명 이상", 40, {"people": 3, "degree": 20}),
    ("R16", "RING", "조직: 5명 이상 연결, 사기 확정 2건 이상", 40, {"people": 5, "frauds": 2}),
    (
        "R17",
        "LATE_REPORT",
        "지연 신고: 사고 후 30일 또는 첫 진료 7일 경과",
        10,
        {"report_days": 30, "treatment_days": 7},
    ),
    ("R18", "DISGUISED_BILL", "비급여 둔갑: 동종 상위 1% 또는 소급 영수증 5장", 30, {"peers": 30, "bills": 5}),
    ("R19", "REUSED_DOCUMENT", "서류 재사용: 다른 청구에 같은 서류", 40, {"at_least": 1}),
    ("R20", "NEAR_LIMIT", "한도 직하: 간편청구 한도 95% 이상 1년 3회", 20, {"at_least": 3}),
    ("R21", "AFTER_OVERDUE", "연체 직후: 연체 납입·부활 후 14일 이내", 20, {"days": 14}),
    ("R22", "NEW_BENEFICIARY", "수익자 변경: 변경 후 90일 이내 사망", 40, {"days": 90}),
    ("R23", "SUSPECTED_BEFORE", "전력: 5년 내 혐의 이상 이력", 30, {"at_least": 1}),
]


def load(apps, schema_editor):
    """Copy the first set's rules, add the others in shadow, and let the whole run in shadow."""
    sets, rules = apps.get_model("fds", "RuleSet"), apps.get_model("fds", "Rule")
    first = sets.objects.get(version=1)
    made = sets.objects.create(
        version=2,
        name="명세 3규칙 + 연구 규칙 그림자(R04~R23)",
        threshold=first.threshold,
        status="DRAFT",
        made_by="system:fds-rules",
    )
    rules.objects.bulk_create(
        rules(ruleset=made, code=r.code, tag=r.tag, title=r.title, points=r.points, params=r.params)
        for r in rules.objects.filter(ruleset=first)
    )
    rules.objects.bulk_create(
        rules(
            ruleset=made,
            code=code,
            tag=tag,
            title=title,
            points=points,
            params=params,
            mode="SHADOW",
        )
        for code, tag, title, points, params in RULES
    )
    sets.objects.filter(version=2).update(status="SHADOW")


def unload(apps, schema_editor):
    """Take it away, where nothing was written down by it."""
    schema_editor.execute("ALTER TABLE fds_rules DISABLE TRIGGER fds_rules_fixed")
    apps.get_model("fds", "Rule").objects.filter(ruleset_id=2).delete()
    schema_editor.execute("ALTER TABLE fds_rules ENABLE TRIGGER fds_rules_fixed")
    apps.get_model("fds", "RuleSet").objects.filter(version=2).delete()


class Migration(migrations.Migration):
    dependencies = [("fds", "0009_gates_and_scores_hold")]

    operations = [migrations.RunPython(load, unload)]
