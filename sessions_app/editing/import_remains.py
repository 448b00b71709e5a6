"""Text left over from the import of a session: open until somebody, or an attached file, resolves it.

`Session.import_remains` contains the open items as {"kind", "text"}; `settled_remains` the resolved
ones, with `how`, `on` (ISO time) and `place`: the position among the open ones when it was resolved,
or None if the last import no longer contained it.
"""

import hashlib
from collections.abc import Collection, Iterable

from django.utils import timezone
from django.utils.translation import gettext_noop

from sessions_app.models import Document, Session
from speakers_app.names.comparison import fold_name

MISSING_FILE_KIND = gettext_noop("missing file")
NOT_UNDERSTOOD_KIND = gettext_noop("not understood")
GUESSED_KIND = gettext_noop("guessed")
CUT_SHORT_KIND = gettext_noop("cut short")
REMAIN_FIELDS = ("import_remains", "settled_remains")
SETTLED_BY_HAND, SETTLED_BY_ATTACHED_FILE = gettext_noop("dealt with"), gettext_noop("attached")

_KIND_BY_WORD_IN_TITLE = (
    ("biograph", Document.Kind.BIOGRAPHIES),
    ("slides", Document.Kind.SLIDES),
    ("presentation", Document.Kind.SLIDES),
    ("report", Document.Kind.REPORT),
    ("paper", Document.Kind.PAPER),
    ("article", Document.Kind.PAPER),
)


def guess_document_kind(text: str) -> str:
    """Return the kind of document that its title and address suggest."""
    text = text.casefold()
    return next(
        (kind for word, kind in _KIND_BY_WORD_IN_TITLE if word in text), Document.Kind.OTHER
    )


def key_of_remain(remain: dict) -> str:
    """Return an identifier of a remain within its session, valid as the name of a form field."""
    told = f"{remain.get('kind', '')}\n{remain.get('text', '')}"
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=6).hexdigest()


def replace_open_remains(session: Session, found: Iterable[dict]) -> None:
    """Set what an import left over now; what was settled before does not open again. Not saved."""
    open_ones, settled = list(found), []
    for former in session.settled_remains:
        keys = [key_of_remain(remain) for remain in open_ones]
        key = key_of_remain(former)
        place = keys.index(key) if key in keys else None
        if place is not None:
            del open_ones[place]
        settled.append(former | {"place": place})
    session.import_remains, session.settled_remains = open_ones, settled


def remains_of_last_import(session: Session) -> list[dict]:
    """Return what the last import left over, in its order, whatever was settled since."""
    remains = list(session.import_remains)
    for former in reversed(session.settled_remains):
        if former["place"] is not None:
            remains.insert(former["place"], {"kind": former["kind"], "text": former["text"]})
    return remains


def settle_remains(session: Session, keys: Collection[str], how: str = SETTLED_BY_HAND) -> int:
    """Settle the open remains with these keys; return how many. Not saved."""
    count = 0
    for key in keys:
        places = [key_of_remain(remain) for remain in session.import_remains]
        while key in places:
            place = places.index(key)
            remain = session.import_remains[place]
            del places[place]
            session.import_remains = [
                *session.import_remains[:place],
                *session.import_remains[place + 1 :],
            ]
            session.settled_remains = [
                *session.settled_remains,
                {
                    "kind": str(remain.get("kind", "")),
                    "text": str(remain.get("text", "")),
                    "place": place,
                    "how": how,
                    "on": timezone.now().isoformat(timespec="seconds"),
                },
            ]
            count += 1
    return count


def reopen_remains(session: Session, keys: Collection[str]) -> int:
    """Open settled remains again, at the end; return how many. Not saved."""
    remains = remains_of_last_import(session)
    gone = [remain for remain in session.settled_remains if key_of_remain(remain) in keys]
    if not gone:
        return 0
    remains += [
        {"kind": remain["kind"], "text": remain["text"]}
        for remain in gone
        if remain["place"] is None
    ]
    session.settled_remains = [remain for remain in session.settled_remains if remain not in gone]
    replace_open_remains(session, remains)
    return len(gone)


def settle_remains_of_attached_files(session: Session) -> int:
    """Settle the missing files whose name a document of the session has. Not saved."""
    missing = [
        remain for remain in session.import_remains if remain.get("kind") == MISSING_FILE_KIND
    ]
    if not missing:
        return 0
    titles = {
        _comparable_title(title) for title in session.documents.values_list("title", flat=True)
    }
    named = [
        remain for remain in missing if _comparable_title(str(remain.get("text", ""))) in titles
    ]
    return settle_remains(
        session, [key_of_remain(remain) for remain in named], SETTLED_BY_ATTACHED_FILE
    )


def _comparable_title(text):
    """Return a title for comparison: "Download the slides" equals "Slides"."""
    folded = fold_name(text)
    return fold_name(folded.removeprefix("download ")) if folded != "download" else folded


def save_remain_fields(session: Session) -> None:
    """Store what is open and settled; the caller updates history and search."""
    Session.objects.filter(pk=session.pk).update(
        **{name: getattr(session, name) for name in REMAIN_FIELDS}
    )
