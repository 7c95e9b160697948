"""The workers' entry: Celery carries ids and wakes; PostgreSQL says what is done."""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init

from config.start import refuse_what_the_checks_refuse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
app = Celery("mulgil")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
celeryd_init.connect(refuse_what_the_checks_refuse)
beat_init.connect(refuse_what_the_checks_refuse)
