from core.stage import StageConfig


class ContractsConfig(StageConfig):
    name = "contracts"
