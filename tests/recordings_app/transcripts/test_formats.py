"""Transcripts as programs and people write them: every spoken word, each line once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings_app.transcripts.parsing import read_transcript


def rows(text):
    return [(cue.start_ms, cue.end_ms, cue.voice, cue.text) for cue in read_transcript(text)]


ROLLING_VTT = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
 
hello<00:00:00.400><c> everybody</c><00:00:00.800><c> welcome</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
hello everybody welcome
 

00:00:02.399 --> 00:00:05.000 align:start position:0%
hello everybody welcome
to<00:00:02.600><c> the</c><00:00:02.700><c> talk</c>

00:00:05.000 --> 00:00:05.010 align:start position:0%
to the talk
 

00:00:05.010 --> 00:00:07.000 align:start position:0%
to the talk
[Music]

00:00:09.000 --> 00:00:10.000 align:start position:0%
[Music]
"""  # noqa: W293 - as the platform writes it
ROLLED = [
    (160, 2389, "", "hello everybody welcome"),
    (2399, 5000, "", "to the talk"),
    (5010, 7000, "", "[Music]"),
    (9000, 10_000, "", "[Music]"),
]
ROLLING_SRT = """1
00:00:00,160 --> 00:00:02,389
hello everybody welcome

2
00:00:02,389 --> 00:00:02,399
hello everybody welcome

3
00:00:02,399 --> 00:00:05,000
hello everybody welcome
to the talk

4
00:00:05,000 --> 00:00:05,010
to the talk

5
00:00:05,010 --> 00:00:07,000
to the talk
[Music]

6
00:00:09,000 --> 00:00:10,000
[Music]
"""
ROLL_UP = """WEBVTT

00:00:01.000 --> 00:00:02.000
<v Ann>One

00:00:02.000 --> 00:00:03.000
<v Ann>One
Two

00:00:03.000 --> 00:00:04.000
<v Ann>One
Two
Three

00:00:04.000 --> 00:00:05.000
Two
Three
Four
"""
# Words that were said twice, in captions that do not roll.
SAID_TWICE = """1
00:00:01,000 --> 00:00:02,000
Yes.

2
00:00:02,000 --> 00:00:03,000
Yes.

3
00:00:03,000 --> 00:00:04,000
Yes.
"""
SEGMENTS = """WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000

00:00:01.000 --> 00:00:03.000
Across the border

WEBVTT
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

00:00:01.000 --> 00:00:03.000
Across the border

00:00:04.000 --> 00:00:05.000
and on
"""


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        pytest.param(ROLLING_VTT, ROLLED, id="rolling"),
        pytest.param(ROLLING_SRT, ROLLED, id="rolling, made into SRT"),
        pytest.param(
            ROLL_UP,
            [(1000, 2000, "Ann", "One"), (2000, 3000, "Ann", "Two"), (3000, 4000, "Ann", "Three"), (4000, 5000, "", "Four")],
            id="three lines roll up",
        ),
        pytest.param(
            SAID_TWICE,
            [(1000, 2000, "", "Yes."), (2000, 3000, "", "Yes."), (3000, 4000, "", "Yes.")],
            id="said twice",
        ),
        pytest.param(
            SEGMENTS,
            [(11_000, 13_000, "", "Across the border"), (14_000, 15_000, "", "and on")],
            id="segments of a stream",
        ),
        pytest.param(
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:183003,LOCAL:00:00:02.000\n\n00:02.000 --> 00:03.000\nA",
            [(2033, 3033, "", "A")],
            id="LOCAL that is not zero",
        ),
        pytest.param(
            "\ufeffWEBVTT - Sea lanes\r\nKind: captions\r\nLanguage: en\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n"
            "REGION\r\nid:fred\r\nwidth:40%\r\n\r\nNOTE one line\r\n\r\nNOTE\r\ntwo\r\nlines\r\n\r\n"
            "00:01.000 --> 00:02.000 region:fred align:left\r\nA\r\n\r\nNOTE at the end",
            [(1000, 2000, "", "A")],
            id="header blocks",
        ),
        pytest.param(
            "WEBVTT\nStyle:\n::cue(c.colorCCCCCC) { color: rgb(204,204,204);\n }\n##\n\n00:01.000 --> 00:02.000\nA",
            [(1000, 2000, "", "A")],
            id="style in the header",
        ),
        pytest.param(
            "WEBVTT\n1\n00:01.000 --> 00:02.000\nA\n2\n00:02.000 --> 00:03.000\nB\n00:03.000 --> 00:04.000\n1999\n3\n00:04.000 --> 00:05.000\nC",
            [(1000, 2000, "", "A"), (2000, 3000, "", "B"), (3000, 4000, "", "1999 3"), (4000, 5000, "", "C")],
            id="no blank lines",
        ),
        pytest.param(
            "WEBVTT\rNote: x\r\r00:01.000 --> 00:02.000\rA",
            [(1000, 2000, "", "A")],
            id="old line ends",
        ),
        pytest.param(
            "WEBVTT\n\nopening\n120:00:01.000 --> 120:00:02.000 line:0 position:20% size:60%\nA <c.loud>b</c> <lang fr>c</lang>",
            [(432_001_000, 432_002_000, "", "A b c")],
            id="many hours, name of a cue, settings",
        ),
        pytest.param(
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Lee>Hi.</v>\n<v.first Bob>Ho &lt;3 &amp; so.\n\n"
            "00:02.000 --> 00:03.000\nCy: One.\n\n00:03.000 --> 00:04.000\nCy: Two.",
            [(1000, 2000, "Ann Lee", "Hi."), (1000, 2000, "Bob", "Ho <3 & so."), (2000, 3000, "Cy", "One."), (3000, 4000, "Cy", "Two.")],
            id="voices both ways",
        ),
        pytest.param(
            "1\n00:00:01,000 --> 00:00:02,000 X1:201 X2:516 Y1:397 Y2:423\n{\\an8}<i>If</i> x < 5 and y > 3,<br>say\n"
            "<font color=\"#fff\">so</font> to <ann@example.org>.\n\n2\n00:00:02,000 --> 00:00:03,000\nA --> B\n",
            [(1000, 2000, "", "If x < 5 and y > 3, say so to <ann@example.org>."), (2000, 3000, "", "A --> B")],
            id="SRT with tags and signs",
        ),
        pytest.param(
            "1\n00:00:01,000 --> 00:00:02,000\nNOTE this.\n\nSTYLE\n\n42\n\nmatters\n\n2\n",
            [(1000, 2000, "", "NOTE this. STYLE 42 matters")],
            id="SRT has no comments; a number that was said",
        ),
        pytest.param(
            "WEBVTT\n\n00:01.000 --> 00:02.000 on the same line\nbelow",
            [(1000, 2000, "", "on the same line below")],
            id="text beside the times",
        ),
        pytest.param(
            "0:00:01.000,0:00:02.000\nfirst[br]line\n\n0:00:03.000,0:00:04.500\nmore, at 3:15,\n",
            [(1000, 2000, "", "first line"), (3000, 4500, "", "more, at 3:15,")],
            id="SBV",
        ),
    ],
)  # fmt: skip
def test_captions_are_parsed(text, cues):
    assert rows(text) == cues


