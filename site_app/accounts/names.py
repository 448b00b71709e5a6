"""Names of staff as shown to each other."""


def full_name_or_username(user) -> str:
    """Return the full name of an account, or its user name where none was entered."""
    return user.get_full_name() or user.get_username()
