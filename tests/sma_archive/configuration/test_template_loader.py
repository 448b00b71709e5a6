import pytest
from django.template import Context, Engine

from sma_archive.configuration.template_loader import without_indentation

LOADERS = ["sma_archive.configuration.template_loader.Loader"]


@pytest.mark.parametrize(
    ("written", "compiled"),
    [
        ("<ul>\n  <li>\n    One\n    and two\n  </li>\n</ul>\n", "<ul><li>One and two</li></ul>"),
        ("<p>\n  {% if a %}\n    A\n  {% endif %}\n</p>\n", "<p>{% if a %}A {% endif %}</p>"),
        ("<a>A</a>\n<a>B</a>\n", "<a>A</a> <a>B</a> "),
        ("A\n<a href='/'>\n  B\n  C\n</a>\nD", "A <a href='/'>B C</a> D"),
        ("<b>\n  <input>\n  A<br>\n  B\n</b>", "<b><input> A<br> B</b>"),
        ('<a\n  href="/"\n  rel="next">A</a>', '<a href="/" rel="next">A</a>'),
        ('<a\n  href="/"\n>A</a>', '<a href="/">A</a>'),
        (
            "<p{% if a > 1 %} id='a'{% endif %}>\n  A\n</p>\n",
            "<p{% if a > 1 %} id='a'{% endif %}>A</p>",
        ),
        ("<h{{ level }}>\n  A\n</h{{ level }}>\nB", "<h{{ level }}>A</h{{ level }}>B"),
        ("</path>\n</pa>\n<b>A", "</path></pa> <b>A"),
        ("{# Why. #}\n<p>\n\n</p>\n", "{# Why. #}<p></p>"),
        # White space after a tag that prints something is significant.
        (
            "{{ a }}\n{% now 'Y' %}\n{% include 'b.html' %}\n",
            "{{ a }} {% now 'Y' %} {% include 'b.html' %} ",
        ),
        ("{% if a %}A{% endif %}\nB", "{% if a %}A{% endif %} B"),
        ("<pre>\n  as written\n</pre>\n", "<pre>\n  as written\n</pre>\n"),
        ("<textarea>\n  as written</textarea>\n", "<textarea>\n  as written</textarea>\n"),
    ],
)
def test_white_space_is_reduced_like_in_a_browser(written, compiled):
    assert without_indentation(written) == compiled


@pytest.mark.parametrize(
    ("name", "debug", "printed"),
    [
        ("page.html", False, "<p>A </p>"),
        ("page.html", True, "<p>\n  \n    A\n  \n</p>\n"),
        ("mail.txt", False, "<p>\n  \n    A\n  \n</p>\n"),
    ],
)
def test_only_html_is_reduced_and_not_in_debug_mode(tmp_path, name, debug, printed):
    (tmp_path / name).write_text("<p>\n  {% if a %}\n    A\n  {% endif %}\n</p>\n")
    engine = Engine(dirs=[str(tmp_path)], loaders=LOADERS, debug=debug)

    assert engine.get_template(name).render(Context({"a": True})) == printed
