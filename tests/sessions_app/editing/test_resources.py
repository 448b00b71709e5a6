"""Lists as spreadsheets: exported, corrected, and imported again."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import tablib
from django.contrib.admin.models import LogEntry
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search_app.change_log import newest_change_id
from sessions_app.editing import history
from sessions_app.editing.resources import SessionResource, TopicResource
from sessions_app.models import Appearance, Recommendation, Session, StatusChange, Topic
from site_app.spreadsheets import formats
from site_app.spreadsheets.formats import SHEET_FORMATS, CsvSheet, XlsxSheet, detect_format_index
from site_app.spreadsheets.preview_storage import delete_old_previews
from site_app.spreadsheets.resources import join_values_into_cell, split_cell_into_values
from speakers_app.models import Organisation, Speaker
from speakers_app.resources import SpeakerResource
from tests.factories import (
    AppearanceFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    SpeakerAliasFactory,
    SpeakerFactory,
    TopicAliasFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
KINDS = {
    "sessions_app_session": SessionFactory,
    "speakers_app_speaker": SpeakerFactory,
    "speakers_app_organisation": OrganisationFactory,
    "sessions_app_recommendation": RecommendationFactory,
    "sessions_app_appearance": AppearanceFactory,
    "sessions_app_topic": TopicFactory,
    "sessions_app_series": SeriesFactory,
    "sessions_app_region": RegionFactory,
}


def address(kind, page):
    return reverse(f"admin:{kind}_{page}")


def export(client, kind, form="0", query=""):
    """Return the exported file of a list with all columns."""
    page = client.get(address(kind, "export"))
    columns = {
        name: "on" for name in page.context["form"].fields if name not in ("format", "resource")
    }
    columns.pop("export_items", None)
    response = client.post(
        address(kind, "export") + query, {**columns, "format": form, "resource": "0"}
    )
    assert response["Content-Disposition"].startswith("attachment"), response.content.decode()
    return response.content


def preview(client, kind, content, name="rows.csv"):
    content = content.encode() if isinstance(content, str) else content
    return client.post(
        address(kind, "import"),
        {"import_file": SimpleUploadedFile(name, content), "resource": "0"},
    )


def confirm(client, kind, shown):
    form = shown.context["confirm_form"]
    values = {field.html_name: field.value() or "" for field in form}
    return client.post(address(kind, "process_import"), values, follow=True)


def bring_in(client, kind, content):
    return confirm(client, kind, preview(client, kind, content))


def said(response):
    """Return all errors in the rows, as (row in the file, column, message)."""
    result = response.context["result"]
    found = []
    for row in result.invalid_rows:
        for name, texts in row.field_specific_errors.items():
            found += [(row.number + 1, name, each) for each in texts]
        found += [(row.number + 1, "", each) for each in row.non_field_specific_errors]
    for line, errors in result.row_errors():
        found += [(line + 1, "", str(error.error)) for error in errors]
    return found


def whole():
    """A session with a value for every column."""
    session = SessionFactory(
        title="=Ports; and roads",
        summary="<p>Old, “text”.</p>",
        series=SeriesFactory(),
        status="draft",
    )
    session.topics.add(*TopicFactory.create_batch(2))
    session.regions.add(RegionFactory())
    appearance = AppearanceFactory(session=session, role_title="-Head")
    appearance.further_organisations.add(OrganisationFactory(parent=OrganisationFactory()))
    advice = RecommendationFactory(session=session)
    advice.made_by.add(appearance)
    SpeakerAliasFactory(speaker=appearance.speaker)
    OrganisationAliasFactory(organisation=appearance.organisation)
    TopicAliasFactory(topic=session.topics.first())
    return session


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["0", "1", "2"])
def test_export_can_be_imported_unchanged(client, publisher, kind, form):
    whole()
    SessionFactory(published_at=datetime(2024, 10, 27, 1, 30, 5, 123456, tzinfo=UTC))
    before = newest_change_id()

    shown = preview(
        client, kind, export(client, kind, form), f"rows.{('csv', 'xlsx', 'json')[int(form)]}"
    )

    totals = {name: count for name, count in shown.context["result"].totals.items() if count}
    assert said(shown) == []
    assert list(totals) == ["skip"]
    assert "The archive has all of this already." in shown.content.decode()
    assert newest_change_id() == before


def test_preview_stores_nothing_and_confirmation_does(client, publisher):
    session = SessionFactory(title="Old title", slug="old")
    TopicFactory(name="Trade")
    file = "slug,title,topics,status\nold,New title,Trade,published\n,Another one,,draft\n"

    shown = preview(client, "sessions_app_session", file)
    page = shown.content.decode()
    stored = Session.objects.values_list("title", flat=True).get()
    confirm(client, "sessions_app_session", shown)

    session.refresh_from_db()
    other = Session.objects.get(title="Another one")
    assert stored == "Old title"
    assert "<del>Old </del><ins>New </ins>title" in page
    assert session.title == "New title"
    assert [topic.name for topic in session.topics.all()] == ["Trade"]
    assert (other.slug, other.status, other.created_by) == ("another-one", "draft", publisher)
    assert session.changed_by == publisher
    assert [
        version.field_dict["title"] for version in history.versions_of_session(session.pk)
    ] == [
        "New title",
        "Old title",
    ]
    assert history.versions_of_session(other.pk).get().revision.comment == "Imported from a file."
    assert LogEntry.objects.count() == 2
    assert 'data-session="old"' in client.get("/sessions/?q=new+title").content.decode()
    assert storages["private"].listdir("sheets")[1] == []


def test_errors_give_row_and_column_and_nothing_is_stored(client, publisher):
    file = (
        "slug,title,held_on,topics,status,language\n"
        ",,2024-01-01,,draft,en\n"
        ",Good one,,,draft,en\n"
        ",Bad day,4/3/2024,Nowhere,secret,en\n"
    )

    shown = preview(client, "sessions_app_session", file)

    assert said(shown) == [
        (2, "title", "This field cannot be blank."),
        (4, "topics", "There is no topic “Nowhere”."),
        (
            4,
            "held_on",
            "“4/3/2024” can mean 4 March 2024 or 3 April 2024. Write 2024-03-04 or 2024-04-03.",
        ),
        (
            4,
            "status",
            "“secret” is not a valid choice; use draft, in_review, published, withdrawn, binned.",
        ),
    ]
    assert "Row 4, topics: There is no topic “Nowhere”." in shown.content.decode()
    assert "confirm_form" not in shown.context
    assert not Session.objects.exists()


def test_rows_of_parts_and_authority_records_are_imported(client, publisher):
    session = SessionFactory(slug="s")
    speaker = SpeakerFactory(slug="ada")
    organisation = OrganisationFactory(slug="cna")
    TopicFactory(name="Trade")

    bring_in(
        client,
        "sessions_app_appearance",
        "session,speaker,organisation,role_title\ns,ada,cna,Head\n",
    )
    bring_in(
        client,
        "sessions_app_recommendation",
        'session,number,text,made_by,topics\ns,,"Build ports, and roads.",ada,trade\n',
    )
    bring_in(client, "sessions_app_recommendation", "session,number,text\ns,1,Build roads.\n")
    bring_in(
        client,
        "speakers_app_speaker",
        "slug,family_name,other_names\nada,Lovelace,A. King; Ada Byron\n",
    )
    bring_in(client, "speakers_app_organisation", "slug,name,parent\n,Part,cna\n")
    bring_in(client, "sessions_app_topic", "slug,name,parent\n,Ports,Trade\n")

    appearance, advice = Appearance.objects.get(), Recommendation.objects.get()
    assert (appearance.speaker, appearance.organisation, appearance.role_title) == (
        speaker,
        organisation,
        "Head",
    )
    assert (advice.number, advice.text, list(advice.made_by.all())) == (
        1,
        "Build roads.",
        [appearance],
    )
    speaker.refresh_from_db()
    names = sorted(speaker.aliases.values_list("name", flat=True))
    assert (speaker.family_name, names) == ("Lovelace", ["A. King", "Ada Byron"])
    assert Organisation.objects.get(name="Part").parent == organisation
    assert Topic.objects.get(name="Ports").parent.name == "Trade"
    assert history.versions_of_session(session.pk).count() == 4
    session.refresh_from_db()
    assert session.changed_by == publisher


@pytest.mark.parametrize(
    ("kind", "file", "message"),
    [
        (
            "sessions_app_session",
            "slug,title\npublic,Mine\n",
            "“Before” is or was public: only a publisher may change it.",
        ),
        (
            "sessions_app_session",
            "slug,status\ndraft,published\n",
            "“Published” needs a publisher.",
        ),
        (
            "sessions_app_session",
            "slug,title,status\n,New,published\n",
            "“Published” needs a publisher.",
        ),
        (
            "sessions_app_session",
            "slug,title,status\n,New,withdrawn\n",
            "“Withdrawn” needs a publisher.",
        ),
        (
            "sessions_app_session",
            "slug,published_at\ndraft,2001-01-01 10:00\n",
            "Only publishers can set a time of publication.",
        ),
        (
            "sessions_app_recommendation",
            "session,number,text\npublic,,Mine\n",
            "“Before” is or was public: only a publisher may change it.",
        ),
        (
            "sessions_app_appearance",
            "session,speaker,role_title\npublic,ada,Mine\n",
            "“Before” is or was public: only a publisher may change it.",
        ),
    ],
)
def test_editor_cannot_publish_or_change_public_records_by_an_import(
    client, editor, kind, file, message
):
    SessionFactory(slug="public", title="Before")
    SessionFactory(slug="draft", status="draft")
    SpeakerFactory(slug="ada")

    shown = preview(client, kind, file)

    assert message in {each for _row, _column, each in said(shown)}
    assert set(Session.objects.values_list("title", "status")) >= {("Before", "published")}
    assert Session.objects.filter(status="draft", published_at=None).count() == 1
    assert not Recommendation.objects.exists()
    assert not Appearance.objects.exists()


def test_editor_cannot_confirm_a_preview_of_a_publisher(client, publisher):
    SessionFactory(slug="draft", status="draft")
    shown = preview(client, "sessions_app_session", "slug,status\ndraft,published\n")
    client.force_login(UserFactory(group="Editors"))

    response = confirm(client, "sessions_app_session", shown)

    assert "no longer there" in response.content.decode()
    assert Session.objects.get().status == "draft"


@pytest.mark.parametrize("name", ["sheets/x", "../../archive.sqlite3", "/etc/passwd", ""])
def test_forged_file_names_and_formats_are_rejected(client, publisher, name):
    values = {"import_file_name": name, "original_file_name": "x", "format": "0", "resource": "0"}

    for forged in (values, values | {"format": "7"}):
        response = client.post(address("sessions_app_session", "process_import"), forged)

        assert response.status_code == 302


def test_confirmed_import_is_checked_again(client, publisher):
    SessionFactory(slug="s", status="draft")
    topic = TopicFactory(name="Trade")
    shown = preview(client, "sessions_app_session", "slug,topics\ns,Trade\n")
    topic.delete()

    response = confirm(client, "sessions_app_session", shown)

    assert "Nothing was imported" in response.content.decode()


def test_import_by_a_publisher_logs_the_status(client, publisher):
    session = SessionFactory(slug="s", status="draft")

    bring_in(client, "sessions_app_session", "slug,status\ns,published\n")

    session.refresh_from_db()
    assert session.is_public
    assert list(StatusChange.objects.values_list("was", "status", "by")) == [
        ("draft", "published", publisher.pk)
    ]


def test_access_officer_cannot_import_and_exports_what_is_visible(client):
    client.force_login(UserFactory(group="Access officers"))
    SessionFactory()

    assert client.get(address("sessions_app_session", "import")).status_code == 403
    assert client.post(address("sessions_app_session", "process_import")).status_code == 403
    assert client.get(address("speakers_app_speaker", "export")).status_code == 403
    assert b"slug" in export(client, "sessions_app_session")


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2024-03-14 18:00", 22), ("2024-03-14T18:00+01:00", 17), ("2024-03-14 18:00:30Z", 18)],
)
def test_time_without_an_offset_is_in_the_time_zone_of_the_site(client, publisher, text, hour):
    session = SessionFactory(slug="s", status="draft")

    with timezone.override("America/New_York"):
        moment = SessionResource().fields["published_at"].clean({"published_at": text})

    assert (moment.astimezone(UTC).hour, session.published_at) == (hour, None)


def test_binned_sessions_are_neither_exported_nor_imported(client, publisher):
    binned = SessionFactory(slug="gone", status="draft")
    client.post(reverse("admin:sessions_app_session_delete", args=[binned.pk]), {"post": "yes"})

    shown = preview(client, "sessions_app_session", "slug,title\ngone,Back again\n")

    assert b"gone" not in export(client, "sessions_app_session")
    assert [column for _row, column, _said in said(shown)] == ["slug"]


def test_export_follows_search_and_filter(client, publisher):
    SessionFactory(title="Ports", status="draft")
    SessionFactory(title="Roads")

    content = export(client, "sessions_app_session", query="?status__exact=draft").decode()

    assert "Ports" in content
    assert "Roads" not in content


@pytest.mark.parametrize("sheet", [CsvSheet, XlsxSheet])
@pytest.mark.parametrize(
    "value", ["=1+1", "+49", "-1", "@x", "\tx", "'=1+1", "''-", "'plain", "plain", "a\nb", "12"]
)
def test_cells_are_not_formulas_and_are_imported_unchanged(sheet, value):
    rows = tablib.Dataset(["x", value], headers=["a", "b"])

    content = sheet().export_data(rows)

    assert sheet().create_dataset(content).dict == [{"a": "x", "b": value}]
    if sheet is CsvSheet:
        cell = content.decode("utf-8-sig").split("\r\n")[1].removeprefix("x,").lstrip('"')
        assert not cell.startswith(("=", "+", "-", "@", "\t"))


def workbook(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The submitted file is empty."),
        (b"slug\x81\n", "The file is not UTF-8. Save it as “CSV UTF-8”."),
        (b"\xff\xfes\xd8x", "The file begins like UTF-16 but is not. Save it as “CSV UTF-8”."),
        (b"[1]", "The file is not a JSON array of objects, one for each row."),
        (b"[{", "The file is not valid JSON."),
        (
            b'[{"slug": ["a"]}]',
            "A value in the file is a list or an object; write it as a text.",
        ),
        (
            b"slug,,title\na,b,c\n",
            "Row 2 has a value in column 2, which the first row does not name.",
        ),
        (b"slug\na,b\n", "Row 2 has a value in column 2, which the first row does not name."),
        (b"\x00\x01", "The file is not a text file."),
        (b"slug,slug\n", "The first row must name at most 100 columns, each once."),
        (b"PK\x03\x04broken", "The file is not a valid XLSX workbook."),
        (workbook({"x.xml": "<x/>"}), "The file is not a valid XLSX workbook."),
        (
            b"slug,title\n" + b",x\n" * 20_001,
            "The file has more than 20,000 rows; cut it into several.",
        ),
        (b"title\nx\n", None),
    ],
)
def test_unreadable_files_are_refused_with_a_reason(client, publisher, content, message):
    response = preview(client, "sessions_app_session", content)

    form = response.context["form"]
    assert response.status_code == 200
    assert not Session.objects.exists()
    if message:
        assert form.errors["import_file"][0] == message
    else:
        assert "slug" in response.content.decode()


def test_workbook_with_too_large_content_is_not_unpacked(client, publisher, monkeypatch):
    monkeypatch.setattr(formats, "MAX_UNPACKED_XLSX_BYTES", 1000)

    response = preview(client, "sessions_app_session", workbook({"x.xml": "a" * 2000}))

    assert "unpacks to" in response.context["form"].errors["import_file"][0]


def test_unconfirmed_files_are_deleted(client, publisher, monkeypatch):
    preview(client, "sessions_app_session", "slug,title\n,New\n")
    kept = delete_old_previews()
    monkeypatch.setattr(
        "site_app.spreadsheets.preview_storage.PREVIEW_RETENTION", timedelta(hours=-1)
    )

    assert (kept, delete_old_previews()) == (0, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 3])
def test_export_query_count(client, publisher, kind, count, django_assert_max_num_queries):
    for _ in range(count):
        whole()
    export(client, kind)

    with django_assert_max_num_queries(30):
        export(client, kind)


@pytest.mark.parametrize("kind", ["sessions_app_appearance", "sessions_app_recommendation"])
@pytest.mark.parametrize("count", [1, 3])
def test_list_of_parts_query_count(client, publisher, kind, count, django_assert_num_queries):
    KINDS[kind].create_batch(count)
    client.get(address(kind, "changelist"))

    with django_assert_num_queries(7):
        response = client.get(address(kind, "changelist"))

    assert len(response.context["cl"].result_list) == count


def test_speaker_rows_are_checked_like_the_form(client, publisher):
    SpeakerFactory(slug="ada")

    shown = preview(client, "speakers_app_speaker", "slug,orcid\nada,1234\n")

    assert [column for _row, column, _said in said(shown)] == ["orcid"]
    assert Speaker.objects.get().orcid == ""


def test_lists_of_parts_can_be_filtered_by_missing_data(client, publisher):
    whole()
    without = RecommendationFactory(session__status="draft")
    nowhere = AppearanceFactory(organisation=None)

    advice = client.get(
        address("sessions_app_recommendation", "changelist"), {"made_by__isempty": "1"}
    )
    people = client.get(
        address("sessions_app_appearance", "changelist"), {"organisation__isempty": "1"}
    )

    assert list(advice.context["cl"].result_list) == [without]
    assert list(people.context["cl"].result_list) == [nowhere]


def test_too_large_a_file_is_rejected_with_both_sizes(client, publisher, monkeypatch):
    monkeypatch.setattr("site_app.spreadsheets.admin.MAX_FILE_BYTES", 1024)

    response = preview(client, "sessions_app_session", "slug,title\n" + ",x\n" * 1000)

    (error,) = response.context["form"].errors["import_file"]
    assert error.replace("\xa0", " ") == "The file has 2.9 KB; at most 1.0 KB are read."


def wrong_with(shown):
    return shown.context["problems"]


def test_unknown_column_is_reported_with_the_nearest_known_one(client, publisher):
    session = SessionFactory(slug="ports")

    shown = preview(client, "sessions_app_session", "slug,titel,colour\nports,Roads,red\n")

    first, second, third = wrong_with(shown)[0].partition("There is no column colour.")
    assert first == "There is no column titel; did you mean title? "
    assert second
    assert third.startswith(" The columns are: slug, title, held_on, ")
    assert "did you mean title?" in shown.text
    assert "confirm_form" not in shown.context
    assert Session.objects.get().title == session.title


@pytest.mark.parametrize(
    "header",
    [
        "slug,Held On,Last day",
        "Slug, HELD_ON ,ends on",
        "SLUG,held-on,Ends_On",
        "slug,held  on,LAST DAY",
    ],
)
def test_columns_are_recognised_by_field_name_and_label(client, publisher, header):
    SessionFactory(slug="ports", status="draft")

    bring_in(client, "sessions_app_session", f"{header}\nports,15 Nov 2019,17.11.2019\n")

    session = Session.objects.get()
    assert (str(session.held_on), str(session.ends_on)) == ("2019-11-15", "2019-11-17")


def test_duplicate_column_is_rejected(client, publisher):
    shown = preview(client, "sessions_app_session", "slug,title,Title\nx,a,b\n")

    assert wrong_with(shown)[0].startswith("Title is the column title, which is there already.")


def test_new_records_need_no_slug(client, publisher):
    TopicFactory(name="Sea lanes")

    bring_in(client, "sessions_app_session", "title,topics\nTides,Sea lanes\nWinds,\n")

    assert set(Session.objects.values_list("slug", "title", "topics__name")) == {
        ("tides", "Tides", "Sea lanes"),
        ("winds", "Winds", None),
    }


def test_identifying_column_is_required(client, publisher):
    shown = preview(client, "sessions_app_appearance", "speaker,role_title\nx,y\n")

    assert wrong_with(shown) == ["The column session is needed: it says which record a row is."]


def test_two_rows_for_one_record_are_rejected_with_their_lines(client, publisher):
    SessionFactory(slug="ports", title="Ports", status="draft")

    shown = preview(
        client, "sessions_app_session", "slug,title\n,A\n,B\nports,C\n\nroads,D\n ports ,E\n"
    )

    assert wrong_with(shown) == ["Rows 4 and 7 are both “ports”: keep one of them."]
    assert Session.objects.get().title == "Ports"


@pytest.mark.slow
def test_preview_shows_changes_first_and_counts_the_rest(client, publisher):
    for number in range(230):
        SessionFactory(slug=f"s{number:03}", title=f"Session {number}", status="draft")
    lines = [f"s{number:03},Session {number}" for number in range(230)]
    lines[222] = "s222,Session of the sea"

    shown = preview(client, "sessions_app_session", "\n".join(["slug,title", ",New", *lines]))

    rows = [
        (row["line"], row["kind"], [cell["is_changed"] for cell in row["cells"]])
        for row in shown.context["rows"]
    ]
    assert rows == [(225, "update", [False, True]), (2, "new", [True, True])]
    assert re.sub(r"\s+", " ", strip_tags(shown.text)).find("1 new 1 changed 229 unchanged") > 0
    assert '<td class="changed">' in shown.text


def test_line_numbers_of_errors_include_empty_lines(client, publisher):
    shown = preview(client, "sessions_app_session", "title,held_on\n\n\nTides,31 June 2019\n")

    assert wrong_with(shown) == [
        "Row 4, held_on: “31 June 2019” is not a date: June 2019 has 30 days."
    ]


def test_invalid_number_is_reported(client, publisher):
    appearance = AppearanceFactory()
    row = f"{appearance.session.slug},{appearance.speaker.slug},²"

    shown = preview(client, "sessions_app_appearance", f"session,speaker,position\n{row}\n")

    assert wrong_with(shown) == ["Row 2, position: “²” is not a whole number."]


@pytest.mark.parametrize(
    "content",
    [
        "slug;title\ncafe;“Café; ou non”\n".replace("“", '"').replace("”", '"').encode("cp1252"),
        'slug;title\ncafe;"Café; ou non"\n'.encode("utf-16"),
        b"\xfe\xff" + "slug\ttitle\ncafe\tCafé; ou non\n".encode("utf-16-be"),
        '[{"slug": "cafe", "title": "Café; ou non"}]'.encode(),
    ],
)
def test_files_are_read_as_spreadsheet_programs_save_them(client, publisher, content):
    SessionFactory(slug="cafe", status="draft")

    shown = preview(client, "sessions_app_session", content)
    confirm(client, "sessions_app_session", shown)

    assert Session.objects.get().title == "Café; ou non"
    assert ("read as Windows-1252" in shown.text) is (b"\xe9;" in content)


def test_export_page_preselects_xlsx_and_uses_the_names_of_the_form(client, publisher):
    page = client.get(address("sessions_app_session", "export"))

    form = page.context["form"]
    labels = [field.label for field in form.visible_fields() if "resource_" in field.name]
    assert form["format"].value() == "1"
    assert [label for _value, label in form.fields["format"].choices] == [
        "CSV",
        "XLSX (Excel, LibreOffice)",
        "JSON",
    ]
    assert labels[:5] == ["Slug", "Title", "Held on", "Last day", "Series"]


ODD = st.text(
    st.one_of(
        st.sampled_from(list(";,\"'\n\t\r =+-@_x000B_#😀\x0b\x1f\u2028é")),
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
    ),
    min_size=1,
    max_size=30,
)


@given(st.lists(st.tuples(ODD, ODD), min_size=1, max_size=4))
@pytest.mark.parametrize("sheet", SHEET_FORMATS)
def test_any_cell_survives_any_format(sheet, rows):
    dataset = tablib.Dataset(*rows, headers=["a", "b"])

    content = sheet().export_data(dataset)

    assert SHEET_FORMATS[int(detect_format_index(content))] is sheet
    assert [tuple(row.values()) for row in sheet().create_dataset(content).dict] == rows


@given(st.lists(ODD.filter(lambda text: "\x00" not in text), max_size=5))
def test_several_values_survive_in_one_cell(values):
    assert split_cell_into_values(join_values_into_cell(values)) == values


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(ODD, min_size=2, max_size=2),
    names=st.lists(ODD, min_size=2, max_size=2, unique=True),
    other=ODD,
)
@pytest.mark.parametrize("sheet", SHEET_FORMATS)
@pytest.mark.slow
def test_unchanged_export_of_any_records_changes_nothing(sheet, titles, names, other):
    with transaction.atomic():
        sessions = [
            SessionFactory(title=title, internal_note=other, status="draft") for title in titles
        ]
        topics = [TopicFactory(name=name, description=other) for name in names]
        for session in sessions:
            session.topics.set(topics)
        SpeakerAliasFactory(speaker=SpeakerFactory(family_name=other), name=names[0])
        user = UserFactory(is_superuser=True, is_staff=True)

        totals = {}
        for resource in (SessionResource, TopicResource, SpeakerResource):
            rows = sheet().create_dataset(sheet().export_data(resource().export()))
            result = resource(user=user).import_data(rows, dry_run=True)
            assert not result.has_errors() and not result.has_validation_errors()
            for kind, count in result.totals.items():
                totals[kind] = totals.get(kind, 0) + count

        transaction.set_rollback(True)
    assert {kind: count for kind, count in totals.items() if count} == {"skip": 5}
