"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sma_archive.settings")

application = get_wsgi_application()
gc.freeze()  # code and settings live as long as the process: no collection need look at them again
