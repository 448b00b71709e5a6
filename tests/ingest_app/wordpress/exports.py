"""Exports for tests: a complete one made with WordPress (scripts/wordpress), and small partial ones."""

import io
import re
from pathlib import Path

from PIL import Image

EXPORT = Path(__file__).parent / "export.xml"
OPENING = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
\txmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:wp="http://wordpress.org/export/1.2/"
>
<channel>
\t<title>Old series</title>
\t<link>https://www.old.example/social</link>
\t<wp:base_blog_url>https://www.old.example/social</wp:base_blog_url>
"""
CLOSING = "</channel>\n</rss>\n"
SESSION = """Speakers: Dr. Karin Lund (Harbour Institute)

Date: 4 May 2020

Speaker Session Summary

SMA hosted a session with Dr. Karin Lund as part of its SMA Harbour Speaker Series."""


def item(number, content=SESSION, *, title="A session", inside="", **values):
    """Return an item; values are elements in the wp namespace, such as `status="draft"`."""
    values = {
        "post_type": "post",
        "status": "publish",
        "post_name": f"session-{number}",
        "post_parent": 0,
        "post_date_gmt": "2020-05-01 09:30:00",
    } | values
    link = values.pop("link", f"https://www.old.example/social/2020/05/session-{number}/")
    elements = "".join(
        f"\t\t<wp:{name}><![CDATA[{value}]]></wp:{name}>\n" for name, value in values.items()
    )
    return (
        f"\t<item>\n\t\t<title><![CDATA[{title}]]></title>\n\t\t<link>{link}</link>\n"
        f"\t\t<dc:creator><![CDATA[editor]]></dc:creator>\n"
        f"\t\t<content:encoded><![CDATA[{content}]]></content:encoded>\n"
        f"\t\t<wp:post_id>{number}</wp:post_id>\n{elements}{inside}\t</item>\n"
    )


def attachment(number, path, parent=0, title="A file"):
    return item(
        number,
        "",
        title=title,
        post_type="attachment",
        status="inherit",
        post_parent=parent,
        attachment_url=f"https://www.old.example/social/wp-content/uploads/{path}",
        link=f"https://www.old.example/social/file-{number}/",
    )


def comment(number, approved="1", parent=0, text="Who waits <b>longest</b>?", kind="comment"):
    return (
        f"\t\t<wp:comment><wp:comment_id>{number}</wp:comment_id>"
        f"<wp:comment_author><![CDATA[Reader {number}]]></wp:comment_author>"
        f"<wp:comment_author_email><![CDATA[reader{number}@readers.example]]></wp:comment_author_email>"
        f"<wp:comment_date_gmt><![CDATA[2021-03-04 05:06:07]]></wp:comment_date_gmt>"
        f"<wp:comment_content><![CDATA[{text}]]></wp:comment_content>"
        f"<wp:comment_approved><![CDATA[{approved}]]></wp:comment_approved>"
        f"<wp:comment_type><![CDATA[{kind}]]></wp:comment_type>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>\n"
    )


def filed(taxonomy, slug, name):
    return f'\t\t<category domain="{taxonomy}" nicename="{slug}"><![CDATA[{name}]]></category>\n'


def export(*pieces):
    return (OPENING + "".join(pieces) + CLOSING).encode()


def pdf(text):
    return f"%PDF-1.4\n% {text}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def png(colour="navy"):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(content, "PNG")
    return content.getvalue()


def fill_uploads(folder):
    """Create a file of the right type for each attachment in the export EXPORT."""
    urls = re.findall(r"<wp:attachment_url><!\[CDATA\[(.*?)\]\]>", EXPORT.read_text("utf-8"))
    for url in urls:
        path = folder / url.partition("/uploads/")[2]
        path.parent.mkdir(parents=True, exist_ok=True)
        is_terms = path.name.startswith("Terms-")
        text = "The same for everybody" if is_terms else path.name
        path.write_bytes(png() if path.suffix == ".png" else pdf(text))
    return folder
