from core.stage import StageConfig


class ReinsuranceConfig(StageConfig):
    name = "reinsurance"
