"""An editor's work in a real browser: no admin page violates the CSP or causes a script error."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from sessions_app.editing import history
from sessions_app.models import Session
from tests.chromium import press_and_see_close
from tests.factories import (
    PDF,
    AppearanceFactory,
    DocumentFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EDITOR = ".ProseMirror[contenteditable]"
PASTE = """([selector, html]) => {
  const target = document.querySelector(selector);
  target.focus();
  const clipboard = new DataTransfer();
  clipboard.setData("text/html", html);
  target.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }),
  );
}"""
FROM_WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>
<!-- p.MsoNormal { margin: 0cm } --></style></head><body lang=EN-US><!--StartFragment-->
<h1 style='color:red'>Preview</h1>
<p class=MsoNormal style='margin-bottom:8pt'><span style='font-family:"Calibri"'>SMA hosted a
<b style='mso-bidi-font-weight:normal'>session</b> by <i>Ms. Kania</i>.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span
style='font:7pt "Times New Roman"'>&nbsp;&nbsp; </span></span>First</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span
style='font:7pt "Times New Roman"'>&nbsp;&nbsp; </span></span>Second
<a href="https://example.org/report" onclick="steal()">report</a></p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.<span
style='font:7pt "Times New Roman"'>&nbsp;&nbsp; </span></span>Num\u00adber<a href="#_ftn1">[1]</a></p>
<table><tr><td><p>Date</p></td><td><p>4 May<del> or 5</del></p></td></tr></table>
<img src="file:///C:/x.png"><script>steal()</script><!--EndFragment--></body></html>"""


@pytest.fixture
def page(browser_page, enter_as):
    enter_as(browser_page, UserFactory(group="Publishers"))
    return browser_page


def add_in_popup(page, link, **values):
    """Press the plus next to a field, fill in the pop-up and save it; it closes itself."""
    with page.expect_popup() as opened:
        page.click(link)
    popup = opened.value
    for name, value in values.items():
        popup.fill(f"#id_{name}", value)
    press_and_see_close(popup, "[name=_save]")


def test_session_is_entered_by_an_editor_after_login(browser_page):
    page = browser_page
    user = UserFactory(username="ada", group="Publishers")
    user.set_password("correct horse")
    user.save()
    page.goto(reverse("admin:index"))
    page.fill("#id_username", "ada")
    page.fill("#id_password", "correct horse")
    page.click("[type=submit]")
    page.click(".start-button")
    page.wait_for_url("**/session/add/")
    page.wait_for_selector(EDITOR)
    page.fill("#id_title", "A New Sino-Russian High-tech Partnership")
    page.fill("#id_held_on", "2019-11-15")
    add_in_popup(page, "#add_id_series", name="Future of Global Competition & Conflict")
    add_in_popup(page, "#add_id_topics", name="Technology")
    page.evaluate(PASTE, [EDITOR, FROM_WORD])
    speakers = (("Samuel", "Bendett", "CNA"), ("Elsa", "Kania", "CNAS"))
    for index, (given, family, organisation) in enumerate(speakers):
        if index:
            page.click("#appearances-group .add-row a")
        row = f"#add_id_appearances-{index}"
        add_in_popup(page, f"{row}-speaker", given_name=given, family_name=family)
        add_in_popup(page, f"{row}-organisation", name=organisation)
    page.click("#recommendations-group .add-row a")
    page.fill("#id_recommendations-0-text", "Work with allies.")
    page.select_option("#id_recommendations-0-made_by", label="Elsa Kania")
    page.click("#documents-group .add-row a")
    page.fill("#id_documents-0-title", "Paper")
    paper = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.set_input_files("#id_documents-0-file", paper)
    page.select_option("#id_status", "published")
    page.click("[name=_preview]")
    page.wait_for_url("**/sessions/a-new-sino-russian-high-tech-partnership/")

    session = Session.objects.get()
    assert session.is_public
    assert session.summary == (
        "<h3>Preview</h3><p>SMA hosted a <strong>session</strong> by <em>Ms. Kania</em>.</p>"
        "<ul><li>First</li><li>Second "
        '<a href="https://example.org/report" rel="noopener noreferrer">report</a></li></ul>'
        "<ol><li>Number[1]</li></ol><p>Date | 4 May</p>"
    )
    assert [str(each.speaker) for each in session.appearances.all()] == [
        "Samuel Bendett",
        "Elsa Kania",
    ]
    made_by = session.recommendations.get().made_by.get()
    assert (str(made_by.speaker), made_by.organisation.name) == ("Elsa Kania", "CNAS")
    assert session.documents.get().media_type == "application/pdf"


