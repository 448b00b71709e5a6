"""Requests to user-supplied URLs, which never reach the archive's own network, whatever their notation.

A name is resolved once, all of its addresses must be public, and the connection goes to such an address:
a name server that answers differently a moment later (DNS rebinding) has no effect. After each redirect
everything is checked again.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

TIMEOUT_SECONDS = 10  # for the connection and for each chunk of the response
MAX_REQUEST_SECONDS = 30  # per request; a server may keep sending single bytes
MAX_REDIRECTS = 6
_PORT_OF_SCHEME = {"http": 80, "https": 443}
_REDIRECT_STATUSES = {301, 302, 303, 307, 308}
_PERMANENT_REDIRECT_STATUSES = {301, 308}
# Networks that Python's `is_global` accepts, at least in some versions, but that cannot contain a
# public web server: see the IANA registries of special-purpose addresses.
_SPECIAL_PURPOSE_NETWORKS = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; some of them are anycast
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: leads to the IPv4 address it contains
        "3fff::/20",  # documentation
    )
]
# All IPv6 addresses assigned to networks.
_IPV6_GLOBAL_UNICAST_NETWORK = ipaddress.ip_network("2000::/3")
_NAT64_NETWORK = ipaddress.ip_network("64:ff9b::/96")

Resolve = Callable[[str, int], list[str]]
Allow = Callable[[str], bool]


class RefusedAddressError(Exception):
    """The address may not be requested; the message says why."""


class UnreachableError(Exception):
    """No answer. `is_gone`: the name does not exist, so a retry is useless."""

    def __init__(self, message: str, *, is_gone: bool = False):
        super().__init__(message)
        self.is_gone = is_gone


@dataclass(frozen=True)
class FinalResponse:
    """The final answer of a URL. `moved_to`: the target of permanent redirects, or ""."""

    status: int
    url: str
    moved_to: str = ""


class HostThrottle:
    """Limits requests to one per host at a time, with a pause in between; shared by threads."""

    def __init__(self, pause: float):
        self.pause = pause
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._last: dict[str, float] = {}

    @contextmanager
    def __call__(self, host: str) -> Iterator[None]:
        with self._lock:
            lock = self._locks[host]
        with lock:
            wait = self._last.get(host, -self.pause) + self.pause - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                yield
            finally:
                self._last[host] = time.monotonic()


def is_public_address(address: str) -> bool:
    """Return whether a numeric IP address is on the public internet.

    For IPv6 this means global unicast, and the two forms that represent an IPv4 address (mapped, NAT64) if
    that address is public.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if ip.version == 6 and (ip.ipv4_mapped or ip in _NAT64_NETWORK):
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.version == 6 and ip not in _IPV6_GLOBAL_UNICAST_NETWORK:
        return False
    if any(
        ip in network for network in _SPECIAL_PURPOSE_NETWORKS if network.version == ip.version
    ):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host; raises UnreachableError if it has none."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        unknown = getattr(error, "errno", None) == socket.EAI_NONAME
        raise UnreachableError("no such host", is_gone=unknown) from error
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def request_url(
    url: str,
    *,
    agent: str,
    turns: HostThrottle | None = None,
    resolve: Resolve = resolve_host,
    allow: Allow = is_public_address,
    timeout: float = TIMEOUT_SECONDS,
) -> FinalResponse:
    """Request a URL and follow redirects, without reading the body.

    HEAD first; where that is refused, GET. Raises RefusedAddressError and UnreachableError.
    """
    moved_to, is_permanent = "", True
    for _ in range(MAX_REDIRECTS + 1):
        target = _check_target(url, resolve, allow)
        status, location = _send_request("HEAD", target, agent, turns, timeout)
        if status >= 400:
            status, location = _send_request("GET", target, agent, turns, timeout)
        if status not in _REDIRECT_STATUSES or not location:
            return FinalResponse(status, url, moved_to)
        url = urljoin(url, location)
        is_permanent = is_permanent and status in _PERMANENT_REDIRECT_STATUSES
        moved_to = url if is_permanent else moved_to
    raise UnreachableError("it redirects in circles")


@dataclass(frozen=True)
class _CheckedTarget:
    scheme: str
    host: str
    port: int
    address: str
    path: str


def _check_target(url: str, resolve: Resolve, allow: Allow) -> _CheckedTarget:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT_OF_SCHEME.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise RefusedAddressError("the address is not valid") from error
    if parts.scheme not in _PORT_OF_SCHEME:
        raise RefusedAddressError("only http and https addresses are checked")
    if not host or parts.username is not None:
        raise RefusedAddressError("the address is not valid")
    addresses = resolve(host, port)
    if not addresses:
        raise UnreachableError("no such host", is_gone=True)
    if not all(allow(address) for address in addresses):
        raise RefusedAddressError("its host is not on the public internet")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    return _CheckedTarget(
        parts.scheme, host, port, addresses[0], f"{path}?{query}" if query else path
    )


def _send_request(method, target: _CheckedTarget, agent, turns, timeout) -> tuple[int, str]:
    kind = _PinnedHTTPSConnection if target.scheme == "https" else _PinnedHTTPConnection
    connection = kind(target, timeout)
    end = threading.Timer(MAX_REQUEST_SECONDS, connection.abort_at_time_limit)
    end.daemon = True
    with turns(target.host) if turns else nullcontext():
        end.start()
        try:
            connection.request(method, target.path, headers={"User-Agent": agent, "Accept": "*/*"})
            answer = connection.getresponse()
            if connection.was_cut:  # a truncated response could look complete
                raise UnreachableError("no answer in time")
            return answer.status, answer.getheader("Location", "")
        except TimeoutError as error:
            raise UnreachableError("no answer in time") from error
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError("its certificate is not valid") from error
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise UnreachableError(f"no answer ({type(error).__name__})") from error
        finally:
            end.cancel()
            connection.close()


class _PinnedHTTPConnection(http.client.HTTPConnection):
    """Connects to the checked address, even if the name now resolves to another."""

    def __init__(self, target: _CheckedTarget, timeout: float, **options):
        super().__init__(target.host, target.port, timeout=timeout, **options)
        self.address = target.address

    def connect(self):
        self.sock = socket.create_connection((self.address, self.port), self.timeout)

    was_cut = False

    def abort_at_time_limit(self):
        self.was_cut = True
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # closed at the same moment


class _PinnedHTTPSConnection(_PinnedHTTPConnection, http.client.HTTPSConnection):
    def __init__(self, target: _CheckedTarget, timeout: float):
        self.tls = ssl.create_default_context()
        super().__init__(target, timeout, context=self.tls)

    def connect(self):
        super().connect()
        self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)
