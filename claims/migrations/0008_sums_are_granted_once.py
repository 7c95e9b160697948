"""The sum of a coverage is granted once: in the contract's life, or for each accident."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from django.db.models import F, Q

# What was granted before: the trace has the sum and the rule, the rule says how often it is given.
BACKFILL = """
    UPDATE claim_adjustments a SET
        limit_sum = greatest(coalesce((a.trace ->> 'granted')::numeric, 0), a.coverage_limit),
        limit_scope = CASE WHEN EXISTS (
            SELECT 1 FROM product_rules r, jsonb_array_elements(r.rule_value -> 'coverages') v
            WHERE r.rule_id = (a.trace ->> 'rule_id')::bigint
                AND v ->> 'code' = a.coverage_code AND v ->> 'per_event' = 'ONCE'
        ) THEN 'CONTRACT' ELSE c.accident_no END
    FROM claim_receptions c WHERE c.reception_id = a.reception_id
"""
GUARD = """
    CREATE FUNCTION claim_sums_granted_once() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        breach text;
    BEGIN
        PERFORM 1 FROM contracts WHERE contract_id IN (
            SELECT c.contract_id FROM new_rows n JOIN claim_receptions c USING (reception_id)
            WHERE n.status = 'APPROVED'
        ) ORDER BY contract_id FOR UPDATE;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
        SELECT c.contract_id || ' ' || a.coverage_code INTO breach
        FROM claim_adjustments a JOIN claim_receptions c USING (reception_id)
        WHERE a.status = 'APPROVED' AND (c.contract_id, a.coverage_code, a.limit_scope) IN (
            SELECT m.contract_id, n.coverage_code, n.limit_scope
            FROM new_rows n JOIN claim_receptions m USING (reception_id)
            WHERE n.status = 'APPROVED'
        )
        GROUP BY c.contract_id, a.coverage_code, a.limit_scope
        HAVING sum(a.payable) > max(a.limit_sum) LIMIT 1;
        IF breach IS NOT NULL THEN
            RAISE EXCEPTION 'approvals exceed the sum of a coverage: %', breach
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER claim_sums_granted_once_insert AFTER INSERT ON claim_adjustments
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
        EXECUTE FUNCTION claim_sums_granted_once();
    CREATE TRIGGER claim_sums_granted_once_update AFTER UPDATE ON claim_adjustments
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
        EXECUTE FUNCTION claim_sums_granted_once();
"""
UNGUARD = """
    DROP TRIGGER claim_sums_granted_once_update ON claim_adjustments;
    DROP TRIGGER claim_sums_granted_once_insert ON claim_adjustments;
    DROP FUNCTION claim_sums_granted_once();
"""

class Migration(migrations.Migration):
    dependencies = [("claims", "0007_labels"), ("contracts", "0011_reserve_totals")]

    operations = [
        migrations.AddField(
            "adjustment",
            "limit_scope",
            models.CharField(
                default="",
                help_text="What shares one sum: CONTRACT (given once in its life), or the"
                " accident.",
                max_length=40,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "adjustment",
            "limit_sum",
            models.DecimalField(
                decimal_places=2,
                default=0,
                help_text="Sum of the coverage for that scope, before anything was granted out"
                " of it.",
                max_digits=18,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "adjustment",
            models.CheckConstraint(
                name="limit_within_its_sum", condition=Q(coverage_limit__lte=F("limit_sum"))
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
        pgtrigger.migrations.AddTrigger(
            model_name='adjustment',
            trigger=pgtrigger.compiler.Trigger(name='adjustment_is_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."reception_id" IS DISTINCT FROM (NEW."reception_id") OR OLD."coverage_code" IS DISTINCT FROM (NEW."coverage_code") OR OLD."limit_scope" IS DISTINCT FROM (NEW."limit_scope") OR OLD."limit_sum" IS DISTINCT FROM (NEW."limit_sum") OR OLD."payable" IS DISTINCT FROM (NEW."payable"))', func="RAISE EXCEPTION '% of claim_adjustments: reception_id, coverage_code, payable, limit_scope, limit_sum are fixed', OLD.id USING ERRCODE = 'restrict_violation';", hash='26ffa2556896d4455a55addb311a98204ebbdbcf', operation='UPDATE', pgid='pgtrigger_adjustment_is_fixed_2d346', table='claim_adjustments', when='BEFORE')),
        ),
    ]
