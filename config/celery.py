"""The workers' entry: Celery carries ids and wakes; PostgreSQL says what is done."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
app = Celery("mulgil")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
