"""Names of staff as shown to each other."""


def account_name(user) -> str:
    """Return the full name of an account, or its user name where none was entered."""
    return user.get_full_name() or user.get_username()
