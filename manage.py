#!/usr/bin/env python
"""Run a management command of the archive."""

import os
import sys

try:
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from sma_archive.configuration.startup import startup_errors_as_one_sentence
except ModuleNotFoundError as error:
    sys.exit(
        f"Error: this Python lacks the package {error.name}. "
        "Use .venv/bin/python manage.py …; “make run” makes it."
    )

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sma_archive.settings")
    with startup_errors_as_one_sentence():
        if sys.argv[1:2] not in ([], ["help"], ["--help"], ["version"], ["--version"]):
            # Django catches errors in the settings, which hides their cause
            _ = settings.INSTALLED_APPS
        execute_from_command_line(sys.argv)
