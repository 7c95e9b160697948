from core.stage import StageConfig


class ProductsConfig(StageConfig):
    name = "products"
