from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "site_app"
    verbose_name = "Site and correspondence"
