"""In the C collation an ordinary index serves prefixes too; these cost and serve nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contracts", "0006_audit_counts_first")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS contracts_contract_id_8037d477_like",
            "CREATE INDEX contracts_contract_id_8037d477_like ON contracts (contract_id varchar_pattern_ops)",
        ),
        migrations.RunSQL(
            "DROP INDEX IF EXISTS contracts_application_id_d177ecca_like",
            "CREATE INDEX contracts_application_id_d177ecca_like ON contracts (application_id varchar_pattern_ops)",
        ),
    ]
