import json
import stat

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts_app.models import Alert
from recordings_app.models import AccessLog, Grant, RecordingRequest, Sitting
from recordings_app.requests.decisions import approve_requests
from sessions_app.models import Comment
from site_app.models import ContactMessage, MailMessage
from tests.factories import CommentFactory, RecordingFactory, RecordingRequestFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    """Someone with personal data in every model, and somebody else with the same data."""
    for email, name in (("Ada@Reader.example", "Ada"), ("bob@reader.example", "Bob")):
        request = RecordingRequestFactory(
            email=email,
            name=name,
            purpose=f"Of {name}",
            recordings=[RecordingFactory(with_audio=True)],
        )
        approve_requests(
            request.requested_recordings.values_list("pk", flat=True), user=None, days=14, plays=5
        )
        grant = Grant.objects.latest("pk")
        sitting = Sitting.objects.create(grant=grant, key_hash=name)
        AccessLog.objects.create(
            recording=grant.requested.recording, grant=grant, sitting=sitting, what="play"
        )
        RecordingRequestFactory(
            email=email, name=name, status="unconfirmed", confirmed_at=None, purpose=f"Of {name}"
        )
        RecordingRequestFactory(email=email, name=name, purpose=f"Of {name}")
        contact = ContactMessage.objects.create(name=name, email=email, message=f"From {name}")
        LogEntry.objects.log_actions(UserFactory().pk, [contact], 2)
        CommentFactory(name=name, email=email, body=f"Said by {name}")
        Alert.objects.create(
            email=email.lower(),
            kind="sessions",
            note=f"Of {name}",
            status="active",
            confirmed_at=timezone.now(),
        )
    return "ada@reader.example"


MODELS = (RecordingRequest, ContactMessage, Comment, Alert, MailMessage, LogEntry)


def stored():
    return str([list(model.objects.values()) for model in MODELS])


def test_all_personal_data_is_exported(ada, capsys):
    call_command("export_person", "ADA@reader.example")

    written = capsys.readouterr()
    held = json.loads(written.out)["held"]
    assert {name: len(rows) for name, rows in held.items()} == {
        "contact messages": 1,
        "mail queue": 1,
        "comments": 1,
        "recording requests": 3,
        "recordings heard as staff": 0,
        "e-mail alerts": 1,
    }
    (given,) = held["recording requests"][0]["recordings"]
    assert len(given["grants"][0]["played_at"]) == 1
    assert given["grants"][0]["accesses"][0]["what"] == "play"
    assert "Bob" not in written.out
    for secret in ("nonce", "hash", "token"):
        assert secret not in written.out


def test_export_to_a_file_is_private_and_overwrites_nothing(ada, tmp_path):
    path = tmp_path / "ada.json"

    call_command("export_person", ada, output=path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["address"] == ada
    with pytest.raises(CommandError, match="File exists"):
        call_command("export_person", ada, output=path)


def test_only_the_data_of_one_person_is_erased(ada, capsys, client):
    before = stored().count("Bob")
    grants = Grant.objects.filter(requested__request__email__iexact=ada)
    (key,) = grants.values_list("pk", flat=True)

    call_command("erase_person", ada)

    assert "recording requests: 3" in capsys.readouterr().out
    left = stored()
    for told in ("Ada", "ada@"):
        assert told not in left
    assert left.count("Bob") == before > 0
    grant = Grant.objects.get(pk=key)
    assert grant.revoked_at is not None
    assert grant.accesses.count() == 1
    assert client.get(grant.url.removeprefix("http://127.0.0.1:8000")).status_code == 410
    call_command("export_person", ada)
    held = json.loads(capsys.readouterr().out)["held"]
    assert not any(held.values())


def test_dry_run_erases_nothing(ada, capsys):
    before = stored()

    call_command("erase_person", ada, dry_run=True)

    assert "recording requests: 3 (not erased)" in capsys.readouterr().out
    assert stored() == before


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
def test_invalid_address_argument_is_rejected(command):
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command(command, "Ada")


def test_accesses_of_staff_are_exported_and_their_name_removed(capsys):
    user = UserFactory(email="Grace@archive.example", first_name="Grace", last_name="Hopper")
    AccessLog.objects.create(
        recording=RecordingFactory(), what="staff", user=user, user_name="Grace Hopper"
    )

    call_command("export_person", "grace@archive.example")
    held = json.loads(capsys.readouterr().out)["held"]["recordings heard as staff"]
    call_command("erase_person", "grace@archive.example")

    assert [row["by"] for row in held] == ["Grace Hopper"]
    assert [(entry.user, entry.by) for entry in AccessLog.objects.all()] == [(None, "staff")]
