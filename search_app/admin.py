"""Synonyms and searches with few results, which show staff which terms are missing."""

from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy

from .models import SearchCount, Synonym

# What a search text can be added as with one click: link text, admin model, the field for the text.
ADD_FORMS_FOR_SEARCH_TEXT = (
    ("synonym", "search_app_synonym", "term"),
    (gettext_lazy("name of a topic"), "sessions_app_topicalias", "name"),
    (gettext_lazy("name of a speaker"), "speakers_app_speakeralias", "name"),
    (gettext_lazy("name of an organisation"), "speakers_app_organisationalias", "name"),
)


def permission_to_add(admin_model_name: str) -> str:
    """Return the permission to add a model: "sessions_app_topicalias" needs sessions_app.add_…."""
    app, _, model = admin_model_name.rpartition("_")
    return f"{app}.add_{model}"


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    """Pairs of terms; a change takes effect with the next search."""

    list_display = ["term", "equivalent"]
    search_fields = ["term", "equivalent"]
    fields = ["term", "equivalent"]


@admin.register(SearchCount)
class SearchCountAdmin(admin.ModelAdmin):
    """Searches made at least three times that found little or nothing, most frequent first."""

    list_display = ["text", "count", "hits", "last_on", "search_link"]
    list_display_links = None
    search_fields = ["text"]

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(text="")

    def get_list_display(self, request):
        allowed = [
            choice
            for choice in ADD_FORMS_FOR_SEARCH_TEXT
            if request.user.has_perm(permission_to_add(choice[1]))
        ]

        @admin.display(description=gettext("make it a"))
        def add_links(row):
            links = (
                (reverse(f"admin:{name}_add"), urlencode({field: row.text}), words)
                for words, name, field in allowed
            )
            return format_html_join(" · ", '<a href="{}?{}">{}</a>', links)

        return [*self.list_display, add_links]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=gettext_lazy("on the site"))
    def search_link(self, row):
        query = urlencode({"q": row.text})
        return format_html(
            '<a href="{}?{}">{}</a>', reverse("sessions:list"), query, gettext("Search")
        )
