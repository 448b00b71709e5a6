"""Protection of public forms against abuse: a trap for robots and rate limits.

Attempts are counted in the database, because several processes must agree, under keyed hashes,
because nobody's address needs to be kept for that.
"""

import re
from contextlib import suppress
from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.validators import ProhibitNullCharactersValidator
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from search_app.batch_deletion import delete_batch
from site_app.http.client_address import client_address_or_network
from site_app.models import FormAttempt
from site_app.text.email_addresses import mailbox_for_limits, normalise_address
from site_app.text.single_line import on_one_line

ATTEMPT_WINDOW = timedelta(hours=1)
# Unsuccessful submissions per hour from one address; beyond that the response is short.
MAX_HOURLY_FAILED_FORMS = {"refused": 10, "unusable": 100}
MAX_HOURLY_INVALID_LINKS = 60  # invalid token links per hour from one address


class TooManyError(Exception):
    """The limit is reached; `seconds` until it is not."""

    def __init__(self, seconds: int):
        super().__init__(f"Too many attempts; try again in {seconds} seconds.")  # for logs
        self.seconds = seconds

    @property
    def minutes(self):
        return max(1, round(self.seconds / 60))


def hourly_submission_limits() -> dict[str, int]:
    """Return {"email": n, "address": n} an hour from RATE_LIMITS ("5/email,20/address"); {} for off."""
    text = settings.RATE_LIMITS.strip()
    if text == "off":
        return {}
    numbers = dict(re.findall(r"(\d+)/(email|address)", text))
    if not numbers:
        raise ImproperlyConfigured(
            "RATE_LIMITS must be “off” or have a form like “5/email,20/address”."
        )
    return {kind: int(number) for number, kind in numbers.items()}


def count_submission(request, email: str) -> None:
    """Count a submitted form against its mailbox and network, regardless of tags and addresses.

    Raises TooManyError, counting nothing, when one of them has reached its limit.
    """
    keys = {
        "email": hashed_limit_key("email", mailbox_for_limits(email)),
        "address": hashed_limit_key("address", client_address_or_network(request)),
    }
    count_attempt_of_each_key(
        {keys[kind]: most for kind, most in hourly_submission_limits().items()}
    )


def check_invalid_link_limit(request) -> None:
    """Raise TooManyError if too many invalid links were opened from this address."""
    if hourly_submission_limits():
        _check_limit(
            hashed_limit_key("guess", client_address_or_network(request)), MAX_HOURLY_INVALID_LINKS
        )


def count_invalid_link(request) -> None:
    """Count one invalid link, whatever is wrong with it."""
    if hourly_submission_limits():
        with suppress(TooManyError):
            count_attempt_of_each_key(
                {
                    hashed_limit_key(
                        "guess", client_address_or_network(request)
                    ): MAX_HOURLY_INVALID_LINKS
                }
            )


def count_failed_form(request, why: str) -> None:
    """Count a failed form from this address, "refused" or "unusable"."""
    key = hashed_limit_key(why, client_address_or_network(request))
    cache.add(key, 0, ATTEMPT_WINDOW.total_seconds())
    with suppress(ValueError):  # evicted from the cache in the meantime
        cache.incr(key)


def has_sent_too_many_failed_forms(request) -> bool:
    """Return whether this address has sent too many failed forms for a person.

    Asked before anything else is done with a form. Each process counts by itself, in the cache,
    unless they share one: refusing is what has to be cheap.
    """
    if not hourly_submission_limits():
        return False
    most_of = {
        hashed_limit_key(why, client_address_or_network(request)): most
        for why, most in MAX_HOURLY_FAILED_FORMS.items()
    }
    return any(count >= most_of[key] for key, count in cache.get_many(most_of).items())


def count_attempt_of_each_key(limit_of: dict[str, int]) -> list[int]:
    """Count an attempt against each key of {`hashed_limit_key(…)`: most an hour}; return ids of the counts.

    Raises TooManyError, counting nothing, when one of them has reached its limit.
    """
    for key, most in limit_of.items():
        _check_limit(key, most)  # first without a lock: a flood of requests must not block others
    with transaction.atomic():
        # One request per key at a time; otherwise concurrent requests could all pass the check.
        # SQLite has only one writer anyway.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for key in sorted(limit_of):
                    number = int(key[:15], 16)
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        for key, most in limit_of.items():
            _check_limit(key, most)
        now = timezone.now()
        attempts = FormAttempt.objects.bulk_create(
            FormAttempt(key=key, at=now) for key in limit_of
        )
        return [attempt.pk for attempt in attempts]


def uncount_attempts(attempts: list[int]) -> None:
    """Revert the counts of `count_attempt_of_each_key` after a successful attempt."""
    FormAttempt.objects.filter(pk__in=attempts).delete()


def _check_limit(key: str, most: int) -> None:
    now = timezone.now()
    recent = FormAttempt.objects.filter(key=key, at__gt=now - ATTEMPT_WINDOW).order_by("-at")
    # The oldest of the last `most`: once it is outside the window, another attempt is allowed.
    if times := list(recent.values_list("at", flat=True)[most - 1 : most]):
        raise TooManyError(int((times[0] + ATTEMPT_WINDOW - now).total_seconds()) + 1)


def hashed_limit_key(kind: str, value: str) -> str:
    """Return the keyed hash under which attempts of one kind by one value are counted."""
    return salted_hmac("site_app.protection", f"{kind}:{value}", algorithm="sha256").hexdigest()


def purge_old_attempts(now: datetime | None = None) -> int:
    """Delete attempts that no longer count; return how many."""
    return delete_batch(
        FormAttempt.objects.filter(at__lte=(now or timezone.now()) - ATTEMPT_WINDOW)
    )


class SingleLineField(forms.CharField):
    """One line of text: no line breaks or control characters, so no header can be smuggled in."""

    def to_python(self, value):
        text = super().to_python(value)
        # Before the text is cleaned: a person cannot type NUL.
        ProhibitNullCharactersValidator()(text)
        return on_one_line(text)


class EmailAddressField(forms.EmailField):
    """A normalised e-mail address (`email_addresses`).

    Django's own field accepts quoted local parts, which may contain spaces and control characters, and
    letters that fold into a to z.
    """

    messages = {
        "required": _("Enter your e-mail address."),
        "invalid": _("Enter an e-mail address like name@example.org."),
    }

    def __init__(self, **kwargs):
        widget = forms.EmailInput(attrs={"autocomplete": "email"})
        # 254, the maximum in the database; Django's default for forms is longer.
        super().__init__(
            **{"max_length": 254, "widget": widget, "error_messages": self.messages} | kwargs
        )

    def to_python(self, value):
        address = super().to_python(value)
        try:
            return normalise_address(address) if address else address
        except ValueError as error:
            raise forms.ValidationError(str(error), code="invalid") from error

    def clean(self, value):
        address = super().clean(value)
        if '"' in address or address != on_one_line(address):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return address


class HoneypotForm(forms.Form):
    """A public form with a honeypot: a hidden field that only robots fill in.

    If `is_honeypot_filled` is true, the form is answered with thanks and discarded.
    """

    homepage = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    @property
    def is_honeypot_filled(self):
        return bool(self.data.get(self.add_prefix("homepage")))

    @property
    def fields_without_honeypot(self):
        """The fields a person fills in."""
        return [field for field in self if field.name != "homepage"]
