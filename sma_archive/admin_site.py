"""The admin site: what staff use daily comes first, technical records last."""

from functools import wraps

from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.apps import AdminConfig
from django.utils.functional import cached_property

from site_app.admin_bases.errors import ErrorSummaryAdmin
from site_app.forms import resubmission
from site_app.forms.kept_uploads import KeptUploadsAdmin
from site_app.text.name_search import (
    MAX_SEARCH_CHARACTERS,
    MAX_SEARCH_WORDS,
    filter_by_words_in_fields,
    parse_typed_words,
)

APP_ORDER = (
    "sessions_app",
    "speakers_app",
    "recordings_app",
    "ingest_app",
    "site_app",
    "alerts_app",
    "search_app",
    "preservation_app",
    "redirects",
    "auth",
)
HIDDEN_APPS = {"sites"}  # links use SITE_URL; the only row is the key of redirects
FIRST_MODELS = {"Session", "Speaker", "RecordingRequest"}  # first within their app


SEARCH_PARAMETERS = ("q", "term")  # of changelists; of autocomplete fields


class FoldedSearch:
    """Mixin of ModelAdmins: their search normalises text like the public search."""

    def get_search_results(self, request, queryset, search_term):
        fields = [name.lstrip("^=@") for name in self.get_search_fields(request)]
        if not fields or not search_term.strip():
            return queryset, False
        return filter_by_words_in_fields(queryset, parse_typed_words(search_term), fields), False


class ArchiveAdminSite(AdminSite):
    def register(self, model_or_iterable, admin_class=None, **options):
        """Register like Django, and give every form, list and autocomplete field the shared behaviour.

        Here, not in each class: the admins of installed packages are among them.
        """
        admin_class = admin_class or ModelAdmin
        bases = [resubmission.ReshownFormAdmin, KeptUploadsAdmin, ErrorSummaryAdmin]
        if admin_class.get_search_results is ModelAdmin.get_search_results:
            bases.append(FoldedSearch)
        members = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
        admin_class = type(admin_class.__name__, (*bases, admin_class), members)
        super().register(model_or_iterable, admin_class, **options)

    @cached_property
    def login_form(self):
        # Imported here: this module is loaded before any model.
        from site_app.accounts.forms import LoginForm

        return LoginForm

    def login(self, request, extra_context=None):
        """Answer 429 to too many attempts; mark the browser as known after a login.

        What was sent to another page without a login is carried over it.
        """
        from site_app.accounts.login_limits import set_known_browser_cookie  # as above

        carried = resubmission.carried_form_for_login_page(request)
        response = super().login(request, {**(extra_context or {}), **carried})
        if refused := getattr(request, "login_refused", None):
            response.status_code = 429
            response["Retry-After"] = str(refused.seconds)
        elif request.method == "POST" and response.status_code == 302:
            response = resubmission.resubmission_page_after_login(self, request) or response
            set_known_browser_cookie(response, request.user)
        return response

    def admin_view(self, view, cacheable=False):
        inside = super().admin_view(with_bounded_search(view), cacheable)
        return resubmission.keep_form_during_login(self, view, inside)

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: model["object_name"] not in FIRST_MODELS)
        places = {label: place for place, label in enumerate(APP_ORDER)}
        used = (app for app in apps if app["app_label"] not in HIDDEN_APPS)
        return sorted(used, key=lambda app: places.get(app["app_label"], len(APP_ORDER)))


def with_bounded_search(view):
    """Return an admin view that gets at most the part of a search text that is used.

    Each word makes the query of every list longer: some hundred are more than a database takes.
    """

    @wraps(view)
    def bounded(request, *args, **kwargs):
        for name in SEARCH_PARAMETERS:
            typed = parse_typed_words(request.GET.get(name, ""))
            if typed.is_cut:
                request.GET = request.GET.copy()
                request.GET[name] = " ".join(typed.words)
                if name == "q":
                    messages.warning(
                        request,
                        f"Only the first {MAX_SEARCH_WORDS} words ({MAX_SEARCH_CHARACTERS} characters) were "
                        "looked for.",
                    )
        return view(request, *args, **kwargs)

    return bounded


class ArchiveAdminConfig(AdminConfig):
    default_site = "sma_archive.admin_site.ArchiveAdminSite"
