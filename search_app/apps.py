from django.apps import AppConfig


class SearchAppConfig(AppConfig):
    name = "search_app"
    verbose_name = "Search"

    def ready(self):
        from . import signals  # noqa: F401 - connects the receivers
