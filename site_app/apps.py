from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class SiteConfig(AppConfig):
    name = "site_app"
    verbose_name = gettext_lazy("Site and correspondence")

    def ready(self):
        from django.contrib.admin import options

        from search_app.query.parser import register_date_reader
        from site_app.forms.date_fields import ADMIN_DATE_AND_TIME_FIELDS
        from site_app.text.dates import read_period
        from site_app.text.derived_model_names import translate_derived_names

        from . import signals  # noqa: F401 - connects the receivers; needs the models
        from .accounts import login_renewal, password_links  # noqa: F401 - likewise, and mails

        translate_derived_names()

        # Here rather than in each ModelAdmin, so that every form parses dates the same way.
        options.FORMFIELD_FOR_DBFIELD_DEFAULTS.update(ADMIN_DATE_AND_TIME_FIELDS)
        register_date_reader(lambda text: read_period(text).first)
