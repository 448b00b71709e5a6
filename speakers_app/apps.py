from django.apps import AppConfig


class SpeakersConfig(AppConfig):
    name = "speakers_app"
    verbose_name = "Speakers and organisations"

    def ready(self):
        from search_app.query.titles import register_titles

        from . import merge_rules, pictures  # noqa: F401 - register themselves, with models loaded
        from .names import RETIREMENT_AND_SERVICES, TITLES_AFTER_NAMES, TITLES_BEFORE_NAMES

        register_titles(TITLES_BEFORE_NAMES, TITLES_AFTER_NAMES, RETIREMENT_AND_SERVICES)
