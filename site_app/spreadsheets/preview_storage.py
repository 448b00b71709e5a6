"""Storage of files between preview and confirmation of an import: private, for some hours."""

from datetime import datetime, timedelta

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext
from import_export.tmp_storages import BaseStorage

PREVIEW_FOLDER = "sheets"
PREVIEW_TICKET_SALT = "site_app.sheets"
PREVIEW_RETENTION = timedelta(hours=6)
MAX_FILES_DELETED_PER_CALL = 200  # files per call


class PreviewStorage(BaseStorage):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.storage = storages["private"]

    def save(self, data):
        self.name = self.storage.save(
            f"{PREVIEW_FOLDER}/{get_random_string(32)}", ContentFile(data)
        )

    def read(self):
        with self.storage.open(self.name, "rb") as file:
            return file.read()

    def remove(self):
        self.storage.delete(self.name)


def sign_preview_ticket(name: str, owner: str) -> str:
    """Return what the browser of `owner` sends back for a file that was stored as `name`.

    The library's own form accepts any name, and would read other files in the folder.
    """
    return signing.dumps([name, owner], salt=PREVIEW_TICKET_SALT)


def file_name_of_ticket(text: str, owner: str) -> str:
    """Return the name that `ticket` was made of. Raises ValueError, worded for the owner."""
    try:
        name, for_whom = signing.loads(text, salt=PREVIEW_TICKET_SALT, max_age=PREVIEW_RETENTION)
    except signing.BadSignature as error:
        raise ValueError(gettext("This preview is too old. Choose the file again.")) from error
    if for_whom != owner or not storages["private"].exists(name):
        raise ValueError(gettext("This preview is no longer there. Choose the file again."))
    return name


def delete_old_previews(now: datetime | None = None) -> int:
    """Delete files of imports that were not confirmed within six hours; return how many."""
    return delete_old_private_files(PREVIEW_FOLDER, PREVIEW_RETENTION, now)


def delete_old_private_files(folder: str, age: timedelta, now: datetime | None = None) -> int:
    """Delete files of a private folder that are older than `age`, some at a time; return how many."""
    storage = storages["private"]
    try:
        names = storage.listdir(folder)[1]
    except FileNotFoundError:
        return 0
    paths = (f"{folder}/{name}" for name in names)
    now = now or timezone.now()
    old = [path for path in paths if now - storage.get_modified_time(path) > age]
    for path in old[:MAX_FILES_DELETED_PER_CALL]:
        storage.delete(path)
    return len(old[:MAX_FILES_DELETED_PER_CALL])
