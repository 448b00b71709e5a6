"""The groups of staff, each with the permissions it needs."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

_EDITED = {
    "sessions_app": (
        "session",
        "appearance",
        "recommendation",
        "document",
        "series",
        "topic",
        "topicalias",
        "region",
    ),
    "speakers_app": ("speaker", "speakeralias", "organisation", "organisationalias"),
}
_PARTS = {
    "appearance",
    "recommendation",
    "document",
    "topicalias",
    "speakeralias",
    "organisationalias",
}

EDITORS = {
    f"{app}.{action}_{model}"
    for app, models in _EDITED.items()
    for model in models
    # Editors may delete parts of a record while editing it, but not whole records.
    for action in ("add", "change", "view", *(["delete"] if model in _PARTS else []))
} | {
    # Editors announce a recording on its session's page; access officers decide on access to it.
    "recordings_app.view_recording",
    "recordings_app.add_recording",
    "search_app.view_synonym",
    "search_app.view_searchcount",
    "sessions_app.view_comment",
    # Moves a session to the bin; editors may do so only for drafts that they entered themselves.
    "sessions_app.delete_session",
    "desk_app.view_lookalike",
    "desk_app.change_lookalike",
    "desk_app.view_finding",
    "desk_app.change_finding",
    "ingest_app.view_importrun",
    "ingest_app.add_importrun",
    "ingest_app.view_mappingrule",
    "ingest_app.add_mappingrule",
    "ingest_app.change_mappingrule",
    "site_app.view_oldaddress",
}
PUBLISHERS = EDITORS | {
    "sessions_app.publish_session",
    "sessions_app.view_binnedsession",
    "sessions_app.delete_binnedsession",
    "sessions_app.change_comment",
    "sessions_app.delete_comment",
    "desk_app.add_mergerecord",
    "desk_app.view_mergerecord",
    "django_tasks_database.view_dbtaskresult",
    "preservation_app.view_filecheck",
    *(f"sessions_app.delete_{model}" for model in ("series", "topic", "region")),
    *(f"speakers_app.delete_{model}" for model in ("speaker", "organisation")),
    "ingest_app.take_back_importrun",
    "ingest_app.delete_mappingrule",
    "site_app.add_oldaddress",
    "site_app.change_oldaddress",
    "site_app.delete_oldaddress",
    "site_app.view_sitesettings",
    "site_app.change_sitesettings",
    "site_app.view_contactmessage",
    "site_app.change_contactmessage",
    # A synonym changes the search results of all readers at once.
    "search_app.add_synonym",
    "search_app.change_synonym",
    "search_app.delete_synonym",
    "search_app.delete_searchcount",
}
ACCESS_OFFICERS = {
    "alerts_app.view_alert",
    "alerts_app.delete_alert",
    "sessions_app.view_session",
    *(
        f"recordings_app.{action}_{model}"
        for model in ("recording", "transcript", "transcriptcue")
        for action in ("add", "change", "view", "delete")
    ),
    "recordings_app.view_recordingrequest",
    "recordings_app.change_recordingrequest",
    "recordings_app.view_requestedrecording",
    "recordings_app.change_requestedrecording",
    "recordings_app.view_grant",
    "recordings_app.change_grant",
    "recordings_app.view_accesslog",
    "recordings_app.view_requestsettings",
    "recordings_app.change_requestsettings",
    "site_app.view_mailmessage",
    "site_app.change_mailmessage",
    "site_app.view_mailtext",
    "site_app.change_mailtext",
}
LAST_APP = (
    "reversion"  # post_migrate is sent for each app in turn; the groups need all permissions
)
GROUPS = {"Editors": EDITORS, "Publishers": PUBLISHERS, "Access officers": ACCESS_OFFICERS}


def make_groups(app_config, using, **kwargs):
    """Give the three groups their permissions after each migration; what staff added stays."""
    if app_config.label != LAST_APP:
        return
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    wanted_of = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.using(using).select_related("content_type")
    }
    for name, wanted in GROUPS.items():
        group, _ = group_model.objects.using(using).get_or_create(name=name)
        group.permissions.add(
            *(wanted_of[codename] for codename in sorted(wanted) if codename in wanted_of)
        )
