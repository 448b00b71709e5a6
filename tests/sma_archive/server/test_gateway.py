"""The gateway between web server and Django: clients that are slow, numerous, or disconnected."""

import asyncio
import http.client
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.conf import settings

from sma_archive.server import gateway
from sma_archive.server.body_limits import LIMIT_HEADER, MAX_BODY_BYTES, PREFLIGHT
from sma_archive.server.gateway import Gateway, Reply, WorkerThreads, read_body, wsgi_environ
from tests.sma_archive import slow_server
from tests.sma_archive.slow_server import ask, is_alive
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

MANY = 40  # connections; there are four threads


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve slow_application; return (port, file listing the closed responses)."""
    with slow_server.running(tmp_path_factory.mktemp("gateway")) as served:
        yield served


def begin(stack, port, text):
    """Open a connection, send the beginning of a request, and stop."""
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
    connection.sendall(text.encode())
    return connection


STALLED = {
    "headers": "GET /page HTTP/1.1\r\nHost: x\r\n",
    "form": "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nname=",
    "form of unknown length": (
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nname=\r\n"
    ),
    "reader": "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n",
    "reader of what is made": "GET /made HTTP/1.1\r\nHost: x\r\n\r\n",
}


def test_requests_wait_less_for_a_locked_database_than_commands(server):
    port, _ = server

    assert ask(port, "/database-wait")[2] == b"4000"
    assert settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 20) == 20


@pytest.mark.parametrize("kind", STALLED)
def test_stalled_clients_do_not_block_others(server, kind):
    port, closed = server
    before = closed.read_text().count("/endless")

    with ExitStack() as stack:
        stalled = [begin(stack, port, STALLED[kind]) for _ in range(MANY)]
        if "reader" in kind:
            for connection in stalled:
                assert connection.recv(12) == b"HTTP/1.1 200"
        page = ask(port, "/page")
        alive = is_alive(port)

    assert (page[0], page[2], alive) == (200, b"page", True)
    if kind == "reader":  # what they read is closed as soon as they disconnect
        assert eventually(lambda: closed.read_text().count("/endless") == before + MANY)


def test_responses_arrive_complete(server):
    port, _ = server

    whole = b"".join(f"{number}\n".encode() * 1000 for number in range(300))
    assert ask(port, "/made")[2] == whole
    status, headers, content = ask(port, "/short")
    assert (status, headers["Content-Length"], content) == (200, "2", b"ab")
    status, headers, content = ask(port, "/short", "HEAD")
    assert (status, headers["Content-Length"], content) == (200, "2", b"")
    assert ask(port, "/endless", "HEAD")[2] == b""
    assert ask(port, "/error")[0] == 500
    assert ask(port, "/page")[0] == 200


def test_interrupted_response_does_not_look_complete(server):
    port, closed = server
    before = closed.read_text().count("/failing")

    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(port, "/failing")

    assert eventually(lambda: closed.read_text().count("/failing") == before + 1)


def test_connection_is_reused(server):
    port, _ = server
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        seen = set()
        for method, path, body in (
            ("GET", "/page", None),
            ("POST", "/echo", b"x" * 1000),
            ("HEAD", "/page", None),
            ("GET", "/made", None),
            ("GET", "/page", None),
        ):
            connection.request(method, path, body=body)
            answer = connection.getresponse()
            answer.read()
            seen.add(connection.sock.getsockname())

    assert len(seen) == 1


def test_bodies_arrive_complete(server):
    port, _ = server

    assert ask(port, "/echo", "POST", b"name=value")[2] == b"10 name=value"
    pieces = iter([b"name=", b"value"])  # without a length
    assert ask(port, "/echo", "POST", pieces)[2] == b"10 name=value"
    assert ask(port, "/echo", "POST", b"x" * MAX_BODY_BYTES)[2].startswith(b"153600 xxx")


def test_environ_matches_the_request(server):
    port, _ = server

    content = ask(
        port,
        "/%65nviron?q=%C3%A9",
        headers={
            "X-Real": "yes",
            "X_Real": "forged",
            "Cookie": "a=1; b=2",
            "Host": "name.example",
        },
    )[2].decode()

    assert content == repr(
        ["/environ", "q=%C3%A9", "127.0.0.1", "a=1; b=2", "yes", "name.example"]
    )


def test_encoded_path_is_decoded_as_wsgi_requires():
    scope = {
        "method": "GET", "raw_path": b"/s%C3%A9a", "query_string": b"", "server": ("h", "80"),
        "client": ("::1", "5"), "http_version": "1.1", "scheme": "http",
        "headers": [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"), (b"accept", b"y")],
    }  # fmt: skip

    environ = wsgi_environ(scope)

    assert environ["PATH_INFO"].encode("latin-1").decode() == "/séa"
    assert (environ["HTTP_COOKIE"], environ["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")


NO_CHUNKS = {
    "longer than it says": "2\r\nabcdef\r\n0\r\n\r\n",
    "less than none": "-1\r\nabc\r\n0\r\n\r\n",
    "beyond any number": "FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n",
    "lines without their end": "3\nabc\n0\n\n",
    "an endless name": f"3;{'a' * 200_000}\r\nabc\r\n0\r\n\r\n",
    "no end of fields": "0\r\n" + "X-A: b\r\n" * 50_000 + "\r\n",
}


@pytest.mark.parametrize("chunks", NO_CHUNKS)
def test_unreadable_body_is_a_client_error(server, chunks):
    port, _ = server
    head = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    hidden = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"

    with ExitStack() as stack:
        connection = begin(stack, port, head + NO_CHUNKS[chunks] + hidden)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        content = answer.read()

    assert (answer.status, content) == (400, gateway.BROKEN_OFF_MESSAGE.encode())
    assert answer.will_close


AMBIGUOUS = [
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 400",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding:\r\n chunked",
    "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: +5",
    "Content-Length: 0x5",
]


@pytest.mark.parametrize("fields", AMBIGUOUS)
def test_no_second_request_is_read_from_an_ambiguous_body(server, fields):
    port, _ = server
    hidden = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n"

    with ExitStack() as stack:
        connection = begin(
            stack, port, f"POST /echo HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n0\r\n\r\n{hidden}"
        )
        received = b""
        while piece := connection.recv(4096):  # until it is closed
            received += piece

    assert received.count(b"HTTP/1.1 ") == 1
    assert b"/page" not in received


def test_client_that_reads_nothing_of_a_short_response_is_disconnected(server):
    """Its bytes wait in the kernel, which does not count as reading."""
    port, _ = server

    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /whole HTTP/1.1\r\nHost: x\r\n\r\n")
        own = connection.getsockname()[1]

        assert eventually(lambda: open_in_a_process(port, own))
        assert eventually(lambda: not open_in_a_process(port, own))


def open_in_a_process(port, peer) -> bool:
    """Return whether a process still has the connection from port `peer` to `port` open."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ends = [line.split()[1:4] for line in lines]
    return any(
        (local[-4:], other[-4:], state) == (f"{port:04X}", f"{peer:04X}", "01")  # established
        for local, other, state in ends
    )


