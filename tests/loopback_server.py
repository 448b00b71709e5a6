"""A web server on this machine that responds by path; tests make the resolver return its address."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Rule = Callable[[BaseHTTPRequestHandler], None]


def says(status: int, **headers) -> Rule:
    def rule(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return rule


@contextmanager
def serving(rules: dict[str, Rule]):
    """Yield a server: its `.port`, and `.asked` with (method, host, path, user agent) of each request."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            told = self.headers
            server.asked.append((self.command, told["Host"], self.path, told["User-Agent"]))
            rules.get(self.path, says(404))(self)

        do_GET = do_HEAD = answer  # noqa: N815 - the names that the library calls

        def log_message(self, *args):
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    server.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
