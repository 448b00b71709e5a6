"""Recommendations out of running text: only what the session advises, as it stood."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from speakers_app.people_line import ParsedPerson

# Verbs of advice. "suggest" often reports a finding, so alone it is advice only before a list.
_ADVISES = re.compile(
    r"\b(?:recommend(?:s|ed|ing)?|advis(?:e|es|ed|ing)|suggest(?:s|ed|ing)?|urg(?:e|es|ed|ing)|"
    r"should(?: also)? consider|should take|tak(?:e|ing) the following (?:steps|actions|measures)|"
    r"(?:makes?|made|offers?|offered|gave|gives?)(?: \w+){0,3} recommendations?|"
    r"recommendations? (?:is|are|was|were|include|included)(?: that| to)?)\b",
    re.I,
)
_PLAIN_ADVICE = re.compile(
    r"\b(?:recommend(?:s|ed)|advis(?:es|ed)|urg(?:es|ed)) (?:that )?(?P<what>.+)$"
    r"|\b(?P<who>[\w’' -]{2,60}?) should (?:also )?(?P<consider>consider .+)$",
    re.S,
)
_NEGATED = re.compile(
    r"\b(?:not|never|no|nobody|neither|without|against|declined to|was|were|been|being|is|are)"
    r"(?: \w+ly)? (?:recommend|advis|suggest|urg)",
    re.I,
)
_NUMBERED = re.compile(r"(?<![\w(])\(?(\d{1,2})\)\s*|(?<![\w])(\d{1,2})\.\s+(?=\S)")
_LETTERED = re.compile(r"(?<![\w])\(?([a-h])\)\s+")
_ORDINALS = (
    ("first", "firstly", "first of all"), ("second", "secondly"), ("third", "thirdly"),
    ("fourth", "fourthly"), ("fifth", "fifthly"), ("sixth",), ("seventh",), ("eighth",),
)  # fmt: skip
_LAST = ("finally", "lastly", "last", "last but not least")
_ABBREVIATED = r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\bProf)(?<!\bGen)(?<!\bCol)(?<!\bLt)(?<!\bSt)(?<!\bJr)(?<!\bSr)(?<!\bvs)(?<!\bNo)(?<!\b[A-Z])(?<!e\.g)(?<!i\.e)(?<!\bRet)"
_SENTENCE_END = re.compile(_ABBREVIATED + r"[.!?][”’\")\]]*(?=\s+[“\"(\[]?[A-Z0-9]|\s*$)")
_ITEM_NUMBER = re.compile(r"(?<!\S)\d{1,2}\.$")
_TRAILING = re.compile(r"(?:[\s,;]+(?:and|or|and then|as well as))?[\s,;:.!?]*$")
_LEADING = re.compile(r"^(?:[\s,;:–—-]+|that\s+|to\s+(?=be\b)|and\s+)+", re.I)
_HEADING = re.compile(r"(?:key |main )?recommendations?\s*:?", re.I)
_BULLET = re.compile(r"^(?:\(?\d{1,2}[.)]|[-•*–▪·])\s*")
_AUDIENCE_END = re.compile(
    r"[\s,:]*\b(?:to|should|must|ought to|could|consider(?:ing)?|might|need to|take|do|follow)\b.*$",
    re.I | re.S,
)
_EVERYONE = re.compile(
    r"\b(?:they|both|all (?:three|four|five)?|the (?:panel|panelists|speakers|team|authors))\b",
    re.I,
)
_SOMEONE = re.compile(r"\b(?:he|she)\b", re.I)
LONGEST_AUDIENCE = 80
LONGEST_LIST = 20_000  # characters; a bound, or many lists in one line cost the square of it


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
    Numbered findings, signs or phases are none.
    """
    found: list[Advice] = []
    in_list = False
    speaking: tuple[str, ...] = ()
    for number, paragraph in enumerate(paragraphs):
        if _HEADING.fullmatch(paragraph):
            in_list = True
            continue
        if in_list and _BULLET.match(paragraph):
            text = _clean(_BULLET.sub("", paragraph))
            found.append(Advice(text, "", _everyone(people), number))
            continue
        in_list = False
        advice, speaking = _of_paragraph(paragraph, people, speaking)
        found += [replace(each, paragraph=number) for each in advice]
    return [advice for advice in found if advice.text]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the sentences of a text."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        # A number before a bracket or a lone "1." starts an item and ends no sentence.
        if _ITEM_NUMBER.search(text, max(start, match.end() - 4), match.end()):
            continue
        spans.append((start, match.end()))
        start = match.end()
        while start < len(text) and text[start].isspace():
            start += 1
    if text[start:].strip():
        spans.append((start, len(text)))
    return spans


def _of_paragraph(text, people, speaking):
    """Return the advice of one paragraph, and who was speaking at its end."""
    found: list[Advice] = []
    skip_to = 0
    spans = sentence_spans(text)
    for place, (start, end) in enumerate(spans):
        sentence = text[start:end]
        named = _named(sentence, people)
        if (
            start >= skip_to
            and (verb := _ADVISES.search(sentence))
            and not _NEGATED.search(sentence)
        ):
            makers = _makers(sentence[: verb.start()], people, speaking)
            limit = end
            items, stop = _list_items(text, start + verb.end(), limit, spans, place)
            if items:
                audience = _audience(text[start:stop], verb, items[0][0] - start)
                found += [
                    Advice(_clean(each), audience, makers, start=item) for item, each in items
                ]
                skip_to = items[-1][0] + len(items[-1][1])
            elif plain := _plain(sentence, people):
                found.append(Advice(*plain, makers, start=start))
        speaking = named or speaking
    return found, speaking


