from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy


class ArchiveConfig(AppConfig):
    name = "sma_archive"
    verbose_name = gettext_lazy("Archive")

    def ready(self):
        from . import worklists  # noqa: F401 - registers itself, with settings in place
        from .configuration import checks  # noqa: F401 - likewise
        from .groups import make_groups  # needs the loaded app registry

        # Without a sender: the groups span all apps, and this app has no models and so sends no
        # signal.
        post_migrate.connect(make_groups, dispatch_uid="archive-groups")
