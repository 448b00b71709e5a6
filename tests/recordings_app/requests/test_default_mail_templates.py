import pytest
from django.urls import reverse

from site_app.mail.templates import fill_placeholders, registered_mail_templates
from site_app.models import MailText
from tests.factories import RecordingRequestFactory, UserFactory

pytestmark = pytest.mark.django_db
DECLINED = "request-declined"
TYPED = {"subject": "No, {reference}", "body": "Sorry, {name}:\r\n\r\n{recordings}"}


@pytest.fixture
def officer_client(client):
    client.force_login(UserFactory(group="Access officers"))
    return client


def page_of(kind):
    return reverse("admin:site_app_mailtext_change", args=[kind])


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Dear {name},", "Dear Ada,"),
        ("{unknown} {name}", "{unknown} Ada"),
        ("Note: {empty}\nEnd", "End"),
        ("{empty} {name}", " Ada"),
        ("Before:\n\n{empty}\n\nAfter", "After"),
        ("Before.\n\n{empty}\n\nAfter", "Before.\n\nAfter"),
        ("{tricky}", "{name}"),
        ("{ name } {} {{", "{ name } {} {{"),
    ],
)
def test_placeholders_are_replaced_in_one_pass(text, filled):
    assert fill_placeholders(text, {"name": "Ada", "empty": "", "tricky": "{name}"}) == filled


def test_every_mail_about_requests_can_be_reworded(officer_client):
    listed = officer_client.get(reverse("admin:site_app_mailtext_changelist")).content.decode()

    assert len(registered_mail_templates()) == 8
    for wording in registered_mail_templates():
        assert str(wording.label) in listed
        assert officer_client.get(page_of(wording.kind)).status_code == 200


def test_custom_text_is_sent_and_can_be_reset(officer_client, send_mail_now):
    from recordings_app.requests.decisions import decline_requests  # needs loaded models

    officer_client.post(page_of(DECLINED), TYPED | {"_save": "1"})
    own = MailText.objects.get()
    request = RecordingRequestFactory(name="Ada {contact}")
    decline_requests(request.requested_recordings.values_list("pk", flat=True), user=None)

    (mail,) = send_mail_now()
    officer_client.post(page_of(DECLINED), {"_restore": "1"})

    assert own.body == "Sorry, {name}:\n\n{recordings}"
    assert mail.subject == f"No, {request.reference}"
    assert mail.body.startswith("Sorry, Ada {contact}:\n\n- Session")
    assert not MailText.objects.exists()


def test_preview_shows_both_mail_parts_and_saves_nothing(officer_client):
    typed = {"subject": "No, {reference}", "body": "<b>{name}</b>\n\n{recordings}"}

    page = officer_client.post(page_of(DECLINED), typed | {"_preview": "1"}).content.decode()

    assert "No, R-7KQ2M9XD" in page
    assert page.count("&lt;b&gt;Ada Reader&lt;/b&gt;") == 2
    assert "<b>" not in page
    assert "&lt;b&gt;{name}&lt;/b&gt;" in page  # the input is still there
    assert not MailText.objects.exists()


@pytest.mark.parametrize("button", ["_save", "_preview"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": "{recordings} {nome}"}, "There is no placeholder {nome} here"),
        ({"body": "Sorry."}, "The text needs {recordings}"),
        ({"subject": "{note}"}, "There is no placeholder {note} here"),
        ({"subject": "{recordings}"}, "There is no placeholder {recordings} here"),
        ({"body": ""}, "This field is required."),
    ],
)
def test_invalid_text_is_rejected_next_to_its_field(officer_client, changes, said, button):
    page = officer_client.post(page_of(DECLINED), TYPED | changes | {button: "1"})

    assert page.status_code == 200
    assert said in page.content.decode()
    assert not MailText.objects.exists()


def test_confirmation_mail_cannot_contain_input(officer_client):
    for name in ("name", "organisation", "purpose", "status_link"):
        officer_client.post(
            page_of("request-confirm"), {"subject": "x", "body": f"{{confirm_link}} {{{name}}}"}
        )

    assert not MailText.objects.exists()


def test_unchanged_text_is_not_stored(officer_client):
    wording = next(each for each in registered_mail_templates() if each.kind == DECLINED)

    officer_client.post(
        page_of(DECLINED),
        {"subject": str(wording.subject), "body": wording.body.replace("\n", "\r\n")},
    )

    assert not MailText.objects.exists()


@pytest.mark.parametrize("group", ["Editors", "Publishers"])
@pytest.mark.parametrize("kind", [None, DECLINED])
def test_other_staff_may_not_change_mail_texts(client, group, kind):
    client.force_login(UserFactory(group=group))
    address = page_of(kind) if kind else reverse("admin:site_app_mailtext_changelist")

    for typed in (TYPED, TYPED | {"_preview": "1"}, {"_restore": "1"}):
        assert client.post(address, typed).status_code == 403
    assert client.get(address).status_code == 403


def test_unknown_mail_is_404(officer_client):
    assert officer_client.get(page_of("none")).status_code in (302, 404)