def _list_items(text, after, sentence_end, spans, place):
    """Return [(start, item)] of the list that begins in this sentence or right after it."""
    near = sentence_end + 50  # a list begins in the sentence of the verb or right behind it
    for pattern in (_NUMBERED, _LETTERED):
        if not pattern.search(text, after, near):
            continue
        markers = _sequence(pattern, text, after)
        if markers and _begins_near(text, markers[0][0], after, sentence_end):
            return _between(text, markers, spans), markers[0][0]
    markers = _ordinal_markers(text, after, near)
    if markers and _begins_near(text, markers[0][0], after, sentence_end):
        return _between(text, markers, spans), markers[0][0]
    return [], sentence_end


def _begins_near(text, marker, after, sentence_end):
    return marker < sentence_end or not text[sentence_end:marker].strip()


def _sequence(pattern, text, after):
    """Return (start, end) of markers 1, 2, 3 … (or a, b, c …) found in order."""
    markers, wanted = [], 1
    for match in pattern.finditer(text, after, after + LONGEST_LIST):
        token = next(group for group in match.groups() if group)
        number = int(token) if token.isdigit() else ord(token) - ord("a") + 1
        if number == wanted:
            markers.append(match.span())
            wanted += 1
        elif number == 1 and markers:
            break  # another list
    return markers if len(markers) > 1 else []


def _ordinal_markers(text, after, near):
    markers, at = [], after
    if not _ordinal(_ORDINALS[0], text, after, near):
        return []
    for words in _ORDINALS:
        match = _ordinal(words, text, at) or (len(markers) > 0 and _ordinal(_LAST, text, at))
        if not match:
            break
        markers.append(match.span())
        at = match.end()
        if match[1].casefold() in _LAST:
            break
    else:
        return markers
    if len(markers) > 1 and (match := _ordinal(_LAST, text, at)):
        markers.append(match.span())
    return markers if len(markers) > 1 else []


def _ordinal(words, text, after, until=None):
    pattern = (
        r"(?:(?<=[.;:,!?] )|(?<=\band )|(?<=\bto )|^)("
        + "|".join(sorted(words, key=len, reverse=True))
        + r")(?:,\s*|\s+)"
    )
    return re.compile(pattern, re.I).search(text, after, until or after + LONGEST_LIST)


def _between(text, markers, spans):
    items = []
    for number, (_start, end) in enumerate(markers):
        until = markers[number + 1][0] if number + 1 < len(markers) else end + LONGEST_LIST
        item = text[end:until]
        # An item ends with its own sentence; what explains it afterwards is no part of it.
        if match := _SENTENCE_END.search(item):
            item = item[: match.end()]
        items.append((end, item))
    return items


def _plain(sentence, people):
    """Return (advice, audience) of "She recommended that planners read the treaty", or None."""
    match = _PLAIN_ADVICE.search(sentence)
    if not match:
        return None
    if match["consider"]:
        who = re.split(r"[,;:]|\bthat\b", match["who"])[-1].strip()
        return (_clean(match["consider"]), who[:LONGEST_AUDIENCE]) if who else None
    before = sentence[: match.start()]
    if not (_named(before, people) or _EVERYONE.search(before) or _SOMEONE.search(before)):
        return None
    what = _clean(_LEADING.sub("", match["what"]))
    if (
        re.match(r"(?:by|for|in|as|on|him|her|them|against)\b", what, re.I)
        or len(what.split()) < 3
    ):
        return None
    split = re.match(
        r"(?P<who>[^,;]{2,80}?) (?:should|must|ought to|to) (?P<what>.+)$", what, re.S
    )
    if split:
        return _clean(what), split["who"].strip()
    return what, ""


def _audience(text, verb, list_start):
    """Return whom a list of advice addresses: between verb and list, or before "should"."""
    between = text[verb.end() : list_start]
    between = _NUMBERED.sub("", between)
    if "should" in verb[0].casefold() or "following" in verb[0].casefold():
        before = re.split(r"[,;:]|\bthat\b", text[: verb.start()])[-1]
        return _trimmed(re.sub(r"\bshould\b.*$", "", before))
    between = re.sub(r"^\s*(?:that|to|the following.*|for)\s+", " ", between, flags=re.I)
    if re.match(
        r"\s*(?:the following|several|three|two|four|five|\w+ things|\w+ steps)\b", between, re.I
    ):
        return ""
    return _trimmed(_AUDIENCE_END.sub("", between))


def _trimmed(text):
    text = " ".join(_NUMBERED.sub("", text).split()).strip(" ,;:(–—-")
    text = re.sub(r"^(?:that|to|and)\s+", "", text, flags=re.I)
    has_words = re.search(r"[^\W\d_]{2,}", text)
    return text if has_words and len(text) <= LONGEST_AUDIENCE else ""


def _named(text, people):
    """Return the family names that a text mentions, in order of their last mention."""
    places = {}
    for person in people:
        if person.family and (
            match := list(re.finditer(rf"\b{re.escape(person.family)}\b", text))
        ):
            places[person.family] = match[-1].start()
    return tuple(sorted(places, key=places.get))


def _everyone(people):
    return tuple(person.family for person in people if person.function != "moderator")


def _makers(before, people, speaking):
    """Return who advises, from the words before the verb and who spoke last."""
    if named := _named(before, people):
        return named if re.search(r"\band\b", before) and len(named) > 1 else named[-1:]
    if _SOMEONE.search(before):
        return speaking[-1:] or (_everyone(people) if len(_everyone(people)) == 1 else ())
    if _EVERYONE.search(before) or len(_everyone(people)) == 1:
        return _everyone(people)
    return ()


def _clean(text):
    text = _LEADING.sub("", " ".join(text.split()))
    return _TRAILING.sub("", text).strip()
