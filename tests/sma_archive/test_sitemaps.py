import pytest
from lxml import etree, html

from sma_archive import sitemaps
from tests.factories import (
    AppearanceFactory,
    RecommendationFactory,
    RegionFactory,
    SeriesFactory,
    SessionFactory,
    TopicFactory,
)

pytestmark = pytest.mark.django_db


def entries(client, address):
    """Return {URL: time of last change or None} of a sitemap or of the index."""
    root = etree.fromstring(client.get(address).content)
    return {entry.findtext("{*}loc"): entry.findtext("{*}lastmod") for entry in root}


def test_index_lists_every_section_at_the_site_url(client, settings):
    settings.SITE_URL = "https://archive.example"
    session = SessionFactory()

    listed = entries(client, "/sitemap.xml")

    address = "https://archive.example/sitemap-{}.xml".format
    assert set(listed) == {address(name) for name in sitemaps.SITEMAPS}
    assert listed[address("sessions")] == session.updated_at.isoformat()
    assert listed[address("speakers")] is None


def test_section_lists_public_addresses_with_their_change(client, settings):
    settings.SITE_URL = "https://archive.example"
    session = SessionFactory(slug="public")
    SessionFactory(slug="draft", status="draft")

    listed = entries(client, "/sitemap-sessions.xml")

    day = session.updated_at.date().isoformat()
    assert listed == {"https://archive.example/sessions/public/": day}


def test_section_of_recommendations(client, settings):
    settings.SITE_URL = "https://archive.example"
    RecommendationFactory(session__slug="x")

    assert set(entries(client, "/sitemap-recommendations.xml")) == {
        "https://archive.example/recommendations/x-1/"
    }


def test_section_of_speakers_excludes_those_in_drafts(client, settings):
    settings.SITE_URL = "https://archive.example"
    AppearanceFactory(speaker__slug="shown")
    AppearanceFactory(speaker__slug="hidden", session__status="draft")

    assert set(entries(client, "/sitemap-speakers.xml")) == {
        "https://archive.example/speakers/shown/"
    }


def test_every_page_of_the_pages_section_is_there(client, settings):
    settings.SITE_URL = "http://testserver"
    SessionFactory()

    for address in entries(client, "/sitemap-pages.xml"):
        assert client.get(address).status_code == 200, address


def test_large_section_has_several_files(client, monkeypatch):
    monkeypatch.setattr(sitemaps.ArchiveSitemap, "limit", 2)
    SessionFactory.create_batch(3)

    files = [name for name in entries(client, "/sitemap.xml") if "-sessions" in name]

    assert len(files) == 2
    assert len(entries(client, "/sitemap-sessions.xml")) == 2
    assert len(entries(client, "/sitemap-sessions.xml?p=2")) == 1


@pytest.mark.parametrize(
    "address",
    ["/sitemap-nothing.xml", "/sitemap-sessions.xml?p=2", "/sitemap-sessions.xml?p=x",
     "/sitemap-sessions.xml?p=0", "/sitemap-sessions.xml?p=99999999999999999999"],
)  # fmt: skip
def test_missing_section_file_is_404(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_worklist_query_count(client, count, django_assert_num_queries):
    RecommendationFactory.create_batch(count)

    with django_assert_num_queries(4):
        client.get("/sitemap-recommendations.xml")


def test_every_listed_url_is_indexable_and_canonical(client, settings):
    settings.SITE_URL = "http://testserver"
    recommendation = RecommendationFactory()
    recommendation.session.topics.add(TopicFactory(parent=TopicFactory()))
    recommendation.session.regions.add(RegionFactory())
    AppearanceFactory(session=recommendation.session)
    recommendation.session.series = SeriesFactory()
    recommendation.session.save()

    sections = entries(client, "/sitemap.xml")
    addresses = [address for section in sections for address in entries(client, section)]

    assert len(addresses) == len(set(addresses))
    for address in addresses:
        response = client.get(address)
        head = html.fromstring(response.content).find("head")
        robots = head.xpath("meta[@name='robots']/@content")
        assert response.status_code == 200, address
        assert not any("noindex" in content for content in robots), address
        assert "noindex" not in response.get("X-Robots-Tag", ""), address
        assert head.xpath("link[@rel='canonical']/@href") == [address], address


@pytest.mark.parametrize("prefix", ["speakers", "organisations", "topics", "series", "regions"])
def test_filtered_authority_page_is_not_indexed(client, prefix):
    appearance = AppearanceFactory()
    session = appearance.session
    session.series = SeriesFactory()
    session.save()
    session.topics.add(topic := TopicFactory())
    session.regions.add(region := RegionFactory())
    entry = {
        "speakers": appearance.speaker,
        "organisations": appearance.organisation,
        "topics": topic,
        "series": session.series,
        "regions": region,
    }[prefix]

    page = client.get(f"/{prefix}/{entry.slug}/?q=law").content.decode()

    assert '<meta name="robots" content="noindex, follow">' in page
