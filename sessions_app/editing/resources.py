"""Sessions, their parts, series, topics and regions as rows of a spreadsheet.

What is or was public is written by those who may publish, as everywhere; each session that a row
changes is kept in the history before and after.
"""

from django.db.models import Prefetch
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from import_export.fields import Field

from sessions_app.models import (
    Appearance,
    Recommendation,
    Region,
    Series,
    Session,
    Topic,
    TopicAlias,
)
from site_app.models import Commenting
from site_app.permissions import may_publish
from site_app.spreadsheets import resources
from site_app.spreadsheets.resources import (
    OtherNamesColumn,
    RelatedRecordsWidget,
    SheetResource,
    split_cell_into_values,
)
from speakers_app.models import Organisation, Speaker

from . import history
from .publishing import UNPUBLISHED_STATUSES

IMPORT_HISTORY_COMMENT = gettext_noop("Imported from a file.")
# Sent with `session` before an import first changes that session or a part of it.
session_will_change = Signal()


class HeadingResource(SheetResource):
    slug = resources.text_column("slug")
    name = resources.text_column("name")
    description = resources.text_column("description")

    class Meta(SheetResource.Meta):
        fields = ["slug", "name", "description"]


class SeriesResource(HeadingResource):
    class Meta(HeadingResource.Meta):
        model = Series


class RegionResource(HeadingResource):
    class Meta(HeadingResource.Meta):
        model = Region


class TopicResource(HeadingResource):
    parent = resources.related_column("parent", Topic, by="name")
    other_names = OtherNamesColumn()

    class Meta(HeadingResource.Meta):
        model = Topic
        fields = ["slug", "name", "parent", "description", "other_names"]

    def filter_export(self, queryset, **kwargs):
        aliases = TopicAlias.objects.order_by("name")
        return queryset.select_related("parent").prefetch_related(Prefetch("aliases", aliases))


