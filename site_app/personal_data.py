"""Personal data by e-mail address: export and deletion.

Each app registers its data; the commands `export_person` and `erase_person` process all of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from site_app.text.email_addresses import stored_address

from .models import ContactMessage, MailMessage


@dataclass(frozen=True)
class PersonalDataSource:
    """One kind of record that may contain personal data.

    `export`: address → plain rows for JSON; `erase`: address → how many records were changed or
    deleted. Both get the address in its normal form (`email_addresses`).
    """

    name: str
    export: Callable[[str], list[dict]]
    erase: Callable[[str], int]


_holdings: dict[str, PersonalDataSource] = {}


def register_personal_data(
    name: str, export: Callable[[str], list[dict]], erase: Callable[[str], int]
) -> None:
    _holdings[name] = PersonalDataSource(name, export, erase)


def export_person(email: str) -> dict[str, list[dict]]:
    """Return {kind of record: rows} of all that is held under an address."""
    email = stored_address(email)
    return {name: holding.export(email) for name, holding in _holdings.items()}


@transaction.atomic
def erase_person(email: str) -> dict[str, int]:
    """Forget all that is held under an address; return {kind of record: how many}."""
    email = stored_address(email)
    return {name: holding.erase(email) for name, holding in _holdings.items()}


def delete_admin_log(records: models.QuerySet) -> None:
    """Delete what the admin's log says of these records: it repeats their names."""
    kind = ContentType.objects.get_for_model(records.model)
    keys = [str(pk) for pk in records.values_list("pk", flat=True)]
    LogEntry.objects.filter(content_type=kind, object_id__in=keys).delete()


def _contact_messages_of_address(email: str) -> list[dict]:
    wanted = ("created_at", "name", "email", "about", "message", "status", "staff_note")
    return list(ContactMessage.objects.filter(email=email).values(*wanted))


def _delete_contact_messages_of_address(email: str) -> int:
    contacts = ContactMessage.objects.filter(email=email)
    delete_admin_log(contacts)
    return contacts.delete()[0]


def _queued_mail_of_address(email: str) -> list[dict]:
    wanted = ("created_at", "sent_at", "kind", "recipient", "state", "last_error")
    return list(MailMessage.objects.filter(recipient=email).values(*wanted))


def _delete_queued_mail_of_address(email: str) -> int:
    mails = MailMessage.objects.filter(recipient=email)
    # A message being sent by a worker is left alone; the next run finds it.
    mails = mails.exclude(state=MailMessage.State.SENDING)
    delete_admin_log(mails)
    return mails.delete()[0]


register_personal_data(
    "contact messages", _contact_messages_of_address, _delete_contact_messages_of_address
)
register_personal_data("mail queue", _queued_mail_of_address, _delete_queued_mail_of_address)
