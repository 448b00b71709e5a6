"""A date is parsed the same way in every form, and the admin prints dates and times in one style."""

import re
from datetime import UTC, date, datetime, time

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import RequestFactory
from django.urls import reverse
from django.utils.html import strip_tags

from recordings_app.models import AccessLog
from sessions_app.editing import history
from sessions_app.models import Session
from site_app.forms.date_fields import DayField, MomentField, TimeOfDayField
from tests.factories import (
    GrantFactory,
    SessionFactory,
    UserFactory,
)
from tests.sessions_app.admin_forms import CHANGE as CHANGE_PAGE
from tests.sessions_app.admin_forms import errors, post_change, post_new

pytestmark = pytest.mark.django_db
AMBIGUOUS = "“05/11/2019” can mean 5 November 2019 or 11 May 2019. Write 2019-11-05 or 2019-05-11."
OTHER_STYLES = re.compile(
    r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d|[+-]\d\d:\d\d\b|\b[ap]\.m\."
    r"|\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.? \d"
    r"|\d (?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December) "
    r"\d{1,2}, \d{4}"
)


@pytest.fixture
def publisher(client):
    user = UserFactory(group="Publishers")
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "text",
    ["15 November 2019", "Nov 15, 2019", "15.11.2019", "15/11/2019", "11/15/2019", "2019-11-15"],
)
def test_session_form_accepts_dates_in_every_form(publisher, text):
    post_new(publisher, title="Tides", held_on=text, start_time="6 pm", time_zone="Europe/Oslo")

    session = Session.objects.get()
    page = publisher.get(reverse(CHANGE_PAGE, args=[session.pk]))
    assert (session.held_on, session.start_time) == (date(2019, 11, 15), time(18))
    assert (
        '<output class="day-in-words" for="id_held_on">Friday, 15 November 2019</output>'
        in page.text
    )


def test_session_form_rejects_ambiguous_dates(publisher):
    response = post_new(publisher, title="Tides", held_on="05/11/2019", ends_on="Nov 15, 2019")

    assert errors(response) == [AMBIGUOUS]
    assert 'value="05/11/2019"' in response.text
    assert ">Friday, 15 November 2019</output>" in response.text
    assert not Session.objects.exists()


def test_publication_time_can_be_in_words(publisher):
    session = SessionFactory(published_at=datetime(2020, 1, 1, tzinfo=UTC))

    post_change(publisher, session, published_at_0="15 November 2019", published_at_1="6.30 pm")

    session.refresh_from_db()
    assert session.published_at == datetime(2019, 11, 15, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "said"),
    [
        ("05/11/2019", "18:00", AMBIGUOUS),
        ("15/11/19", "18:00", "“15/11/19” is not a date: the year has two digits. "
         "Write all four: 2019-05-31 or 31 May 2019."),
        ("", "18:00", "Enter the day as well."),
        ("2019-11-15", "", "Enter the time of day as well, such as 18:00."),
        ("2019-11-15", "25:00", "“25:00” is not a time of day. Write it as 18:00 or 6 pm."),
    ],
)  # fmt: skip
def test_invalid_time_is_rejected_with_the_reason(day, clock, said):
    with pytest.raises(forms.ValidationError) as refused:
        MomentField(required=False).clean([day, clock])

    assert refused.value.messages == [said]


def test_all_forms_use_these_date_and_time_fields():
    request = RequestFactory().get("/")
    request.user = UserFactory(is_superuser=True, is_staff=True)
    found = [
        (type(model_admin).__name__, form)
        for model_admin in admin.site._registry.values()
        for form in _forms_of(model_admin, request)
    ]
    found += [(form.__name__, form) for form in _subclasses(forms.BaseForm) if _is_ours(form)]

    fields = [(name, field) for name, form in found for field in form.base_fields.values()]
    ours = (DayField, TimeOfDayField, MomentField)
    temporal = (forms.DateField, forms.TimeField, forms.DateTimeField, forms.SplitDateTimeField)
    other = [
        name
        for name, field in fields
        if isinstance(field, temporal) and not isinstance(field, ours)
    ]
    assert other == []
    assert any(isinstance(field, DayField) for _name, field in fields)


def _forms_of(model_admin, request):
    if model_admin.has_change_permission(request):
        yield model_admin.get_form(request)
    for inline in model_admin.get_inline_instances(request):
        yield inline.get_formset(request).form


def _subclasses(of):
    for each in of.__subclasses__():
        yield each
        yield from _subclasses(each)


def _is_ours(form):
    package = form.__module__.partition(".")[0]
    # Query strings of lists are parsed by filters, which accept more than days.
    return package.endswith("_app") and hasattr(form, "base_fields")


@pytest.mark.slow
def test_admin_prints_dates_and_times_in_one_style(client):
    user = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(user)
    moment = datetime(2026, 5, 8, 5, 7, 12, tzinfo=UTC)
    session = SessionFactory(
        held_on=date(2019, 11, 5), published_at=moment, updated_at=moment, created_at=moment
    )
    history.record_current_state([session.pk], user=user, comment="Entered.")
    LogEntry.objects.log_actions(user.pk, [session], CHANGE, change_message="Changed.")
    grant = GrantFactory()
    AccessLog.objects.create(grant=grant, recording=grant.requested.recording, what="play")
    addresses = [
        reverse("admin:index"),
        reverse("worklists:index"),
        reverse("admin:recordings_app_report"),
        reverse(CHANGE_PAGE, args=[session.pk]),
    ]
    for model in admin.site._registry:
        route = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{route}_changelist"))
        if record := model._default_manager.first():
            addresses += [
                reverse(f"{route}_{page}", args=[record.pk]) for page in ("change", "history")
            ]

    printed = {}
    for address in addresses:
        page = client.get(address, follow=True)
        assert page.status_code == 200, address
        text = " ".join(
            strip_tags(
                re.sub(r"<(script|style|title)\b.*?</\1>", "", page.text, flags=re.S)
            ).split()
        )
        printed[address] = text

    other = {address: OTHER_STYLES.findall(text) for address, text in printed.items()}
    assert {address: styles for address, styles in other.items() if styles} == {}
    assert "5 November 2019" in printed[reverse("admin:sessions_app_session_changelist")]
    assert "8 May 2026, 05:07" in printed[reverse(CHANGE_PAGE, args=[session.pk])]
