"""A small archive with something of every kind, and processes that are killed at chosen points."""

import multiprocessing
import os
import signal

import pytest
import reversion
from django.core.files.base import ContentFile
from django.db import connections

from preservation_app import stored_files, tables
from search_app.models import Synonym
from sessions_app.models import Document, Session
from site_app.redirects import addresses
from tests.factories import (
    AppearanceFactory,
    CommentFactory,
    DocumentFactory,
    GrantFactory,
    RecommendationFactory,
    SessionFactory,
    TopicFactory,
    TranscriptFactory,
    UserFactory,
)

ODD = "Ünïcödé “quotes” \U0001f600 \u202e \x07 ]]> '; DROP TABLE x; --\r\n\ttab"


@pytest.fixture
def everything(transactional_db):
    """Store an archive of a few records, with history, files, people and odd text; return a session."""
    editor = UserFactory(group="Editors")
    with reversion.create_revision():
        session = SessionFactory(title="Kept", summary=f"<p>{ODD}</p>", internal_note=ODD)
        reversion.set_user(editor)
        reversion.set_comment("Entered")
    session.created_by = editor
    session.import_remains = [{"kind": "other", "text": ODD, "b": 1, "a": [None, 1.0, 1e3, "é"]}]
    session.save()
    session.topics.add(TopicFactory())
    appearance = AppearanceFactory(session=session)
    recommendation = RecommendationFactory(session=session, text=ODD)
    recommendation.made_by.add(appearance)
    for number in range(3):
        document = Document(session=session, title=f"Paper {number}")
        document.file.save(
            f"paper {number}.pdf", ContentFile(b"%PDF-1.4 " + bytes([number]) * 5000)
        )
    DocumentFactory(session=session)
    TranscriptFactory(recording__session=session)
    GrantFactory()
    CommentFactory(session=session)
    SessionFactory(title="A draft", status=Session.Status.DRAFT)
    Synonym.objects.create(term="PRC", equivalent="China")
    addresses.add_redirect("/old/", session.get_absolute_url())
    return session


@pytest.fixture
def digests():
    """Return a function: {table: digest of its rows} and {file: SHA-256} of the current archive."""

    def read():
        rows = {
            model._meta.db_table: tables.table_digest(model, "default").hexdigest()
            for model in tables.stored_models()
        }
        files = {
            file.label: stored_files.sha256_of_file(file.storage, file.name)
            for file in stored_files.stored_files()
        }
        return rows, files

    return read


@pytest.fixture
def killed(monkeypatch):
    """Return a function that calls `act` in another process and kills that at the n-th call of
    `owner.name`, before or after the call; it returns how the process ended.
    """

    def run(act, owner, name, nth=1, *, after=False):
        connections.close_all()
        process = multiprocessing.get_context("fork").Process(
            target=_until_killed, args=(act, owner, name, nth, after)
        )
        process.start()
        process.join()
        return process.exitcode

    return run


def _until_killed(act, owner, name, nth, after):
    called, count = getattr(owner, name), 0

    def counted(*args, **kwargs):
        nonlocal count
        count += 1
        if count == nth and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = called(*args, **kwargs)
        if count == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, counted)
    act()
