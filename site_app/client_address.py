"""The visitor's network address, which rate limits and log-in protection count by."""

import ipaddress

from django.conf import settings


def client_address(request) -> str:
    """Return the address the request came from.

    X-Forwarded-For is believed only when the connection itself comes from a trusted proxy
    (TRUSTED_PROXIES: addresses or networks); then the last hop that is no such proxy counts,
    because everything left of it was written by the visitor.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if not _is_trusted(address):
        return address
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        hop = hop.strip()
        if not hop or not _is_address(hop):
            break
        address = hop
        if not _is_trusted(hop):
            break
    return address


def _is_address(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text):
    if not _is_address(text):
        return False
    address = ipaddress.ip_address(text)
    return any(
        address in ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES
    )
