"""A WSGI application behind the gateway, for its tests: each path behaves differently."""

import os
import threading
from pathlib import Path

from django.db import connection

from sma_archive.asgi import Gateway
from sma_archive.server.body_limits import LIMIT_HEADER, PREFLIGHT

CLOSED = Path(os.environ["CLOSED_FILE"])  # one line for each closed response
_lock = threading.Lock()


class Body:
    """Pieces of a response. `made` is the attribute of generated files."""

    def __init__(self, name, pieces, *, made=False):
        self.name, self.pieces, self.is_made_while_sent = name, iter(pieces), made
        self.thread = threading.get_ident()

    def __iter__(self):
        return self

    def __next__(self):
        assert threading.get_ident() == self.thread
        return next(self.pieces)

    def close(self):
        assert threading.get_ident() == self.thread
        with _lock, CLOSED.open("a") as file:
            file.write(self.name + "\n")


class Whole(list):
    """A complete response in memory, like most of Django's."""

    streaming = False


def endless():
    while True:
        yield bytes(16 * 1024)


def failing():
    yield b"x" * 400_000
    raise ValueError("The rest cannot be made.")


def application(environ, start_response):
    path, body, headers = environ["PATH_INFO"], [b"page"], []
    if PREFLIGHT in environ:
        start_response("204 No Content", [(LIMIT_HEADER, "200000")])
        return []
    if path == "/endless":
        body = Body(path, endless())
    elif path.endswith("/audio"):  # more than the kernel buffers from nginx for a reader who stops
        body = Body(path, (bytes(64 * 1024) for _ in range(64)))
    elif path == "/whole":
        body = Whole([bytes(200_000)])
    elif path == "/made":
        body = Body(path, (f"{number}\n".encode() * 1000 for number in range(300)), made=True)
    elif path == "/short":
        body = Body(path, [b"a", b"", b"b"])
        headers = [("Content-Length", "2")]
    elif path == "/failing":
        body = Body(path, failing())
    elif path == "/echo":
        content = environ["wsgi.input"].read()
        body = [environ["CONTENT_LENGTH"].encode(), b" ", content[:20]]
    elif path == "/database-wait":
        with connection.cursor() as cursor:
            body = [str(cursor.execute("PRAGMA busy_timeout").fetchone()[0]).encode()]
    elif path == "/environ":
        named = (
            "PATH_INFO",
            "QUERY_STRING",
            "REMOTE_ADDR",
            "HTTP_COOKIE",
            "HTTP_X_REAL",
            "HTTP_HOST",
        )
        body = [repr([environ.get(name) for name in named]).encode()]
    elif path == "/error":
        raise ValueError("No response at all.")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", path), *headers])
    return body


application = Gateway(application)
