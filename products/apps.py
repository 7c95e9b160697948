from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class ProductsConfig(stage.StageConfig):
    name = "products"
