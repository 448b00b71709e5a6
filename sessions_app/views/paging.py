"""Links to the pages before and after one of a paginator, for `includes/page_steps.html`."""

from collections.abc import Callable

from django.core.paginator import Page


def previous_and_next_urls(page: Page, url_of_page: Callable[[int], str]) -> dict[str, str]:
    """Return the context of the links; the address is empty where there is no such page."""
    return {
        "previous_url": url_of_page(page.number - 1) if page.has_previous() else "",
        "next_url": url_of_page(page.number + 1) if page.has_next() else "",
    }
