"""The built-in wording of the mails about requests; staff can change it in the admin."""

from django.utils.translation import gettext_lazy as _

_ARCHIVE_PLACEHOLDERS = {"archive": (_("the name of the archive"), "Speaker Series Archive")}
_REFERENCE_PLACEHOLDER = {"reference": (_("the reference of the request"), "R-7KQ2M9XD")}
_COMMON_PLACEHOLDERS = {
    **_ARCHIVE_PLACEHOLDERS,
    **_REFERENCE_PLACEHOLDER,
    "name": (_("the name the requester gave"), "Ada Reader"),
    "contact": (_("the address for replies"), "archive@example.org"),
    "status_link": (
        _("the private page with all requests of this address"),
        "https://archive.example.org/requests/12-0123456789abcdef/",
    ),
}
_NOTE_PLACEHOLDER = {
    "note": (_("your note about the decision; may be empty"), "Please do not quote by name.")
}
_SESSIONS_PLACEHOLDER = {
    "recordings": (
        _("the recordings, each with the page of its session"),
        "- Sea lanes\n  https://archive.example.org/sessions/sea-lanes/",
    )
}
_LINKS_PLACEHOLDER = {
    "recordings": (
        _("the recordings, each with its private link, expiry date and number of plays"),
        "- Sea lanes\n  https://archive.example.org/recordings/34-0123456789abcdef/\n"
        "  Until 9 December 2026, 12:00 UTC, 5 plays",
    )
}
_PLACEHOLDERS_FOR_SUBJECT = frozenset({"archive", "reference"})

