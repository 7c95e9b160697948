"""The database itself refuses: a payout of a gated claim, another sum than approved, a lone PAID."""

from django.db import migrations

GATE = """
    ALTER TABLE claim_payouts ADD CONSTRAINT payout_holds_the_gate_clear
        FOREIGN KEY (reception_id, gate) REFERENCES claim_receptions (reception_id, fds_gate)
"""
APPROVED = """
    ALTER TABLE claim_payouts ADD CONSTRAINT payout_is_what_was_approved
        FOREIGN KEY (adjustment_id, reception_id, payout_amount, adjustment_status)
        REFERENCES claim_adjustments (id, reception_id, payable, status)
"""
PAID = """
    CREATE FUNCTION claim_paid_iff_payout() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM claim_receptions c LEFT JOIN claim_payouts p USING (reception_id)
            WHERE c.reception_id = NEW.reception_id
                AND (c.status = 'PAID') <> (p.payout_id IS NOT NULL)
        ) THEN
            RAISE EXCEPTION 'claim % is PAID without a payout, or paid without being PAID',
                NEW.reception_id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER claim_paid_iff_payout AFTER UPDATE OF status ON claim_receptions
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.status = 'PAID' OR OLD.status = 'PAID')
        EXECUTE FUNCTION claim_paid_iff_payout();
    CREATE CONSTRAINT TRIGGER claim_paid_iff_payout AFTER INSERT ON claim_payouts
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION claim_paid_iff_payout();
"""
UNPAID = """
    DROP TRIGGER claim_paid_iff_payout ON claim_payouts;
    DROP TRIGGER claim_paid_iff_payout ON claim_receptions;
    DROP FUNCTION claim_paid_iff_payout();
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_clock_coverage_and_authority")]

    operations = [
        migrations.RunSQL(
            GATE, "ALTER TABLE claim_payouts DROP CONSTRAINT payout_holds_the_gate_clear"
        ),
        migrations.RunSQL(
            APPROVED, "ALTER TABLE claim_payouts DROP CONSTRAINT payout_is_what_was_approved"
        ),
        migrations.RunSQL(PAID, UNPAID),
    ]
