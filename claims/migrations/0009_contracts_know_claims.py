"""Contracts learn of the claims that were received before they listened."""

from django.db import migrations

TELL = """
    INSERT INTO contract_claims (reception_id, contract_id, status)
    SELECT reception_id, contract_id, CASE
        WHEN status = 'PAID' THEN 'PAID'
        WHEN status IN ('REJECTED', 'WITHDRAWN') THEN 'CLOSED' ELSE 'OPEN' END
    FROM claim_receptions ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0008_sums_are_granted_once"),
        ("contracts", "0013_claims_and_late_withdrawals"),
    ]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
