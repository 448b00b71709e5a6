"""Audio uploaded in pieces: resumed after an interruption, checked as a whole, and never left over."""

import base64
import hashlib
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recordings_app.audio import uploads
from recordings_app.audio.tasks import draw_waveform
from recordings_app.models import Recording, RecordingUpload
from tests.factories import RecordingFactory
from tests.sound import sample, tone

pytestmark = pytest.mark.django_db

PIECE = 20_000
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}


@pytest.fixture
def recording():
    return RecordingFactory(session__title="Sea lanes")


@pytest.fixture
def officer(staff_client):
    return staff_client("Access officers")


def begin(client, recording, length, name="talk.wav"):
    return client.post(
        reverse("admin:recordings_app_recording_upload", args=[recording.pk]),
        HTTP_UPLOAD_LENGTH=str(length),
        HTTP_UPLOAD_METADATA=f"filename {base64.b64encode(name.encode()).decode()},kind YQ==",
        **TUS,
    )


def send(client, address, offset, piece, **headers):
    return client.patch(
        address,
        piece,
        content_type="application/offset+octet-stream",
        HTTP_UPLOAD_OFFSET=str(offset),
        **TUS,
        **headers,
    )


def send_all(client, address, content, start=0):
    for offset in range(start, len(content), PIECE):
        answer = send(client, address, offset, content[offset : offset + PIECE])
        assert answer.status_code == 204


def stored_files():
    private = storages["private"]
    found = []

    def walk(folder):
        folders, files = private.listdir(folder)
        found.extend(f"{folder}/{name}".lstrip("./") for name in files)
        for name in folders:
            walk(f"{folder}/{name}")

    walk(".")
    return sorted(found)


def test_pieces_become_the_audio_of_the_recording(officer, recording):
    content = tone(10)
    address = begin(officer, recording, len(content), "../../x/Talk of \n May.wav")["Location"]

    send_all(officer, address, content)
    uploads.attach_received_uploads()

    recording.refresh_from_db()
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert (recording.media_type, recording.duration_seconds) == ("audio/wav", 10)
    assert recording.byte_count == len(content)
    assert recording.original_name == "Talk of May.wav"
    assert recording.attached_by.groups.get().name == "Access officers"
    with recording.file.open() as file:
        assert file.read() == content
    assert stored_files() == [recording.file.name]
    assert officer.get(address).json()["state"] == "done"

    draw_waveform.func(recording.pk)

    recording.refresh_from_db()
    assert max(recording.peaks) == 100


def test_stored_name_reveals_nothing(officer, recording):
    content = tone(1)
    address = begin(officer, recording, len(content), "Sea lanes secret.wav")["Location"]
    send_all(officer, address, content)
    uploads.attach_received_uploads()

    recording.refresh_from_db()
    folder, _, name = recording.file.name.partition("/")
    assert folder == "recordings"
    assert len(name) == len("0" * 32 + ".wav")
    assert "secret" not in name


def test_interrupted_upload_is_resumed(officer, recording):
    content = tone(5)
    first = begin(officer, recording, len(content))
    send(officer, first["Location"], 0, content[:PIECE])

    again = begin(officer, recording, len(content))
    head = officer.head(again["Location"])
    send_all(officer, again["Location"], content, start=PIECE)
    uploads.attach_received_uploads()

    assert again["Location"] == first["Location"]
    assert (again["Upload-Offset"], head["Upload-Offset"]) == (str(PIECE), str(PIECE))
    assert head["Upload-Length"] == str(len(content))
    recording.refresh_from_db()
    assert recording.sha256 == hashlib.sha256(content).hexdigest()


def test_piece_at_a_wrong_offset_is_rejected_with_the_right_one(officer, recording):
    address = begin(officer, recording, 1000)["Location"]
    send(officer, address, 0, b"x" * 100)

    for offset in (0, 50, 200):
        answer = send(officer, address, offset, b"y" * 100)
        assert (answer.status_code, answer["Upload-Offset"]) == (409, "100")


def test_piece_with_a_wrong_checksum_is_rejected(officer, recording):
    address = begin(officer, recording, 1000)["Location"]
    digest = base64.b64encode(hashlib.sha256(b"x" * 100).digest()).decode()

    damaged = send(officer, address, 0, b"y" * 100, HTTP_UPLOAD_CHECKSUM=f"sha256 {digest}")
    sound = send(officer, address, 0, b"x" * 100, HTTP_UPLOAD_CHECKSUM=f"sha256 {digest}")

    assert (damaged.status_code, sound.status_code) == (460, 204)


@pytest.mark.parametrize(
    ("offset", "piece", "status"),
    [
        ("x", b"abc", 400),
        ("-1", b"abc", 400),
        ("0", b"x" * 2000, 413),
        ("99999999999999999999", b"abc", 400),
        ("٣", b"abc", 400),
    ],
)
def test_invalid_pieces_are_rejected(officer, recording, offset, piece, status):
    address = begin(officer, recording, 1000)["Location"]
    headers = (
        {"HTTP_UPLOAD_OFFSET": offset} if offset.isascii() else {"HTTP_UPLOAD_OFFSET": "\xb2"}
    )

    answer = officer.patch(
        address, piece, content_type="application/offset+octet-stream", **TUS, **headers
    )

    assert answer.status_code == status
    assert RecordingUpload.objects.get().received == 0


