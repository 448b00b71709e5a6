from django.contrib import admin
from django.urls import reverse

from site_app.text.name_search import MAX_SEARCH_WORDS


def test_admin_lists_daily_work_first(admin_client):
    response = admin_client.get(reverse("admin:index"))

    apps = [app["app_label"] for app in response.context["app_list"]]
    assert apps[:3] == ["sessions_app", "speakers_app", "recordings_app"]
    assert response.context["app_list"][0]["models"][0]["object_name"] == "Session"
    assert "sites" not in apps


def test_every_admin_list_limits_search_words(admin_client):
    text = " ".join(f"word{number}" for number in range(2000))
    searched = [model for model, found in admin.site._registry.items() if found.search_fields]

    for model in searched:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        response = admin_client.get(address, {"q": text})

        assert response.status_code == 200, model
        assert response.context["cl"].query.split() == text.split()[:MAX_SEARCH_WORDS], model
        assert "Only the first 10 words" in response.content.decode(), model


def test_admin_autocomplete_limits_search_words(admin_client):
    found = {"app_label": "sessions_app", "model_name": "appearance", "field_name": "speaker"}

    response = admin_client.get(reverse("admin:autocomplete"), {**found, "term": "word " * 5000})

    assert response.status_code == 200
