"""Checks that take longer than a page may: the tick runs them when something changed."""

from desk_app.findings import keep_pairs, run_when_due, timed_run
from search_app import changes
from speakers_app import look_alikes
from speakers_app.models import Organisation, Speaker

SPEAKERS, ORGANISATIONS = "speakers that look alike", "organisations that look alike"


def find_alike_speakers() -> int:
    """Look for speakers that look alike if any changed; return how many pairs are open."""
    return run_when_due(SPEAKERS, changes.newest_of("speaker"), _speakers)


def find_alike_organisations() -> int:
    """Look for organisations that look alike if any changed; return how many pairs are open."""
    return run_when_due(ORGANISATIONS, changes.newest_of("organisation"), _organisations)


def find_alike_now() -> int:
    """Look at both kinds now, as after an import or for a demonstration."""
    return timed_run(SPEAKERS, changes.newest_of("speaker"), _speakers) + timed_run(
        ORGANISATIONS, changes.newest_of("organisation"), _organisations
    )


def _speakers():
    people = look_alikes.people()
    pairs = look_alikes.speaker_pairs(people)
    return keep_pairs(Speaker._meta.label_lower, pairs, {each.key for each in people})


def _organisations():
    bodies = look_alikes.bodies()
    pairs = look_alikes.organisation_pairs(bodies)
    return keep_pairs(Organisation._meta.label_lower, pairs, {each.key for each in bodies})