def in_a_loop(coroutine):
    """Run a coroutine in a thread of its own: a browser's driver may have a loop in this one."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(asyncio.run, coroutine).result()


class Client:
    """Plays the server: sends pieces of a body and reads the response, or does not."""

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "server": ("127.0.0.1", "80"),
        "client": ("127.0.0.1", "1"),
        "http_version": "1.1",
        "scheme": "http",
    }

    def __init__(self, *pieces, takes=10**9, length=None):
        self.pieces, self.takes, self.sent = list(pieces), takes, []
        self.read = 0
        named = [] if length is None else [(b"content-length", str(length).encode())]
        self.headers = named or [(b"transfer-encoding", b"chunked")] * bool(pieces)

    async def receive(self):
        if not self.pieces:
            await asyncio.Event().wait()
        piece = self.pieces.pop(0)
        if piece == "gone":
            return {"type": "http.disconnect"}
        self.read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message):
        if len(self.sent) >= self.takes:
            await asyncio.Event().wait()
        self.sent.append(message)

    def ask(self, application):
        scope = {**self.scope, "headers": self.headers}

        async def run():
            await Gateway(application)(scope, self.receive, self.send)

        in_a_loop(run())
        return self.sent[0]["status"], b"".join(each.get("body", b"") for each in self.sent)


def answers(environ, start_response):
    """Allow the declared length up to 1,000,000 bytes, and return how much arrived."""
    if PREFLIGHT in environ:
        if (environ[PREFLIGHT] or 0) > 1_000_000:
            start_response("413 Too Large", [])
            return [b"refused"]
        start_response("204 No Content", [(LIMIT_HEADER, "1000000")])
        return []
    start_response("200 OK", [])
    return [str(len(environ["wsgi.input"].read())).encode()]


@pytest.fixture
def impatient(monkeypatch):
    for name in ("MAX_STALL_SECONDS", "BODY_GRACE_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(gateway, name, 0.05)


def test_permission_for_a_large_body_is_checked_before_reading(impatient):
    refused = Client(b"x" * 100, length=2_000_000)
    assert refused.ask(answers) == (413, b"refused")
    assert (b"connection", b"close") in refused.sent[0]["headers"]

    allowed = Client(*[b"x" * 100_000] * 5, length=500_000)
    assert allowed.ask(answers) == (200, b"500000")


def test_body_of_unknown_length_is_rejected_at_the_limit(impatient):
    client = Client(*[b"x" * 100_000] * 30)

    assert client.ask(answers)[0] == 413


def test_body_longer_than_declared_is_rejected():
    with pytest.raises(gateway.BodyError, match="413"):
        in_a_loop(read_body(Client(b"x" * 60, b"x" * 60).receive, 100))


def test_missing_body_times_out(impatient, monkeypatch):
    aborted = []
    monkeypatch.setattr(gateway.connections, "abort", aborted.append)
    client = Client(b"x", length=100)
    client.pieces.append(b"")
    client.receive = stall_after(client.receive, 1)

    assert client.ask(answers) == (408, gateway.TOO_SLOW_MESSAGE.encode())
    assert aborted == [("127.0.0.1", 1)]


def stall_after(receive, count):
    left = [count]

    async def stalling():
        if not left[0]:
            await asyncio.Event().wait()
        left[0] -= 1
        return await receive()

    return stalling


def test_body_that_does_not_fit_on_the_disk_is_rejected_with_a_message(monkeypatch, impatient):
    class Full:
        def write(self, piece):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(gateway.tempfile, "SpooledTemporaryFile", lambda *args, **more: Full())
    client = Client(b"x" * 100, length=100)

    assert client.ask(answers) == (503, gateway.DISK_FULL_MESSAGE.encode())
    assert (b"retry-after", b"5") in client.sent[0]["headers"]


class Streamed:
    is_made_while_sent = False

    def __init__(self):
        self.closed = 0

    def __iter__(self):
        while True:
            yield b"x" * gateway.BLOCK_BYTES

    def close(self):
        self.closed += 1


def test_client_that_stops_reading_is_disconnected(impatient, monkeypatch):
    aborted, body = [], Streamed()
    monkeypatch.setattr(gateway.connections, "abort", aborted.append)
    client = Client(takes=5)

    client.ask(lambda environ, start_response: start_response("200 OK", []) or body)

    assert (body.closed, aborted) == (1, [("127.0.0.1", 1)])


def test_too_many_streams_are_rejected(monkeypatch):
    monkeypatch.setattr(gateway, "MAX_STREAMS", 0)
    body, client = Streamed(), Client()

    status, _ = client.ask(lambda environ, start_response: start_response("200 OK", []) or body)

    assert (status, body.closed) == (503, 1)


def test_too_many_waiting_requests_are_rejected(monkeypatch):
    monkeypatch.setattr(gateway, "MAX_WAITING", 0)
    client = Client()

    assert client.ask(answers) == (503, gateway.BUSY_MESSAGE.encode())
    assert (b"retry-after", b"5") in client.sent[0]["headers"]


def test_bound_work_runs_on_its_thread():
    async def run():
        threads = WorkerThreads(3)
        return [
            await threads.run(lambda number: (number, threading.get_ident()), thread=wanted)
            for wanted in (2, 0, 1, 2)
        ]

    ran = in_a_loop(run())

    assert [number for number, _ in ran] == [2, 0, 1, 2]
    assert ran[0][1] == ran[3][1]
    assert len({ident for _, ident in ran}) == 3


def test_stream_piece_is_a_block_or_the_output_of_its_time_slice(monkeypatch):
    monkeypatch.setattr(gateway, "SLICE_SECONDS", PATIENCE)
    reply = Reply(0)
    reply.start("200 OK", [])

    reply.begin(iter([b"x" * 4096] * 20), is_head=False)

    assert (len(reply.first), reply.is_ended) == (gateway.BLOCK_BYTES, False)
    assert len(reply.next_piece(0)) == gateway.BLOCK_BYTES
    assert len(reply.next_piece(0)) == 20 * 4096 - 2 * gateway.BLOCK_BYTES
    assert reply.is_ended
