"""Where advice stood in the summary."""

import re

from sessions_app.models import Recommendation

_SENTENCE_END = re.compile(r"(?<=[.!?])[”\"]?\s+(?=[“\"(]?[A-Z])")


def sentence_around(recommendation: Recommendation) -> str:
    """Return the sentence of the summary that the advice was taken from, or nothing."""
    text = " ".join(recommendation.session.summary_text.split())
    place = text.casefold().find(" ".join(recommendation.text.split()).casefold())
    if place < 0:
        return ""
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    start = max(start_of_sentence for start_of_sentence in starts if start_of_sentence <= place)
    end = min(
        (start_of_sentence for start_of_sentence in starts if start_of_sentence > place),
        default=len(text),
    )
    return text[start:end].strip()
