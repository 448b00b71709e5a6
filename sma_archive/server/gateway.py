"""The gateway between web server and Django: slow clients do not occupy Django's threads.

Django is a WSGI application. It runs here on a fixed number of threads, each with its own database
connection. A thread is used only while there is work: the body of a request is read on the event
loop first, and a streamed response is made piece by piece, each when the client has received the
ones before it. docs/decisions/0023-gateway.md explains why, and which alternatives were rejected.
"""

import asyncio
import io
import logging
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote_to_bytes

from django.conf import settings

from site_app.http import refusals
from site_app.http.refusals import log_refusal

from . import connections
from .body_limits import LIMIT_HEADER, MAX_BODY_BYTES, PREFLIGHT
from .health import ALIVE_RESPONSE_BODY
from .unavailable import shorten_sqlite_wait

logger = logging.getLogger(__name__)

THREADS = 4  # per process, for Django
MAX_WAITING = 200  # requests that wait for a thread; a page takes some hundredths of a second
MAX_STREAMS = 200  # responses being streamed; each uses an open file and half a megabyte
BLOCK_BYTES = 32 * 1024  # bytes of a stream sent at once
MAX_WHOLE_BYTES = 256 * 1024  # longer responses of known length are streamed
# Approximate time of work on a stream in one step; the generator decides the exact time.
SLICE_SECONDS = 0.01
MAX_YIELD_SECONDS = 0.1  # how long a step of a generated stream waits for pages
MAX_STALL_SECONDS = 20  # per block: a client slower than about 1.6 KB/s is disconnected
BODY_GRACE_SECONDS = 10  # a body may take this long …
MIN_BODY_RATE = 1024  # … plus a second for every this many bytes
MAX_BODY_SECONDS = 3 * 3600
MAX_BODY_IN_MEMORY = 256 * 1024
LINGER_SECONDS = 5  # how long the rest of a rejected body is read and discarded

BUSY_MESSAGE = "The archive is busy. Try again in a few seconds.\n"
TOO_SLOW_MESSAGE = "The request did not arrive in time. Send it again.\n"
BROKEN_OFF_MESSAGE = "The request's content broke off or could not be read. Send it again.\n"
TOO_LARGE_MESSAGE = "The request is too large.\n"
DISK_FULL_MESSAGE = "The archive's disk is full, so nothing was stored. Try again later.\n"


class BusyError(Exception):
    """Too many requests are waiting."""


class BodyError(Exception):
    """A rejected body: status and sentence of the response."""


class DisconnectedError(Exception):
    """The client disconnected or sent something unreadable."""


class WorkerThreads:
    """A fixed number of threads. Work bound to one thread takes precedence."""

    def __init__(self, count: int):
        self.requests = 0  # requests that wait for a thread or use one
        self.waiting: deque = deque()
        self.bound: list[deque] = [deque() for _ in range(count)]
        self.changed = threading.Condition()
        for number in range(count):
            threading.Thread(
                target=self._worker_loop, args=(number,), name=f"django-{number}", daemon=True
            ).start()

    def run(self, function: Callable, *arguments, thread: int | None = None) -> asyncio.Future:
        """Run `function(number of the thread, *arguments)` and return a future of its result."""
        loop = asyncio.get_running_loop()
        job = (loop, loop.create_future(), function, arguments)
        with self.changed:
            if thread is None:
                if len(self.waiting) >= MAX_WAITING:
                    raise BusyError
                self.requests += 1
                self.waiting.append(job)
                self.changed.notify()
            else:
                self.bound[thread].append(job)
                self.changed.notify_all()  # only one of them is the right one
        return job[1]

    def _worker_loop(self, number):
        shorten_sqlite_wait()
        own = self.bound[number]
        while True:
            with self.changed:
                while not own and not self.waiting:
                    self.changed.wait()
                is_request = not own
                loop, future, function, arguments = (own or self.waiting).popleft()
            result = error = None
            try:
                result = function(number, *arguments)
            except BaseException as raised:
                error = raised
            if is_request:
                with self.changed:
                    self.requests -= 1
            with suppress(RuntimeError):  # the loop is closed: the process is ending
                loop.call_soon_threadsafe(_set_future_result, future, result, error)
            del loop, future, function, arguments, result, error


def _set_future_result(future, result, error):
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


