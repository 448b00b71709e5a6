import pytest
from django.urls import reverse

from speakers_app.models import Organisation, Speaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(staff_client):
    return staff_client("Editors")


def window(client, model, typed=""):
    values = {"_popup": "1"} | ({"_typed": typed} if typed else {})
    return client.get(reverse(f"admin:{model}_add"), values)


@pytest.mark.parametrize(
    ("model", "typed", "values"),
    [
        (
            "speakers_app_speaker",
            "Dr. Elsa  Kania",
            {"given_name": "Elsa", "family_name": "Kania", "honorific": "Dr.", "suffix": ""},
        ),
        ("speakers_app_organisation", "CNA", {"name": "CNA", "abbreviation": None}),
        ("sessions_app_series", "New & old", {"name": "New & old"}),
        ("sessions_app_region", "Arctic", {"name": "Arctic"}),
        ("sessions_app_topic", "Cyber", {"name": "Cyber", "parent": None}),
    ],
)
def test_pop_up_starts_with_the_typed_text(editor, model, typed, values):
    response = window(editor, model, typed)

    form = response.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields if name != "edited_from"}
    assert {name: value or None for name, value in shown.items()} == {
        name: value or None for name, value in values.items()
    }
    assert response.context["inline_admin_formsets"] == []


@pytest.mark.parametrize("typed", ["\x00", "x" * 5000, "  ", "(", "Jr."])
def test_pop_up_accepts_any_typed_text(editor, typed):
    assert window(editor, "speakers_app_speaker", typed).status_code == 200


def test_pop_up_can_be_saved(editor):
    for model, values in (
        ("speakers_app_speaker", {"given_name": "Elsa", "family_name": "Kania"}),
        ("speakers_app_organisation", {"name": "CNA", "abbreviation": ""}),
    ):
        editor.post(reverse(f"admin:{model}_add"), values | {"_popup": "1"})

    assert str(Speaker.objects.get()) == "Elsa Kania"
    assert Organisation.objects.get().name == "CNA"


def test_full_form_requires_all_fields(editor):
    response = editor.get(reverse("admin:speakers_app_speaker_add"))

    assert "biography" in response.context["adminform"].form.fields
