"""Normal form of e-mail addresses, so that one mailbox is one person in all comparisons.

Letters of other alphabets that look like a to z, or that Unicode folds into them (the KELVIN SIGN
into k), are never taken for them: such an address is another mailbox, if there is one at all.
"""

import unicodedata

from django.db import models
from django.utils.translation import gettext

# Python implements IDNA 2003, which maps these characters to other domains than browsers do.
_AMBIGUOUS_DOMAIN_CHARACTERS = frozenset("ßς\u200c\u200d")


def normalise_address(text: str) -> str:
    """Return an address in lower case, its domain in ASCII ("müller.example" as "xn--…").

    Raises ValueError, with a message for the user, if the part before the @ has letters beyond ASCII or the
    domain cannot be converted. Otherwise the address is not validated.
    """
    local, at, domain = text.strip().rpartition("@")
    if odd := next((letter for letter in local if not letter.isascii()), ""):
        raise ValueError(
            gettext(
                "The part before the @ can only contain the letters a to z, digits and signs such "
                "as . - _ and +. “%(letter)s” (%(code)s) is not one of them, even if it looks alike."
            )
            % {"letter": odd, "code": f"U+{ord(odd):04X}"}
        )
    if not domain.isascii():
        domain = unicodedata.normalize("NFKC", domain).lower()
        try:
            if _AMBIGUOUS_DOMAIN_CHARACTERS & set(domain):
                raise UnicodeError
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError(
                gettext("Write the domain, after the @, as “xn--…” or with the letters a to z.")
            ) from None
    return f"{local.lower()}{at}{domain.lower()}"


def stored_address(text: str) -> str:
    """Return what is stored and compared: the normal form, or the text itself if it has none."""
    try:
        return normalise_address(text)
    except ValueError:
        return text.strip()


def mailbox_for_limits(text: str) -> str:
    """Return the form by which limits count an address: "ada+news@example.org" reaches ada@example.org."""
    address = unicodedata.normalize("NFKC", stored_address(text)).casefold()
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


class StoredAddressField(models.EmailField):
    """An e-mail address that is stored, and looked for, in its normal form."""

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs  # the column is the same

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return stored_address(value) if isinstance(value, str) else value

    def pre_save(self, model_instance, add):
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = stored_address(value)
            setattr(model_instance, self.attname, value)
        return value


def normalise_stored(model, field: str = "email") -> None:
    """Bring the addresses of all rows into their normal form; for migrations."""
    for address in model.objects.exclude(**{field: ""}).values_list(field, flat=True).distinct():
        if (normal := stored_address(address)) != address:
            # A Value is compared as it is; a plain string would be normalised first.
            model.objects.filter(**{field: models.Value(address)}).update(**{field: normal})
