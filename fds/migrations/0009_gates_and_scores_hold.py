"""A gate is clear only of a scored claim without hold and open case; scores only rise.

Planted by plain SQL, each of these would make a held claim payable: the gate moved past its hold
or case, a hold or case taken away or changed under a clear gate, a score lowered.
"""

from django.db import migrations

GATE = """
    CREATE FUNCTION fds_gate_may_be_clear() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong text;
    BEGIN
        SELECT n.reception_id INTO wrong
        FROM new_rows n JOIN old_rows o USING (reception_id)
        WHERE n.fds_gate = 'CLEAR' AND o.fds_gate <> 'CLEAR' AND (
            EXISTS (SELECT 1 FROM fds_holds h
                WHERE h.reception_id = n.reception_id AND h.released_on IS NULL)
            OR EXISTS (SELECT 1 FROM fds_cases k
                WHERE k.reception_id = n.reception_id AND k.status <> 'CLEARED')
            OR NOT EXISTS (SELECT 1 FROM fds_analysis a WHERE a.reception_id = n.reception_id)
        ) LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'claim % is held, under review or unscored: its gate cannot be CLEAR',
                wrong USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER fds_gate_may_be_clear AFTER UPDATE ON claim_receptions
        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
        EXECUTE FUNCTION fds_gate_may_be_clear();
"""
NO_GATE = """
    DROP TRIGGER fds_gate_may_be_clear ON claim_receptions;
    DROP FUNCTION fds_gate_may_be_clear();
"""
# Deferred: a hold or case is written before or after its claim's gate moves, in one transaction.
UNDER = """
    CREATE FUNCTION fds_gate_is_not_clear() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM claim_receptions c
            WHERE c.reception_id = NEW.reception_id AND c.fds_gate = 'CLEAR' AND (
                EXISTS (SELECT 1 FROM fds_holds h
                    WHERE h.reception_id = c.reception_id AND h.released_on IS NULL)
                OR EXISTS (SELECT 1 FROM fds_cases k
                    WHERE k.reception_id = c.reception_id AND k.status <> 'CLEARED'))
        ) THEN
            RAISE EXCEPTION 'claim % has a hold or an open case beside a CLEAR gate',
                NEW.reception_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER fds_hold_closes_the_gate AFTER INSERT OR UPDATE ON fds_holds
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.released_on IS NULL)
        EXECUTE FUNCTION fds_gate_is_not_clear();
    CREATE CONSTRAINT TRIGGER fds_case_closes_the_gate AFTER INSERT OR UPDATE ON fds_cases
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status <> 'CLEARED')
        EXECUTE FUNCTION fds_gate_is_not_clear();
    CREATE FUNCTION fds_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are kept, and stay with their claim', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER fds_is_kept BEFORE DELETE ON fds_holds
        FOR EACH STATEMENT EXECUTE FUNCTION fds_is_kept();
    CREATE TRIGGER fds_is_kept BEFORE DELETE ON fds_cases
        FOR EACH STATEMENT EXECUTE FUNCTION fds_is_kept();
    CREATE TRIGGER fds_is_kept BEFORE DELETE ON fds_analysis
        FOR EACH STATEMENT EXECUTE FUNCTION fds_is_kept();
    CREATE TRIGGER fds_stays_with_its_claim BEFORE UPDATE OF reception_id ON fds_holds
        FOR EACH ROW WHEN (NEW.reception_id <> OLD.reception_id) EXECUTE FUNCTION fds_is_kept();
    CREATE TRIGGER fds_stays_with_its_claim BEFORE UPDATE OF reception_id ON fds_cases
        FOR EACH ROW WHEN (NEW.reception_id <> OLD.reception_id) EXECUTE FUNCTION fds_is_kept();
    CREATE TRIGGER fds_stays_with_its_claim BEFORE UPDATE OF reception_id ON fds_analysis
        FOR EACH ROW WHEN (NEW.reception_id <> OLD.reception_id) EXECUTE FUNCTION fds_is_kept();
"""
NOT_UNDER = """
    DROP TRIGGER fds_stays_with_its_claim ON fds_analysis;
    DROP TRIGGER fds_stays_with_its_claim ON fds_cases;
    DROP TRIGGER fds_stays_with_its_claim ON fds_holds;
    DROP TRIGGER fds_is_kept ON fds_analysis;
    DROP TRIGGER fds_is_kept ON fds_cases;
    DROP TRIGGER fds_is_kept ON fds_holds;
    DROP FUNCTION fds_is_kept();
    DROP TRIGGER fds_case_closes_the_gate ON fds_cases;
    DROP TRIGGER fds_hold_closes_the_gate ON fds_holds;
    DROP FUNCTION fds_gate_is_not_clear();
"""
SCORES = """
    CREATE FUNCTION fds_scores_only_rise() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.risk_score < OLD.risk_score OR (OLD.is_suspicious AND NOT NEW.is_suspicious)
            OR NEW.risk_score < (SELECT max(e.risk_score) FROM fds_evaluations e
                WHERE e.reception_id = NEW.reception_id)
        THEN
            RAISE EXCEPTION 'the score of claim % only rises', OLD.reception_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fds_scores_only_rise BEFORE UPDATE OF risk_score, is_suspicious ON fds_analysis
        FOR EACH ROW EXECUTE FUNCTION fds_scores_only_rise();
"""
NO_SCORES = """
    DROP TRIGGER fds_scores_only_rise ON fds_analysis;
    DROP FUNCTION fds_scores_only_rise();
"""


class Migration(migrations.Migration):
    dependencies = [("fds", "0008_models_are_fixed"), ("claims", "0007_labels")]

    operations = [
        migrations.RunSQL(GATE, NO_GATE),
        migrations.RunSQL(UNDER, NOT_UNDER),
        migrations.RunSQL(SCORES, NO_SCORES),
    ]
