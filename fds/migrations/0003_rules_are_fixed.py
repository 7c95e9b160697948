"""Rules of a set that was once active never change: scores of the past must stay explicable."""

from django.db import migrations

FIXED = """
    CREATE FUNCTION fds_rules_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM fds_rulesets s
            WHERE s.version = coalesce(NEW.ruleset_id, OLD.ruleset_id) AND s.status <> 'DRAFT'
        ) THEN
            RAISE EXCEPTION 'rules of version % are fixed: make a new version',
                coalesce(NEW.ruleset_id, OLD.ruleset_id) USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
    CREATE TRIGGER fds_rules_fixed BEFORE INSERT OR UPDATE OR DELETE ON fds_rules
        FOR EACH ROW EXECUTE FUNCTION fds_rules_fixed();
    CREATE FUNCTION fds_threshold_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> 'DRAFT' AND NEW.threshold <> OLD.threshold THEN
            RAISE EXCEPTION 'the threshold of version % is fixed: make a new version', OLD.version
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fds_threshold_fixed BEFORE UPDATE OF threshold ON fds_rulesets
        FOR EACH ROW EXECUTE FUNCTION fds_threshold_fixed();
"""
LOOSE = """
    DROP TRIGGER fds_threshold_fixed ON fds_rulesets;
    DROP FUNCTION fds_threshold_fixed();
    DROP TRIGGER fds_rules_fixed ON fds_rules;
    DROP FUNCTION fds_rules_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("fds", "0002_case_amounts_and_proposed_watch")]

    operations = [migrations.RunSQL(FIXED, LOOSE)]
