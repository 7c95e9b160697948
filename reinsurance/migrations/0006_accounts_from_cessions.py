"""The accounts current begin with the premium that was ceded before there were any."""

from django.db import migrations

_FORWARD = """
    INSERT INTO reinsurance_account_entries
        (treaty_id, reinsurer_name, line, kind, entry_date, amount, reference, trace)
    SELECT c.treaty_id, t.reinsurer_name, t.line, v.kind,
        (date_trunc('month', (c.month || '-01')::date) + interval '1 month - 1 day')::date,
        v.amount, c.month, '{}'
    FROM premium_cessions c
    JOIN reinsurance_treaties t ON t.treaty_code = c.treaty_id,
    LATERAL (VALUES ('PREMIUM', c.ceded_premium), ('COMMISSION', -c.commission)) v(kind, amount)
    WHERE v.amount <> 0
"""


class Migration(migrations.Migration):
    """Fill the new accounts."""

    dependencies = [("reinsurance", "0005_programmes_accounts_and_events")]
    operations = [migrations.RunSQL(_FORWARD, migrations.RunSQL.noop)]
