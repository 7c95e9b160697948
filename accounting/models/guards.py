"""What the ledger's tables refuse, whatever the path: screen, batch, SQL or ``COPY``.

Statement triggers over transition tables check whole batches at once. Their queries run by
``EXECUTE``, so that each is planned for the rows at hand and not for the empty table of the first
day. They also stand in for the foreign keys of the two hot tables (entry, account, period, rule):
parents are never deleted or re-keyed, and the nightly proof looks for orphans all the same.
"""

from __future__ import annotations

from typing import Any

import pgtrigger

from core.guards import without


class EntriesPosted(pgtrigger.Trigger):
    """Refuse entries outside an open period or by an unknown rule; note each event's entries.

    An event's entries come in one statement, since the note of an event is unique; so that no fact
    is posted twice, its key need only be unique among the rows at hand. The period's row is locked
    against closing until the transaction ends.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")
    declare = [("bad", "TEXT")]

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            PERFORM 1 FROM fiscal_periods
            WHERE period IN (SELECT DISTINCT period FROM new_rows) ORDER BY period FOR SHARE;
            EXECUTE $q$
                SELECT n.entry_id || ' of ' || n.entry_date || ': ' || CASE
                    WHEN p.period IS NULL THEN 'there is no period ' || n.period
                    WHEN p.status <> 'OPEN' THEN 'period ' || n.period || ' is closed'
                    WHEN n.rule_id IS NOT NULL AND r.id IS NULL THEN 'unknown rule'
                    ELSE 'the date is outside of period ' || n.period END
                FROM (
                    SELECT period, rule_id, entry_date, min(entry_id) AS entry_id
                    FROM new_rows GROUP BY period, rule_id, entry_date
                ) n
                LEFT JOIN fiscal_periods p ON p.period = n.period
                LEFT JOIN posting_rules r ON r.id = n.rule_id
                WHERE p.period IS NULL OR p.status <> 'OPEN'
                    OR n.entry_date NOT BETWEEN p.starts_on AND p.ends_on
                    OR (n.rule_id IS NOT NULL AND r.id IS NULL)
                LIMIT 1
            $q$ INTO bad;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'journal entry % refused', bad
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_in_open_period';
            END IF;
            EXECUTE $q$
                SELECT idempotency_key FROM new_rows
                GROUP BY event_id, idempotency_key HAVING count(*) > 1 LIMIT 1
            $q$ INTO bad;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'journal entry % comes twice in its event (refused)', bad
                    USING ERRCODE = 'unique_violation', CONSTRAINT = 'entry_posted_once';
            END IF;
            INSERT INTO journal_batches (event_id, event_name, first_entry, last_entry, entries)
            SELECT event_id, min(event_name), min(entry_id), max(entry_id), count(*)
            FROM new_rows GROUP BY event_id;
            RETURN NULL;
        """


