"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from sma_archive.configuration.startup import startup_errors_as_one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sma_archive.settings")

with startup_errors_as_one_sentence():
    application = get_wsgi_application()

from search_app.updating.background_thread import start_index_updates

start_index_updates()
# Code and settings exist as long as the process, so the garbage collector need not examine them. A
# page creates about ten thousand objects, which reference counting frees; a collection once in many
# pages is enough.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
