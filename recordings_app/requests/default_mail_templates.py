"""The built-in wording of the mails about requests; staff can change it in the admin."""

_ARCHIVE = {"archive": ("the name of the archive", "Speaker Series Archive")}
_REFERENCE = {"reference": ("the reference of the request", "R-7KQ2M9XD")}
_COMMON = {
    **_ARCHIVE,
    **_REFERENCE,
    "name": ("the name the requester gave", "Ada Reader"),
    "contact": ("the address that answers go to", "archive@example.org"),
    "status_link": (
        "the private page with all requests of this address",
        "https://archive.example.org/requests/12-0123456789abcdef/",
    ),
}
_NOTE = {"note": ("your note about the decision; may be empty", "Please do not quote by name.")}
_SESSIONS = {
    "recordings": (
        "the recordings, each with the page of its session",
        "- Sea lanes\n  https://archive.example.org/sessions/sea-lanes/",
    )
}
_LINKS = {
    "recordings": (
        "the recordings, each with its private link, its last day and its plays",
        "- Sea lanes\n  https://archive.example.org/recordings/34-0123456789abcdef/\n"
        "  Until 9 December 2026, 12:00 UTC, 5 plays",
    )
}
_SHORT = frozenset({"archive", "reference"})
_SIGNATURE = "Questions? Answer this mail, or write to {contact}.\n\n{archive}"

CONFIRM = {
    "kind": "request-confirm",
    "label": "Please confirm your address",
    "goes": "To the address typed into the form, at once. It can be anybody's: nothing else that "
    "was typed may stand in it.",
    "subject": "Please confirm your request {reference}",
    "body": "Somebody, probably you, asked {archive} for a recording and gave this e-mail address. "
    "Please open this page and confirm:\n\n{confirm_link}\n\n"
    "If it was not you, do nothing: the request is deleted by itself.\n\n{archive}",
    "values": {
        **_ARCHIVE,
        **_REFERENCE,
        "confirm_link": (
            "the page where the address is confirmed",
            "https://archive.example.org/requests/confirm/12-0123456789abcdef/",
        ),
    },
    "required": frozenset({"confirm_link"}),
    "short": _SHORT,
}
RECEIVED = {
    "kind": "request-received",
    "label": "Your request has been received",
    "goes": "To the requester, when the address has been confirmed.",
    "subject": "Your request {reference} has been received",
    "body": "Dear {name},\n\nthank you for confirming your address. You asked for:\n\n"
    "{recordings}\n\n"
    "You had asked for these before, so they are not asked for again; the page below tells how "
    "they stand:\n\n{repeated}\n\n"
    "Organisation: {organisation}\nPurpose: {purpose}\n\n"
    "You hear from us as soon as there is a decision. Where your requests stand, at any time:\n\n"
    "{status_link}\n\n" + _SIGNATURE,
    "values": {
        **_COMMON,
        **_SESSIONS,
        "repeated": (
            "what was asked for before and still stands; may be empty",
            "- Grain routes\n  https://archive.example.org/sessions/grain-routes/",
        ),
        "organisation": ("the organisation the requester gave; may be empty", "Reading Room"),
        "purpose": ("what the recording is needed for", "A study of ports"),
    },
    "required": frozenset({"status_link"}),
    "short": _SHORT,
}
APPROVED = {
    "kind": "request-approved",
    "label": "Your request is approved",
    "goes": "To the requester, when a recording is granted and can be heard; also by “Send the "
    "link again”.",
    "subject": "Your request {reference} is approved",
    "body": "Dear {name},\n\nyou can hear:\n\n{recordings}\n\n{note}\n\n"
    "The link is yours alone; please do not pass it on. All your requests, and how often each "
    "recording was played:\n\n{status_link}\n\n" + _SIGNATURE,
    "values": {**_COMMON, **_NOTE, **_LINKS},
    "required": frozenset({"recordings"}),
    "short": _SHORT,
}
WAITING = {
    "kind": "request-waiting",
    "label": "Approved, but the audio is not there yet",
    "goes": "To the requester, when a recording is approved that has no audio yet. The link "
    "follows by itself.",
    "subject": "Your request {reference} is approved; the recording follows",
    "body": "Dear {name},\n\nyour request is approved, but this cannot be heard yet:\n\n"
    "{recordings}\n\nYou need do nothing: the link comes by mail as soon as the audio is there."
    "\n\n{note}\n\nWhere your requests stand:\n\n{status_link}\n\n" + _SIGNATURE,
    "values": {**_COMMON, **_NOTE, **_SESSIONS},
    "required": frozenset({"recordings"}),
    "short": _SHORT,
}
DECLINED = {
    "kind": "request-declined",
    "label": "Your request is declined",
    "goes": "To the requester, when a recording is declined.",
    "subject": "About your request {reference}",
    "body": "Dear {name},\n\nwe are sorry: we cannot give you\n\n{recordings}\n\n{note}\n\n"
    "What was decided, and what you can do, stands here:\n\n{status_link}\n\n" + _SIGNATURE,
    "values": {**_COMMON, **_NOTE, **_SESSIONS},
    "required": frozenset({"recordings"}),
    "short": _SHORT,
}
EXTENDED = {
    "kind": "request-extended",
    "label": "Your access is extended",
    "goes": "To the requester, when days or plays are added.",
    "subject": "Your access is extended: {reference}",
    "body": "Dear {name},\n\nyou can hear for longer, under the link you have:\n\n{recordings}"
    "\n\n" + _SIGNATURE,
    "values": {**_COMMON, **_NOTE, **_LINKS},
    "required": frozenset({"recordings"}),
    "short": _SHORT,
}
REVOKED = {
    "kind": "request-revoked",
    "label": "Your access is revoked",
    "goes": "To the requester, when a grant is revoked.",
    "subject": "Your access has ended: {reference}",
    "body": "Dear {name},\n\nthe archive has ended your access to\n\n{recordings}\n\n"
    "The link leads nowhere any more. Your requests:\n\n{status_link}\n\n" + _SIGNATURE,
    "values": {**_COMMON, **_SESSIONS},
    "required": frozenset({"recordings"}),
    "short": _SHORT,
}
LINK = {
    "kind": "request-link",
    "label": "The link to your requests",
    "goes": "To a requester who has lost the link and asked for it again.",
    "subject": "Your requests",
    "body": "Somebody, probably you, asked {archive} for the page of your requests:\n\n"
    "{status_link}\n\nIf it was not you, do nothing.\n\n" + _SIGNATURE,
    "values": {name: _COMMON[name] for name in ("archive", "contact", "status_link")},
    "required": frozenset({"status_link"}),
    "short": frozenset({"archive"}),
}
