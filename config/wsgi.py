"""The web process's entry."""

import os

from django.core.wsgi import get_wsgi_application

from config.embedded import ensure_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")
if os.environ["DJANGO_SETTINGS_MODULE"] != "config.settings.prod":
    ensure_servers()
application = get_wsgi_application()
