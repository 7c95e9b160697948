from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class ContractsConfig(stage.StageConfig):
    name = "contracts"
