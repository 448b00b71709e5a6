"""The days of a session in words."""

from site_app.text.dates import days_in_words


def day_range(session):
    """Print the day or days of a session: "18–19 January 2023", "30 November – 1 December 2022"."""
    return days_in_words(session.held_on, session.ends_on) if session.held_on else ""
