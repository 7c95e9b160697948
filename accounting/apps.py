from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class AccountingConfig(stage.StageConfig):
    name = "accounting"
