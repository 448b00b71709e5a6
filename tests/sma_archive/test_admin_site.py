from django.urls import reverse


def test_admin_lists_daily_work_first(admin_client):
    response = admin_client.get(reverse("admin:index"))

    apps = [app["app_label"] for app in response.context["app_list"]]
    assert apps[:3] == ["sessions_app", "speakers_app", "recordings_app"]
    assert response.context["app_list"][0]["models"][0]["object_name"] == "Session"
    assert "sites" not in apps
