"""How facts become entries, and which posting rules are refused: pure, without a database."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules import checking
from accounting.rules.posting import (
    MixedFacts,
    NoAccountForValue,
    UnbalancedRule,
    lines_for,
    read,
    terms,
)

won = st.integers(-(10**12), 10**12)


def pair(**line: object) -> list[dict[str, object]]:
    return [
        {"side": "D", "account": "1110", "amount": "amount", **line},
        {"side": "C", "account": "2110", "amount": "amount", **line},
    ]


def keys(*values: str) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


class TestEngine:
    @given(st.lists(st.tuples(won, won, won), min_size=1, max_size=30))
    def test_every_entry_balances_and_lines_are_positive(self, rows):
        rule = read(
            "R",
            ["id"],
            [
                {"side": "D", "account": "1", "amount": "a"},
                {"side": "D", "account": "2", "amount": "b - a"},
                {"side": "C", "account": "3", "amount": "b - c"},
                {"side": "C", "account": "4", "amount": "c"},
            ],
        )
        a, b, c = (np.array(x, dtype=np.int64) for x in zip(*rows, strict=True))
        made = lines_for(rule, {"id": np.arange(len(rows)), "a": a, "b": b, "c": c})
        entries = len(made.row)
        debits = np.bincount(made.entry, made.debit.astype(float), entries)
        assert made.debit.sum() == made.credit.sum()
        assert (debits == np.bincount(made.entry, made.credit.astype(float), entries)).all()
        assert ((made.debit > 0) ^ (made.credit > 0)).all()
        assert (np.bincount(made.entry, minlength=entries) >= 2).all() if entries else True
        silent = (a == 0) & (b == 0) & (c == 0)
        assert set(np.flatnonzero(~silent)) == set(made.row)
        for number in range(entries):
            here = made.line_no[made.entry == number]
            assert here.tolist() == list(range(1, len(here) + 1))

    def test_negative_amounts_stand_on_the_other_side(self):
        made = lines_for(
            read("R", ["id"], pair()), {"id": np.arange(3), "amount": np.array([5, -5, 0])}
        )
        assert made.row.tolist() == [0, 1]
        assert made.account.tolist() == ["1110", "2110", "1110", "2110"]
        assert made.debit.tolist() == [5, 0, 0, 5]
        assert made.credit.tolist() == [0, 5, 5, 0]

    def test_accounts_are_chosen_by_value(self):
        choice = {"column": "k", "of": {"A": "1"}, "else": {"column": "m", "of": {"X": "2"}}}
        lines = [
            {"side": "D", "account": choice, "amount": "amount"},
            {"side": "C", "account": {"column": "c"}, "amount": "amount"},
        ]
        columns = {
            "id": np.arange(2),
            "k": keys("A", "B"),
            "m": keys("X", "X"),
            "c": keys("8", "9"),
            "amount": np.array([1, 2]),
        }
        assert lines_for(read("R", ["id"], lines), columns).account.tolist() == ["1", "8", "2", "9"]
        columns["m"] = keys("X", "Z")
        with pytest.raises(NoAccountForValue, match="'Z'"):
            lines_for(read("R", ["id"], lines), columns)

    def test_lines_ask_for_values(self):
        lines = [*pair(when={"kind": ["A", "B"]}), *pair(when={"kind": "B"})]
        made = lines_for(
            read("R", ["id"], lines),
            {"id": np.arange(3), "kind": keys("A", "B", "C"), "amount": np.array([1, 2, 3])},
        )
        assert np.bincount(made.entry).tolist() == [2, 4]

    def test_facts_that_do_not_balance_are_refused(self):
        lines = pair()
        lines[1]["amount"] = "other"
        with pytest.raises(UnbalancedRule, match="K2"):
            lines_for(
                read("R", ["id"], lines),
                {"id": keys("K1", "K2"), "amount": np.array([1, 2]), "other": np.array([1, 1])},
            )

    @given(st.lists(st.tuples(st.sampled_from("ABC"), won, won), min_size=1, max_size=30))
    def test_facts_of_one_key_share_an_entry_where_the_rule_gathers(self, rows):
        lines = [
            {"side": "D", "account": "1", "amount": "a + b", "gather": True},
            {"side": "C", "account": "2", "amount": "a", "reference": "who"},
            {"side": "C", "account": "3", "amount": "b", "gather": True},
        ]
        key, a, b = zip(*rows, strict=True)
        columns = {
            "id": keys(*key),
            "who": keys(*(f"W{n}" for n in range(len(rows)))),
            "a": np.array(a),
            "b": np.array(b),
        }
        made = lines_for(read("R", ["id"], lines), columns)
        sums_b = {k: sum(y for name, _, y in rows if name == k) for k in key}
        shown = [
            k
            for k in dict.fromkeys(k for k, x, y in rows if x or y)
            if sums_b[k] or any(x for name, x, _ in rows if name == k)
        ]
        assert made.key.tolist() == shown
        signed = made.debit - made.credit
        for number, name in enumerate(shown):
            here = made.entry == number
            assert made.line_no[here].tolist() == list(range(1, here.sum() + 1))
            mine = [(x, y) for k, x, y in rows if k == name]
            sums = sum(x + y for x, y in mine), sum(y for _, y in mine)
            by_account = {c: signed[here & (made.account == c)].tolist() for c in "123"}
            assert by_account["1"] == ([sums[0]] if sums[0] else [])
            assert by_account["2"] == [-x for x, _ in mine if x]
            assert by_account["3"] == ([-sums[1]] if sums[1] else [])

    def test_facts_that_share_an_entry_share_its_account(self):
        choice = {"column": "k", "of": {"A": "1", "B": "2"}}
        lines = [
            {"side": "D", "account": choice, "amount": "amount", "gather": True},
            {"side": "C", "account": "3", "amount": "amount"},
        ]
        columns = {"id": keys("K1", "K1"), "k": keys("A", "B"), "amount": np.array([1, 2])}
        with pytest.raises(MixedFacts, match="K1"):
            lines_for(read("R", ["id"], lines), columns)

    @pytest.mark.parametrize("text", ["", "a b", "2 * a", "a +", "a - - b", "A"])
    def test_amounts_are_sums_of_columns(self, text):
        with pytest.raises(ValueError, match=r"amount|columns"):
            terms(text)

    def test_terms(self):
        assert terms("a - b + c") == ((1, "a"), (-1, "b"), (1, "c"))
        assert terms("-a") == ((-1, "a"),)


class TestChecking:
    kinds = {"id": "keys", "kind": "keys", "amount": "won", "fee": "won", "n": "ints"}

    def problems(self, lines, keys=("id",)):
        found = checking.problems(
            keys=list(keys), lines=lines, kinds=self.kinds, accounts={"1110", "2110"}
        )
        return [str(p) for p in found]

    def test_a_good_rule(self):
        assert self.problems(pair()) == []

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"side": "X"}, "lines[0].side"),
            ({"amount": "fee + "}, "lines[0].amount"),
            ({"amount": "n"}, "no amount n"),
            ({"amount": "nothing"}, "no amount nothing"),
            ({"account": "9999"}, "no account 9999"),
            ({"account": {"column": "kind", "of": {"A": "7"}}}, "account.of.A"),
            ({"reference": "nobody"}, "no column nobody"),
            ({"when": {"colour": "red"}}, "no column colour"),
            ({"group": True}, "does not know the group"),
            ({"factor": 2}, "factor"),
        ],
    )
    def test_problems_name_path_and_reason(self, change, says):
        lines = pair()
        lines[0].update(change)
        assert says in "\n".join(self.problems(lines))

    def test_unbalanced_rules_are_refused(self):
        lines = pair()
        lines[0]["amount"] = "amount + fee"
        assert self.problems(lines) == ["$.lines: debits and credits differ by +1 × fee"]

    def test_balance_is_proved_for_each_value(self):
        lines = [pair()[0], {**pair()[1], "when": {"kind": "A"}}]
        assert self.problems(lines) == [
            "$.lines: debits and credits differ by +1 × amount where kind = other"
        ]

    def test_a_gathered_line_refers_to_a_key(self):
        lines = pair()
        lines[0] |= {"gather": True, "reference": "kind"}
        assert "lines[0].gather" in "\n".join(self.problems(lines))
        assert self.problems(lines, keys=["id", "kind"]) == []

    def test_keys_exist(self):
        assert self.problems(pair(), keys=["who"]) == ["$.keys[0]: the event has no column who"]

    @given(st.lists(st.sampled_from(["amount", "fee", "amount - fee"]), min_size=2, max_size=6))
    def test_what_is_accepted_balances_for_any_amounts(self, amounts):
        lines = [
            {"side": "D" if i % 2 else "C", "account": "1110", "amount": amount}
            for i, amount in enumerate(amounts)
        ]
        if self.problems(lines):
            return
        columns = {
            "id": np.arange(4),
            "amount": np.array([7, -3, 0, 11]),
            "fee": np.array([1, 2, 3, -4]),
        }
        made = lines_for(read("R", ["id"], lines), columns)
        assert made.debit.sum() == made.credit.sum()