def test_a_piece_too_large_is_not_read(officer, recording):
    address = begin(officer, recording, 10**9)["Location"]

    answer = send(officer, address, 0, bytes(uploads.MAX_PIECE_BYTES + 1))

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("length", "status"), [(2 * 1024**3, 201), (2 * 1024**3 + 1, 413), (0, 413), ("many", 400)]
)
def test_size_is_checked_before_the_upload(officer, recording, length, status):
    assert begin(officer, recording, length).status_code == status


def test_upload_that_is_not_audio_is_rejected_and_removed(officer, recording):
    content = b"<!doctype html><script>alert(1)</script>" * 100
    address = begin(officer, recording, len(content), "talk.mp3")["Location"]
    send_all(officer, address, content)

    uploads.attach_received_uploads()

    told = officer.get(address).json()
    assert told["state"] == "refused"
    assert "not an audio file" in told["message"]
    recording.refresh_from_db()
    assert (recording.file.name, stored_files()) == ("", [])


def test_new_audio_replaces_the_old(officer, recording, django_capture_on_commit_callbacks):
    for content in (tone(1), sample("tone.mp3")):
        address = begin(officer, recording, len(content))["Location"]
        send_all(officer, address, content)
        with django_capture_on_commit_callbacks(execute=True):
            uploads.attach_received_uploads()

    recording.refresh_from_db()
    assert recording.media_type == "audio/mpeg"
    assert stored_files() == [recording.file.name]


def test_tick_resumes_an_interrupted_check(officer, recording):
    content = tone(1)
    address = begin(officer, recording, len(content))["Location"]
    send_all(officer, address, content)
    long_ago = uploads.timezone.now() - uploads.ORPHANED_UPLOAD_AGE * 2
    # A worker died after storing the file, before recording it.
    name = f"recordings/{'a' * 32}.wav"
    uploads.replace_private_file(SimpleUploadedFile("x.wav", content[:500]), name)
    RecordingUpload.objects.update(state="checking", touched_at=long_ago, stored_as=name)

    uploads.attach_orphaned_uploads()

    recording.refresh_from_db()
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert stored_files() == [name]


def test_abandoned_upload_is_removed(officer, recording):
    address = begin(officer, recording, 50_000)["Location"]
    send(officer, address, 0, b"x" * 100)
    long_ago = uploads.timezone.now() - uploads.ABANDONED_UPLOAD_AGE - timedelta(minutes=1)

    assert uploads.purge_abandoned_uploads() == 0
    RecordingUpload.objects.update(touched_at=long_ago)
    assert uploads.purge_abandoned_uploads() == 1

    assert (RecordingUpload.objects.count(), stored_files()) == (0, [])
    assert officer.head(address).status_code == 404


def test_upload_can_be_cancelled(officer, recording):
    address = begin(officer, recording, 50_000)["Location"]
    send(officer, address, 0, b"x" * 100)

    assert officer.delete(address).status_code == 204
    assert stored_files() == []


@pytest.mark.parametrize("group", ["Editors", "Publishers"])
def test_other_staff_may_not_upload(staff_client, recording, group):
    client = staff_client(group)
    upload = uploads.resume_or_begin_upload(recording, name="x", byte_count=1000, user=None)
    address = reverse("admin:recordings_app_recording_piece", args=[recording.pk, upload.key])

    assert begin(client, recording, 1000).status_code == 403
    for method in (client.get, client.head, client.delete):
        assert method(address).status_code == 403
    assert send(client, address, 0, b"x").status_code == 403


def test_upload_belongs_to_its_officer(officer, recording, django_user_model):
    other = django_user_model.objects.create(username="other")
    upload = uploads.resume_or_begin_upload(
        recording, name="talk.wav", byte_count=1000, user=other
    )
    address = reverse("admin:recordings_app_recording_piece", args=[recording.pk, upload.key])

    assert begin(officer, recording, 1000)["Location"] != address
    assert send(officer, address, 0, b"x").status_code == 403


def test_visitors_must_log_in_to_upload(client, recording):
    answer = begin(client, recording, 1000)

    assert answer.status_code == 403
    assert "Log in again" in answer.content.decode()


def saved(client, recording, audio, **values):
    form = {
        "access": "on_request",
        "position": "0",
        "transcript-TOTAL_FORMS": "0",
        "transcript-INITIAL_FORMS": "0",
        "audio": audio,
    }
    address = reverse("admin:recordings_app_recording_change", args=[recording.pk])
    return client.post(address, form | values)


def test_file_can_be_sent_with_the_form(officer, recording):
    answer = saved(officer, recording, SimpleUploadedFile("tone.txt", sample("tone.mp3")))

    assert answer.status_code == 302
    recording.refresh_from_db()
    assert recording.media_type == "audio/mpeg"
    assert recording.file.name.endswith(".mp3")


def test_error_is_shown_next_to_the_field_and_nothing_is_lost(officer, recording):
    audio = SimpleUploadedFile("talk.mp3", b"not audio", content_type="audio/mpeg")

    answer = saved(officer, recording, audio, title="Part 2")

    assert answer.status_code == 200
    assert "This is not an audio file" in answer.context["adminform"].form.errors["audio"][0]
    assert 'value="Part 2"' in answer.content.decode()
    assert Recording.objects.get().file.name == ""
