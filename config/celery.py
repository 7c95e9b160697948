"""The workers' entry: Celery carries ids and wakes; PostgreSQL says what is done."""

import os

from celery import Celery

from config.embedded import ensure_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
if os.environ["DJANGO_SETTINGS_MODULE"] != "config.settings.prod":
    ensure_servers()
app = Celery("mulgil")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
