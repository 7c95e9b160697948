"""What is held has its cost and, for shares, its lot."""

from django.db import migrations

_FORWARD = """
    UPDATE investment_assets SET cost_held = purchase_price WHERE status IN ('HELD');
    INSERT INTO asset_lots (asset_id, bought_on, quantity, cost, quantity_left, cost_left)
    SELECT asset_id, purchase_date, quantity, purchase_price, quantity, purchase_price
    FROM investment_assets WHERE status IN ('HELD') AND asset_type = 'STOCK'
"""


class Migration(migrations.Migration):
    """Fill the new columns."""

    dependencies = [("investments", "0005_lots_credit_risk_and_limits")]
    operations = [migrations.RunSQL(_FORWARD, migrations.RunSQL.noop)]
