import pytest
from django.contrib.redirects.models import Redirect

from site_app.redirects import keep_address, successors

pytestmark = pytest.mark.django_db


def addresses():
    return set(Redirect.objects.values_list("old_path", "new_path"))


def test_keep_address_twice_leads_straight_to_the_last():
    keep_address("/topics/a/", "/topics/b/")
    keep_address("/topics/b/", "/topics/c/")

    assert addresses() == {("/topics/a/", "/topics/c/"), ("/topics/b/", "/topics/c/")}


def test_keep_address_back_to_the_first_leaves_no_loop():
    keep_address("/topics/a/", "/topics/b/")
    keep_address("/topics/b/", "/topics/a/")

    assert addresses() == {("/topics/b/", "/topics/a/")}


def test_successors_of_another_kind_are_left_out():
    keep_address("/topics/a/", "/topics/b/")
    keep_address("/topics/x/", "/sessions/y/")

    assert successors("/topics/", ["a", "x", "never"]) == {"a": "b"}
