import pytest

from search_app import api
from search_app.index import document_sources
from tests.search_app.samples import KIND, Samples


@pytest.fixture
def samples(db):
    source = Samples()
    document_sources.register_document_source(source)
    api.discard_indexes()
    yield source
    document_sources.unregister_document_source(KIND)
    api.discard_indexes()