CONFIRM_ADDRESS_MAIL = {
    "kind": "request-confirm",
    "label": _("Please confirm your address"),
    "sent_when": _(
        "To the address entered in the form, immediately. It could be anybody's address, so the "
        "mail must not repeat anything else that was entered."
    ),
    "subject": _("Please confirm your request {reference}"),
    "body": _(
        "Somebody, probably you, used this e-mail address to request these recordings from "
        "{archive}:\n\n"
        "{recordings}\n\n"
        "To confirm the address, please open this page:\n\n"
        "{confirm_link}\n\n"
        "If this was not you, you do not need to do anything: the request will be deleted."
        "\n\n"
        "{archive}"
    ),
    "placeholders": {
        **_ARCHIVE_PLACEHOLDERS,
        **_REFERENCE_PLACEHOLDER,
        "recordings": (_("the requested recordings"), "- Sea lanes"),
        "confirm_link": (
            _("the page for confirming the address"),
            "https://archive.example.org/requests/confirm/12-0123456789abcdef/",
        ),
    },
    "required": frozenset({"confirm_link"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
REQUEST_RECEIVED_MAIL = {
    "kind": "request-received",
    "label": _("Your request has been received"),
    "sent_when": _("To the requester, when the address has been confirmed."),
    "subject": _("We have received your request {reference}"),
    "body": _(
        "Dear {name},\n\n"
        "Thank you for confirming your address. You requested:\n\n"
        "{recordings}\n\n"
        "You had already requested these, so we did not add them again. The page below "
        "shows their status:\n\n"
        "{repeated}\n\n"
        "Organisation: {organisation}\n"
        "Purpose: {purpose}\n\n"
        "We will write to you as soon as there is a decision. You can check the status of "
        "your requests at any time:\n\n"
        "{status_link}\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {
        **_COMMON_PLACEHOLDERS,
        **_SESSIONS_PLACEHOLDER,
        "repeated": (
            _("recordings requested earlier that are not requested again; may be empty"),
            "- Grain routes\n  https://archive.example.org/sessions/grain-routes/",
        ),
        "organisation": (_("the organisation the requester gave; may be empty"), "Reading Room"),
        "purpose": (_("what the recording is needed for"), "A study of ports"),
    },
    "required": frozenset({"status_link"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
APPROVED_MAIL = {
    "kind": "request-approved",
    "label": _("Your request is approved"),
    "sent_when": _(
        "To the requester, when access to a recording is granted, and when staff press “Send the "
        "link again”."
    ),
    "subject": _("Your request {reference} has been approved"),
    "body": _(
        "Dear {name},\n\n"
        "You can now listen to:\n\n"
        "{recordings}\n\n"
        "{note}\n\n"
        "The link is for you alone; please do not pass it on. This page shows all your "
        "requests, and how often each recording has been played:\n\n"
        "{status_link}\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {**_COMMON_PLACEHOLDERS, **_NOTE_PLACEHOLDER, **_LINKS_PLACEHOLDER},
    "required": frozenset({"recordings"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
APPROVED_WITHOUT_AUDIO_MAIL = {
    "kind": "request-waiting",
    "label": _("Approved, but the audio is not available yet"),
    "sent_when": _(
        "To the requester, when a recording without audio is approved. The link is sent "
        "automatically once the audio is available."
    ),
    "subject": _("Your request {reference} has been approved; the recording will follow"),
    "body": _(
        "Dear {name},\n\n"
        "Your request has been approved, but this recording is not available to play yet:"
        "\n\n"
        "{recordings}\n\n"
        "You do not need to do anything: we will send you the link as soon as the audio "
        "is available.\n\n"
        "{note}\n\n"
        "This page shows the status of your requests:\n\n"
        "{status_link}\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {**_COMMON_PLACEHOLDERS, **_NOTE_PLACEHOLDER, **_SESSIONS_PLACEHOLDER},
    "required": frozenset({"recordings"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
DECLINED_MAIL = {
    "kind": "request-declined",
    "label": _("Your request is declined"),
    "sent_when": _("To the requester, when a recording is declined."),
    "subject": _("About your request {reference}"),
    "body": _(
        "Dear {name},\n\n"
        "We are sorry that we cannot give you access to:\n\n"
        "{recordings}\n\n"
        "{note}\n\n"
        "This page shows the decision, and what you can do now:\n\n"
        "{status_link}\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {**_COMMON_PLACEHOLDERS, **_NOTE_PLACEHOLDER, **_SESSIONS_PLACEHOLDER},
    "required": frozenset({"recordings"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
EXTENDED_MAIL = {
    "kind": "request-extended",
    "label": _("Your access is extended"),
    "sent_when": _("To the requester, when days or plays are added."),
    "subject": _("Your access has been extended: {reference}"),
    "body": _(
        "Dear {name},\n\n"
        "We have extended your access. Please use the link you already have:\n\n"
        "{recordings}\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {**_COMMON_PLACEHOLDERS, **_NOTE_PLACEHOLDER, **_LINKS_PLACEHOLDER},
    "required": frozenset({"recordings"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
REVOKED_MAIL = {
    "kind": "request-revoked",
    "label": _("Your access is revoked"),
    "sent_when": _("To the requester, when a grant is revoked."),
    "subject": _("Your access has ended: {reference}"),
    "body": _(
        "Dear {name},\n\n"
        "The archive has ended your access to:\n\n"
        "{recordings}\n\n"
        "The link no longer works. This page shows your requests:\n\n"
        "{status_link}\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {**_COMMON_PLACEHOLDERS, **_SESSIONS_PLACEHOLDER},
    "required": frozenset({"recordings"}),
    "allowed_in_subject": _PLACEHOLDERS_FOR_SUBJECT,
}
LOST_LINK_MAIL = {
    "kind": "request-link",
    "label": _("The link to your requests"),
    "sent_when": _("To a requester who has lost the link and requests it again."),
    "subject": _("Your requests"),
    "body": _(
        "Somebody, probably you, asked {archive} for the page that shows your requests:"
        "\n\n"
        "{status_link}\n\n"
        "If this was not you, you do not need to do anything.\n\n"
        "Questions? Reply to this e-mail, or write to {contact}.\n\n"
        "{archive}"
    ),
    "placeholders": {
        name: _COMMON_PLACEHOLDERS[name] for name in ("archive", "contact", "status_link")
    },
    "required": frozenset({"status_link"}),
    "allowed_in_subject": frozenset({"archive"}),
}
