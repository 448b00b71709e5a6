import socket
import threading
import time
from types import SimpleNamespace

import pytest

from site_app.http import outbound_requests
from site_app.http.outbound_requests import (
    HostThrottle,
    RefusedAddressError,
    UnreachableError,
    is_public_address,
    request_url,
    resolve_host,
)
from tests.at_once import at_once
from tests.loopback_server import says, serving
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
        "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::7f00:1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "2002:c0a8:101::1", "2001:db8::1", "not an address", "",
        "0.1.2.3", "100.127.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.10", "192.0.0.170",
        "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7",
        "172.31.255.255", "169.254.0.1", "239.1.1.1", "247.1.1.1",
        "fec0::1", "feff::1", "febf::1", "fdff::1", "100::1", "ff0e::1", "64:ff9b::a00:1",
        "64:ff9b::c0a8:101", "64:ff9b:1::808:808", "2001::1", "2001:0:a00:1::f5ff:fffe",
        "2001:2::1", "2001:10::1", "2001:20::1", "2002:808:808::1", "3fff::1", "4000::1",
        "5f00::1", "::ffff:0:808:808", "::808:808", "::ffff:192.0.0.8", "::ffff:100.64.0.1",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    ],
)  # fmt: skip
def test_private_network_addresses_are_not_public(address):
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808", "192.0.1.1",
        "100.128.0.1", "172.32.0.1", "198.20.0.1", "2a00:1450::1", "2003::1", "2620:fe::fe",
    ],
)  # fmt: skip
def test_internet_addresses_are_public(address):
    assert is_public_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
        "http://127.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/",
        "http://0/", "http://10.1.2.3:8080/", "https://192.168.0.1/", "http://localhost/",
        "http://169.254.169.254/latest/meta-data/", "http://[fec0::1]/", "http://192.0.0.8/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[::ffff:0:7f00:1]/",
    ],
)  # fmt: skip
def test_private_hosts_are_rejected_in_any_notation(url):
    """With the real resolver, which is what parses 2130706433 as an address."""
    with pytest.raises(RefusedAddressError, match="not on the public internet"):
        request_url(url, agent="test")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "javascript:alert(1)",
        "http://", "http:///x", "http://user:secret@example.org/", "http://[::1", "//example.org/",
        "http://example.org:99999/", "http://example.org:x/", "http://" + "a" * 300 + ".org/", "",
    ],
)  # fmt: skip
def test_invalid_url_is_rejected(url):
    with pytest.raises(RefusedAddressError):
        request_url(url, agent="test", resolve=lambda host, port: ["8.8.8.8"])


class Net:
    """A resolver that knows some names, and treats the test server as public."""

    def __init__(self, **hosts):
        self.hosts = {name.replace("_", "."): addresses for name, addresses in hosts.items()}
        self.asked = []

    def resolve(self, host, port):
        self.asked.append(host)
        return self.hosts[host] if host in self.hosts else resolve_host(host, port)

    def allow(self, address):
        return address == "127.0.0.1" or is_public_address(address)


@pytest.fixture
def net():
    return Net(
        ok_test=["127.0.0.1"], inner_test=["10.0.0.7"], mixed_test=["127.0.0.1", "10.0.0.7"]
    )


def asked(net, url, **options):
    return request_url(
        url,
        agent="Check (+https://archive.example)",
        resolve=net.resolve,
        allow=net.allow,
        **options,
    )


def test_head_request_is_enough_if_supported(net):
    with serving({"/paper?x=%C3%BC": says(200)}) as server:
        answer = asked(net, f"http://ok.test:{server.port}/paper?x=ü")

    assert (answer.status, answer.moved_to) == (200, "")
    host = f"ok.test:{server.port}"
    assert server.asked == [("HEAD", host, "/paper?x=%C3%BC", "Check (+https://archive.example)")]


def test_get_follows_a_rejected_head(net):
    def rule(handler):
        says(405 if handler.command == "HEAD" else 200)(handler)

    with serving({"/": rule}) as server:
        answer = asked(net, f"http://ok.test:{server.port}")

    assert answer.status == 200
    assert [method for method, *_ in server.asked] == ["HEAD", "GET"]


