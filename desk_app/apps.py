from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class DeskConfig(AppConfig):
    name = "desk_app"
    verbose_name = gettext_lazy("Worklists and merging")
