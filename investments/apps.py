from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class InvestmentsConfig(stage.StageConfig):
    name = "investments"
