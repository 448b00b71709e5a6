from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SearchAppConfig(AppConfig):
    name = "search_app"
    verbose_name = gettext_lazy("Search")

    def ready(self):
        from django.db.backends.signals import connection_created

        from . import signals  # noqa: F401 - connects the receivers
        from .query import folded_lookup

        connection_created.connect(
            folded_lookup.add_sqlite_function, dispatch_uid="search_app.query.folded_lookup"
        )
