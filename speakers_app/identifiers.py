"""Identifiers of people and organisations from registries."""

import re

from django.utils.translation import gettext

_ORCID_PATTERN = re.compile(
    r"(?:https?://orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])/?", re.I
)
_ROR_PATTERN = re.compile(r"(?:https?://ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}[0-9]{2})/?", re.I)


def normalise_orcid(text: str) -> str:
    """Return an ORCID as 0000-0002-1825-0097; it may be given as a URL or without hyphens.

    "" stays "". Raises ValueError, with a message for the user, if it is invalid or its check digit is wrong
    (ISO 7064 mod 11-2).
    """
    text = text.strip()
    if not text:
        return ""
    match = _ORCID_PATTERN.fullmatch(text)
    if not match:
        raise ValueError(gettext("An ORCID has 16 digits, such as 0000-0002-1825-0097."))
    digits = "".join(match.groups()).upper()
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[-1] != ("X" if check == 10 else str(check)):
        raise ValueError(gettext("This ORCID has a wrong digit: its check digit does not fit."))
    return "-".join(match.groups()).upper()


def normalise_ror_id(text: str) -> str:
    """Return a ROR identifier as 02mhbdp94; it may be given as a URL. "" stays "".

    Raises ValueError, with a message for the user, if it is invalid.
    """
    text = text.strip()
    if not text:
        return ""
    match = _ROR_PATTERN.fullmatch(text)
    if not match:
        raise ValueError(gettext("A ROR ID has nine letters and digits, such as 02mhbdp94."))
    return match[1].lower()