FIVE = (
    "[00:01] A: one",
    "[01:30] B: two",
    "B: three, no time",
    "A: four, no time",
    "[01:45] A: five",
)
FIVE_CUES = [
    (1000, 90_000, "A", "one"),
    (90_000, 105_000, "B", "two"),
    (90_000, 105_000, "B", "three, no time"),
    (90_000, 105_000, "A", "four, no time"),
    (105_000, 105_800, "A", "five"),
]


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        pytest.param("\n\n".join(FIVE), FIVE_CUES, id="paragraphs"),
        pytest.param("\n".join(FIVE), FIVE_CUES, id="lines"),
        pytest.param("\r\n".join(FIVE), FIVE_CUES, id="lines of Windows"),
        pytest.param(
            "Sea lanes\n\n[0:10] One two.\n\nThree.",
            [(0, 10_000, "", "Sea lanes"), (10_000, 11_200, "", "One two."), (10_000, 11_200, "", "Three.")],
            id="heading before the first time",
        ),
        pytest.param(
            "Sea lanes\n\n[0:00] One.\n\n[0:05] Two.",
            [(0, 5000, "", "Sea lanes"), (0, 5000, "", "One."), (5000, 5400, "", "Two.")],
            id="heading before a time of zero",
        ),
        pytest.param(
            "Jane Doe  0:03\nHello all,\nand more.\n\nBob Roe  1:20\nThanks.\n\nNothing else.",
            [(3000, 80_000, "Jane Doe", "Hello all, and more."), (80_000, 81_200, "Bob Roe", "Thanks."), (80_000, 81_200, "", "Nothing else.")],
            id="name and time on a line",
        ),
        pytest.param(
            "Speaker 1 (00:03):\nHello.\n\nSpeaker 2 (01:20):\nThanks.",
            [(3000, 80_000, "Speaker 1", "Hello."), (80_000, 80_400, "Speaker 2", "Thanks.")],
            id="name and time in brackets",
        ),
        pytest.param(
            "0:00\nhello\nthere\n0:05\nworld",
            [(0, 5000, "", "hello there"), (5000, 5400, "", "world")],
            id="times alone",
        ),
        pytest.param(
            "[00:01 - 00:04] One.\n[00:06 --> 00:09] Two.",
            [(1000, 4000, "", "One."), (6000, 9000, "", "Two.")],
            id="from and to",
        ),
        pytest.param(
            "They met at\n10:30 in the morning.\n\nWe ended at 11:30\nsharp.",
            [(None, None, "", "They met at 10:30 in the morning."), (None, None, "", "We ended at 11:30 sharp.")],
            id="times of the day",
        ),
    ],
)  # fmt: skip
def test_plain_text_is_parsed(text, cues):
    assert rows(text) == cues


