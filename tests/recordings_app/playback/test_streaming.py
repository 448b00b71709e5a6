"""Audio over HTTP: ranges, conditions, lengths; served by Django, by nginx, by the bucket."""

import tracemalloc

import pytest

from recordings_app.models import AccessLog, Recording
from recordings_app.playback import streaming
from sma_archive.configuration.checks import check_private_delivery
from tests.factories import RecordingFactory
from tests.sound import tone

pytestmark = pytest.mark.django_db

AUDIO = tone(10)
SIZE = len(AUDIO)
PATH = "/sessions/sea-lanes/recordings/1/audio"


@pytest.fixture(autouse=True)
def recording():
    return RecordingFactory(has_audio=True, access="open", session__slug="sea-lanes")


def ask(client, method="get", **headers):
    response = getattr(client, method)(
        PATH, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    response.body = b"".join(response) if response.streaming else response.content
    return response


def test_whole(client):
    whole = ask(client)

    assert (whole.status_code, whole.body) == (200, AUDIO)
    assert whole["Content-Length"] == str(SIZE)
    assert whole["Content-Type"] == "audio/wav"
    assert whole["Accept-Ranges"] == "bytes"
    assert whole["Cache-Control"] == "no-store"
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert "Content-Range" not in whole


def test_audio_without_a_date_is_served_with_its_etag(client, recording, admin_client):
    Recording.objects.update(attached_at=None)

    whole = ask(client)
    again = ask(client, if_none_match=whole["ETag"])
    since = ask(client, if_modified_since="Mon, 01 Jan 2024 00:00:00 GMT")
    part = ask(client, range="bytes=0-9", if_range="Mon, 01 Jan 2024 00:00:00 GMT")
    form = admin_client.get(f"/admin/recordings_app/recording/{recording.pk}/change/")

    assert (whole.status_code, whole.body) == (200, AUDIO)
    assert "Last-Modified" not in whole
    assert (again.status_code, since.status_code, part.status_code) == (304, 200, 200)
    assert form.status_code == 200


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=100-199", 100, 199),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        (f"bytes=0-{SIZE * 9}", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    ],
)
def test_one_range(client, header, start, end):
    part = ask(client, range=header)

    assert (part.status_code, part.body) == (206, AUDIO[start : end + 1])
    assert part["Content-Range"] == f"bytes {start}-{end}/{SIZE}"
    assert part["Content-Length"] == str(end - start + 1)


@pytest.mark.parametrize("header", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 9}", "bytes=-0"])
def test_beyond_the_end(client, header):
    answer = ask(client, range=header)

    assert (answer.status_code, answer.body) == (416, b"")
    assert answer["Content-Range"] == f"bytes */{SIZE}"
    assert AccessLog.objects.count() == 0


@pytest.mark.parametrize(
    "header", ["bytes=0-1,3-4", "bytes=" + ",".join(["0-"] * 5000), "lines=0-5", "bytes=9-1"]
)
def test_several_or_invalid_ranges_give_the_whole_file(client, header):
    answer = ask(client, range=header)

    assert (answer.status_code, len(answer.body)) == (200, SIZE)


def test_head(client):
    whole, part = ask(client, "head"), ask(client, "head", range="bytes=0-9")

    assert (whole.status_code, whole["Content-Length"], whole.body) == (200, str(SIZE), b"")
    # Ranges apply only to GET.
    assert (part.status_code, part["Content-Length"]) == (200, str(SIZE))
    assert AccessLog.objects.count() == 0


def test_if_range(client):
    whole = ask(client)
    same = [whole["ETag"], whole["Last-Modified"]]
    other = ['"other"', f"W/{whole['ETag']}", "Tue, 01 Jan 2019 00:00:00 GMT", "nonsense", '"']

    parts = [ask(client, range="bytes=5-9", if_range=value).status_code for value in same]
    wholes = [ask(client, range="bytes=5-9", if_range=value).status_code for value in other]

    assert (parts, wholes) == ([206] * 2, [200] * 5)


def test_conditions(client):
    whole = ask(client)
    etag, modified = whole["ETag"], whole["Last-Modified"]

    assert ask(client, if_none_match=etag).status_code == 304
    assert ask(client, if_none_match='"other"').status_code == 200
    assert ask(client, if_modified_since=modified).status_code == 304
    assert ask(client, if_match='"other"').status_code == 412
    assert ask(client, if_match=etag, range="bytes=0-9").status_code == 206
    assert ask(client, if_unmodified_since="Tue, 01 Jan 2019 00:00:00 GMT").status_code == 412


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods(client, method):
    assert getattr(client, method)(PATH).status_code == 405


def test_sent_bytes_are_logged_when_the_reader_disconnects(client, recording, monkeypatch):
    monkeypatch.setattr(streaming, "BLOCK_BYTES", 1000)

    response = client.get(PATH)
    blocks = iter(response)
    for _ in range(3):
        next(blocks)
    # As the server does; the test client's close() would end the transaction.
    response._iterator.close()

    assert list(AccessLog.objects.values_list("what", "byte_count")) == [("audio", 3000)]


def test_audio_element_gets_slices_of_a_large_range(client, monkeypatch):
    monkeypatch.setattr(streaming, "MAX_MEDIA_ELEMENT_BYTES", 1000)

    slice_ = ask(client, range="bytes=50-", sec_fetch_dest="audio")
    rest = ask(client, range="bytes=50-", sec_fetch_dest="empty")

    assert (slice_.status_code, slice_["Content-Range"]) == (206, f"bytes 50-1049/{SIZE}")
    assert slice_.body == AUDIO[50:1050]
    assert len(rest.body) == SIZE - 50


def test_memory_use_does_not_depend_on_the_file(client, recording):
    size = 64 * 1024 * 1024
    with open(recording.file.path, "r+b") as file:  # noqa: PTH123 - the storage's own path
        file.truncate(size)
    Recording.objects.update(byte_count=size)
    response = client.get(PATH)

    tracemalloc.start()
    sent = sum(len(block) for block in response)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent == size
    assert peak < 2 * 1024 * 1024


def test_missing_file_is_not_found(client, recording):
    recording.file.storage.delete(recording.file.name)

    assert ask(client).status_code == 404


def test_nginx_gets_the_file_name(client, recording, settings):
    settings.PRIVATE_DELIVERY = "nginx"

    answer = ask(client, range="bytes=10-19")

    assert answer["X-Accel-Redirect"] == f"/private-files/{recording.file.name}"
    assert (answer.body, answer["Content-Type"]) == (b"", "audio/wav")
    assert list(AccessLog.objects.values_list("what", "byte_count")) == [("audio", 10)]


def test_nginx_gets_no_file_name_without_permission(client, settings):
    settings.PRIVATE_DELIVERY = "nginx"
    Recording.objects.update(access="closed")

    answer = ask(client)

    assert answer.status_code == 404
    assert "X-Accel-Redirect" not in answer


@pytest.mark.parametrize(
    ("delivery_by", "storage", "is_fine"),
    [
        ("django", "", True), ("django", "s3://k:s@h/b", True), ("nginx", "", True), ("nginx", "s3://k:s@h/b", False),
        ("bucket", "", False), ("bucket", "s3://k:s@h/b", True), ("apache", "", False),
    ],
)  # fmt: skip
def test_invalid_delivery_setting_is_reported_at_startup(settings, delivery_by, storage, is_fine):
    settings.PRIVATE_DELIVERY, settings.PRIVATE_STORAGE_URL = delivery_by, storage

    assert (check_private_delivery(None) == []) == is_fine
