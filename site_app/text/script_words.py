"""The texts of the scripts in static/js, which look them up by their English text (static/js/words.js)."""

from django.utils.translation import gettext, gettext_noop

ENGLISH_TEXTS_BY_PLACE = {  # "site": for every page; the others for pages with that component
    "site": [
        gettext_noop("A pack can contain at most {number} items"),
        gettext_noop("Add to pack"),
        gettext_noop("Added to pack, {items}"),
        gettext_noop("Removed from pack, {items}"),
        gettext_noop("In pack"),
        gettext_noop("No suggestions"),
        gettext_noop("Suggestions"),
        gettext_noop("This browser does not allow the site to keep a pack"),
        gettext_noop("{name}: stopped."),
        gettext_noop("{name}: the file is being prepared …"),
        gettext_noop("{name}: {file} is complete, {size}."),
        gettext_noop("{number} MB"),
        gettext_noop("{number} item"),
        gettext_noop("{number} items"),
        gettext_noop("{number} session"),
        gettext_noop("{number} sessions"),
        gettext_noop("{number} suggestion"),
        gettext_noop("{number} suggestions"),
        gettext_noop("{size} of about {whole}, {percent} %"),
    ],
    "pack": [
        gettext_noop("Add to my pack"),
        gettext_noop("Added to your pack."),
        gettext_noop("Address copied"),
        gettext_noop("Copied"),
        gettext_noop("Copy address"),
        gettext_noop("Down"),
        gettext_noop("Empty my pack"),
        gettext_noop("Keep as my pack"),
        gettext_noop("Kept as your pack."),
        gettext_noop("Moved to position {place} of {all}"),
        gettext_noop("Open my pack"),
        gettext_noop("Remove"),
        gettext_noop("Removed from the pack, {items}"),
        gettext_noop("The address is selected; copy it with your keyboard"),
        gettext_noop("This is not the pack kept in this browser, which has {items}."),
        gettext_noop("This pack is not kept in your browser yet."),
        gettext_noop("This removes everything from your pack, including your notes. Continue?"),
        gettext_noop("Up"),
        gettext_noop("Your own pack ({items}) will be replaced. Continue?"),
        gettext_noop("{words}: {about}"),
    ],
    "player": [
        gettext_noop("Copied."),
        gettext_noop("Link to {time}"),
        gettext_noop("Loading …"),
        gettext_noop("No connection. Trying again …"),
        gettext_noop("Press Ctrl+C to copy."),
        gettext_noop("Speed {rate}"),
        gettext_noop("The audio broke off. Reload the page to go on."),
        gettext_noop("The audio cannot be played here."),
        gettext_noop("The reference could not be made."),
        gettext_noop("This link has ended. Reload the page to see why."),
        gettext_noop("This recording is no longer here."),
        gettext_noop("This sitting is over. Reload the page to begin another."),
        gettext_noop("{now} of {whole}"),
        gettext_noop("{number} hour"),
        gettext_noop("{number} hours"),
        gettext_noop("{number} minute"),
        gettext_noop("{number} minutes"),
        gettext_noop("{number} second"),
        gettext_noop("{number} seconds"),
    ],
}


def translated_script_texts(place: str) -> dict[str, str]:
    """Return {English: word in the language in use} of a place; empty where they are the same."""
    words = {word: gettext(word) for word in ENGLISH_TEXTS_BY_PLACE[place]}
    return {word: said for word, said in words.items() if said != word}
