from datetime import timedelta

import pytest
from django.utils import timezone

from alerts_app.mail import digests
from alerts_app.models import Alert
from sessions_app.models import Session
from tests.factories import SessionFactory


@pytest.fixture
def alert(db):
    """Return a function: query string, list → a confirmed alert, requested an hour ago."""

    def make(query="", kind="sessions", **fields):
        before = timezone.now() - timedelta(hours=1)
        times = {"asked_at": before, "confirmed_at": before, "looked_at": before}
        wanted = {"email": "ada@reader.example", "status": Alert.Status.ACTIVE, **times, **fields}
        return Alert.objects.create(query=query, kind=kind, **wanted)

    return make


@pytest.fixture
def publish(db):
    """Return a function that publishes a session now."""

    def make(title="Sea lanes", **fields):
        return SessionFactory(title=title, published_at=timezone.now(), **fields)

    return make


@pytest.fixture
def run(send_mail_now):
    """Return a function that runs the tick's work for alerts and returns all mails so far."""

    def once():
        digests.queue_digests_of_due_alerts()
        return send_mail_now()

    return once


@pytest.fixture
def days_pass():
    """Return a function that moves all stored times into the past."""

    def move(days):
        by = timedelta(days=days)
        for alert in Alert.objects.all():
            for name in (
                "asked_at",
                "confirmed_at",
                "mailed_at",
                "looked_at",
                "stopped_at",
                "unusable_since",
            ):
                if at := getattr(alert, name):
                    setattr(alert, name, at - by)
            alert.save()
            alert.results.update(chosen_at=timezone.now() - by)
        for session in Session.objects.exclude(first_public_at=None):
            at = session.first_public_at - by
            Session.objects.filter(pk=session.pk).update(first_public_at=at, published_at=at)

    return move