class Reply:
    """A response of the WSGI application, used only on the thread that began it."""

    def __init__(self, thread: int):
        self.thread = thread
        self.is_ended = False
        self.iterable = self.iterator = ()

    def start(self, status: str, headers: list, exc_info=None):
        """Take status and headers, as WSGI's start_response."""
        self.status = int(status[:3])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]

    def begin(self, iterable, *, is_head: bool):
        """Make the first piece, or the whole response if it is short."""
        self.iterable, self.iterator = iterable, iter(iterable)
        # Generated while it is sent, by `work`: one piece at a time in the whole process.
        self.is_made = getattr(iterable, "is_made_while_sent", False)
        most = BLOCK_BYTES
        if is_head:
            self.first = b""
            self.close()
            return
        if not getattr(iterable, "streaming", True):
            self.first = b"".join(self.iterator)
            self.close()
            if len(self.first) > MAX_WHOLE_BYTES:  # streamed, so that a slow client is noticed
                self.iterator = iter(_response_blocks(self.first))
                self.first, self.is_ended = next(self.iterator), False
            return
        length = dict(self.headers).get(b"content-length", b"")
        if length.isdigit() and int(length) <= MAX_WHOLE_BYTES and not self.is_made:
            most = MAX_WHOLE_BYTES + 1
        self.first = self.next_piece(self.thread, most)

    def next_piece(self, _thread, most: int = BLOCK_BYTES) -> bytes:
        """Return more bytes; after the last ones `is_ended` is set and the response is closed."""
        pieces, size, until = [], 0, time.monotonic() + SLICE_SECONDS
        try:
            for piece in self.iterator:
                pieces.append(piece)
                size += len(piece)
                if size >= most or time.monotonic() >= until:
                    break
            else:
                self.close()
        except BaseException:
            self.close()
            raise
        return b"".join(pieces)

    def close(self, _thread=None):
        """Let Django end the request: files, database connections."""
        if self.is_ended:
            return
        self.is_ended = True
        close, self.iterable = getattr(self.iterable, "close", None), ()
        if close is not None:
            close()


def _response_blocks(content: bytes):
    view = memoryview(content)
    for start in range(0, len(content), BLOCK_BYTES):
        yield bytes(view[start : start + BLOCK_BYTES])


class Gateway:
    """The ASGI application that runs a WSGI application: see the top of this file."""

    def __init__(self, application: Callable):
        self.application = application
        self.threads = WorkerThreads(THREADS)
        self.streams = 0
        self.making = asyncio.Lock()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        if scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
            await answer(send, 200, ALIVE_RESPONSE_BODY, b"application/json")
            return
        environ = wsgi_environ(scope)
        has_body = environ.get("CONTENT_LENGTH", "0") != "0" or (
            "HTTP_TRANSFER_ENCODING" in environ
        )
        try:
            if has_body:
                await self.with_body(scope, environ, receive, send)
            else:
                environ["wsgi.input"] = io.BytesIO()
                environ["CONTENT_LENGTH"] = "0"
                reply = await self.threads.run(self.respond, environ)
                await self.give(scope, reply, receive, send)
        except BusyError:
            log_refusal(refusals.TOO_MANY_WAITING_REQUESTS)
            await refuse(send, 503, BUSY_MESSAGE)

    async def live(self, receive, send):
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                connections.prepare()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    def respond(self, thread: int, environ: dict) -> Reply:
        """Run the application, on a thread."""
        reply = Reply(thread)
        iterable = self.application(environ, reply.start)
        reply.begin(iterable, is_head=environ["REQUEST_METHOD"] == "HEAD")
        return reply

    async def with_body(self, scope, environ, receive, send):
        """Read the body up to the limit of this request, and answer."""
        length = environ.pop("CONTENT_LENGTH", "")
        declared = int(length) if length.isascii() and length.isdigit() else None
        limit = MAX_BODY_BYTES
        if declared is None or declared > limit:
            # Check the user and the permission before the body is read.
            asked = environ | {PREFLIGHT: declared, "wsgi.input": io.BytesIO()}
            reply = await self.threads.run(self.respond, asked)
            allowed = dict(reply.headers).get(LIMIT_HEADER.lower().encode())
            if allowed is None:
                reply.headers.append((b"connection", b"close"))
                await self.give(scope, reply, receive, send)
                await linger(receive)
                return
            limit = int(allowed)
        try:
            body, size = await read_body(receive, limit)
        except BodyError as error:
            await refuse(send, *error.args)
            await linger(receive)
            connections.abort(client_of(scope))
            return
        except DisconnectedError:
            # Either the client disconnected or the body is invalid; only the latter sees the
            # response.
            await refuse(send, 400, BROKEN_OFF_MESSAGE)
            return
        with body:
            environ["CONTENT_LENGTH"] = str(size)
            environ["wsgi.input"] = body
            reply = await self.threads.run(self.respond, environ)
            await self.give(scope, reply, receive, send)

    async def give(self, scope, reply: Reply, receive, send):
        """Send a reply: at once if it is complete, or as fast as the client receives it."""
        start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
        if reply.is_ended:
            await send(start)
            await send({"type": "http.response.body", "body": reply.first})
            return
        if self.streams >= MAX_STREAMS:
            await self.threads.run(reply.close, thread=reply.thread)
            log_refusal(refusals.TOO_MANY_STREAMED_RESPONSES)
            await refuse(send, 503, BUSY_MESSAGE)
            return
        self.streams += 1
        gone = asyncio.ensure_future(disconnected(receive))
        is_complete = False
        try:
            await send(start)
            is_complete = await self.stream(reply, send, gone)
        finally:
            self.streams -= 1
            gone.cancel()
            if not is_complete:
                connections.abort(client_of(scope))
                await self.threads.run(reply.close, thread=reply.thread)

    async def stream(self, reply, send, gone) -> bool:
        """Send all pieces; return whether the client received them."""
        piece = reply.first
        while not gone.done():
            more = not reply.is_ended
            if piece or not more:
                sending = send({"type": "http.response.body", "body": piece, "more_body": more})
                try:
                    await asyncio.wait_for(sending, MAX_STALL_SECONDS)
                except TimeoutError:
                    return False
            if not more:
                return True
            if reply.is_made:
                async with self.making:
                    await self.let_pages_go_first()
                    piece = await self.threads.run(reply.next_piece, thread=reply.thread)
            else:
                piece = await self.threads.run(reply.next_piece, thread=reply.thread)
        return False

    async def let_pages_go_first(self):
        """Wait while there is other work, but not for ever."""
        until = time.monotonic() + MAX_YIELD_SECONDS
        while self.threads.requests and time.monotonic() < until:
            await asyncio.sleep(0.005)


