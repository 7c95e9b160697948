from core.stage import StageConfig


class ClaimsConfig(StageConfig):
    name = "claims"
