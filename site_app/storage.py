"""Where files lie that only views give out."""

from django.core.files.storage import storages


def private_storage():
    return storages["private"]
