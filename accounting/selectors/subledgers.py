"""What every fact and every subledger has in the books, as pairs of queries by business key.

They read the tables of the stages by SQL, on purpose: a proof should not lean on the code that it
proves.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop

ASSETS = "'1210', '1220', '1230', '1240', '1250'"


def booked(event: str, accounts: str, amount: str) -> str:
    """Return SQL for what an event booked on accounts, by business key."""
    return (
        f"SELECT l.reference_id AS k, sum({amount}) AS v FROM general_ledger l"  # noqa: S608
        f" JOIN journal_entries e ON e.entry_id = l.entry_id WHERE e.event_name = '{event}'"
        f" AND l.account_code IN ({accounts}) GROUP BY 1"
    )


def together(*parts: str) -> str:
    """Return SQL for the sum of several, by business key."""
    return f"SELECT k, sum(v) AS v FROM ({' UNION ALL '.join(parts)}) t GROUP BY 1"  # noqa: S608


def held(accounts: str, amount: str) -> str:
    """Return SQL for the balance of accounts by business key."""
    return (
        f"SELECT reference_id AS k, sum({amount}) AS v FROM general_ledger"  # noqa: S608
        f" WHERE account_code IN ({accounts}) GROUP BY 1"
    )


DEBIT, CREDIT = "debit_amount - credit_amount", "credit_amount - debit_amount"
FACTS: Mapping[str, tuple[str, str]] = {
    "every first premium taken at issue has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE channel = 'INITIAL'"
        " GROUP BY 1",
        booked("contracts.issued.v1", "'1110'", DEBIT),
    ),
    "every bill has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE channel <> 'INITIAL'"
        " GROUP BY 1",
        booked("contracts.premiums_billed.v1", "'1310'", DEBIT),
    ),
    "every premium collected has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills"
        " WHERE status = 'COLLECTED' AND channel <> 'INITIAL' GROUP BY 1",
        booked("contracts.premiums_collected.v1", "'1110'", DEBIT),
    ),
    "every bill that was voided has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE status = 'VOID'"
        " GROUP BY 1",
        together(
            booked("contracts.bills_voided.v1", "'1310'", CREDIT),
            booked("contracts.reinstated.v1", "'1310'", CREDIT),
        ),
    ),
    "every refund has its entry": (
        "SELECT contract_id AS k, sum(refund) AS v FROM terminations GROUP BY 1",
        booked("contracts.ended.v1", "'1110'", CREDIT),
    ),
    "every surrender value paid on request has its entry": (
        "SELECT contract_id AS k, amount AS v FROM surrender_payments",
        booked("contracts.surrender_values_paid.v1", "'1110'", CREDIT),
    ),
    "all interest on arrears has its entry": (
        "SELECT contract_id AS k, sum(interest) AS v FROM reinstatements GROUP BY 1",
        booked("contracts.reinstated.v1", "'1110'", DEBIT),
    ),
    "every commission has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM commissions"
        " WHERE kind NOT IN ('CLAWBACK', 'RECALL', 'ADVANCE', 'REDEEMED') GROUP BY 1",
        booked("sales.commissions_accrued.v1", "'2120', '2160'", DEBIT),
    ),
    "every clawback has its entry": (
        "SELECT contract_id AS k, -sum(amount) AS v FROM commissions WHERE kind = 'CLAWBACK'"
        " GROUP BY 1",
        booked("sales.commissions_clawed_back.v1", "'2120', '2160'", CREDIT),
    ),
    "every statement paid to an agent has its entry": (
        "SELECT settlement_id AS k, net_paid + withheld AS v FROM commission_settlements"
        " WHERE status = 'PAID'",
        booked("sales.commissions_settled.v1", "'1110', '2320'", CREDIT),
    ),
    "every claim payout has its entry": (
        "SELECT reception_id AS k, payout_amount + late_interest + loss_adjustment_fee AS v"
        " FROM claim_payouts",
        booked("claims.paid.v1", "'1110'", CREDIT),
    ),
    "every recovery has its entry": (
        "SELECT claim_number AS k, sum(recovery_amount) AS v FROM reinsurance_claims GROUP BY 1",
        booked("reinsurance.recoveries_due.v1", "'1330'", DEBIT),
    ),
    "every recovery received has its entry": (
        "SELECT claim_number AS k, sum(recovery_amount) AS v FROM reinsurance_claims"
        " WHERE status = 'RECOVERED' GROUP BY 1",
        booked("reinsurance.recoveries_received.v1", "'1110'", DEBIT),
    ),
    "every premium ceded has its entry": (
        "SELECT treaty_id AS k, sum(ceded_premium - commission) AS v FROM premium_cessions"
        " GROUP BY 1",
        booked("reinsurance.premiums_ceded.v1", "'2410'", CREDIT),
    ),
    "every settlement with a reinsurer has its entry": (
        "SELECT treaty_id AS k, -sum(amount) AS v FROM reinsurance_account_entries"
        " WHERE kind = 'SETTLEMENT' GROUP BY 1",
        booked("reinsurance.payables_settled.v1", "'1110'", CREDIT),
    ),
    "every purchase and sale of an asset has its entry": (
        "SELECT asset_id AS k, sum(CASE side WHEN 'BUY' THEN -amount ELSE amount END) AS v"
        " FROM asset_trades GROUP BY 1",
        together(
            booked("investments.assets_purchased.v1", "'1110'", DEBIT),
            booked("investments.assets_sold.v1", "'1110'", DEBIT),
        ),
    ),
    "every interest bought has its entry": (
        "SELECT asset_id AS k, bought_interest AS v FROM investment_assets",
        booked("investments.interest_bought.v1", "'1110'", CREDIT),
    ),
    "every change of an allowance has its entry": (
        "SELECT asset_id AS k, sum(movement) AS v FROM asset_credit_losses"
        " WHERE cause IN ('MEASURED', 'RELEASED') GROUP BY 1",
        booked("investments.credit_losses_moved.v1", "'5520'", DEBIT),
    ),
    "every debt written off has its entry": (
        "SELECT asset_id AS k, carrying + interest AS v FROM asset_write_offs"
        " WHERE status = 'BOOKED'",
        booked("investments.assets_written_off.v1", "'1210', '1240', '1260'", CREDIT),
    ),
    "all money for debts written off has its entry": (
        "SELECT asset_id AS k, sum(amount) AS v FROM asset_write_off_recoveries GROUP BY 1",
        booked("investments.write_offs_recovered.v1", "'1110'", DEBIT),
    ),
    "every interest has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns WHERE kind = 'INTEREST'"
        " GROUP BY 1",
        booked("investments.interest_accrued.v1", "'4310'", CREDIT),
    ),
    "every dividend and rent has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns"
        " WHERE kind IN ('DIVIDEND', 'RENT') GROUP BY 1",
        booked("investments.income_received.v1", "'4320', '4330'", CREDIT),
    ),
    "every change of value has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns WHERE kind = 'VALUATION'"
        " GROUP BY 1",
        booked("investments.assets_revalued.v1", ASSETS, DEBIT),
    ),
    "every gain on sale has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns WHERE kind = 'DISPOSAL'"
        " GROUP BY 1",
        booked("investments.assets_sold.v1", f"'1110', {ASSETS}", DEBIT),
    ),
}
SUBLEDGERS: Mapping[str, tuple[str, str]] = {
    gettext_noop("Unpaid bills = premiums receivable"): (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE status = 'DUE'"
        " GROUP BY 1",
        held("'1310'", DEBIT),
    ),
    gettext_noop("Unpaid commissions = commissions payable"): (
        "SELECT agent_id AS k, sum(amount) AS v FROM commissions"
        " WHERE kind NOT IN ('CLAWBACK', 'RECALL') AND status = 'PENDING' GROUP BY 1",
        held("'2310'", CREDIT),
    ),
    gettext_noop("Clawbacks not recovered = clawback receivable"): (
        "SELECT k, sum(v) AS v FROM (SELECT agent_id AS k, -amount AS v FROM commissions"
        " WHERE kind IN ('CLAWBACK', 'RECALL') AND status = 'PENDING' UNION ALL SELECT * FROM ("
        "SELECT DISTINCT ON (agent_id) agent_id, -carried_out FROM commission_settlements"
        " WHERE status = 'PAID' ORDER BY agent_id, month DESC) s) t GROUP BY 1",
        held("'1320'", DEBIT),
    ),
    gettext_noop("Outstanding advances = prepaid commissions"): (
        "SELECT agent_id AS k, sum(amount) AS v FROM commissions"
        " WHERE kind IN ('ADVANCE', 'REDEEMED', 'RECALL') GROUP BY 1",
        held("'1360'", DEBIT),
    ),
    gettext_noop("Case reserves = incurred claims, case reserves"): (
        "SELECT reception_id AS k, case_reserve AS v FROM claim_receptions",
        held("'2210'", CREDIT),
    ),
    gettext_noop("Investments = asset accounts"): (
        "SELECT asset_id AS k, current_value AS v FROM investment_assets WHERE status = 'HELD'",
        held(ASSETS, DEBIT),
    ),
    gettext_noop("Interest receivable = accrued investment income"): (
        "SELECT asset_id AS k, accrued_interest AS v FROM investment_assets",
        held("'1260'", DEBIT),
    ),
    gettext_noop("Allowances for credit losses = loss allowance accounts"): (
        "SELECT asset_id AS k, allowance AS v FROM investment_assets"
        " WHERE classification <> 'FVOCI'",
        held("'1219', '1249'", CREDIT),
    ),
    gettext_noop("Outstanding recoveries = reinsurance receivable"): (
        "SELECT claim_number AS k, sum(recovery_amount) AS v FROM reinsurance_claims"
        " WHERE status = 'PENDING' GROUP BY 1",
        held("'1330'", DEBIT),
    ),
    gettext_noop("Write-downs of recoveries = allowance for reinsurance"): (
        "SELECT claim_number AS k, sum(written_down) AS v FROM reinsurance_claims GROUP BY 1",
        held("'1339'", CREDIT),
    ),
    gettext_noop("Reinsurers' share of case reserves = reinsurance asset, incurred claims"): (
        "SELECT claim_number AS k, sum(amount) AS v FROM reinsurance_recoverables GROUP BY 1",
        held("'1350'", DEBIT),
    ),
    gettext_noop("Accounts with reinsurers = reinsurance payable"): (
        "SELECT treaty_id AS k, sum(amount) AS v FROM reinsurance_account_entries GROUP BY 1",
        held("'2410'", CREDIT),
    ),
    gettext_noop("Policy reserves = memorandum reserve"): (
        "SELECT DISTINCT ON (contract_id) contract_id AS k, reserve_amount AS v"
        " FROM liability_reserves ORDER BY contract_id, base_date DESC, reserve_id DESC",
        held("'9110'", DEBIT),
    ),
}
