import pytest
from django.contrib import admin
from django.urls import reverse

from search_app.change_log import newest_change_id
from site_app.admin_bases.single_row import SingleRowAdmin
from site_app.models import SiteSettings
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_site_settings_are_created_when_first_saved(client):
    client.force_login(UserFactory(group="Publishers"))
    address = reverse("admin:site_app_sitesettings_changelist")

    page = client.get(address, follow=True)
    was_stored = SiteSettings.objects.exists()
    before = newest_change_id()
    client.post(
        page.redirect_chain[-1][0],
        {"name": "Our Archive", "about": "All of it.", "commenting": "open"},
    )

    assert not was_stored
    assert SiteSettings.objects.get().name == "Our Archive"
    assert newest_change_id() > before


def test_admin_shows_the_name_of_the_archive(client):
    SiteSettings.objects.create(pk=1, name="Our <Archive>")

    page = client.get(reverse("admin:login")).content.decode()

    assert ">Our &lt;Archive&gt;</a>" in page
    assert "Django administration" not in page


@pytest.mark.parametrize("model", ["site_app_sitesettings", "recordings_app_requestsettings"])
def test_settings_list_checks_the_permission_before_redirecting(client, model):
    client.force_login(UserFactory(group=None))
    addresses = [reverse(f"admin:{model}_changelist"), reverse(f"admin:{model}_change", args=[1])]

    assert [client.get(address).status_code for address in addresses] == [403, 403]


def test_only_singleton_models_redirect_from_list_to_form(admin_client):
    """A new redirect of this kind would have to check the permission again."""
    leading = {
        model
        for model, its_admin in admin.site._registry.items()
        if admin_client.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        ).status_code
        == 302
    }

    assert leading == {
        model
        for model, its_admin in admin.site._registry.items()
        if isinstance(its_admin, SingleRowAdmin)
    }


def test_editor_may_not_change_the_site_settings(client):
    client.force_login(UserFactory(group="Editors"))

    response = client.post(
        reverse("admin:site_app_sitesettings_change", args=[1]), {"name": "Mine"}
    )

    assert response.status_code == 403
    assert not SiteSettings.objects.exists()
