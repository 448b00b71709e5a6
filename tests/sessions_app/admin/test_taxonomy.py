import pytest
from django.urls import reverse

from tests.factories import (
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicAliasFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("model", ["topic", "series", "region"])
def test_authority_list_query_count(client, editor, model, count, django_assert_num_queries):
    for _ in range(count):
        session = SessionFactory(series=SeriesFactory())
        session.topics.add(TopicFactory())
        session.regions.add(RegionFactory())
    address = reverse(f"admin:sessions_app_{model}_changelist")
    client.get(address)

    with django_assert_num_queries(7):
        response = client.get(address)

    counts = [record._session_count for record in response.context["cl"].result_list]
    assert counts == [1] * count


def test_topic_is_found_by_its_alias(client, editor):
    topic = TopicAliasFactory(name="PRC").topic
    TopicFactory()

    response = client.get(reverse("admin:sessions_app_topic_changelist"), {"q": "prc"})

    assert list(response.context["cl"].queryset) == [topic]


def test_admin_page_of_an_authority_record_links_to_the_site(client, editor):
    topic = TopicFactory()

    response = client.get(reverse("admin:sessions_app_topic_change", args=[topic.pk]))

    assert f'href="{topic.get_absolute_url()}"' in response.content.decode()
