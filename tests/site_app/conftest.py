import pytest

from tests.factories import UserFactory


@pytest.fixture
def publisher():
    """An account to log in to: ada, with the password “correct horse”."""
    user = UserFactory(username="ada", group="Publishers")
    user.set_password("correct horse")
    user.save()
    return user
