"""Tokens for mailed links: derived when needed, never stored.

A token is the id of its record and an HMAC of purpose, id and the record's random nonce, under a key
derived from SECRET_KEY. The database contains the nonce (128 bits), from which the token cannot be
derived without the key. Links mailed under one of SECRET_KEY_FALLBACKS remain valid.
"""

import secrets

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from site_app.text.numbers import parse_whole_number

NONCE_BYTES = 16


def new_nonce() -> str:
    """Return 128 random bits in hexadecimal."""
    return secrets.token_hex(NONCE_BYTES)


def make_token(purpose: str, record_id: int, nonce: str, secret: str | None = None) -> str:
    """Return the token of one record for one purpose, safe in an address: "<id>-<64 hex digits>"."""
    # The salt is independent of the module name: changing it would invalidate every mailed link.
    digest = salted_hmac(
        f"site_app.tokens.{purpose}", f"{record_id}:{nonce}", secret=secret, algorithm="sha256"
    ).hexdigest()
    return f"{record_id}-{digest}"


def record_of_token(token: str, purpose: str, queryset):
    """Return the record of `queryset` whose token this is, or None; in constant time per record."""
    written, hyphen, _ = token.partition("-")
    record_id = parse_whole_number(written) if hyphen else None
    if record_id is None:
        return None
    record = queryset.filter(pk=record_id).first()
    nonce = record.nonce if record else ""
    secrets_in_use = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    matches = [
        constant_time_compare(make_token(purpose, record_id, nonce, secret), token)
        for secret in secrets_in_use
    ]
    return record if any(matches) else None
