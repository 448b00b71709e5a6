"""What a visitor gets for a session's URL, and for any URL below it."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import render

from site_app.models import Commenting, OldAddress, SiteSettings
from site_app.redirects.addresses import current_slugs_of_old_slugs

from .models import Comment, Session, Tombstone
from .models.recommendations import split_public_id


class WithdrawnError(Exception):
    """The session was public once and is not now."""


def visible_session(request, slug, sessions=None):
    """Return the session at `slug` if this visitor may see it.

    Staff who may view sessions see drafts too, on pages that nobody keeps (`mark_as_preview`);
    `request` is None for any visitor. Raises Http404 for what was never public,
    `WithdrawnError` for what was.
    """
    sessions = Session.objects.all() if sessions is None else sessions
    if session := sessions.published().filter(slug=slug).first():
        return session
    user = request.user if request else None
    is_staff = user and user.is_staff and user.has_perm("sessions_app.view_session")
    if is_staff and (session := sessions.filter(slug=slug).first()):
        mark_as_preview(request)
        return session
    if is_no_longer_public(slug):
        raise WithdrawnError
    raise Http404


def mark_as_preview(request) -> None:
    """Note that the answer shows what visitors may not see: see `PreviewMiddleware`."""
    request.is_preview = True


def allow_preview_for_staff(request, model) -> None:
    """Let staff who may view records of `model` see one that no public session shows.

    Raises Http404 for anybody else.
    """
    user, opts = request.user, model._meta
    if not (user.is_staff and user.has_perm(f"{opts.app_label}.view_{opts.model_name}")):
        raise Http404
    mark_as_preview(request)


def is_no_longer_public(slug) -> bool:
    """Return whether a session was public at this URL and is not now, deleted or not.

    This includes a session renamed since: its old URL answers for it without revealing the new one.
    """
    slugs = [slug, *current_slugs_of_old_slugs("/sessions/", [slug]).values()]
    return (
        Session.objects.tombstones().filter(slug__in=slugs).exists()
        or Tombstone.objects.filter(slug__in=slugs).exists()
    )


def changed_public_id(slug: str, number: int) -> str | None:
    """Return the current "<slug>-<number>" of a recommendation whose id has changed.

    A merge of sessions gives new numbers; a renamed session keeps them. None if the id is unchanged, or
    visitors may not see it. Raises Http404 for one deleted before a merge.
    """
    before = f"/recommendations/{slug}-{number}/"
    entry = OldAddress.objects.filter(path=before).exclude(leads_to="").first()
    if entry is None:
        present = current_slug_of_renamed(slug)
        return f"{present}-{number}" if present else None
    moved = split_public_id(entry.leads_to.removeprefix("/recommendations/").rstrip("/"))
    if moved is None or not entry.leads_to.startswith("/recommendations/"):
        raise Http404
    slug, number = moved
    slug = current_slug_of_renamed(slug) or slug
    is_public = Session.objects.published().filter(slug=slug).exists()
    return f"{slug}-{number}" if is_public else None


def current_slug_of_renamed(slug) -> str | None:
    """Return the present slug of a renamed session, if visitors may see it; else None."""
    present = current_slugs_of_old_slugs("/sessions/", [slug]).get(slug)
    if present and Session.objects.published().filter(slug=present).exists():
        return present
    return None


def commenting_in_force(session: Session, site: SiteSettings) -> str:
    """Return the Commenting in force for a session: the stricter of its own and the site's."""
    strictness = list(Commenting)
    return max((session.commenting, site.commenting), key=strictness.index)


def visible_comments(site: SiteSettings) -> QuerySet[Comment]:
    """Return the comments that visitors see, of all sessions."""
    if site.commenting == Commenting.OFF:
        return Comment.objects.none()
    return Comment.objects.visible_to_visitors()


class TombstoneMixin:
    """Answer 410 with a short tombstone where a view raises `WithdrawnError`."""

    def dispatch(self, request, *args, **kwargs):
        try:
            return super().dispatch(request, *args, **kwargs)
        except WithdrawnError:
            return render(request, "410.html", status=410)
