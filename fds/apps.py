from core.stage import StageConfig


class FdsConfig(StageConfig):
    name = "fds"
