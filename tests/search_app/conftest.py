import pytest

from search_app import registry, room

from .samples import KIND, Samples


@pytest.fixture
def samples(db):
    maker = Samples()
    registry.register(maker)
    room.reset()
    yield maker
    registry.unregister(KIND)
    room.reset()
