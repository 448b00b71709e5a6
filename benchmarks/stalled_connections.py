"""A reader's list page while hundreds of connections stall, with the embedded site and with nginx.

    python -m benchmarks.stalled_connections --sessions 1000
    python -m benchmarks.stalled_connections --var DIR         (an existing database)

Starts the site's web server on this machine, without nginx and behind the shipped deploy/nginx.conf,
and opens connections of one kind after another that stall: clients that read nothing of a recording,
a document or an export, forms of which only the beginning is sent, and request heads without an end.
Meanwhile it requests an uncached list page and /healthz. Prints a table: times in milliseconds, the
responses to the stalled connections, and the anonymous resident memory of the largest web process.
The last row of each mode has complete downloads of the spreadsheet instead.
"""

import argparse
import http.client
import os
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.archive import ROOT

AUDIO_BYTES = 60 * 1024 * 1024
SECONDS = 20  # maximum time for the pages of one row
SLUG = "benchmark-stalled"
FORM = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken={token}\r\nContent-Type: {kind}\r\nContent-Length: 100000\r\n\r\nname="
GET = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
MULTIPART, ENCODED = "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"
TOKEN = "a" * 32
KINDS = {
    "reader of a recording": GET.format(path=f"/sessions/{SLUG}/recordings/1/audio"),
    "reader of a document": GET.format(path=f"/sessions/{SLUG}/documents/1/paper.pdf"),
    "reader of export.xlsx": GET.format(path="/sessions/export.xlsx"),
    "reader of export.csv": GET.format(path="/sessions/export.csv"),
    "form, /contact/": FORM.format(path="/contact/", token=TOKEN, kind=ENCODED),
    "form, upload of audio": FORM.format(
        path="/admin/recordings_app/recording/1/change/", token=TOKEN, kind=MULTIPART
    ),
    "form, log-in": FORM.format(path="/admin/login/", token=TOKEN, kind=ENCODED),
    "head without an end": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=1000, help="of a demonstration (1000)")
    parser.add_argument("--var", type=Path, help="folder of an existing database")
    parser.add_argument("--connections", type=int, default=200, help="that stall (200)")
    parser.add_argument("--pages", type=int, default=20, help="list pages of each row (20)")
    options = parser.parse_args()

    folder = options.var or Path(tempfile.mkdtemp(prefix="archive-benchmark-"))
    os.environ.update(
        VAR_DIR=str(folder),
        DJANGO_SETTINGS_MODULE="sma_archive.settings",
        DEMO="0",
        ARCHIVE_ENV_FILE=os.devnull,
        LOG_LEVEL="ERROR",
    )
    prepare(options)
    from django.conf import settings  # set up by prepare()

    from tests import shipped_nginx
    from tests.ports import free_port

    print("| kind | mode | list p50 | list max | healthz max | answers | MiB |")
    print("| --- | --- | ---: | ---: | ---: | --- | ---: |")
    port, front = free_port(), free_port()
    nginx_folder = Path(tempfile.mkdtemp(prefix="archive-benchmark-nginx-"))
    private = Path(settings.PRIVATE_ROOT)
    with web_server(port) as server, shipped_nginx.running(nginx_folder, front, port, private):
        for mode, at in (("embedded", port), ("nginx", front)):
            row("nothing", mode, at, server, [], options)
            for kind, head in KINDS.items():
                row(kind, mode, at, server, [head] * options.connections, options)
            downloads("8 downloads of export.xlsx", mode, at, server, options)


