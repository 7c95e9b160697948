"""What a model learned never changes after it was written; tier policy 1."""

from django.db import migrations

FIXED = """
    CREATE FUNCTION fds_models_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.artefact, NEW.encoder, NEW.calibrator, NEW.sha256, NEW.metrics, NEW.feature_set)
            IS DISTINCT FROM
            (OLD.artefact, OLD.encoder, OLD.calibrator, OLD.sha256, OLD.metrics, OLD.feature_set)
        THEN
            RAISE EXCEPTION 'model % is fixed: train a new one', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fds_models_fixed BEFORE UPDATE ON fds_models
        FOR EACH ROW EXECUTE FUNCTION fds_models_fixed();
    UPDATE fds_watchlist SET approved_at = created_at WHERE approved_by <> '';
"""
LOOSE = """
    DROP TRIGGER fds_models_fixed ON fds_models;
    DROP FUNCTION fds_models_fixed();
"""


def load(apps, schema_editor):
    """Load the first policy: the specification's 70, and the top shares of the research."""
    apps.get_model("fds", "TierPolicy").objects.create(
        version=1,
        siu_score=70,
        watch_score=40,
        siu_top="0.02",
        watch_top="0.10",
        recovery_percent=100,
        cost=0,
        audit_share="0.01",
        active=True,
        made_by="system:fds-rules",
        approved_by="system:fds-approval",
    )


def unload(apps, schema_editor):
    """Take it away."""
    apps.get_model("fds", "TierPolicy").objects.filter(version=1).delete()


class Migration(migrations.Migration):
    dependencies = [("fds", "0007_learning_and_network")]

    operations = [migrations.RunSQL(FIXED, LOOSE), migrations.RunPython(load, unload)]
