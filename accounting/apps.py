from core.stage import StageConfig


class AccountingConfig(StageConfig):
    name = "accounting"
