from django.utils.translation import gettext_lazy as _

from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class ContractsConfig(stage.StageConfig):
    name = "contracts"
    verbose_name = _("Contracts")