async def read_body(receive, limit: int):
    """Return (file, size in bytes) of a request's body.

    Raises BodyError if it is larger than `limit` bytes, arrives too slowly or does not fit on the disk,
    and DisconnectedError if the client disconnects or sends invalid chunks.
    """
    file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by whoever gets it
        MAX_BODY_IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    size, began = 0, time.monotonic()
    try:
        while True:
            late = BODY_GRACE_SECONDS + min(size / MIN_BODY_RATE, MAX_BODY_SECONDS)
            try:
                message = await asyncio.wait_for(receive(), began + late - time.monotonic())
            except TimeoutError as error:
                log_refusal(refusals.BODY_TOO_SLOW)
                raise BodyError(408, TOO_SLOW_MESSAGE) from error
            if message["type"] == "http.disconnect":
                raise DisconnectedError
            piece = message.get("body", b"")
            size += len(piece)
            if size > limit:
                log_refusal(refusals.BODY_NOT_ALLOWED_OR_TOO_LARGE)
                raise BodyError(413, TOO_LARGE_MESSAGE)
            try:
                file.write(piece)
            except OSError as error:
                log_refusal(refusals.DISK_FULL, error)
                raise BodyError(503, DISK_FULL_MESSAGE) from error
            if not message.get("more_body", False):
                file.seek(0)
                return file, size
    except BaseException:
        file.close()
        raise


async def linger(receive):
    """Discard further input: a client disconnected while sending would not see the response."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            await disconnected(receive)


async def disconnected(receive):
    """Return when the client has disconnected, or its request is complete and answered."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(send, status: int, sentence: str):
    """Answer with one sentence, and close the connection."""
    headers = [(b"connection", b"close")]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await answer(send, status, sentence.encode(), b"text/plain; charset=utf-8", headers)


async def answer(send, status: int, content: bytes, media_type: bytes, headers=()):
    """Send a short response that no cache stores."""
    own = [(b"content-type", media_type), (b"cache-control", b"no-store")]
    own.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": [*own, *headers]})
    await send({"type": "http.response.body", "body": content})


def client_of(scope) -> tuple[str, int]:
    address, port = scope["client"]
    return address, int(port)


def wsgi_environ(scope) -> dict:
    """Return the WSGI environ of an ASGI scope, without a body (PEP 3333)."""
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": scope["server"][1],
        "SERVER_PROTOCOL": "HTTP/1.0" if scope["http_version"] == "1" else "HTTP/1.1",
        "REMOTE_ADDR": scope["client"][0],
        "REMOTE_PORT": scope["client"][1],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": _errors,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1")
        if "_" in key:  # X_Forwarded_For would be taken for X-Forwarded-For
            continue
        key = key.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        value = value.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ


class _ErrorStream(io.TextIOBase):
    """wsgi.errors: lines of the application, for the log."""

    def write(self, text):
        if text.strip():
            logger.error(text.rstrip())
        return len(text)


_errors = _ErrorStream()
