"""Staff accounts for tests of the admin."""

import pytest

from tests.factories import UserFactory


@pytest.fixture
def publisher(client):
    user = UserFactory(group="Publishers")
    client.force_login(user)
    return user


@pytest.fixture
def editor(client):
    user = UserFactory(group="Editors")
    client.force_login(user)
    return user
