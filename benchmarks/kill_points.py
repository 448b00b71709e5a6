"""SIGKILL of web server and worker at random moments of requests, decisions and uploads.

    python -m benchmarks.kill_points --requests 500 --kills 20

Runs the site's own web server, worker and tick. Requesters, an access officer and an uploader use
the site over HTTP. Every acknowledged action is compared with the final state. The exit status is 1
if anything acknowledged is missing or incomplete. DATABASE_URL selects PostgreSQL (an empty database).
"""

import argparse
import base64
import hashlib
import http.client
import random
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

from benchmarks.archive import open_empty_archive
from benchmarks.mail_trouble import Worker, wait
from sma_archive.server import web_server

RECORDINGS = 30
PIECE = 64 * 1024
BROKEN = (OSError, http.client.HTTPException)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=500, help="to be acknowledged (500)")
    parser.add_argument("--uploads", type=int, default=20, help="likewise (20)")
    parser.add_argument("--kills", type=int, default=20, help="of web server and worker (20)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the kills (1)")
    options = parser.parse_args()
    random.seed(options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stops its child processes

    from tests.mail_server import MailServer, free_port  # needs the development requirements

    with MailServer() as mail_server:
        port = free_port()
        open_empty_archive(
            REQUEST_CONFIRMATION="0",
            SITE_URL=f"http://127.0.0.1:{port}",
            EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}",
            ARCHIVE_CONTACT_EMAIL="archive@archive.example",
        )
        sys.exit(Run(options, port, mail_server).run())


