"""In the C collation an ordinary index serves prefixes too; these cost and serve nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sales", "0005_audit_counts_first")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX IF EXISTS sales_records_contract_id_80f6e891_like",
            "CREATE INDEX sales_records_contract_id_80f6e891_like ON sales_records (contract_id varchar_pattern_ops)",
        ),
    ]
