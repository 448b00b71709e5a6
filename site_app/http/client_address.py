"""The visitor's network address, used by rate limits and login protection."""

import ipaddress

from django.conf import settings

# Internet providers assign at least such a network to each customer, who can send from all of its
# addresses.
IPV6_CUSTOMER_PREFIX_LENGTH = 64


def client_address(request) -> str:
    """Return the address the request came from; an IPv4 address always in its own form.

    X-Forwarded-For is believed only when the connection itself comes from a trusted proxy
    (TRUSTED_PROXIES: addresses or networks); then the last hop that is not such a proxy counts,
    because everything left of it was written by the visitor.
    """
    address = request.META.get("REMOTE_ADDR", "")
    parsed = _parse_ip_address(address)
    if parsed is None:
        return address
    if _is_trusted_proxy(parsed):
        for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            hop_address = _parse_ip_address(hop.strip())
            if hop_address is None:
                break
            parsed = hop_address
            if not _is_trusted_proxy(parsed):
                break
    return str(parsed)


def client_address_or_network(request) -> str:
    """Return who a request is from, for limits: an IPv4 address, or the /64 of an IPv6 address."""
    address = client_address(request)
    parsed = _parse_ip_address(address)
    if parsed is None or parsed.version == 4:
        return address
    return str(ipaddress.ip_network((int(parsed), IPV6_CUSTOMER_PREFIX_LENGTH), strict=False))


def _parse_ip_address(text):
    """Return an address, IPv4 also where it is written as IPv6 ("::ffff:192.0.2.1"), or None."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted_proxy(address):
    return any(
        address in ipaddress.ip_network(proxy, strict=False) for proxy in settings.TRUSTED_PROXIES
    )
