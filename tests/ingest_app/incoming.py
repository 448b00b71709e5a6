"""Invented pages for the review queue, and their form as a browser posts it."""

import io
import zipfile

from lxml import html

PAGE = """\
Tides of Trade
May 2020 No Comments
Tides of Trade
Speakers: Lund, K. (Harbour Institute (HI)); Greer, T. (Director, Coast Desk)
Date: 4 May 2020
A stray line
Speaker Session Preview
SMA hosted a session with Dr. Karin Lund as a part of its SMA Harbour Speaker Series.
Lund recommended that ports 1) dredge and 2) wait. Read the report at https://example.org/report.
Speaker Session Recording
To access the recording, email desk@example.org.
Download the slides
"""
WINDS = "Winds\nSpeakers: Greer, T. (Coast Desk)\nDate: 6 May 2020\nSpeaker Session Summary\nAir."
HTML_PAGE = """\
<!DOCTYPE html><html><head><link rel="canonical" href="https://old.example/waves/">
<script>document.title = "run"</script></head><body onload="x()"><article>
<h1>Waves</h1><p>Speakers: <b>Haddad, L.</b> (Coast Desk)</p><p>Date: 7 May 2020</p>
<h3>Speaker Session Summary</h3><p style="color:red">Water <img src="https://tracker.example/p.png">
moves.</p><p><a href="https://example.org/waves.pdf">Download the paper</a></p></article></body></html>
"""


def zipped(entries):
    """Return the bytes of a ZIP of {path: content}."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in entries.items():
            archive.writestr(path, text)
    return content.getvalue()


def fields_of(response):
    """Return what a browser posts for the form next to a source, without a button."""
    form = html.document_fromstring(response.content.decode()).get_element_by_id("incoming-form")
    posted = {}
    for name, value in form.form_values():
        # A browser drops a line break at the start of a textarea.
        posted.setdefault(name, []).append(value.removeprefix("\n"))
    return {
        name: values if name.endswith("-made_by") else values[0]
        for name, values in posted.items()
        if name not in ("_view", "csrfmiddlewaretoken")
    }
