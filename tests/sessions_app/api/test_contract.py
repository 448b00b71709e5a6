"""The API against its own schema: schemathesis generates requests and checks each response."""

from contextlib import suppress

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.control import SkipTest

from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def application_of_the_test():
    """The site's application, using the test's database connection like Django's client.

    Not sma_archive.wsgi, which also starts the background work of a web process.
    """
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def archive():
    """One record of each kind, at URLs that do not occur in the schema's examples."""
    session = SessionFactory(slug="rivers", series=SeriesFactory())
    session.topics.add(TopicFactory())
    session.regions.add(RegionFactory())
    appearance = AppearanceFactory(session=session)
    RecommendationFactory(session=session, number=1).made_by.add(appearance)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.slow
def test_every_response_matches_the_schema(application_of_the_test, archive, mode):
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application_of_the_test)
    schema.config.generation.update(modes=[mode])
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=15,
            derandomize=True,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def answer(case):
            case.call_and_validate()

        # Endpoints without parameters cannot be called incorrectly.
        with suppress(SkipTest):
            answer()
