from django.utils.translation import gettext_lazy as _

from core import stage  # the module: Django takes each AppConfig it sees here for a candidate


class PartnersConfig(stage.StageConfig):
    name = "partners"
    verbose_name = _("Partners")
