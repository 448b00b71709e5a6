from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "sma_archive"
    verbose_name = "Archive"
