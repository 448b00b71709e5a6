"""What every public form has against abuse: a trap for robots and limits on how often.

Attempts are counted in the database, because several processes must agree, under keyed hashes,
because nobody's address needs to be kept for that.
"""

import re
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .client_address import client_address
from .models import FormAttempt

WINDOW = timedelta(hours=1)


class TooManyError(Exception):
    """The limit is reached; `seconds` until it is not."""

    def __init__(self, seconds: int):
        super().__init__(f"Too many attempts; try again in {seconds} seconds.")
        self.seconds = seconds

    @property
    def minutes(self):
        return max(1, round(self.seconds / 60))


def limits() -> dict[str, int]:
    """Return {"email": n, "address": n} an hour from RATE_LIMITS ("5/email,20/address"); {} for off."""
    text = settings.RATE_LIMITS.strip()
    if text == "off":
        return {}
    found = dict(re.findall(r"(\d+)/(email|address)", text))
    if not found:
        raise ImproperlyConfigured("RATE_LIMITS is “off” or like “5/email,20/address”.")
    return {kind: int(number) for number, kind in found.items()}


def count_attempt(request, email: str) -> None:
    """Count one sent form against its e-mail address and network address.

    Raises TooManyError, counting nothing, when one of them has reached its limit.
    """
    now = timezone.now()
    keys = {
        "email": _key("email", email.strip().casefold()),
        "address": _key("address", client_address(request)),
    }
    allowed = limits()
    for kind, most in allowed.items():
        recent = FormAttempt.objects.filter(key=keys[kind], at__gt=now - WINDOW).order_by("at")
        times = list(recent.values_list("at", flat=True))
        if len(times) >= most:
            raise TooManyError(int((times[-most] + WINDOW - now).total_seconds()) + 1)
    FormAttempt.objects.bulk_create(FormAttempt(key=keys[kind], at=now) for kind in allowed)


def _key(kind, value):
    return salted_hmac("site_app.protection", f"{kind}:{value}", algorithm="sha256").hexdigest()


def forget_old_attempts() -> int:
    """Delete attempts that count no more; return how many."""
    return FormAttempt.objects.filter(at__lte=timezone.now() - WINDOW).delete()[0]


class LineField(forms.CharField):
    """One line of text: line breaks become spaces, so that no header can be smuggled in."""

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


class ProtectedForm(forms.Form):
    """A public form with a trap: a field people do not see and robots fill in.

    `is_trapped` tells; such a form is thanked for and thrown away.
    """

    homepage = forms.CharField(
        required=False,
        label="Leave this empty",
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    @property
    def is_trapped(self):
        return bool(self.data.get(self.add_prefix("homepage")))

    @property
    def visible(self):
        """The fields a person fills in."""
        return [field for field in self if field.name != "homepage"]
