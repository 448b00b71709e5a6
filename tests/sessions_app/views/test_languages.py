"""Pages declare the language and direction of a session's content."""

import pytest
from django.urls import reverse

from tests.factories import RecommendationFactory, SessionFactory

pytestmark = pytest.mark.django_db
ARABIC = ' lang="ar" dir="rtl"'


@pytest.fixture
def arabic():
    session = SessionFactory(
        title="ماء بين ضفتين",
        language="ar",
        summary="<p>قال المتحدثون إن الماء مسألة ثقة.</p>",
    )
    RecommendationFactory(session=session, text="انشروا القياسات كل يوم")
    return session


def test_cards_highlight_title_and_text(client, arabic):
    SessionFactory(title="Wells and walls", summary="<p>Who pays.</p>")
    page = client.get(reverse("sessions:list")).content.decode()
    assert f'class="card-title"{ARABIC}>' in page
    assert page.count(ARABIC) == 2  # its title and the beginning of its summary
    assert 'lang="en"' not in page


def test_recommendation_cards_highlight_advice_and_session(client, arabic):
    page = client.get(reverse("sessions:recommendations")).content.decode()
    assert page.count(ARABIC) == 2
