from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk_app"
    verbose_name = "Worklists and merging"
