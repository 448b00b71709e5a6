import pytest

from site_app.text.single_line import capitalise_title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("share warning within an hour", "Share warning within an hour"),
        ("“share” early", "“Share” early"),
        ("(first) ask", "(First) ask"),
        ("’tis so", "’Tis so"),
        ("e-mail first", "E-mail first"),
        ("that’s it", "That’s it"),
        ("écouter", "Écouter"),
        ("искать раньше", "Искать раньше"),
        ("eVTOL first", "eVTOL first"),
        ("mRNA stocks", "mRNA stocks"),
        ("5g networks", "5g networks"),
        ("https://a.example/ first", "https://a.example/ first"),
        ("中文", "中文"),
        ("Share", "Share"),
        ("…", "…"),
        ("… and so on", "… and so on"),
        ("", ""),
    ],
)
def test_title_begins_with_a_capital_letter(text, title):
    assert capitalise_title(text) == title
