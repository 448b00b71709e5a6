"""What the web server runs: Django's WSGI application behind the gateway."""

from .wsgi import application as wsgi_application  # sets up Django, which the gateway needs

from sma_archive.server.gateway import Gateway  # isort: skip

application = Gateway(wsgi_application)
