"""A template loader that removes the indentation of templates from pages.

When an HTML template is compiled, its white space is reduced as a browser would do it: a line break
with the following indentation becomes one space, or nothing next to a tag that begins a line anyway,
such as `<p>`. Directly after an opening tag and before a closing tag it becomes nothing, too: `<a>`,
name and `</a>` can be on three lines without an underlined space. A line with only a Django tag that
prints nothing is removed. With DEBUG templates are not changed, so that error pages have the line
numbers of the file.
"""

import re

from django.template.loaders import filesystem

LINE_BREAK = re.compile(r"[ \t]*\n\s*")
SILENT_DJANGO_TAGS = (
    "autoescape|block|comment|elif|else|empty|extends|for|if|load|with"
    "|endautoescape|endblock|endcomment|endfor|endif|endwith"
)
LINE_OF_ONE_TAG = re.compile(
    rf"^(\{{% (?:{SILENT_DJANGO_TAGS})\b(?:(?!%\}}).)*%\}}|\{{#(?:(?!#\}}).)*#\}})\n", re.MULTILINE
)
# White space around these tags has no effect. `h` alone is for `<h{{ level }}>`.
BLOCK_LEVEL_HTML_TAGS = (
    "!doctype|html|head|body|meta|title|link|script|style|header|footer|main|nav|section|article"
    "|aside|div|p|ul|ol|li|dl|dt|dd|h[1-6]?|form|fieldset|legend|table|thead|tbody|tr|th|td|caption"
    "|colgroup|col|details|summary|blockquote|hr|optgroup|option"
)
EMPTY_INLINE_HTML_TAGS = "br|img|input|wbr"
REST_OF_HTML_TAG = r"\b(?:\{\{.*?\}\}|\{%.*?%\}|[^<>])*+>"
LINE_BREAK_BEFORE_HTML_TAG = re.compile(rf"\n(?=</|<(?:{BLOCK_LEVEL_HTML_TAGS})\b|>)")
LINE_BREAK_AFTER_HTML_TAG = re.compile(
    rf"(<(?:/(?:{BLOCK_LEVEL_HTML_TAGS})|(?!{EMPTY_INLINE_HTML_TAGS})[a-z!][a-z0-9]*){REST_OF_HTML_TAG})\n"
)
KEEPS_WHITE_SPACE = re.compile(r"<pre\b|<textarea[^<]*\n")


def without_indentation(source: str) -> str:
    """Return the template's text without white space that a browser does not show."""
    if KEEPS_WHITE_SPACE.search(source):
        return source
    text = LINE_BREAK.sub("\n", source)
    text = LINE_OF_ONE_TAG.sub(r"\1", text)
    text = LINE_BREAK_BEFORE_HTML_TAG.sub("", text)
    text = LINE_BREAK_AFTER_HTML_TAG.sub(r"\1", text)
    return text.replace("\n", " ")


class Loader(filesystem.Loader):
    """The folders of `DIRS`, HTML without indentation; plain text (mails) as it is written."""

    def get_contents(self, origin):
        source = super().get_contents(origin)
        if self.engine.debug or not origin.template_name.endswith(".html"):
            return source
        return without_indentation(source)
