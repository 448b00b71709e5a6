import pytest

from search_app import api
from search_app.index import document_sources
from tests.search_app.samples import KIND, Samples


@pytest.fixture
def samples(db):
    maker = Samples()
    document_sources.register(maker)
    api.reset()
    yield maker
    document_sources.unregister(KIND)
    api.reset()
