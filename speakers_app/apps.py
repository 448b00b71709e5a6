from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SpeakersConfig(AppConfig):
    name = "speakers_app"
    verbose_name = gettext_lazy("Speakers and organisations")

    def ready(self):
        from search_app.query.personal_titles import register_titles

        from . import merge_rules, pictures  # noqa: F401 - register themselves, with models loaded
        from .names import parsing

        register_titles(
            before=parsing.TITLES_BEFORE_NAMES,
            after=parsing.TITLES_AFTER_NAMES,
            beside=parsing.TITLES_BESIDE_NAMES,
            opening=parsing.WORDS_BEFORE_TITLES,
            further=parsing.WORDS_AFTER_TITLES,
        )