def test_permanent_redirect_gives_the_new_url(net):
    with serving(
        {"/a": says(301, Location="/b"), "/b": says(302, Location="/c"), "/c": says(200)}
    ) as server:
        answer = asked(net, f"http://ok.test:{server.port}/a")

    base = f"http://ok.test:{server.port}"
    assert (answer.url, answer.moved_to) == (f"{base}/c", f"{base}/b")


@pytest.mark.parametrize(
    "location",
    [
        "http://inner.test/", "http://mixed.test/", "http://10.0.0.1/", "http://2130706434/",
        "http://[::1]/", "http://[::ffff:169.254.169.254]/", "file:///etc/passwd", "//10.0.0.1/x",
    ],
)  # fmt: skip
def test_redirects_to_private_addresses_are_rejected(net, location):
    with (
        serving({"/": says(302, Location=location)}) as server,
        pytest.raises(RefusedAddressError),
    ):
        asked(net, f"http://ok.test:{server.port}/")

    assert len(server.asked) == 1


def test_request_goes_to_the_checked_address():
    """DNS rebinding: the name resolves to one address when checked and to another afterwards."""
    answers = iter([["127.0.0.1"], ["10.0.0.7"]])
    with serving({"/": says(200)}) as server:
        answer = request_url(
            f"http://rebind.test:{server.port}/",
            agent="test",
            resolve=lambda host, port: next(answers),
            allow=lambda address: address == "127.0.0.1",
        )

    assert answer.status == 200
    assert next(answers) == ["10.0.0.7"]  # never requested


def test_connection_resolves_no_name_itself(net, monkeypatch):
    def refuse(host, *args, **kwargs):
        if host != "127.0.0.1":
            raise AssertionError(host)
        return real(host, *args, **kwargs)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with serving({"/": says(200)}) as server:
        assert asked(net, f"http://ok.test:{server.port}/").status == 200


def test_redirect_loops_timeouts_and_refused_connections_are_unreachable(net):
    with (
        serving({"/": says(302, Location="/")}) as server,
        pytest.raises(UnreachableError, match="circles"),
    ):
        asked(net, f"http://ok.test:{server.port}/")
    with pytest.raises(UnreachableError, match="no answer"):
        asked(net, f"http://ok.test:{server.port}/")  # nothing listens there any more
    given_up = threading.Event()
    with serving({"/": lambda handler: given_up.wait(PATIENCE)}) as server:
        with pytest.raises(UnreachableError, match="in time"):
            asked(net, f"http://ok.test:{server.port}/", timeout=0.1)
        given_up.set()
    with serving({"/": says(200)}) as server, pytest.raises(UnreachableError):
        asked(net, f"https://ok.test:{server.port}/")


def test_slow_server_is_disconnected(net, monkeypatch):
    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(PATIENCE * 10):
            if given_up.wait(0.1):
                return
            handler.wfile.write(b"x")
        handler.wfile.write(b"\r\n\r\n")  # a client that was not disconnected has a response now

    given_up = threading.Event()
    monkeypatch.setattr(outbound_requests, "MAX_REQUEST_SECONDS", 0.3)
    with serving({"/": drip}) as server:
        with pytest.raises(UnreachableError, match="in time"):
            asked(net, f"http://ok.test:{server.port}/")
        given_up.set()


def test_unknown_host_name_counts_as_gone():
    with pytest.raises(UnreachableError) as error:
        request_url("http://nowhere.test/", agent="test", resolve=lambda host, port: [])

    assert error.value.is_gone


def test_one_request_per_host_at_a_time():
    turns = HostThrottle(pause=0)
    inside, most = 0, 0
    guard = threading.Lock()

    def take():
        nonlocal inside, most
        with turns("one.test"):
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.01)
            with guard:
                inside -= 1

    assert at_once(5, take) == [None] * 5

    assert most == 1


def test_pause_between_two_requests_to_a_host(monkeypatch):
    slept = []
    clock = SimpleNamespace(monotonic=lambda: 1000.0, sleep=slept.append)
    monkeypatch.setattr(outbound_requests, "time", clock)
    turns = HostThrottle(pause=5)

    for host in ("one.test", "two.test", "one.test"):
        with turns(host):
            pass

    assert slept == [5]
