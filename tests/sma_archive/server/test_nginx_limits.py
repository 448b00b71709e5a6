"""Stalled clients of one address at the shipped nginx do not block others."""

import socket
from contextlib import ExitStack
from http.client import HTTPResponse

import pytest

from tests import shipped_nginx
from tests.ports import free_port
from tests.programs import needs
from tests.sma_archive import slow_server
from tests.waiting import PATIENCE, eventually

pytestmark = [needs("nginx"), pytest.mark.slow]

MANY = 30
MAX_OF_ADDRESS = 32  # downloads, or uploads by staff: deploy/nginx.conf
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"
FORM = "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nname="
DOWNLOAD = "GET /recordings/1/audio HTTP/1.1\r\nHost: x\r\n\r\n"
STALLED = {
    "form": FORM.format("/contact/"),
    "form of staff": FORM.format("/admin/sessions_app/session/add/"),
    "download": DOWNLOAD,
}


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Serve slow_application behind the shipped nginx; return its port."""
    folder = tmp_path_factory.mktemp("nginx")
    with slow_server.running(tmp_path_factory.mktemp("gateway")) as (upstream, _closed):
        own = free_port()
        with shipped_nginx.running(folder, own, upstream, folder):
            yield own


def begin(stack, port, source, text):
    """Open a connection from an address, send `text` and read almost nothing of the response."""
    connection = stack.enter_context(socket.socket())
    connection.settimeout(PATIENCE)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.bind((source, 0))
    connection.connect((HERE, port))
    connection.sendall(text.encode())
    return connection


def ask(port, source, text):
    """Return (status, the first bytes of the content)."""
    with ExitStack() as stack:
        answer = HTTPResponse(begin(stack, port, source, text))
        answer.begin()
        return answer.status, answer.read(4)


@pytest.mark.parametrize("kind", STALLED)
def test_stalled_clients_do_not_block_other_addresses(port, kind):
    whole_form = FORM.format("/admin/echo").replace("1000", "5")
    with ExitStack() as stack:
        stalled = [begin(stack, port, HERE, STALLED[kind]) for _ in range(MANY)]
        if kind == "download":
            assert {connection.recv(12) for connection in stalled} == {b"HTTP/1.1 200"}

        page = ask(port, ELSEWHERE, "GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
        download = ask(port, ELSEWHERE, DOWNLOAD)
        form = ask(port, ELSEWHERE, whole_form)

    assert page == (200, b"page")
    assert download == (200, bytes(4))
    assert form == (200, b"page")


@pytest.mark.parametrize("kind", ["form of staff", "download"])
def test_connections_per_address_are_limited(port, kind):
    # Connections of earlier tests, which nginx counts until it notices that they are closed.
    assert eventually(lambda: ask(port, HERE, DOWNLOAD)[0] == 200)
    with ExitStack() as stack:
        for _ in range(2 * MAX_OF_ADDRESS):
            begin(stack, port, HERE, STALLED[kind])

        assert eventually(lambda: ask(port, HERE, STALLED[kind].replace("1000", "5"))[0] == 429)
        assert ask(port, HERE, "GET /page HTTP/1.1\r\nHost: x\r\n\r\n") == (200, b"page")
        assert ask(port, ELSEWHERE, DOWNLOAD) == (200, bytes(4))
