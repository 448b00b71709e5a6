"""The demonstration shows what the archive does."""

import pytest
from django.core.management import call_command

from sessions_app.models import Recommendation
from sessions_app.sentences import sentence_around

pytestmark = pytest.mark.django_db


def test_each_piece_of_advice_stands_in_a_sentence_of_its_summary():
    call_command("seed_demo", sessions=12, verbosity=0)

    advice = Recommendation.objects.select_related("session")

    assert advice.count() > 5
    for each in advice:
        sentence = sentence_around(each)
        assert sentence.startswith(f"The session closed with advice for {each.audience}: ")
        assert each.text in sentence