class LinesPosted(pgtrigger.Trigger):
    """Refuse lines that do not make whole, balanced entries of an open period.

    The lines of an entry are numbered from 1 without a gap within one statement (numbers are
    positive and unique per entry, so it is enough that the last is their count); no later statement
    can join a line to it. The entries of a batch have neighbouring ids: given their range, the
    planner reads them in one scan. A statement is of one day, unless it is written by hand.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")
    declare = [
        ("bad", "TEXT"),
        ("low", "BIGINT"),
        ("high", "BIGINT"),
        ("first", "DATE"),
        ("last", "DATE"),
    ]

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        hash_it, free = without("nestloop")
        return f"""
            SELECT min(entry_id), max(entry_id), min(transaction_date), max(transaction_date)
                INTO low, high, first, last FROM new_rows;
            {hash_it}
            EXECUTE $q$
                SELECT t.entry_id || ': ' || CASE
                    WHEN e.entry_id IS NULL THEN 'there is no such entry'
                    WHEN p.status IS DISTINCT FROM 'OPEN' THEN 'its period is closed'
                    WHEN t.lines < 2 THEN 'an entry has at least two lines'
                    WHEN t.high <> t.lines THEN 'an entry comes whole, with lines from 1 on'
                    WHEN e.entry_date <> $3 THEN 'a line has another date than its entry'
                    ELSE 'debits and credits differ by ' || t.difference END
                FROM (
                    SELECT entry_id, sum(debit_amount - credit_amount) AS difference,
                        count(*) AS lines, max(line_no) AS high
                    FROM new_rows GROUP BY entry_id
                ) t
                LEFT JOIN journal_entries e
                    ON e.entry_id = t.entry_id AND e.entry_id BETWEEN $1 AND $2
                LEFT JOIN fiscal_periods p ON p.period = e.period
                WHERE e.entry_id IS NULL OR p.status IS DISTINCT FROM 'OPEN'
                    OR t.difference IS DISTINCT FROM 0
                    OR t.lines < 2 OR t.high <> t.lines OR e.entry_date <> $3
                LIMIT 1
            $q$ INTO bad USING low, high, CASE WHEN first = last THEN first END;
            {free}
            IF bad IS NULL AND first <> last THEN
                SELECT n.entry_id || ': a line has another date than its entry' INTO bad
                FROM new_rows n JOIN journal_entries e ON e.entry_id = n.entry_id
                WHERE n.transaction_date <> e.entry_date LIMIT 1;
            END IF;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'lines of journal entry % (refused)', bad
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
            END IF;
            EXECUTE $q$
                SELECT n.account_code FROM (SELECT DISTINCT account_code FROM new_rows) n
                LEFT JOIN account_subjects a ON a.account_code = n.account_code
                WHERE a.account_code IS NULL LIMIT 1
            $q$ INTO bad;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'there is no account %', bad
                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'line_account_exists';
            END IF;
            RETURN NULL;
        """  # noqa: S608 - settings of our own


class EntriesHaveLines(pgtrigger.Trigger):
    """Refuse, at commit, entries that got no lines: one check for each posted batch.

    Lines belong to entries and begin with 1, so among the ids of the batch (and of whoever posted
    in between, whole or not visible) there must be as many first lines as entries.
    """

    level = pgtrigger.Row
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred
    declare = [("bad", "BIGINT")]

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            EXECUTE $q$
                SELECT 0 WHERE (
                    SELECT count(*) FROM journal_entries WHERE entry_id BETWEEN $1 AND $2
                ) <> (
                    SELECT count(*) FROM general_ledger
                    WHERE entry_id BETWEEN $1 AND $2 AND line_no = 1
                )
            $q$ INTO bad USING NEW.first_entry, NEW.last_entry;
            IF bad IS NULL THEN
                RETURN NULL;
            END IF;
            EXECUTE $q$
                SELECT e.entry_id FROM journal_entries e
                WHERE e.entry_id BETWEEN $1 AND $2 AND e.event_id = $3
                    AND NOT EXISTS (
                        SELECT 1 FROM general_ledger l
                        WHERE l.entry_id = e.entry_id AND l.entry_id BETWEEN $1 AND $2
                    )
                LIMIT 1
            $q$ INTO bad USING NEW.first_entry, NEW.last_entry, NEW.event_id;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'journal entry % has no lines', bad
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_has_lines';
            END IF;
            RETURN NULL;
        """


class PeriodsInOrder(pgtrigger.Trigger):
    """Refuse months that are not whole, that lie before a closed one, or start closed."""

    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            IF NEW.status <> 'OPEN' OR NEW.period <> to_char(NEW.starts_on, 'YYYY-MM')
                OR NEW.starts_on <> date_trunc('month', NEW.starts_on)::date
                OR NEW.ends_on <> (NEW.starts_on + interval '1 month - 1 day')::date THEN
                RAISE EXCEPTION 'period % is not a whole, open month', NEW.period
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_a_month';
            END IF;
            IF EXISTS (
                SELECT 1 FROM fiscal_periods WHERE status = 'CLOSED' AND period > NEW.period
            ) THEN
                RAISE EXCEPTION 'period % lies before a closed one', NEW.period
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'periods_in_order';
            END IF;
            RETURN NEW;
        """


class ClosedPeriodsStay(pgtrigger.Trigger):
    """Refuse any change of a closed period, a change of dates, and closing out of order."""

    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            IF OLD.status = 'CLOSED' THEN
                RAISE EXCEPTION 'period % is closed and stays as it is', OLD.period
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_period_stays';
            END IF;
            IF (NEW.period, NEW.starts_on, NEW.ends_on)
                IS DISTINCT FROM (OLD.period, OLD.starts_on, OLD.ends_on) THEN
                RAISE EXCEPTION 'the dates of period % are fixed', OLD.period
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_period_stays';
            END IF;
            IF NEW.status = 'CLOSED' AND EXISTS (
                SELECT 1 FROM fiscal_periods WHERE status = 'OPEN' AND period < NEW.period
            ) THEN
                RAISE EXCEPTION 'an earlier period than % is open', NEW.period
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'periods_in_order';
            END IF;
            RETURN NEW;
        """


