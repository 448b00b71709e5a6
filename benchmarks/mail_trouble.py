"""A mail server that is down, slow, rejects addresses, and returns, while workers are killed.

    python -m benchmarks.mail_trouble --requests 300

A real SMTP server on the loopback interface and the site's own worker and tick. Each request is
confirmed, so that two mails must be sent and one has become unnecessary. Prints what was queued,
how often each mail arrived, and how long a request took while the mail server was down. The exit
status is 1 if a mail was lost, or was sent twice without a worker having been killed while sending
it. DATABASE_URL selects PostgreSQL (an empty database).
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from datetime import timedelta

from benchmarks.archive import ROOT, open_empty_archive

NEVER, NOT_NOW = "never@reader.example", "later@reader.example"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=300, help="how many (300)")
    parser.add_argument("--kills", type=int, default=10, help="of workers, by SIGKILL (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the kills (1)")
    options = parser.parse_args()
    random.seed(options.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # stops its child processes

    from tests.mail_server import MailServer  # needs the development requirements

    server = MailServer()
    open_empty_archive(
        EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
        ARCHIVE_CONTACT_EMAIL="archive@archive.example",
    )
    try:
        sys.exit(run(server, options))
    finally:
        server.stop()


def run(server, options):
    from django.db import connection

    from recordings_app.models import Recording
    from sessions_app.models import Session

    print(f"database: {connection.vendor}; {options.requests} requests, {options.kills} kills")
    session = Session.objects.create(title="Heard", status="published")
    Recording.objects.create(session=session)
    workers = [Worker("db_worker", "--no-startup-delay") for _ in range(2)] + [
        Worker("tick", "--every", "1")
    ]
    try:
        held = trouble(server, options, session, workers)
    finally:
        for worker in workers:
            worker.stop()
    return compare(server, held)


def trouble(server, options, session, workers):
    from recordings_app.requests.submission import confirm_request, submit_request
    from site_app.models import MailMessage

    print("1. The mail server is down.")
    took = []
    for number in range(options.requests):
        email = {0: NEVER, 1: NOT_NOW}.get(number, f"reader{number}@reader.example")
        start = time.perf_counter()
        request = submit_request(
            name="Ada", email=email, organisation="", purpose="x", sessions=[session]
        )
        confirm_request(request)
        took.append(time.perf_counter() - start)
    wait(lambda: not due().exists(), 60)
    queued = MailMessage.objects.count()
    print(f"   a request: median {ms(statistics.median(took))}, longest {ms(max(took))}")
    print(f"   {queued} mails queued, {states()}")
    counted = MailMessage.objects.filter(attempts__gt=0).count()
    print(f"   {counted} of them count an attempt")

    print(
        "2. It returns: slow, refusing one address for good and one for now; workers are killed."
    )
    server.refuse = {NEVER: "550 5.1.1 No such user", NOT_NOW: "451 4.7.1 Try again later"}
    server.delay_seconds = 0.05
    server.start()
    time_passes()
    start = time.perf_counter()
    killed = 0
    held = set()
    while MailMessage.objects.filter(state__in=("queued", "sending"), attempts=0).exists():
        time.sleep(random.uniform(0.3, 1.5))
        if killed < options.kills:
            random.choice(workers).kill()
            killed += 1
            held |= set(
                MailMessage.objects.filter(state="sending").values_list("message_id", flat=True)
            )
        time_passes()
        if time.perf_counter() - start > 600:
            break
    print(f"   {killed} kills in {time.perf_counter() - start:.0f} s; {states()}")

    print("3. It is as it was before.")
    server.refuse = {NEVER: server.refuse[NEVER]}
    server.delay_seconds = 0
    wait(lambda: time_passes() or not due().exists(), 120)
    return held


def compare(server, held):
    from site_app.models import MailMessage

    ids = server.ids
    # The mail that asks to confirm an address is unnecessary once the address is confirmed.
    needed = MailMessage.objects.exclude(kind="request-confirm")
    refused = needed.filter(recipient=NEVER)
    wanted = set(needed.exclude(recipient=NEVER).values_list("message_id", flat=True))
    lost = wanted - set(ids)
    twice = {each for each, count in ids.items() if count > 1}
    print(f"   {states()}")
    print(f"   accepted by the mail server: {sum(ids.values())}, different: {len(ids)}")
    print(
        f"   refused for good: {refused.count()}, "
        f"shown as given up with the reason: {refused.filter(state='failed').count()}"
    )
    print(
        f"   lost: {len(lost)}; twice: {len(twice)}, of them in a worker's hand when it was "
        f"killed: {len(twice & held)}"
    )
    return 1 if lost or twice - held else 0


def due():
    from django.utils import timezone

    from site_app.models import MailMessage

    return MailMessage.objects.filter(state="sending") | MailMessage.objects.filter(
        state="queued", next_attempt_at__lte=timezone.now()
    )


def time_passes():
    """Make every waiting message due, as if some minutes had passed, including those of killed workers."""
    from django.utils import timezone

    from site_app.mail.queue import ORPHANED_MAIL_AGE, wake_mail_worker
    from site_app.models import MailMessage

    now = timezone.now()
    MailMessage.objects.filter(state="queued").update(next_attempt_at=now)
    # Only messages held for longer than any living worker needs here.
    MailMessage.objects.filter(state="sending", taken_at__lt=now - timedelta(seconds=5)).update(
        taken_at=now - 2 * ORPHANED_MAIL_AGE
    )
    wake_mail_worker()


def states():
    from collections import Counter

    from site_app.models import MailMessage

    counts = Counter(MailMessage.objects.values_list("state", flat=True))
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def wait(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.5)


def ms(seconds):
    return f"{1000 * seconds:.0f} ms"


class Worker:
    """One of the site's programs, started again after it was killed."""

    def __init__(self, *command, program=(sys.executable, "manage.py")):
        self.command = [*(program or ()), *command]
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.start()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
