import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import recordings_app.models.recordings
import site_app.storage


class Migration(migrations.Migration):
    dependencies = [
        ("recordings_app", "0001_recording_requests"),
        ("sessions_app", "0004_has_recording"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(editable=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "title",
                    models.CharField(
                        blank=True,
                        help_text="Public. Only where a session has several, such as “Part 2: discussion”.",
                        max_length=300,
                    ),
                ),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("on_request", "On request"),
                            ("automatic", "On request, granted automatically"),
                            ("closed", "Closed"),
                        ],
                        default="on_request",
                        help_text="Open: everybody hears it on the session's page. Closed: readers learn nothing of it.",
                        max_length=10,
                    ),
                ),
                (
                    "sealed_until",
                    models.DateField(
                        blank=True,
                        help_text="Until this day nobody hears, reads or requests it, whatever the access says.",
                        null=True,
                    ),
                ),
                (
                    "chapters",
                    models.TextField(
                        blank=True,
                        help_text="Public. One a line: the time and a title, such as “12:30 Questions”. Read from the file when it is attached, if this is empty.",
                        validators=[recordings_app.models.recordings.validate_chapters],
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        blank=True,
                        editable=False,
                        max_length=200,
                        storage=site_app.storage.private_storage,
                        upload_to=recordings_app.models.recordings.audio_path,
                    ),
                ),
                ("media_type", models.CharField(blank=True, editable=False, max_length=50)),
                ("duration_seconds", models.FloatField(editable=False, null=True)),
                ("byte_count", models.PositiveBigIntegerField(editable=False, null=True)),
                ("sha256", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "facts",
                    models.JSONField(
                        default=dict,
                        editable=False,
                        help_text="Of the audio: codec, bit_rate (bit/s), sample_rate (Hz), channels.",
                    ),
                ),
                ("peaks", models.JSONField(editable=False, null=True)),
                ("file_remark", models.CharField(blank=True, editable=False, max_length=300)),
                ("original_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("attached_at", models.DateTimeField(editable=False, null=True)),
                ("is_sealed", models.BooleanField(default=False, editable=False)),
                (
                    "attached_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=recordings_app.models.recordings.keep_audio,
                        related_name="recordings",
                        to="sessions_app.session",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "number"],
            },
        ),
        migrations.CreateModel(
            name="RequestedRecording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                        ],
                        default="pending",
                        max_length=8,
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True, help_text="The requester reads this on the status page."
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="recordings_app.recording",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requested_recordings",
                        to="recordings_app.recordingrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Transcript",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "access",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("findable", "Findable"),
                            ("closed", "Closed"),
                        ],
                        default="closed",
                        help_text="Public: read, searched and quoted by everybody. Findable: search tells how often and in which minutes a word occurs, never what was said. Closed: only those who may hear the recording. A seal on the recording covers its transcript.",
                        max_length=8,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en",
                        help_text="Language tag (BCP 47): en, fr, pt-BR.",
                        max_length=35,
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        help_text="Public: how it was made, such as “Made by machine, not checked”.",
                        max_length=300,
                    ),
                ),
                (
                    "recording",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="transcript",
                        to="recordings_app.recording",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TranscriptCue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("start_ms", models.PositiveIntegerField(null=True)),
                ("end_ms", models.PositiveIntegerField(null=True)),
                ("voice", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField()),
                (
                    "transcript",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cues",
                        to="recordings_app.transcript",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.AddField(
            model_name="recordingrequest",
            name="recordings",
            field=models.ManyToManyField(
                through="recordings_app.RequestedRecording", to="recordings_app.recording"
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(("is_sealed", True)),
                fields=["sealed_until"],
                name="recording_sealed_idx",
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(
                fields=("session", "number"), name="recording_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("file", ""),
                    models.Q(
                        ("byte_count__isnull", False),
                        ("duration_seconds__isnull", False),
                        ("media_type__gt", ""),
                        ("sha256__gt", ""),
                    ),
                    _connector="OR",
                ),
                name="recording_file_is_described",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestedrecording",
            constraint=models.UniqueConstraint(
                fields=("request", "recording"), name="recording_once_per_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="transcriptcue",
            constraint=models.UniqueConstraint(
                fields=("transcript", "position"), name="cue_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="transcriptcue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_ms", None), ("start_ms", None)),
                    ("end_ms__gt", models.F("start_ms")),
                    _connector="OR",
                ),
                name="cue_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="transcriptcue",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="cue_text_not_empty"
            ),
        ),
    ]
