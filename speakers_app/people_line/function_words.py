"""The words by which a line says what people do in a session: moderator, panelist, speaker."""

import re

FUNCTION_OF_WORD = {
    "moderator": "moderator", "moderators": "moderator", "moderated by": "moderator",
    "moderating": "moderator", "facilitator": "moderator", "facilitators": "moderator",
    "facilitated by": "moderator", "host": "moderator", "hosts": "moderator",
    "hosted by": "moderator", "chair": "moderator", "chaired by": "moderator",
    "panelist": "panelist", "panelists": "panelist", "panellist": "panelist",
    "panellists": "panelist", "panel": "panelist", "discussant": "panelist",
    "discussants": "panelist", "respondent": "panelist", "respondents": "panelist",
    "speaker": "speaker", "speakers": "speaker", "presenter": "speaker", "presenters": "speaker",
    "featuring": "speaker", "presented by": "speaker", "keynote speaker": "speaker",
    "guest speaker": "speaker", "guest speakers": "speaker", "guest": "speaker",
    "guests": "speaker",
}  # fmt: skip
_FUNCTION_WORDS_PATTERN = "|".join(sorted(map(re.escape, FUNCTION_OF_WORD), key=len, reverse=True))
FUNCTION_LABEL = re.compile(rf"({_FUNCTION_WORDS_PATTERN})\s*(?::\s*|\s[–—-]\s+)", re.I)
FUNCTION_BEFORE_NAME = re.compile(
    r"((?:moderated|facilitated|hosted|chaired|presented) by|moderator|facilitator|discussant|panell?ist)"
    r"\s+(?=\S+\s+\S)",
    re.I,
)
# "with John Doe as moderator", "(serving as the chair)"
AS_BEFORE_FUNCTION = re.compile(
    r"(?:^|\s+)(?:(?:serving|acting|who served)\s+)?as\s+(?:(?:the|an?|our)\s+)?", re.I
)
PLURAL_LABEL = re.compile(r"s$|panel$", re.I)


def function_of_text(text):
    return FUNCTION_OF_WORD.get(
        AS_BEFORE_FUNCTION.sub("", text.strip(" .:"), count=1).casefold(), ""
    )
