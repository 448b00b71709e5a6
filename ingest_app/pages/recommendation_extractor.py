"""Extraction of recommendations from running text, in the original words."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from speakers_app.people_line import ParsedPerson

# Verbs that introduce advice. "suggest" often reports a finding, so alone it counts only before a
# list.
_ADVICE_VERB = re.compile(
    r"\b(?:recommend(?:s|ed|ing)?|advis(?:e|es|ed|ing)|suggest(?:s|ed|ing)?|urg(?:e|es|ed|ing)|"
    r"should(?: also)? consider|should take|tak(?:e|ing) the following (?:steps|actions|measures)|"
    r"(?:should|ought to)(?=,? (?:first(?:ly)?\b|\(?(?:1|a|i)[.)]))|"
    r"(?:makes?|made|offers?|offered|gave|gives?)(?: \w+){0,3} (?:recommendations?|advice)|"
    r"with(?: \w+){0,3} (?:recommendations?|advice)(?=:)|"
    r"recommendations? (?:is|are|was|were|include|included)(?: that| to)?)\b",
    re.I,
)
_ADVICE_SENTENCE = re.compile(
    r"\b(?:recommend(?:s|ed)|advis(?:es|ed)|urg(?:es|ed)) (?P<what>.+)$"
    r"|\brecommendations? (?:is|are|was|were) (?:to )?(?P<noun>.+)$"
    r"|\b(?:recommendations?|advice|the following(?: \w+)?)\s*:\s*(?P<told>.+)$"
    r"|\b(?P<who>[\w’' -]{2,60}?) should (?:also )?(?P<consider>consider .+)$",
    re.S,
)
_NEGATED_ADVICE_VERB = re.compile(
    r"\b(?:not|never|no|nobody|neither|without|against|declined to|was|were|been|being|is|are)"
    r"(?: \w+ly)? (?:recommend|advis|suggest|urg)",
    re.I,
)
_NUMBER_MARKER = re.compile(
    r"(?<![\w(])\(?(\d{1,2})\)\s*|(?<![\w])(\d{1,2})\.\s+(?=\S)|(?<!\S)#(\d{1,2})[.):]?\s+(?=\S)"
    r"|([①-⑳])\s*"
)
# Within a line, bullet signs separate the items after a colon; a hyphen there may be a dash or a
# minus.
_BULLET_SIGN = re.compile(r"(?<!\S)[•‣◦●○▪■▫□➢➤✓✔·*]\s+")
_LETTER_MARKER = re.compile(r"(?<![\w])\(?([a-hA-H])\)\s+")
_ROMAN_MARKER = re.compile(r"(?<![\w])\(?(i{1,3}|iv|vi{0,3}|ix|x)\)\s+", re.I)
_ROMAN_NUMBERS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ORDINAL_WORDS = (
    ("first", "firstly", "first of all"),
    ("second", "secondly"),
    ("third", "thirdly"),
    ("fourth", "fourthly"),
    ("fifth", "fifthly"),
    ("sixth",),
    ("seventh",),
    ("eighth",),
)
_NEXT_ORDINAL_WORDS = ("then", "next")  # without a number of their own
_LAST_ORDINAL_WORDS = ("finally", "lastly", "last", "last but not least")
_NOT_AFTER_ABBREVIATION = r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bProf)(?<!\bGen)(?<!\bCol)(?<!\bLt)(?<!\bSt)(?<!\bJr)(?<!\bSr)(?<!\bvs)(?<!\bNo)(?<!\b[A-Z])(?<!e\.g)(?<!i\.e)(?<!\bRet)"
_SENTENCE_END = re.compile(
    _NOT_AFTER_ABBREVIATION + r"[.!?][”’\")\]]*(?=\s+[“\"(\[]?[A-Z0-9]|\s*$)"
)
_ITEM_NUMBER_AT_END = re.compile(r"(?<!\S)\d{1,2}\.$")
_TRAILING_FILLER = re.compile(r"(?:[\s,;]+(?:and|or|and then|as well as))?[\s,;:.!?]*$")
_LEADING_FILLER = re.compile(r"^(?:[\s,;:–—-]+|to\s+(?=be\b)|and\s+)+", re.I)
_HEADING_WORDS = (
    r"(?:(?:key|main|policy|top|final|overall|specific|our|the) ){0,2}"
    r"(?:recommendations?|recommended actions?|advice)(?: (?:no\.? ?)?#?\d{1,2})?(?: (?:for|to) [\w ,’'-]{2,60})?"
)
_RECOMMENDATIONS_HEADING = re.compile(rf"{_HEADING_WORDS}\s*:?", re.I)
_HEADING_BEFORE_TEXT = re.compile(rf"{_HEADING_WORDS}\s*:\s+(?=\S)", re.I)
_LIST_ITEM_START = re.compile(
    r"^(?:\(?(?P<number>\d{1,2})(?:\)|\.(?!\d))|(?:\d{1,2}\.)+\d{1,2}[.)]?(?=\s+(?-i:[A-Z]))|\(?(?:[a-h]|i{1,3}|iv|vi{0,3}|ix|x)[.)](?=\s)|"
    r"#\d{1,2}[.):]?(?=\s)|\d{1,2}(?::|\s[–—-])(?=\s)|[①-⑳]|[-–—•‣◦●○▪■▫□➢➤✓✔→*·]|"
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|last|final)(?:ly)?[,:]\s)\s*",
    re.I,
)
_SEMICOLON_SEPARATOR = re.compile(r"\s*;\s*(?:and\s+|or\s+)?")
_ADVICE_BEGINNING_WORD = re.compile(r"(?:to|that|not to|by)\b", re.I)
_WORD_NOT_IN_AUDIENCE = re.compile(
    r"\b(?:be|been|is|are|was|were|what|who|whom|which|how|when|not|that|has|have)\b", re.I
)
_AUDIENCE_END = re.compile(
    r"[\s,:]*\b(?:to|should|must|ought to|could|consider(?:ing)?|might|need to|take|do|follow)\b.*$",
    re.I | re.S,
)
# In "Lund said researchers should …", the addressee comes after the reporting verb.
_VERB_OF_SAYING = re.compile(
    r"[,;:]|\b(?:that|(?:said|says|argu(?:ed|es)|stat(?:ed|es)|believ(?:ed|es)|not(?:ed|es)|"
    r"stress(?:ed|es)|propos(?:ed|es)|thinks|thought|insist(?:ed|s)|add(?:ed|s)|conclud(?:ed|es))"
    r"(?=\s))(?!\s+by\b)"
)
_ALL_SPEAKERS_WORDS = re.compile(
    r"\b(?:they|both|all (?:three|four|five)?|the (?:panel|panelists|speakers|team|authors))\b",
    re.I,
)
_SINGULAR_PRONOUN = re.compile(r"\b(?:he|she)\b", re.I)
MAX_AUDIENCE_CHARACTERS = 80
# characters; without a limit, many lists in one line would take quadratic time
MAX_LIST_CHARACTERS = 20_000


@dataclass(frozen=True)
class Advice:
    """One recommendation: its text, for whom, and the family names of who gave it.

    It begins in that paragraph, at that character or soon after it.
    """

    text: str
    audience: str = ""
    made_by: tuple[str, ...] = ()
    paragraph: int = field(default=0, compare=False)
    start: int = field(default=0, compare=False)


def find_advice(paragraphs: Sequence[str], people: Sequence[ParsedPerson]) -> list[Advice]:
    """Return the recommendations of a text in order.

    Lists after a verb of advice ("1) … 2) …", "(1) …", "First, … Second, …"), lists below a heading
    "Recommendations", and single sentences in which somebody advises that something be done.
    Numbered findings, indicators or phases are not recommendations.
    """
    all_advice: list[Advice] = []
    in_list, count = False, 0  # `count` is the number of the last item
    speaking: tuple[str, ...] = ()
    for number, paragraph in enumerate(paragraphs):
        if _RECOMMENDATIONS_HEADING.fullmatch(paragraph):
            in_list, count = True, 0
            continue
        if in_list and (bullet := _LIST_ITEM_START.match(paragraph)):
            text = _cleaned_advice(_LIST_ITEM_START.sub("", paragraph))
            all_advice.append(Advice(text, "", _family_names_except_moderators(people), number))
            count = int(bullet["number"] or 0)
            continue
        # An explanation of an item does not end a list that continues with the next number.
        if (
            in_list
            and count
            and _continues_with_number(paragraphs[number + 1 : number + 4], count + 1)
        ):
            continue
        in_list = False
        if heading := _HEADING_BEFORE_TEXT.match(paragraph):
            all_advice += [
                Advice(
                    _cleaned_advice(text),
                    "",
                    _family_names_except_moderators(people),
                    number,
                    start,
                )
                for start, text in _advice_after_heading(paragraph, heading.end())
            ]
            continue
        advice, speaking = _advice_of_paragraph(paragraph, people, speaking)
        all_advice += [replace(piece, paragraph=number) for piece in advice]
    return [advice for advice in all_advice if advice.text]


def _continues_with_number(paragraphs, number):
    bullets = (_LIST_ITEM_START.match(paragraph) for paragraph in paragraphs)
    return any(bullet and bullet["number"] == str(number) for bullet in bullets)


def _advice_after_heading(text, start):
    """Return [(start, advice)] for the list or sentences after "Recommendations:"."""
    spans = sentence_spans(text)
    items, _stop = _list_items(text, start, len(text))
    if items:
        return items
    if parts := _semicolon_items(text, start, len(text)):
        return parts
    return [(max(begin, start), text[max(begin, start) : end]) for begin, end in spans]


def _semicolon_items(text, start, end):
    """Return [(start, item)] of "ask early; ask once; and say thanks"."""
    places = [start]
    for match in _SEMICOLON_SEPARATOR.finditer(text, start, end):
        places.append(match.end())
    ends = [match.start() for match in _SEMICOLON_SEPARATOR.finditer(text, start, end)]
    items = [(begin, text[begin:stop]) for begin, stop in zip(places, [*ends, end], strict=True)]
    return items if len(items) > 1 and all(item.strip() for _, item in items) else []


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the sentences of a text."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        # A number before a bracket, or "1." alone, starts an item and does not end a sentence.
        if _ITEM_NUMBER_AT_END.search(text, max(start, match.end() - 4), match.end()):
            continue
        spans.append((start, match.end()))
        start = match.end()
        while start < len(text) and text[start].isspace():
            start += 1
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def _advice_of_paragraph(text, people, speaking):
    """Return the advice of one paragraph, and who was speaking at its end."""
    advice: list[Advice] = []
    skip_to = 0
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        named = _family_names_mentioned(sentence, people)
        if (
            start >= skip_to
            and (verb := _ADVICE_VERB.search(sentence))
            and not _NEGATED_ADVICE_VERB.search(sentence)
        ):
            makers = _advice_givers(sentence[: verb.start()], people, speaking)
            items, stop = _list_items(text, start + verb.end(), end)
            if items:
                audience = _audience_before_list(text[start:stop], verb, items[0][0] - start)
                advice += [
                    Advice(_cleaned_advice(text), audience, makers, start=item)
                    for item, text in items
                ]
                skip_to = items[-1][0] + len(items[-1][1])
            elif plain := _advice_and_audience(sentence, people):
                advice += _advice_of_sentence(plain, sentence, start, makers)
        speaking = named or speaking
    return advice, speaking


def _advice_of_sentence(plain, sentence, start, makers):
    """Return the advice of one sentence, several where semicolons part it."""
    text, audience = plain
    at = sentence.find(text)
    parts = _semicolon_items(sentence, at, at + len(text)) if at >= 0 else []
    first = text.removeprefix(f"{audience} ") if audience else text
    is_list = re.search(r":\s*$", sentence[:at]) or all(
        _ADVICE_BEGINNING_WORD.match(part) for part in (first, *(item for _, item in parts[1:]))
    )
    if not parts or not is_list:
        return [Advice(text, audience, makers, start=start)]
    return [
        Advice(_cleaned_advice(item), audience, makers, start=start + begin)
        for begin, item in parts
    ]


def _list_items(text, after, sentence_end):
    """Return [(start, item)] of the list that begins in this sentence or right after it."""
    near = sentence_end + 50  # a list begins in the sentence of the verb or just after it
    for pattern in (_NUMBER_MARKER, _LETTER_MARKER, _ROMAN_MARKER):
        if not pattern.search(text, after, near):
            continue
        markers = _numbered_markers(pattern, text, after)
        if markers and _is_near_sentence_end(text, markers[0][0], sentence_end):
            return _items_after_markers(text, markers), markers[0][0]
    signs = [
        match.span() for match in _BULLET_SIGN.finditer(text, after, after + MAX_LIST_CHARACTERS)
    ]
    if len(signs) > 1 and text[after : signs[0][0]].rstrip().endswith(":"):
        return _items_after_markers(text, signs), signs[0][0]
    markers = _ordinal_markers(text, after, near)
    if markers and _is_near_sentence_end(text, markers[0][0], sentence_end):
        return _items_after_markers(text, markers), markers[0][0]
    return [], sentence_end


def _is_near_sentence_end(text, marker, sentence_end):
    return marker < sentence_end or not text[sentence_end:marker].strip()


def _numbered_markers(pattern, text, after):
    """Return (start, end) of markers 1, 2, 3 … (or a, b, c …) found in order."""
    markers, wanted = [], 1
    for match in pattern.finditer(text, after, after + MAX_LIST_CHARACTERS):
        token = next(group for group in match.groups() if group)
        if pattern is _ROMAN_MARKER:
            number = _ROMAN_NUMBERS.index(token.casefold()) + 1
        elif pattern is _LETTER_MARKER:
            number = ord(token.casefold()) - ord("a") + 1
        else:
            number = int(unicodedata.numeric(token)) if not token.isascii() else int(token)
        if number == wanted:
            markers.append(match.span())
            wanted += 1
        elif number == 1 and markers:
            break  # another list
    return markers if len(markers) > 1 else []


def _ordinal_markers(text, after, near):
    markers: list[tuple[int, int]] = []
    at = after
    if not _find_ordinal_word(_ORDINAL_WORDS[0], text, after, near):
        return []
    for words in _ORDINAL_WORDS:
        match = _find_ordinal_word(words, text, at) or (
            len(markers) > 0
            and (
                _next_word_in_same_sentence(text, at, near)
                or _find_ordinal_word(_LAST_ORDINAL_WORDS, text, at)
            )
        )
        if not match:
            break
        markers.append(match.span())
        at = match.end()
        if match[1].casefold() in _LAST_ORDINAL_WORDS:
            break
    else:
        return markers
    if len(markers) > 1 and (match := _find_ordinal_word(_LAST_ORDINAL_WORDS, text, at)):
        markers.append(match.span())
    return markers if len(markers) > 1 else []


def _next_word_in_same_sentence(text, after, near):
    """Return where "then" continues a list in the same sentence."""
    match = _find_ordinal_word(_NEXT_ORDINAL_WORDS, text, after, near)
    return match if match and not _SENTENCE_END.search(text, after, match.start()) else None


def _find_ordinal_word(words, text, after, until=None):
    pattern = (
        r"(?:(?<=[.;:,!?] )|(?<=\band )|(?<=\band, )|(?<=\bto )|(?<=\bshould )|(?<=\bought to )|^)("
        + "|".join(sorted(words, key=len, reverse=True))
        + r")(?:,\s*|\s+)"
    )
    return re.compile(pattern, re.I).search(text, after, until or after + MAX_LIST_CHARACTERS)


def _items_after_markers(text, markers):
    items = []
    for number, (_start, end) in enumerate(markers):
        until = markers[number + 1][0] if number + 1 < len(markers) else end + MAX_LIST_CHARACTERS
        item = text[end:until]
        # An item ends with its own sentence; a following explanation is not part of it.
        if match := _SENTENCE_END.search(item):
            item = item[: match.end()]
        items.append((end, item))
    return items


def _advice_and_audience(sentence, people):
    """Return (advice, audience) of "She recommended that planners read the treaty", or None."""
    match = _ADVICE_SENTENCE.search(sentence)
    if not match:
        return None
    if match["consider"]:
        who = re.split(r"[,;:]|\bthat\b", match["who"])[-1].strip()
        return (_cleaned_advice(match["consider"]), who[:MAX_AUDIENCE_CHARACTERS]) if who else None
    before = sentence[: match.start()]
    if match["told"] or match["noun"]:
        what = _cleaned_advice(_LEADING_FILLER.sub("", match["told"] or match["noun"]))
        return (what, "") if len(what.split()) > 1 else None
    if not (
        _family_names_mentioned(before, people)
        or _ALL_SPEAKERS_WORDS.search(before)
        or _SINGULAR_PRONOUN.search(before)
    ):
        return None
    what = _cleaned_advice(_LEADING_FILLER.sub("", match["what"]))
    if (
        re.match(r"(?:by|for|in|as|on|him|her|them|against)\b", what, re.I)
        or len(what.split()) < 2
    ):
        return None
    if told := re.match(r"the following(?: \w+)?\s*:\s*", what, re.I):
        what = what[told.end() :]
    split = re.match(
        r"(?:that )?(?P<who>[^,;]{2,80}?) (?:should|must|ought to|to) (?P<what>.+)$", what, re.S
    )
    if split and not _WORD_NOT_IN_AUDIENCE.search(split["who"]):
        return what, split["who"].strip()
    return what, ""


def _audience_before_list(text, verb, list_start):
    """Return whom a list of advice addresses: between verb and list, or before "should"."""
    between = text[verb.end() : list_start]
    between = _NUMBER_MARKER.sub("", between)
    if "should" in verb[0].casefold() or "following" in verb[0].casefold():
        before = _VERB_OF_SAYING.split(text[: verb.start()])[-1]
        return _cleaned_audience(re.sub(r"\bshould\b.*$", "", before))
    between = re.sub(r"^\s*(?:that|to|the following.*|for)\s+", " ", between, flags=re.I)
    between = re.sub(r"\s+that\s+(?:it|they|he|she|we)\s*$", "", between)
    if re.match(
        r"\s*(?:the following|several|three|two|four|five|\w+ things|\w+ steps)\b", between, re.I
    ):
        return ""
    return _cleaned_audience(_AUDIENCE_END.sub("", between))


def _cleaned_audience(text):
    text = " ".join(_NUMBER_MARKER.sub("", text).split()).strip(" ,;:(–—-")
    text = re.sub(r"^(?:that|to|and)\s+", "", text, flags=re.I)
    has_words = re.search(r"[^\W\d_]{2,}", text)
    return text if has_words and len(text) <= MAX_AUDIENCE_CHARACTERS else ""


def _family_names_mentioned(text, people):
    """Return the family names that a text mentions, in order of their last mention."""
    places = {}
    for person in people:
        if person.family and (
            match := list(re.finditer(rf"\b{re.escape(person.family)}\b", text))
        ):
            places[person.family] = match[-1].start()
    return tuple(sorted(places, key=places.__getitem__))


def _family_names_except_moderators(people):
    return tuple(person.family for person in people if person.function != "moderator")


def _advice_givers(before, people, speaking):
    """Return who advises, from the words before the verb and who spoke last."""
    if named := _family_names_mentioned(before, people):
        return named if re.search(r"\band\b", before) and len(named) > 1 else named[-1:]
    if _SINGULAR_PRONOUN.search(before):
        return speaking[-1:] or (
            _family_names_except_moderators(people)
            if len(_family_names_except_moderators(people)) == 1
            else ()
        )
    if _ALL_SPEAKERS_WORDS.search(before) or len(_family_names_except_moderators(people)) == 1:
        return _family_names_except_moderators(people)
    return ()


def _cleaned_advice(text):
    text = _LEADING_FILLER.sub("", " ".join(text.split()))
    return _TRAILING_FILLER.sub("", text).strip()
