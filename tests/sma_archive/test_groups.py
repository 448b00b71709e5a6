import pytest
from django.contrib.auth.models import Group

from sma_archive.groups import GROUPS, LAST_APP, make_groups

pytestmark = pytest.mark.django_db


def test_three_groups_exist_with_least_privilege():
    allowed = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }

    assert set(allowed) == {"Editors", "Publishers", "Access officers"}
    assert "publish_session" in allowed["Publishers"] - allowed["Editors"]
    assert "view_recordingrequest" in allowed["Access officers"]
    for group in ("Editors", "Publishers"):
        assert not {name for name in allowed[group] if "request" in name or "user" in name}
    assert "change_session" not in allowed["Access officers"]


def test_groups_are_unchanged_by_another_migration(django_apps):
    group = Group.objects.get(name="Editors")
    added = group.permissions.model.objects.get(codename="view_sitesettings")
    group.permissions.add(added)
    before = set(group.permissions.all())

    make_groups(django_apps.get_app_config(LAST_APP), using="default")

    assert set(group.permissions.all()) == before
    assert Group.objects.count() == len(GROUPS)


@pytest.fixture
def django_apps():
    from django.apps import apps  # the registry, not the module of the same name

    return apps
