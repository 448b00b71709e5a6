"""Where advice stood in the summary."""

import re

from sessions_app.models import Recommendation

MIN_WORDS_BESIDES_ADVICE = 2  # words that a sentence must have beyond the advice in it
_SENTENCE_END_PATTERN = re.compile(r"(?<=[.!?])[”\"]?\s+(?=[“\"(]?[A-Z])")


def summary_sentence_with_advice(recommendation: Recommendation) -> str:
    """Return the sentence of the summary with the recommendation, if it says more; else ""."""
    text = " ".join(recommendation.session.summary_text.split())
    place = text.casefold().find(" ".join(recommendation.text.split()).casefold())
    if place < 0:
        return ""
    starts = [0, *(match.end() for match in _SENTENCE_END_PATTERN.finditer(text))]
    start = max(start_of_sentence for start_of_sentence in starts if start_of_sentence <= place)
    end = min(
        (start_of_sentence for start_of_sentence in starts if start_of_sentence > place),
        default=len(text),
    )
    sentence = text[start:end].strip()
    further = len(sentence.split()) - len(recommendation.text.split())
    return sentence if further >= MIN_WORDS_BESIDES_ADVICE else ""
