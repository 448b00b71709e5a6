"""Sessions, their parts and what they are grouped by as rows of a spreadsheet.

What is or was public is written by those who may publish, as everywhere; each session that a row
changes is kept in the history before and after.
"""

from django.db.models import Prefetch
from django.dispatch import Signal
from django.utils import timezone
from import_export.fields import Field

from site_app import sheets
from site_app.models import Commenting
from site_app.permissions import may_publish
from site_app.sheets import OtherNames, SeveralWidget, SheetResource, split
from speakers_app.models import Organisation, Speaker

from . import history
from .models import (
    Appearance,
    Recommendation,
    Region,
    Series,
    Session,
    Topic,
    TopicAlias,
)
from .publishing import UNPUBLISHED, note_status

COMMENT = "Imported from a file."
# Sent with a `session` before an import changes it or a part of it for the first time.
session_will_change = Signal()


class SeriesResource(SheetResource):
    slug = sheets.text("slug")
    name = sheets.text("name")
    description = sheets.text("description")

    class Meta(SheetResource.Meta):
        model = Series
        fields = ["slug", "name", "description"]


class RegionResource(SheetResource):
    slug = sheets.text("slug")
    name = sheets.text("name")
    description = sheets.text("description")

    class Meta(SheetResource.Meta):
        model = Region
        fields = ["slug", "name", "description"]


class TopicResource(SheetResource):
    slug = sheets.text("slug")
    name = sheets.text("name")
    parent = sheets.one("parent", Topic, by="name")
    description = sheets.text("description")
    other_names = OtherNames()

    class Meta(SheetResource.Meta):
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
            history.record_unrecorded([session.pk])
            session_will_change.send(type(self), session=session)

    def after_save_instance(self, instance, row, **kwargs):
        super().after_save_instance(instance, row, **kwargs)
        self.changed.add(self.session_of(instance).pk)

    def after_import(self, dataset, result, **kwargs):
        super().after_import(dataset, result, **kwargs)
        if self.changed and not kwargs["dry_run"]:
            if self._meta.model is not Session:
                Session.objects.filter(pk__in=self.changed).update(changed_by=self.user)
            history.record(sorted(self.changed), user=self.user, comment=COMMENT)


class SessionResource(HistoryResource):
    slug = sheets.text("slug")
    title = sheets.text("title")
    held_on = sheets.day("held_on")
    ends_on = sheets.day("ends_on")
    series = sheets.one("series", Series, by="name")
    topics = sheets.several("topics", Topic, by="name")
    regions = sheets.several("regions", Region, by="name")
    summary = sheets.text("summary")
    language = sheets.text("language")
    status = sheets.choice("status", Session.Status)
    published_at = sheets.moment("published_at")
    recording_contact_email = sheets.text("recording_contact_email")
    commenting = sheets.choice("commenting", Commenting)
    internal_note = sheets.text("internal_note")
    source_url = sheets.text("source_url")

    class Meta(SheetResource.Meta):
        model = Session
        fields = [
            "slug", "title", "held_on", "ends_on", "series", "topics", "regions", "summary",
            "language", "status", "published_at", "recording_contact_email", "commenting",
            "internal_note", "source_url",
        ]  # fmt: skip

    def get_queryset(self):
        return Session.objects.outside_bin()

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related("series").prefetch_related("topics", "regions")

    def session_of(self, instance):
        return instance

    def refusals(self, instance):
        refused = super().refusals(instance)
        was = getattr(instance, "_stored_status", Session.Status.DRAFT)
        if instance.status == Session.Status.BINNED:
            refused["status"] = "Nothing is deleted by an import."
        elif not may_publish(self.user) and instance.status not in UNPUBLISHED:
            refused["status"] = f"“{instance.get_status_display()}” needs a publisher."
        if not may_publish(self.user) and instance.published_at != self._published_at:
            refused["published_at"] = "A time of publication needs a publisher."
        if instance.status == Session.Status.PUBLISHED:
            instance.published_at = instance.published_at or timezone.now()
        self._status = was
        return refused

    def after_init_instance(self, instance, new, row, **kwargs):
        super().after_init_instance(instance, new, row, **kwargs)
        self._published_at = instance.published_at

    def before_save_instance(self, instance, row, **kwargs):
        super().before_save_instance(instance, row, **kwargs)
        if not instance.pk:
            instance.created_by = self.user
        instance.changed_by = self.user

    def after_save_instance(self, instance, row, **kwargs):
        super().after_save_instance(instance, row, **kwargs)
        note_status([instance], {instance.pk: self._status}, user=self.user)


class AppearanceResource(HistoryResource):
    """Found by session and speaker: nobody appears twice at one."""

    session = sheets.one("session", Session)
    speaker = sheets.one("speaker", Speaker)
    organisation = sheets.one("organisation", Organisation)
    further_organisations = sheets.several("further_organisations", Organisation)
    role_title = sheets.text("role_title")
    function = sheets.choice("function", Appearance.Function)
    position = sheets.number("position")

    class Meta(SheetResource.Meta):
        model = Appearance
        fields = [
            "session", "speaker", "organisation", "further_organisations", "role_title",
            "function", "position",
        ]  # fmt: skip
        import_id_fields = ["session", "speaker"]
        given_by_the_archive = ()

    def filter_export(self, queryset, **kwargs):
        rows = queryset.select_related("session", "speaker", "organisation")
        return rows.prefetch_related("further_organisations")

    def session_of(self, instance):
        return instance.session


class MadeByWidget(SeveralWidget):
    """Who gave the advice: slugs of speakers of the session that the row names."""

    def __init__(self):
        super().__init__(Appearance)

    def clean(self, value, row=None, **kwargs):
        there = {
            each.speaker.slug: each
            for each in Appearance.objects.filter(session__slug=row.get("session", ""))
            .select_related("speaker")
            .order_by("pk")
        }
        found = []
        for slug in split(value):
            if slug not in there:
                raise ValueError(f"“{slug}” is none of the speakers of this session.")
            found.append(there[slug])
        return list(dict.fromkeys(found))

    def render(self, value, obj=None, **kwargs):
        return sheets.joined(each.speaker.slug for each in value.all()) if value else ""


class RecommendationResource(HistoryResource):
    """Found by session and number; one without a number is new and gets the next."""

    session = sheets.one("session", Session)
    number = sheets.number("number")
    text = sheets.text("text")
    audience = sheets.text("audience")
    made_by = Field(attribute="made_by", column_name="made_by", widget=MadeByWidget())
    topics = sheets.several("topics", Topic, by="name")
    position = sheets.number("position")

    class Meta(SheetResource.Meta):
        model = Recommendation
        fields = ["session", "number", "text", "audience", "made_by", "topics", "position"]
        import_id_fields = ["session", "number"]
        given_by_the_archive = ("number",)

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related("session").prefetch_related("topics", "made_by__speaker")

    def session_of(self, instance):
        return instance.session

    def refusals(self, instance):
        refused = super().refusals(instance)
        if not instance.pk and instance.number is not None:
            refused["number"] = "There is none of this number; leave it empty for a new one."
        return refused