def test_speaker_is_chosen_by_typing(page):
    session = SessionFactory(status="draft")
    appearance = AppearanceFactory(speaker__family_name="Kania")
    AppearanceFactory(speaker__family_name="Bendett")
    page.goto(reverse("admin:sessions_app_session_change", args=[session.pk]))
    page.click("#appearances-group .add-row a")
    page.click("#id_appearances-0-speaker + .select2-container")
    found = page.locator(".select2-results__option")
    expect(found).to_have_count(2)
    page.fill(".select2-container--open .select2-search__field", "kan")
    expect(found).to_have_text([str(appearance.speaker)])
    found.click()
    page.click("#recommendations-group .add-row a")

    offered = page.locator("#id_recommendations-0-made_by option")
    expect(offered).to_have_text([str(appearance.speaker)])


def test_removed_speaker_is_no_longer_offered(page):
    session = SessionFactory(status="draft")
    staying, _going = AppearanceFactory.create_batch(2, session=session)
    RecommendationFactory(session=session)
    page.goto(reverse("admin:sessions_app_session_change", args=[session.pk]))
    page.check("#id_appearances-1-DELETE")

    offered = page.locator("#id_recommendations-0-made_by option")
    expect(offered).to_have_text([str(staying.speaker)])


@pytest.fixture
def whole(live_server):
    """A session with every kind of part, two versions of it, and a deleted one."""
    session = SessionFactory(series=SeriesFactory(), summary="<p>Text.</p>")
    session.topics.add(TopicFactory())
    session.regions.add(RegionFactory())
    RecommendationFactory(session=session).made_by.add(AppearanceFactory(session=session))
    DocumentFactory(session=session, as_file=True)
    history.record_current_state([session.pk], comment="First.")
    Session.objects.filter(pk=session.pk).update(title="Second")
    history.record_current_state([session.pk], comment="Second.")
    gone = SessionFactory()
    history.record_current_state([gone.pk], comment="Deleted.")
    gone.delete()
    return session


def test_admin_pages_load_without_csp_reports(page, whole):
    appearance = whole.appearances.get()
    version = history.versions_of_session(whole.pk).last()
    own = "admin:sessions_app_session_"
    pages = [
        reverse("admin:index"),
        reverse("admin:password_change"),
        reverse(f"{own}changelist"),
        reverse(f"{own}add"),
        reverse(f"{own}change", args=[whole.pk]),
        reverse(f"{own}history", args=[whole.pk]),
        reverse(f"{own}revision", args=[whole.pk, version.pk]),
        reverse(f"{own}delete", args=[whole.pk]),
        f"{reverse(f'{own}compare', args=[whole.pk])}?old={version.pk}&new=now",
        reverse("admin:sessions_app_binnedsession_changelist"),
        reverse("admin:sessions_app_comment_changelist"),
        *(reverse(f"{own}{page}") for page in ("export", "import")),
        reverse("admin:speakers_app_speaker_export"),
        reverse("admin:sessions_app_recommendation_changelist"),
        reverse("admin:sessions_app_appearance_import"),
        reverse("admin:sessions_app_topic_changelist"),
        reverse("admin:sessions_app_topic_add"),
        reverse("admin:sessions_app_series_change", args=[whole.series_id]),
        reverse("admin:sessions_app_region_changelist"),
        reverse("admin:speakers_app_speaker_changelist"),
        reverse("admin:speakers_app_speaker_change", args=[appearance.speaker_id]),
        reverse("admin:speakers_app_speaker_history", args=[appearance.speaker_id]),
        reverse("admin:speakers_app_organisation_add"),
        reverse("admin:site_app_sitesettings_changelist"),
        reverse("admin:site_app_contactmessage_changelist"),
    ]

    loaded = {address: page.goto(address, wait_until="networkidle").status for address in pages}

    assert loaded == dict.fromkeys(pages, 200)


def test_spreadsheet_is_previewed_and_imported(page, whole):
    page.goto(reverse("admin:sessions_app_session_import"))
    file = f"slug,title\n{whole.slug},Ports and rivers\n".encode()
    page.set_input_files(
        "#id_import_file", {"name": "rows.csv", "mimeType": "text/csv", "buffer": file}
    )
    page.click("text=Show what it would change")
    page.locator(".sheet-preview ins").first.wait_for()

    page.click("text=Import this")
    page.locator(".success").wait_for()

    whole.refresh_from_db()
    assert whole.title == "Ports and rivers"
