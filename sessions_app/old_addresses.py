"""What visitors may know of a page to which an old address leads: nothing if it is not public."""

from site_app.redirects import Standing, tells_public

from .entries import KINDS, EntryKind, public
from .models import Session
from .views.visibility import was_public


@tells_public("/sessions/")
def standing_of_session(path: str) -> Standing:
    slug = path.split("/")[2]
    if Session.objects.published().filter(slug=slug).exists():
        return Standing.PUBLIC
    return Standing.WITHDRAWN if was_public(slug) else Standing.UNKNOWN


def _entry_test(kind: EntryKind):
    def standing_of_entry(path: str) -> Standing:
        is_public = public(kind.model).filter(slug=path.split("/")[2]).exists()
        return Standing.PUBLIC if is_public else Standing.UNKNOWN

    return standing_of_entry


for _kind in KINDS.values():
    tells_public(_kind.prefix)(_entry_test(_kind))
