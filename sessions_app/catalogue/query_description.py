"""A search text described in words, so that readers see how it was interpreted."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from search_app.query.query_ast import AllOf, AnyOf, Node, Phrase, Since, Until, Without, Word
from site_app.text.enumerations import joined_with_or

DESCRIPTION_BY_FIELD = {
    "title": _("%(text)s in the title"),
    "speaker": _("%(text)s among the speakers"),
    "organisation": _("%(text)s among the organisations"),
    "topic": _("%(text)s among the topics"),
    "series": _("%(text)s in the series"),
    "region": _("%(text)s among the regions"),
    "recommendation": _("%(text)s in a recommendation"),
    "transcript": _("%(text)s in a transcript"),
}


def describe_query(node: Node) -> str:
    """Return one requirement in words: "not “arms race”", "kania among the speakers"."""
    match node:
        case Word():
            text = f"{node.text.rstrip('*')}…" if node.is_prefix else node.text
            return _describe_text_in_field(text, node.field)
        case Phrase():
            return _describe_text_in_field(gettext("“%(text)s”") % {"text": node.text}, node.field)
        case Since():
            return gettext("from %(date)s on") % {"date": node.text}
        case Until():
            return gettext("before %(date)s") % {"date": node.text}
        case Without():
            return gettext("not %(text)s") % {"text": describe_query(node.node)}
        case AnyOf():
            return joined_with_or(describe_query(child) for child in node.nodes)
        case AllOf():
            return " ".join(describe_query(child) for child in node.nodes)


def _describe_text_in_field(text: str, field: str) -> str:
    return DESCRIPTION_BY_FIELD[field] % {"text": text} if field else text
