"""A case that a model, the network or the audit opened leaves the gate alone until a person decides.

Only the rules' own score asks for a decision before payment; a fraud that a person established
closes the gate of a claim that is still open (보험사기방지특별법 §5②).
"""

from django.db import migrations

ASKS = """(k.origin = 'RULES' OR (k.status = 'CONFIRMED'
    AND {claim}.status IN ('RECEIVED', 'INVESTIGATING', 'APPROVED')))"""
FUNCTIONS = """
    CREATE OR REPLACE FUNCTION fds_gate_may_be_clear() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong text;
    BEGIN
        SELECT n.reception_id INTO wrong
        FROM new_rows n JOIN old_rows o USING (reception_id)
        WHERE n.fds_gate = 'CLEAR' AND o.fds_gate <> 'CLEAR' AND (
            EXISTS (SELECT 1 FROM fds_holds h
                WHERE h.reception_id = n.reception_id AND h.released_on IS NULL)
            OR EXISTS (SELECT 1 FROM fds_cases k
                WHERE k.reception_id = n.reception_id AND k.status <> 'CLEARED' AND {new})
            OR NOT EXISTS (SELECT 1 FROM fds_analysis a WHERE a.reception_id = n.reception_id)
        ) LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'claim % is held, under review or unscored: its gate cannot be CLEAR',
                wrong USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION fds_gate_is_not_clear() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM claim_receptions c
            WHERE c.reception_id = NEW.reception_id AND c.fds_gate = 'CLEAR' AND (
                EXISTS (SELECT 1 FROM fds_holds h
                    WHERE h.reception_id = c.reception_id AND h.released_on IS NULL)
                OR EXISTS (SELECT 1 FROM fds_cases k
                    WHERE k.reception_id = c.reception_id AND k.status <> 'CLEARED' AND {old}))
        ) THEN
            RAISE EXCEPTION 'claim % has a hold or an open case beside a CLEAR gate',
                NEW.reception_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
"""
RULES_ONLY = FUNCTIONS.format(new=ASKS.format(claim="n"), old=ASKS.format(claim="c"))
EVERY_CASE = FUNCTIONS.format(new="true", old="true")


class Migration(migrations.Migration):
    dependencies = [("fds", "0011_only_what_counts_is_approved")]

    operations = [migrations.RunSQL(RULES_ONLY, EVERY_CASE)]