class Visitor:
    """A minimal browser: cookies, forms with their CSRF token, one connection."""

    def __init__(self, port):
        self.port = port
        self.cookies = {}
        self.connection = None

    def send(self, method, path, body=None, **headers):
        """Return (status, headers, text); raises an exception if the connection was lost."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if isinstance(body, list):
            body = urlencode(body)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode(errors="replace")
        except BROKEN:
            self.connection.close()
            self.connection = None
            raise
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, response.headers, text

    def post_form(self, path, typed):
        _status, _headers, page = self.send("GET", path)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        if found is None:
            raise OSError("no form")
        return self.send(
            "POST", path.partition("?")[0], [("csrfmiddlewaretoken", found[1]), *typed]
        )

    def log_in(self):
        typed = [("username", "officer"), ("password", "benchmark"), ("next", "/admin/")]
        status, _headers, _page = self.post_form("/admin/login/", typed)
        if status != 302:
            raise SystemExit(f"log-in answered {status}")


def until_answered(act):
    """Repeat something until the server responds; return the response."""
    while True:
        try:
            return act()
        except BROKEN:
            time.sleep(0.2)


class Run:
    def __init__(self, options, port, mail_server):
        self.options = options
        self.port = port
        self.mail_server = mail_server
        self.asked: dict[str, str] = {}  # reference: address
        self.decided: set[int] = set()
        self.uploaded: dict[int, str] = {}  # recording: sha256
        self.broken = 0

    def run(self):
        from django.contrib.auth import get_user_model
        from django.db import connection

        from recordings_app.models import Recording
        from sessions_app.models import Session

        get_user_model().objects.create_superuser("officer", "o@archive.example", "benchmark")
        self.recordings = []
        for number in range(RECORDINGS):
            session = Session.objects.create(title=f"Session {number}", status="published")
            self.recordings.append(Recording.objects.create(session=session))
        connection.close()
        web = Worker(
            *web_server.web_server_command("127.0.0.1", self.port, 2),
            program=None,
        )
        programs = [web, Worker("db_worker", "--no-startup-delay")]
        tick = Worker("tick", "--every", "2")
        try:
            self.go(connection.vendor, programs)
        finally:
            for program in (*programs, tick):
                program.stop()
        return self.compare()

    def go(self, vendor, programs):
        until_answered(lambda: Visitor(self.port).send("GET", "/healthz"))
        print(
            f"database: {vendor}; {self.options.requests} requests, "
            f"{self.options.uploads} uploads, {self.options.kills} kills"
        )
        start = time.monotonic()
        threads = [
            threading.Thread(target=act, args=arguments, daemon=True)
            for act, *arguments in (
                *((self.ask, number) for number in range(3)),
                (self.upload,),
                (self.decide,),
            )
        ]
        for thread in threads:
            thread.start()
        kills = {"web server": 0, "worker": 0}
        while any(thread.is_alive() for thread in threads):
            time.sleep(random.uniform(0.5, 4))
            if sum(kills.values()) < self.options.kills:
                which = random.randrange(2)
                programs[which].kill()
                kills["worker" if which else "web server"] += 1
        for thread in threads:
            thread.join()
        print(f"{kills} in {time.monotonic() - start:.0f} s; {self.broken} answers never came")
        wait(self.is_quiet, 180)

    def ask(self, number):
        visitor, count = Visitor(self.port), 0
        while len(self.asked) < self.options.requests:
            count += 1
            email = f"reader{number}-{count}@reader.example"
            session = self.recordings[count % RECORDINGS].session.slug
            typed = [
                ("session", session),
                ("name", "Ada"),
                ("email", email),
                ("purpose", "x"),
                ("agree", "on"),
            ]
            try:
                status, headers, _text = visitor.post_form(
                    f"/sessions/{session}/request-recording/", typed
                )
                if status != 303:
                    raise SystemExit(f"a request was answered {status}")
            except BROKEN:
                self.broken += 1
                time.sleep(0.2)
                continue
            address = headers["Location"]
            page = until_answered(lambda: visitor.send("GET", address))[2]  # noqa: B023 - called at once
            self.asked[re.search(r"R-[A-Z0-9]{8}", page)[0]] = email

    def decide(self):
        visitor = Visitor(self.port)
        until_answered(visitor.log_in)
        page = "/admin/recordings_app/recordingrequest/decide/"
        while len(self.asked) < self.options.requests:
            pending = self.some_pending()
            if not pending:
                time.sleep(0.2)
                continue
            query = urlencode([("row", row) for row in pending])
            typed = [
                *(("row", row) for row in pending),
                ("days", 14),
                ("plays", 5),
                ("note", "By all means."),
                ("approve", "Approve"),
            ]
            try:
                status, _headers, _text = visitor.post_form(f"{page}?{query}", typed)
            except BROKEN:
                self.broken += 1
                time.sleep(0.2)
                continue
            if status == 302:
                self.decided.update(pending)

    def some_pending(self):
        from django.db import connection

        from recordings_app.models import RequestedRecording

        rows = RequestedRecording.objects.filter(decision="pending").order_by("pk")
        found = list(rows.values_list("pk", flat=True)[:3])
        connection.close()
        return found

    def upload(self):
        from tests.sound import tone

        visitor = Visitor(self.port)
        until_answered(visitor.log_in)
        for number, recording in enumerate(self.recordings[: self.options.uploads]):
            content = tone(5 + number % 7)
            begun = {
                "Upload-Length": str(len(content)),
                "Upload-Metadata": "filename " + base64.b64encode(b"talk.wav").decode(),
            }
            address, offset = None, 0
            while address is None or offset < len(content):
                try:
                    if address is None:
                        address, offset = self.begin(visitor, recording, begun)
                    else:
                        offset = self.piece(visitor, address, offset, content)
                except BROKEN:
                    self.broken += 1
                    address = None
                    time.sleep(0.2)
            self.uploaded[recording.pk] = hashlib.sha256(content).hexdigest()

    def begin(self, visitor, recording, begun):
        path = f"/admin/recordings_app/recording/{recording.pk}/upload/"
        token = {"X-CSRFToken": visitor.cookies["csrftoken"], "Tus-Resumable": "1.0.0"}
        status, headers, text = visitor.send("POST", path, b"", **begun, **token)
        if status != 201:
            raise SystemExit(f"the upload was answered {status}: {text[:200]}")
        return headers["Location"], int(headers["Upload-Offset"])

    def piece(self, visitor, address, offset, content):
        piece = content[offset : offset + PIECE]
        status, headers, text = visitor.send(
            "PATCH",
            address,
            piece,
            **{
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(offset),
                "Tus-Resumable": "1.0.0",
                "X-CSRFToken": visitor.cookies["csrftoken"],
            },
        )
        if status not in (204, 409):
            raise SystemExit(f"a piece was answered {status}: {text[:200]}")
        return int(headers["Upload-Offset"])

    def is_quiet(self):
        """Make time pass for what dead workers left behind; return whether everything is done."""
        from django.utils import timezone

        from recordings_app.models import RecordingUpload
        from site_app.models import MailMessage

        before = timezone.now() - timedelta(hours=1)
        stale = timezone.now() - timedelta(seconds=20)
        MailMessage.objects.filter(state="queued").update(next_attempt_at=before)
        MailMessage.objects.filter(state="sending", taken_at__lt=stale).update(taken_at=before)
        RecordingUpload.objects.filter(state="checking", touched_at__lt=stale).update(
            touched_at=before
        )
        return not (
            MailMessage.objects.filter(state__in=("queued", "sending")).exists()
            or RecordingUpload.objects.filter(state__in=("received", "checking")).exists()
        )

    def compare(self):
        from django.core.files.storage import storages

        from recordings_app.models import Grant, Recording, RecordingRequest, RequestedRecording
        from site_app.models import MailMessage

        there = dict(RecordingRequest.objects.values_list("reference", "email"))
        lost = [each for each, email in self.asked.items() if there.get(each) != email]
        empty = RecordingRequest.objects.filter(requested_recordings=None).count()
        rows = dict(RequestedRecording.objects.values_list("pk", "decision"))
        undecided = [row for row in self.decided if rows.get(row) != "approved"]
        twice = Grant.objects.count() - Grant.objects.values("requested").distinct().count()
        mails = MailMessage.objects.filter(kind="request-received").count()
        missing = []
        for key, sha256 in self.uploaded.items():
            recording = Recording.objects.get(pk=key)
            content = b""
            if recording.file:
                with suppress(OSError), storages["private"].open(recording.file.name) as file:
                    content = file.read()
            if hashlib.sha256(content).hexdigest() != sha256 or recording.sha256 != sha256:
                missing.append(key)
        waiting = RequestedRecording.objects.approved_and_playable().count()
        ids = self.mail_server.ids
        sent = set(MailMessage.objects.filter(state="sent").values_list("message_id", flat=True))
        unsent = MailMessage.objects.exclude(state="sent").count()
        print(
            f"requests: {len(self.asked)} acknowledged, {len(lost)} lost; "
            f"{len(there)} stored, {empty} without a recording, {mails} with their mail"
        )
        print(
            f"decisions: {len(self.decided)} acknowledged, {len(undecided)} lost; "
            f"{Grant.objects.count()} grants, {twice} twice, {waiting} still to be given"
        )
        print(f"uploads: {len(self.uploaded)} acknowledged, {len(missing)} missing or damaged")
        print(
            f"mails: {len(sent)} sent, {len(sent - set(ids))} of them never arrived; "
            f"{unsent} not sent; {sum(count > 1 for count in ids.values())} arrived twice"
        )
        bad = lost or undecided or missing or empty or twice or sent - set(ids) or unsent
        return 1 if bad or mails != len(there) or waiting else 0


if __name__ == "__main__":
    main()
