import pytest

from sessions_app.models import Topic
from site_app.redirects.slugged_model import unique_slugs
from site_app.text.slugs import slug_from_text


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (
            "Café Diplomacy — What Small States Trade For",
            "cafe-diplomacy-what-small-states-trade-for",
        ),
        ("Мир и война", "mir-i-voyna"),
        ("東京", "dongjing"),
        ("???", "fallback"),
        ("x" * 300, "x" * 100),
    ],
)
def test_slug_base_is_transliterated_ascii(text, slug):
    assert slug_from_text(text, fallback="fallback") == slug


@pytest.mark.django_db
def test_unique_slugs_number_collisions_with_stored_and_with_each_other():
    Topic.objects.create(name="Deterrence")

    slugs = unique_slugs(Topic, ["deterrence", "arms", "deterrence", "arms"])

    assert slugs == ["deterrence-2", "arms", "deterrence-3", "arms-2"]


@pytest.mark.django_db
def test_unique_slugs_stay_within_the_column():
    Topic.objects.create(name="long", slug="x" * 100)

    assert unique_slugs(Topic, ["x" * 100]) == ["x" * 98 + "-2"]


@pytest.mark.django_db
def test_slug_does_not_change_with_the_name():
    topic = Topic.objects.create(name="Deterrence")

    topic.name = "Nuclear deterrence"
    topic.save()

    assert topic.slug == "deterrence"


@pytest.mark.django_db
def test_old_slug_is_not_reused():
    topic = Topic.objects.create(name="Deterrence")
    topic.slug = "nuclear-deterrence"
    topic.save()

    assert Topic.objects.create(name="Deterrence!").slug == "deterrence-2"
