"""Regenerate the audio and the documents of the demonstration after a change to their texts.

Needs espeak-ng, ffmpeg with libopus, and Chromium (CHROMIUM is the path of the program). Each
transcript in recordings_app/demo/audio is spoken, cue by cue, by the voices named in its NOTE; the
times of the cues are then written into it. Each page in sessions_app/demo/documents becomes a PDF,
and each session whose file names a document of biographies gets one made from people.toml.

    .venv/bin/python scripts/make_demo_files.py audio [NAME…]
    .venv/bin/python scripts/make_demo_files.py documents [NAME…]
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recordings_app.audio.waveform import wav_peaks  # noqa: E402 - needs the path above
from sessions_app.demo import handwritten  # noqa: E402

AUDIO = ROOT / "recordings_app/demo/audio"
PAUSE, PAUSE_BETWEEN_VOICES = 0.35, 0.8  # seconds
BIT_RATE = "8k"
VOICE = re.compile(r"^(.+): (\S+) (\d+) (\d+)$", re.M)  # name: voice of espeak-ng, speed, pitch
CUE = re.compile(r"^[\d:.]+ --> [\d:.]+\n<v ([^>]+)>(.+)$", re.M)
LANGUAGES = {"la-carte-des-detours": "fr"}


def speak(text: str, voice: tuple[str, str, str], path: Path) -> None:
    name, speed, pitch = voice
    command = ["espeak-ng", "-v", name, "-s", speed, "-p", pitch, "-w", str(path), "--stdin"]
    subprocess.run(command, input=text, text=True, check=True)


def make_audio(transcript: Path) -> None:
    """Write `<name>.opus` and `<name>.peaks.json` next to the transcript, and update its times."""
    text = transcript.read_text("utf-8")
    voices = {name: (voice, speed, pitch) for name, voice, speed, pitch in VOICE.findall(text)}
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.wav")
        times = []
        with wave.open(str(whole), "wb") as out:
            before = None
            for place, (name, words) in enumerate(CUE.findall(text)):
                piece = Path(folder, f"{place}.wav")
                speak(html.unescape(words), voices[name], piece)
                with wave.open(str(piece)) as spoken:
                    if before is None:
                        out.setparams(spoken.getparams())
                    pause = PAUSE if name == before else PAUSE_BETWEEN_VOICES
                    out.writeframes(bytes(2 * int(pause * out.getframerate())))
                    start = out.tell() / out.getframerate()
                    out.writeframes(spoken.readframes(spoken.getnframes()))
                times.append((start, out.tell() / out.getframerate()))
                before = name
            out.writeframes(bytes(2 * out.getframerate()))
        opus = transcript.with_suffix(".opus")
        encode = [
            "-ac",
            "1",
            "-ar",
            "16000",
            "-c:a",
            "libopus",
            "-application",
            "voip",
            "-b:a",
            BIT_RATE,
        ]
        tidy = ["-af", "loudnorm=I=-18", "-map_metadata", "-1", "-fflags", "+bitexact"]
        subprocess.run(
            ["ffmpeg", "-y", "-v", "error", "-i", str(whole), *tidy, *encode, str(opus)],
            check=True,
        )
        with whole.open("rb") as file:
            peaks = wav_peaks(file)
    transcript.with_suffix(".peaks.json").write_text(
        json.dumps(peaks, separators=(",", ":")) + "\n"
    )
    spans = iter(times)
    transcript.write_text(
        CUE.sub(lambda cue: f"{_span(*next(spans))}\n<v {cue[1]}>{cue[2]}", text), "utf-8"
    )
    print(f"{opus.name}: {times[-1][1]:.0f} s, {opus.stat().st_size / 1024:.0f} KB")


def _span(start, end):
    return " --> ".join(f"{int(time // 60):02}:{time % 60:06.3f}" for time in (start, end))


def chromium() -> str:
    names = (os.environ.get("CHROMIUM"), "chromium", "google-chrome", "chromium-browser")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return found or sys.exit("Chromium is needed; install it or set CHROMIUM.")


def print_pdf(body: str, title: str, language: str, pdf: Path) -> None:
    style = (handwritten.DOCUMENTS_FOLDER / "paper.css").read_text("utf-8")
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{style}</style><body>{body}</body></html>"
    )
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        source.write_text(page, "utf-8")
        command = [
            chromium(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={pdf}",
            source.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True)
    print(f"{pdf.name}: {pdf.stat().st_size / 1024:.0f} KB")


def make_documents(names: set[str]) -> None:
    for source in sorted(handwritten.DOCUMENTS_FOLDER.glob("*.html")):
        if names and source.stem not in names:
            continue
        body = source.read_text("utf-8")
        title = html.unescape(re.sub("<[^>]+>", "", re.search("<h1>(.+?)</h1>", body, re.S)[1]))
        print_pdf(body, title, LANGUAGES.get(source.stem, "en"), source.with_suffix(".pdf"))
    people = {person.name: person for person in handwritten.load_speakers()}
    for session in handwritten.load_sessions(date.today()):  # noqa: DTZ011 - the day does not matter here
        for document in session.documents:
            if document.kind != "biographies" or not document.file:
                continue
            if names and Path(document.file).stem not in names:
                continue
            title = f"{document.title}: {session.title}"
            body = biographies(session, people)
            print_pdf(body, title, session.language, handwritten.DOCUMENTS_FOLDER / document.file)


def biographies(session, people) -> str:
    parts = [f"<p class=kicker>Biographies</p><h1>{html.escape(session.title)}</h1>"]
    for appearance in session.appearances:
        person = people[appearance.speaker]
        name = " ".join(filter(None, (person.honorific, person.name)))
        post = ", ".join(filter(None, (appearance.role, appearance.organisation)))
        parts.append(f"<section><h2>{html.escape(name)}</h2><p class=post>{html.escape(post)}</p>")
        parts += [f"<p>{html.escape(text)}</p>" for text in person.biography.strip().split("\n\n")]
        parts.append("</section>")
    parts.append("<p class=note>Invented for the demonstration.</p>")
    return "".join(parts)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["audio", *names]:
            for transcript in sorted(AUDIO.glob("*.vtt")):
                if not names or transcript.stem in names:
                    make_audio(transcript)
        case ["documents", *names]:
            make_documents(set(names))
        case _:
            sys.exit(__doc__)