# Words that are not part of any format.
spoken = st.lists(
    st.from_regex(r"[a-zäéñ>;.,!?'’-]*[a-zäéñ]", fullmatch=True)
    | st.sampled_from(["<", "&", "{x}"]),
    min_size=1,
    max_size=6,
).map(" ".join)
paragraphs = st.lists(
    st.tuples(spoken, st.booleans(), st.sampled_from(["\n", "\n\n"])), min_size=1, max_size=8
)


def words_of(cues):
    return " ".join(f"{cue.voice} {cue.text}" for cue in cues).split()


@given(paragraphs)
def test_plain_text_keeps_every_word(parts):
    text = "".join(
        f"{f'[0:{second:02}] ' if is_timed else ''}{words}{end}"
        for second, (words, is_timed, end) in enumerate(parts)
    )

    said = [word for words, _is_timed, _end in parts for word in words.split()]
    assert words_of(read_transcript(text)) == said


@given(paragraphs, st.booleans(), st.booleans())
def test_captions_keep_every_word(parts, is_vtt, is_numbered):
    blocks = [
        (f"{second + 1}\n" if is_numbered else "")
        + f"00:00:{second:02}.000 --> 00:00:{second:02}.900\n{words}\n{end if is_vtt else ''}"
        for second, (words, _is_timed, end) in enumerate(parts)
    ]

    text = ("WEBVTT\n\n" if is_vtt else "") + "".join(blocks)

    said = [word for words, _is_timed, _end in parts for word in words.split()]
    assert words_of(read_transcript(text)) == said


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="[]():"), min_size=1)
)
def test_untimed_text_keeps_every_word(text):
    if text.split() and not text.lstrip().startswith("WEBVTT"):
        assert words_of(read_transcript(text)) == text.removeprefix("\ufeff").split()


def captions(*texts, step=1000, is_vtt=True):
    def clock(ms):
        return f"00:00:{ms // 1000:02}.{ms % 1000:03}"

    cues = (
        f"{clock(at * step)} --> {clock((at + 1) * step)}\n{text}\n"
        for at, text in enumerate(texts)
    )
    return "WEBVTT\n\n" + "\n".join(cues)


@pytest.mark.parametrize(
    ("texts", "cues"),
    [
        (
            ["hello", "hello everybody", "hello everybody welcome", "to the", "to the talk"],
            [(0, 3000, "", "hello everybody welcome"), (3000, 5000, "", "to the talk")],
        ),
        (  # with a time for each word
            [
                "hello<00:00:00.500><c> every</c>",
                "hello every<00:00:01.500><c> body</c>",
                "hello every body<00:00:02.500><c> here</c>",
            ],
            [(0, 3000, "", "hello every body here")],
        ),
        (  # the next line begins while the previous one is still shown
            [
                "hello", "hello everybody", "hello everybody\nwelcome",
                "hello everybody\nwelcome to the talk", "welcome to the talk\ntoday we",
            ],
            [
                (0, 3000, "", "hello everybody"),
                (2000, 4000, "", "welcome to the talk"),
                (4000, 5000, "", "today we"),
            ],
        ),
        (  # the text moves on word by word
            ["one two three", "two three four", "three four five six", "five six seven eight"],
            [(0, 4000, "", "one two three four five six seven eight")],
        ),
        (
            ["<v Ann>R&amp;D", "<v Ann>R&amp;D is", "<v Ann>R&amp;D is x &lt; 5", "<v Bob>And", "<v Bob>And you"],
            [(0, 3000, "Ann", "R&D is x < 5"), (3000, 5000, "Bob", "And you")],
        ),
        (  # an earlier word is corrected
            ["we met in", "We met in Paris", "We met in Paris, and", "We met in Paris, and left."],
            [(0, 4000, "", "We met in Paris, and left.")],
        ),
    ],
)  # fmt: skip
def test_captions_that_grow_within_a_line_are_joined(texts, cues):
    assert rows(captions(*texts)) == cues


def test_repeated_spoken_words_are_kept():
    texts = ["No.", "No, no.", "I said what I said.", "Yes", "Yes of course", "Fine then."]

    assert [cue[3] for cue in rows(captions(*texts))] == texts
