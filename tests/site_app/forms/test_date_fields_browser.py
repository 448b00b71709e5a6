"""The form shows the parsed date while it is being entered."""

import pytest
from django.urls import reverse
from django.utils import timezone

from site_app.text.dates import long_date_with_weekday
from tests.factories import UserFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_date_is_repeated_while_it_is_entered(browser_page, enter_as):
    page = browser_page
    enter_as(page, UserFactory(username="ada", group="Publishers"))
    page.goto(reverse("admin:sessions_app_session_add"))
    said = page.locator("output[for=id_held_on]")

    page.fill("#id_held_on", "2019-11-15")
    typed = said.inner_text()
    page.fill("#id_held_on", "2019-02-30")
    impossible = said.inner_text()
    page.click(".field-held_on .datetimeshortcuts a >> nth=0")
    today = said.inner_text()

    assert (typed, impossible) == ("Friday, 15 November 2019", "")
    assert today == long_date_with_weekday(timezone.localdate())
