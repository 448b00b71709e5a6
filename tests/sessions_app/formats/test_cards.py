"""Card images: their content, and that equal content is stored once."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from sessions_app.formats import cards
from sessions_app.models import Session
from tests.factories import AppearanceFactory, SeriesFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    session = SessionFactory(title="Cables below the sea", series=SeriesFactory(name="Ports"))
    AppearanceFactory(session=session, speaker__given_name="Ada", speaker__family_name="Reader")
    return session


def picture(response) -> Image.Image:
    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    return Image.open(io.BytesIO(response.content))


def address(client, session):
    """Return the URL of the card in the page of the session."""
    page = client.get(session.get_absolute_url()).content.decode()
    return page.split('<meta property="og:image" content="http://127.0.0.1:8000')[1].split('"')[0]


def kept(settings) -> list[str]:
    return sorted(path.name for path in Path(settings.CARD_DIR).iterdir())


def test_card_is_drawn_once_per_content(client, session, settings):
    named = address(client, session)
    first = client.get(named)
    client.get(f"{named}&x=1")
    client.get(named.replace("?v=", "?v=another"))

    assert picture(first).size == (1200, 630)
    assert kept(settings) == [f"{named.rpartition('=')[2]}.png"]


def test_different_content_gives_a_different_card(client, session, settings):
    before = address(client, session)
    client.get(before)
    session.title = "Cables above the sea"
    session.save()

    after = address(client, session)
    client.get(after)

    assert before != after
    assert len(kept(settings)) == 2


def test_portrait_is_on_the_card(client, session):
    without = picture(client.get(address(client, session))).convert("RGB")
    content = io.BytesIO()
    Image.new("RGB", (400, 400), "#ff0000").save(content, "PNG")
    speaker = session.appearances.get().speaker
    speaker.photo.save("ada.png", ContentFile(content.getvalue()))

    with_portrait = picture(client.get(address(client, session))).convert("RGB")

    place = (cards.CARD_WIDTH - cards.CARD_MARGIN - 20, cards.CARD_MARGIN + 20)
    red, green, blue = with_portrait.getpixel(place)
    assert red > 200 > 60 > max(green, blue)
    assert without.getpixel(place)[0] < 60


@pytest.mark.parametrize(
    "title",
    ["x", "Word " * 100, "W" * 500, "海底電纜", "🙂🙂", "Кабели под морем", "\x01\x0b", "مرحبا"],
)
def test_any_title_gives_a_card(client, session, title):
    Session.objects.update(title=title)

    assert picture(client.get(f"{session.get_absolute_url()}card.png")).size == (1200, 630)


def test_characters_missing_from_the_font_are_omitted():
    font = cards._load_font(32)

    assert cards._without_missing_glyphs("Ports 港 of Ω и é🙂", font) == "Ports  of Ω и é"


def test_lines_fit_and_end_with_an_ellipsis_if_shortened():
    font = cards._load_font(32)

    lines = cards._wrap_text("some words " * 40, font, 600, 2)

    assert len(lines) == 2
    assert all(font.getlength(line) <= 600 for line in lines)
    assert lines[-1].endswith("…")


def test_card_is_served_even_if_it_cannot_be_stored(client, session, settings, tmp_path):
    settings.CARD_DIR = tmp_path / "file"
    settings.CARD_DIR.write_text("no folder")

    assert picture(client.get(f"{session.get_absolute_url()}card.png")).size == (1200, 630)


def test_old_cards_are_deleted_and_drawn_again(client, session, settings, monkeypatch):
    client.get(address(client, session))
    assert cards.purge_old_cards() == 0
    monkeypatch.setattr(cards, "CARD_RETENTION_SECONDS", -60)

    assert cards.purge_old_cards() == 1
    assert kept(settings) == []
    assert picture(client.get(address(client, session)))


def card(title):
    return cards.CardContent(title=title, speakers="", when="", site_name="", portrait="")


def test_arabic_is_joined_and_reads_from_right():
    # Meem alone, lam and alef in one at the end of a word, seen at its beginning: from left to right.
    assert cards._in_visual_order("سلام") == "\ufee1\ufefc\ufeb3"

    picture = Image.open(io.BytesIO(cards.draw_card_png(card("سلام")))).convert("RGB")
    columns = [
        x for x in range(20, cards.CARD_WIDTH)
        if any(picture.getpixel((x, y))[0] > 200 for y in range(cards.CARD_MARGIN, 300))
    ]  # fmt: skip
    assert min(columns) > cards.CARD_WIDTH // 2
    assert (
        cards.CARD_WIDTH - cards.CARD_MARGIN - 12
        <= max(columns)
        <= cards.CARD_WIDTH - cards.CARD_MARGIN
    )


def test_what_can_hardly_be_read_is_left_out():
    assert cards.draw_card_png(card("海底電纜 — 海運")) == cards.draw_card_png(card(""))
    assert cards.draw_card_png(card("Cables 海")) == cards.draw_card_png(card("Cables"))
