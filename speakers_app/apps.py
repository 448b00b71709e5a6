from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SpeakersConfig(AppConfig):
    name = "speakers_app"
    verbose_name = gettext_lazy("Speakers and organisations")

    def ready(self):
        from search_app.query.titles import register_titles

        from . import merge_rules, names, pictures  # noqa: F401 - register themselves, with models loaded

        register_titles(
            before=names.TITLES_BEFORE_NAMES,
            after=names.TITLES_AFTER_NAMES,
            beside=names.TITLES_BESIDE_NAMES,
            opening=names.WORDS_BEFORE_TITLES,
            further=names.WORDS_AFTER_TITLES,
        )