class FactsFoot(pgtrigger.Trigger):
    """Refuse facts of a measurement whose opening plus steps misses the closing."""

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")
    declare = [("bad", "TEXT")]

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            SELECT concat_ws(' ', group_code, estimate, amount_type, basis) INTO bad
            FROM new_rows WHERE estimate <> 'EXPECTED'
            GROUP BY run_id, group_code, estimate, amount_type, basis
            HAVING sum(CASE step WHEN 'CLOSING' THEN -amount ELSE amount END) <> 0
                OR count(*) FILTER (WHERE step = 'CLOSING') <> 1
            LIMIT 1;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'measurement facts of % do not foot', bad
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'facts_foot';
            END IF;
            RETURN NULL;
        """


class MembersFit(pgtrigger.Trigger):
    """Refuse members of a group whose cohort, portfolio, currency or test result is another."""

    level = pgtrigger.Statement
    when = pgtrigger.After
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="new_rows")
    declare = [("bad", "TEXT")]

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            EXECUTE $q$
                SELECT n.contract_id || ': ' || CASE
                    WHEN g.group_code IS NULL THEN 'there is no group ' || n.group_code
                    WHEN n.year <> g.cohort_year
                        THEN 'recognised in ' || n.year || ', not in the cohort of ' || g.group_code
                    WHEN n.test_id IS NULL THEN 'no test puts it into ' || g.group_code
                    WHEN t.key IS NULL THEN 'there is no test ' || n.test_id
                    ELSE 'its test found ' || concat_ws(' ', t.line, t.currency, t.result)
                        || ', not ' || g.group_code END
                FROM (
                    SELECT group_code, test_id, extract(year FROM recognised_on) AS year,
                        min(contract_id) AS contract_id
                    FROM new_rows GROUP BY 1, 2, 3
                ) n
                LEFT JOIN contract_groups g ON g.group_code = n.group_code
                LEFT JOIN profitability_tests t ON t.key = n.test_id
                WHERE g.group_code IS NULL OR n.year <> g.cohort_year
                    OR (n.test_id IS NULL AND g.profitability <> 'OTHER')
                    OR (n.test_id IS NOT NULL AND (t.line, t.currency, t.result)
                        IS DISTINCT FROM (g.line, g.currency, g.profitability))
                LIMIT 1
            $q$ INTO bad;
            IF bad IS NOT NULL THEN
                RAISE EXCEPTION 'member % (refused)', bad
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'member_fits_its_group';
            END IF;
            RETURN NULL;
        """


class Kept(pgtrigger.Trigger):
    """Refuse DELETE: rows that the ledger leans on are never removed."""

    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return (
            f"RAISE EXCEPTION 'DELETE of {model._meta.db_table} refused: the ledger leans on it'"
            " USING ERRCODE = 'restrict_violation';"
        )


class Fixed(pgtrigger.Trigger):
    """Refuse a change of some columns, always or once a condition on the old row holds."""

    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, *, columns: tuple[str, ...], once: str = "true", **kwargs: Any) -> None:
        """Fix ``columns`` for rows where the SQL condition ``once`` on OLD holds."""
        self.columns = columns
        self.once = once
        super().__init__(**kwargs)

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        old = ", ".join(f"OLD.{name}" for name in self.columns)
        new = ", ".join(f"NEW.{name}" for name in self.columns)
        return f"""
            IF ({self.once}) AND ROW({new}) IS DISTINCT FROM ROW({old}) THEN
                RAISE EXCEPTION 'this row of {model._meta.db_table} is fixed: make a new one'
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        """
