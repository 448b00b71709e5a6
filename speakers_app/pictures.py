"""Files of portraits and logos: made where they are missing, gone when nothing needs them."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from desk_app.models import MergeRecord
from search_app.change_log import record_changes
from site_app.pictures.renditions import delete_public_files, rendition_file_names

from .models import Organisation, Speaker

MAX_RECORDS_PER_TICK = 20  # records per tick


@receiver(pre_save, sender=Speaker)
@receiver(pre_save, sender=Organisation)
def delete_replaced_picture(instance, **kwargs):
    """Forget the picture that another replaces, once that is sure."""
    # The renditions say which picture they belong to, which saves a query.
    former = (instance.renditions.get("of") or [""])[0]
    if former and former != instance.picture.name:
        transaction.on_commit(lambda: delete_picture_if_unused(former))


@receiver(post_save, sender=Speaker)
@receiver(post_save, sender=Organisation)
def reset_lost_renditions(instance, raw=False, **kwargs):
    """Let the tick make the renditions of a record that was deleted: their files went with it."""
    if raw and any(
        not default_storage.exists(name) for name in rendition_file_names(instance.renditions)
    ):
        instance.renditions = {}
        type(instance).objects.filter(pk=instance.pk).update(renditions={})


@receiver(post_delete, sender=Speaker)
@receiver(post_delete, sender=Organisation)
def delete_pictures_of_record(instance, **kwargs):
    renditions, former = rendition_file_names(instance.renditions), instance.picture.name

    def forget():
        delete_public_files(renditions)
        if former:
            delete_picture_if_unused(former)

    transaction.on_commit(forget)


def delete_picture_if_unused(name: str) -> None:
    """Delete an uploaded picture unless a record shows it or the undoing of a merge needs it."""
    is_needed = (
        Speaker.objects.filter(photo=name).exists()
        or Organisation.objects.filter(logo=name).exists()
        or MergeRecord.objects.annotate(text=Cast("steps", TextField()))
        .filter(undone_at=None, text__contains=name)
        .exists()
    )
    if not is_needed:
        default_storage.delete(name)


def make_missing_renditions() -> int:
    """Make renditions of pictures that have none, as after a bulk import; return of how many."""
    made = 0
    for model, kind in ((Speaker, "speaker"), (Organisation, "organisation")):
        waiting = model.objects.filter(renditions={}).exclude(**{model.picture_field: ""})
        for record in waiting[:MAX_RECORDS_PER_TICK]:
            with transaction.atomic():
                record.renew_renditions()
                record_changes(kind, [record.pk])
            made += 1
    return made
