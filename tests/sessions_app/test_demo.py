"""The demonstration shows what the archive does."""

import re

import pytest
from django.core.management import call_command

from sessions_app.demo.making import Demonstration
from sessions_app.models import Recommendation
from sessions_app.sentences import sentence_around

pytestmark = pytest.mark.django_db


def test_each_piece_of_advice_stands_in_a_sentence_of_its_summary():
    call_command("seed_demo", sessions=12, verbosity=0)

    advice = Recommendation.objects.select_related("session")

    assert advice.count() > 5
    for each in advice:
        sentence = sentence_around(each)
        audience = f"advice for {each.audience}" if each.audience else "this advice"
        assert sentence.startswith(f"The session closed with {audience}: ")
        assert each.text in sentence


FAULTS = re.compile(
    r"\bthe (?:Central Asia|Eastern Europe|South America)\b"
    r"|\b(?<!the )(?:Indo-Pacific|Baltic Sea|Horn of Africa|Sahel|Levant|Arctic|Caribbean|Gulf)\b"
    r"|\b(?:networks|[Ss]anctions|chains|minerals|grids|[Aa]lliances) (?:is|returns|leaves|rewards)\b"
    r"|\b(?:security|energy|trade|water|migration|trust) (?:are|return|leave|reward)\b"
    r"|for :|\s[.,:;]|  |\{|\}"
)


def test_grammar_makes_sentences_that_a_proof_reader_lets_pass():
    demonstration = Demonstration(count=3000, seed=7)

    for session in demonstration.sessions():
        for advice in session.advice:
            assert session.appearances[advice.made_by].function != "moderator"
        for text in (session.title, *session.paragraphs, session.closing):
            assert not FAULTS.search(text), text
        for paragraph in session.paragraphs:
            assert paragraph[0].isupper() and paragraph.endswith(".")
        assert " And " not in session.title
        assert not any(word[0].islower() for word in session.title.split()
                       if word not in ("and", "of", "the", "in", "for")), session.title  # fmt: skip


def test_bodies_have_whole_names_and_each_its_own():
    names = [body.name for body in Demonstration(count=21_000, seed=7).organisations]

    assert len(names) == len(set(names)) == 5000
    for name in names:
        assert not re.search(r"\d|(?:on|of) (?:Strategic|Maritime|Digital)$", name), name
