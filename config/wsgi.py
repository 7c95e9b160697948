"""The web process's entry."""

import os

from django.core.wsgi import get_wsgi_application

from config.start import refuse_what_the_checks_refuse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")
application = get_wsgi_application()
refuse_what_the_checks_refuse()
