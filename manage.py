#!/usr/bin/env python
"""Run a management command, with the embedded servers up where none are configured."""

import os
import sys


def main() -> None:
    """Start what is missing, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from config.embedded import ensure_servers

    ensure_servers()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
