"""The recordings that the sessions of the demonstration say they have."""

import re
from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Q

from search_app.changes import record_everything
from sessions_app.demo.storing import MANY, NOTE, REF
from sessions_app.models import Session

from ..audio.attaching import attach
from ..audio.waveform import wav_peaks
from ..models import Recording, Transcript
from ..offers import refresh
from ..transcripts.reading import Cue
from ..transcripts.storing import replace_cues
from . import sounds

BATCH = 500
TONES = f"{NOTE} Tones stand for the voices."
SEALED_UNTIL = date(2099, 1, 1)
# Of each kind one: access, seal, access of the transcript.
KINDS = (
    (Recording.Access.OPEN, None, Transcript.Access.PUBLIC),
    (Recording.Access.ON_REQUEST, None, Transcript.Access.FINDABLE),
    (Recording.Access.AUTOMATIC, None, Transcript.Access.PUBLIC),
    (Recording.Access.OPEN, SEALED_UNTIL, Transcript.Access.PUBLIC),
    (Recording.Access.CLOSED, None, Transcript.Access.CLOSED),
)
SECONDS_A_WORD, PAUSE = 0.4, 0.7


def add_recordings() -> int:
    """Announce a recording for each session of the demonstration that names a contact for one.

    Call it after the sessions are stored; a second run finds its own. In a demonstration of the
    usual size one of each kind has audio. Returns how many were made.
    """
    without = Session.objects.filter(
        ~Q(recording_contact_email=""), import_ref__startswith=REF, last_recording_number=0
    )
    made = 0
    while keys := list(without.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            Recording.objects.bulk_create(
                Recording(session_id=key, number=1, access=Recording.Access.ON_REQUEST)
                for key in keys
            )
            Session.objects.filter(pk__in=keys).update(last_recording_number=1)
            refresh(keys)
        made += len(keys)
    if made:
        record_everything()
    announced = Recording.objects.filter(session__import_ref__startswith=REF)
    if 0 < announced.count() <= MANY and not announced.exclude(file="").exists():
        _add_audio(announced)
    return made


def _add_audio(announced):
    newest = announced.filter(session__status=Session.Status.PUBLISHED).order_by(
        F("session__held_on").desc(nulls_last=True), "session__import_ref"
    )
    chosen = newest.filter(session__held_on__isnull=False).select_related("session")
    for recording, (access, sealed_until, transcript_access) in zip(chosen, KINDS, strict=False):
        with transaction.atomic():
            cues = _cues(recording.session)
            recording.access, recording.sealed_until = access, sealed_until
            recording.chapters = _chapters(cues)
            recording.save()
            _attach(recording, cues)
            replace_cues(
                Transcript.objects.create(
                    recording=recording, access=transcript_access, note=TONES
                ),
                cues,
            )


def _cues(session) -> list[Cue]:
    """Return the sentences of the summary, spoken in turns by those who appeared."""
    names = [str(each.speaker) for each in session.appearances.select_related("speaker")]
    cues, start = [], PAUSE
    # Not after a title: "Prof. Ortega" is no end of a sentence.
    sentences = re.split(r"(?<=[.?!])(?<!Prof\.)(?<!Amb\.)(?<!Dr\.)\s+", session.summary_text)
    for place, sentence in enumerate(filter(None, sentences)):
        end = start + SECONDS_A_WORD * len(sentence.split())
        voice = names[place // 3 % len(names)] if names else ""
        cues.append(Cue(round(start * 1000), round(end * 1000), voice, sentence.strip()))
        start = end + PAUSE
    return cues


def _chapters(cues):
    last = cues[len(cues) // 2].start_ms // 1000
    return f"0:00 Opening\n{last // 60}:{last % 60:02} Discussion"


def _attach(recording, cues):
    voices = list(dict.fromkeys(cue.voice for cue in cues))
    spans = [(cue.start_ms / 1000, cue.end_ms / 1000, voices.index(cue.voice)) for cue in cues]
    audio = ContentFile(sounds.talk(spans, cues[-1].end_ms / 1000 + PAUSE), "demonstration.wav")
    attach(recording, audio, user=None)
    # At once and by ourselves: the picture is the same on a machine without ffmpeg.
    Recording.objects.filter(pk=recording.pk).update(peaks=wav_peaks(audio))


def remove_audio() -> int:
    """Take away the recordings with audio, which would hold their sessions; return how many."""
    attached = Recording.objects.filter(session__import_ref__startswith=REF).exclude(file="")
    count = attached.count()
    attached.delete()
    return count
