"""Whether an old address may lead a visitor to a page: not when that would tell of a draft."""

from site_app.redirects import tells_public

from .entries import KINDS, EntryKind, public
from .models import Session
from .views.visibility import was_public


@tells_public("/sessions/")
def session_may_be_known(path: str) -> bool:
    """Public now, or once: what was withdrawn answers 410 at its own address."""
    slug = path.split("/")[2]
    return Session.objects.published().filter(slug=slug).exists() or was_public(slug)


def _entry_test(kind: EntryKind):
    def may_be_known(path: str) -> bool:
        return public(kind.model).filter(slug=path.split("/")[2]).exists()

    return may_be_known


for _kind in KINDS.values():
    tells_public(_kind.prefix)(_entry_test(_kind))