def prepare(options):
    """Create the database, an open recording of 60 MB and a document of 20 MB."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from sessions_app.models import Session

    call_command("migrate", verbosity=0)
    if options.var is None:
        call_command("seed_demo", sessions=options.sessions)
    if not Session.objects.filter(slug=SLUG).exists():
        with transaction.atomic():
            add_files()
    call_command("rebuild_search_index", verbosity=0)


def add_files():
    from django.core.files.base import ContentFile

    from recordings_app.audio.attaching import check_and_attach_audio
    from recordings_app.models import Recording
    from sessions_app.models import Document, Session

    session = Session.objects.create(title="Stalled", slug=SLUG, status="published")
    recording = Recording.objects.create(session=session, access="open")
    check_and_attach_audio(recording, ContentFile(wave(AUDIO_BYTES), name="long.wav"), user=None)
    content = ContentFile(b"%PDF-1.4\n" + bytes(20 * 1024 * 1024), name="paper.pdf")
    Document.objects.create(
        session=session,
        title="Paper",
        file=content,
        media_type="application/pdf",
        byte_count=content.size,
    )


def wave(size):
    import io
    import wave as waves

    file = io.BytesIO()
    with waves.open(file, "wb") as audio:
        audio.setparams((1, 2, 8000, 0, "NONE", ""))
        audio.writeframes(bytes(size))
    return file.getvalue()


@contextmanager
def web_server(port):
    """Start the web server as a site does; yield its process."""
    from sma_archive.management.commands.serve import accepts_connections
    from sma_archive.server.web_server import web_server_command

    process = subprocess.Popen(
        web_server_command("127.0.0.1", port, 2),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while not accepts_connections(("127.0.0.1", port)) and time.monotonic() < until:
            time.sleep(0.2)
        for number in range(12):  # each process loads its index and templates once
            ask(port, f"/sessions/?q=session&z={number}")
        yield process
    finally:
        process.terminate()
        process.wait(30)


def row(kind, mode, port, server, heads, options):
    with ExitStack() as stack:
        stalled = []
        for head in heads:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(10)
            connection.connect(("127.0.0.1", port))
            connection.sendall(head.encode())
            stalled.append(stack.enter_context(connection))
        time.sleep(2 if heads else 0)  # until all of them have stalled
        times, alive = watch(port, options.pages)
        report(kind, mode, times, alive, status_of(stalled), server)
    time.sleep(1)


def downloads(kind, mode, port, server, options):
    """Download eight spreadsheets at once, as fast as possible."""
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(port, "/sessions/export.xlsx")[1]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    times, alive = watch(port, options.pages)
    for thread in threads:
        thread.join()
    answered = ", ".join(f"{count} × {status}" for status, count in Counter(statuses).items())
    report(kind, mode, times, alive, answered, server)


def watch(port, pages):
    """Return the seconds for list pages and for /healthz, requested in turn."""
    times, alive, until = [], [], time.monotonic() + SECONDS
    for _ in range(pages):
        alive.append(ask(port, "/healthz")[0])
        times.append(ask(port, f"/sessions/?q=session&z={time.time_ns()}")[0])
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return times, alive


def ask(port, path):
    """Return (seconds to the last byte, status)."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return time.monotonic() - began, answer.status
    except OSError as error:
        return time.monotonic() - began, type(error).__name__
    finally:
        connection.close()


def status_of(stalled):
    """Return how many of the connections wait, and the responses to the others."""
    found = Counter()
    for connection in stalled:
        connection.setblocking(False)
        try:
            found[connection.recv(12).decode("latin-1")[9:] or "closed"] += 1
        except BlockingIOError:
            found["waits"] += 1
        except OSError:
            found["closed"] += 1
    return ", ".join(f"{count} × {status}" for status, count in found.items()) or "–"


def report(kind, mode, times, alive, answered, server):
    children = subprocess.run(
        ["ps", "--ppid", str(server.pid), "-o", "pid="], capture_output=True, text=True, check=True
    ).stdout.split()
    memory = max(
        int(re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
        for pid in children
    )
    print(
        f"| {kind} | {mode} | {statistics.median(times) * 1000:.0f} | {max(times) * 1000:.0f} "
        f"| {max(alive) * 1000:.0f} | {answered} | {memory / 1024:.0f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
