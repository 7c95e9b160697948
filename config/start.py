"""The last gate before a process serves: what the security checks refuse does not start."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core import checks


def refuse_what_the_checks_refuse(**_: object) -> None:
    """End the process when a secret is missing or weak; the message says what to do.

    Management commands run the checks themselves; Gunicorn and Celery do not.
    """
    if not getattr(settings, "REQUIRE_STRONG_SECRETS", False):
        return
    found = checks.run_checks(tags=[checks.Tags.security])
    refused = [message for message in found if message.level >= checks.ERROR]
    if refused:
        sys.stderr.write("".join(f"{message}\n" for message in refused))
        sys.stderr.flush()
        sys.exit(3)  # at 3 Gunicorn stops instead of trying again