class HistoryResource(SheetResource):
    """Rows that belong to a session, whose history they are part of."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.changed: set[int] = set()

    def session_of(self, instance) -> Session | None:
        raise NotImplementedError

    def before_save_instance(self, instance, row, **kwargs):
        session = self.session_of(instance)
        if session.pk and session.pk not in self.changed and not kwargs["dry_run"]:
            history.record_state_missing_in_history([session.pk])
            session_will_change.send(type(self), session=session)

    def after_save_instance(self, instance, row, **kwargs):
        super().after_save_instance(instance, row, **kwargs)
        self.changed.add(self.session_of(instance).pk)

    def after_import(self, dataset, result, **kwargs):
        super().after_import(dataset, result, **kwargs)
        if self.changed and not kwargs["dry_run"]:
            if self._meta.model is not Session:
                Session.objects.filter(pk__in=self.changed).update(changed_by=self.user)
            history.record_current_state(
                sorted(self.changed), user=self.user, comment=IMPORT_HISTORY_COMMENT
            )


class SessionResource(HistoryResource):
    slug = resources.text_column("slug")
    title = resources.text_column("title")
    held_on = resources.day_column("held_on")
    ends_on = resources.day_column("ends_on")
    series = resources.related_column("series", Series, by="name")
    topics = resources.related_list_column("topics", Topic, by="name")
    regions = resources.related_list_column("regions", Region, by="name")
    summary = resources.text_column("summary")
    language = resources.text_column("language")
    status = resources.choice_column("status", Session.Status)
    published_at = resources.moment_column("published_at")
    recording_contact_email = resources.text_column("recording_contact_email")
    commenting = resources.choice_column("commenting", Commenting)
    internal_note = resources.text_column("internal_note")
    source_url = resources.text_column("source_url")

    class Meta(SheetResource.Meta):
        model = Session
        fields = [
            "slug",
            "title",
            "held_on",
            "ends_on",
            "series",
            "topics",
            "regions",
            "summary",
            "language",
            "status",
            "published_at",
            "recording_contact_email",
            "commenting",
            "internal_note",
            "source_url",
        ]

    def get_queryset(self):
        return Session.objects.outside_bin()

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related("series").prefetch_related("topics", "regions")

    def session_of(self, instance):
        return instance

    def refused_values(self, instance):
        refused = super().refused_values(instance)
        if instance.status == Session.Status.BINNED:
            refused["status"] = gettext("An import cannot delete sessions.")
        elif not may_publish(self.user) and instance.status not in UNPUBLISHED_STATUSES:
            refused["status"] = gettext("“%(status)s” needs a publisher.") % {
                "status": instance.get_status_display()
            }
        if not may_publish(self.user) and instance.published_at != self._published_at:
            refused["published_at"] = gettext("Only publishers can set a time of publication.")
        if instance.status == Session.Status.PUBLISHED:
            instance.published_at = instance.published_at or timezone.now()
        return refused

    def after_init_instance(self, instance, new, row, **kwargs):
        super().after_init_instance(instance, new, row, **kwargs)
        self._published_at = instance.published_at

    def before_save_instance(self, instance, row, **kwargs):
        super().before_save_instance(instance, row, **kwargs)
        if not instance.pk:
            instance.created_by = self.user
        instance.changed_by = self.user


class AppearanceResource(HistoryResource):
    """Found by session and speaker: nobody appears twice at one."""

    session = resources.related_column("session", Session)
    speaker = resources.related_column("speaker", Speaker)
    organisation = resources.related_column("organisation", Organisation)
    further_organisations = resources.related_list_column("further_organisations", Organisation)
    role_title = resources.text_column("role_title")
    function = resources.choice_column("function", Appearance.Function)
    position = resources.number_column("position")

    class Meta(SheetResource.Meta):
        model = Appearance
        fields = [
            "session",
            "speaker",
            "organisation",
            "further_organisations",
            "role_title",
            "function",
            "position",
        ]
        import_id_fields = ["session", "speaker"]
        given_by_the_archive = ()

    def filter_export(self, queryset, **kwargs):
        rows = queryset.select_related("session", "speaker", "organisation")
        return rows.prefetch_related("further_organisations")

    def session_of(self, instance):
        return instance.session


class MadeByWidget(RelatedRecordsWidget):
    """Who gave the advice: slugs of speakers of the session that the row names."""

    def __init__(self):
        super().__init__(Appearance)

    def clean(self, value, row=None, **kwargs):
        there = {
            appearance.speaker.slug: appearance
            for appearance in Appearance.objects.filter(session__slug=row.get("session", ""))
            .select_related("speaker")
            .order_by("pk")
        }
        appearances = []
        for slug in split_cell_into_values(value):
            if slug not in there:
                raise ValueError(
                    gettext("“%(slug)s” is not a speaker of this session.") % {"slug": slug}
                )
            appearances.append(there[slug])
        return list(dict.fromkeys(appearances))

    def render(self, value, obj=None, **kwargs):
        return (
            resources.join_values_into_cell(appearance.speaker.slug for appearance in value.all())
            if value
            else ""
        )


class RecommendationResource(HistoryResource):
    """Found by session and number; one without a number is new and gets the next."""

    session = resources.related_column("session", Session)
    number = resources.number_column("number")
    text = resources.text_column("text")
    audience = resources.text_column("audience")
    made_by = Field(attribute="made_by", column_name="made_by", widget=MadeByWidget())
    topics = resources.related_list_column("topics", Topic, by="name")
    position = resources.number_column("position")

    class Meta(SheetResource.Meta):
        model = Recommendation
        fields = ["session", "number", "text", "audience", "made_by", "topics", "position"]
        import_id_fields = ["session", "number"]
        given_by_the_archive = ("number",)

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related("session").prefetch_related("topics", "made_by__speaker")

    def session_of(self, instance):
        return instance.session

    def refused_values(self, instance):
        refused = super().refused_values(instance)
        if not instance.pk and instance.number is not None:
            refused["number"] = gettext(
                "No recommendation has this number; leave it empty for a new one."
            )
        return refused
