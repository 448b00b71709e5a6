"""What axe-core reports for a page in a browser: WCAG 2.2 A and AA, and its best practices.

A page is loaded once and tested in every colour scheme and width. In the dark scheme only the rules
about colours run, because nothing else differs. With forced colours, axe 4 reported contrasts that
differ from those on the screen (1.18 where Chromium computes white on black), so the computed
colours are compared here.
"""

from functools import cache
from importlib.resources import files

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOUR = ["color-contrast", "link-in-text-block"]
WIDTHS = (1280, 768, 320)  # CSS pixels
SCHEMES = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
_OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true; })"
_RUN = """only => axe.run(document, {runOnly: only, preload: false, resultTypes: ["violations"]}).then(
    found => found.violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.target.join(" ")} ${node.html.slice(0, 120)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message}`)))"""

# Elements whose text has the same colour as their background.
_HIDDEN_BY_COLOUR = """() => {
    const behind = element => {
        const colour = getComputedStyle(element).backgroundColor;
        const isSeen = !/^rgba\\(.*, 0\\)$/.test(colour);
        return isSeen || !element.parentElement ? colour : behind(element.parentElement);
    };
    const hasText = element => [...element.childNodes].some(
        node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return [...document.querySelectorAll("body *")]
        .filter(element => hasText(element) && element.checkVisibility({visibilityProperty: true}))
        .filter(element => getComputedStyle(element).color === behind(element))
        .map(element => `text in the colour behind it: ${element.outerHTML.slice(0, 120)}`);
}"""


@cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def violations(page) -> list[str]:
    """Return "rule: element (where)" for each violation on an open page with all details open."""
    page.evaluate(_source())
    _look(page, found := {}, 320, "light", "closed")
    page.evaluate(_OPEN_ALL)
    for width in WIDTHS:
        for scheme in SCHEMES:
            _look(page, found, width, scheme)
    return [f"{line} ({', '.join(where)})" for line, where in found.items()]


def _look(page, found, width, scheme, *state):
    where = " ".join([str(width), scheme, *state])
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(reduced_motion="reduce", **SCHEMES[scheme])
    if scheme == "forced":
        lines = page.evaluate(_HIDDEN_BY_COLOUR)
    elif scheme == "dark":
        lines = page.evaluate(_RUN, {"type": "rule", "values": OF_COLOUR})
    else:
        lines = page.evaluate(_RUN, {"type": "tag", "values": TAGS})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        lines.append("the page scrolls sideways")
    for line in lines:
        found.setdefault(line, []).append(where)
