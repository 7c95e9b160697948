from core.stage import StageConfig


class SalesConfig(StageConfig):
    name = "sales"
