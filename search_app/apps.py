from django.apps import AppConfig


class SearchAppConfig(AppConfig):
    name = "search_app"
    verbose_name = "Search"

    def ready(self):
        from django.db.backends.signals import connection_created

        from . import lookups, signals  # noqa: F401 - connects the receivers

        connection_created.connect(lookups.add_function, dispatch_uid="search_app.lookups")
