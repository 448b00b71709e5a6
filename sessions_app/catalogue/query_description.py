"""A search text described in words, so that readers see how it was interpreted."""

from search_app.query.query_ast import AllOf, AnyOf, Node, Phrase, Since, Until, Without, Word

FIELD_LABELS = {
    "title": "in the title",
    "speaker": "among the speakers",
    "organisation": "among the organisations",
    "topic": "among the topics",
    "series": "in the series",
    "region": "among the regions",
    "recommendation": "in a recommendation",
    "transcript": "in a transcript",
}


def describe_query(node: Node) -> str:
    """Return one requirement in words: "not “arms race”", "kania among the speakers"."""
    match node:
        case Word():
            text = f"{node.text.rstrip('*')}…" if node.is_prefix else node.text
            return _placed(text, node.field)
        case Phrase():
            return _placed(f"“{node.text}”", node.field)
        case Since():
            return f"from {node.text} on"
        case Until():
            return f"before {node.text}"
        case Without():
            return f"not {describe_query(node.node)}"
        case AnyOf():
            return " or ".join(describe_query(child) for child in node.nodes)
        case AllOf():
            return " ".join(describe_query(child) for child in node.nodes)


def _placed(text: str, field: str) -> str:
    return f"{text} {FIELD_LABELS[field]}" if field else text
