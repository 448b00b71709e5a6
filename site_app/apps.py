from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "site_app"
    verbose_name = "Site and correspondence"

    def ready(self):
        from . import signals  # noqa: F401 - connects the receivers; needs the models
        from .accounts import password_links, sessions  # noqa: F401 - likewise, and mails
