from core.stage import StageConfig


class InvestmentsConfig(StageConfig):
    name = "investments"
