import pytest
from django.urls import reverse
from lxml import html
from reversion.models import Version

from sessions_app.editing import history
from tests.factories import SessionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("view", "trail"),
    [
        ("worklists:index", ["Home", "Worklists"]),
        ("admin:site_app_mailtext_changelist", ["Home", "Texts of mails"]),
        ("admin:recordings_app_decide", ["Home", "Recording requests", "Decide on requests"]),
        ("admin:ingest_app_incomingpage_add", ["Home", "Sessions", "Import pages"]),
        ("admin:sessions_app_session_import", ["Home", "Sessions", "Sessions", "Import"]),
    ],
)
def test_breadcrumbs_lead_from_home_to_the_page(admin_client, view, trail):
    page = html.fromstring(admin_client.get(reverse(view)).text)

    (breadcrumbs,) = page.find_class("breadcrumbs")
    assert " ".join(breadcrumbs.text_content().split()) == " › ".join(trail)


def test_breadcrumbs_of_a_version_include_session_and_history(admin_client):
    session = SessionFactory(title="Sea lanes")
    history.record_current_state([session.pk], comment="")
    version = Version.objects.get_for_object(session).get()
    view = reverse("admin:sessions_app_session_revision", args=[session.pk, version.pk])
    page = html.fromstring(admin_client.get(view).text)

    (breadcrumbs,) = page.find_class("breadcrumbs")
    assert " ".join(breadcrumbs.text_content().split()) == (
        "Home › Sessions › Sessions › Sea lanes › History › Versions compared"
    )
