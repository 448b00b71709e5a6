"""Reasons why a message was not sent, and their consequences."""

import smtplib
from enum import Enum

MAX_REASON_LENGTH = 1000


class NotReachedError(Exception):
    """No mail server answers, or it refuses the login."""


class Failure(Enum):
    UNREACHED = "no server answers, whatever the message: wait"
    SERVER = "the server broke off over this message: later, on a new connection"
    LATER = "not now"
    REFUSED = "never: the address or the message is refused for good"


def failure_of(error: Exception) -> Failure:
    """Return what kind of failure this is. Source of the codes: RFC 5321, section 4.2.1."""
    if isinstance(error, NotReachedError | smtplib.SMTPAuthenticationError):
        return Failure.UNREACHED
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Failure.UNREACHED  # the server rejects the archive, not the message
    code = code_of(error)
    if code == 421:  # "service not available, closing"
        return Failure.SERVER
    if code and 500 <= code < 600:
        return Failure.REFUSED
    if code:
        return Failure.LATER
    if isinstance(error, OSError):  # including SMTPServerDisconnected and timeouts
        return Failure.SERVER
    return Failure.LATER


def code_of(error: Exception) -> int | None:
    """Return the server's answer code, if it gave one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return getattr(error, "smtp_code", None)


def reason_of(error: Exception) -> str:
    """Return the text for staff in the queue, with the server's answer."""
    if isinstance(error, NotReachedError):
        return f"No mail server was reached. {error}"[:MAX_REASON_LENGTH]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _words("The mail server refused the address", code, said)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _words("The mail server refused the archive as sender", *error.args[:2])
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _words("The mail server refused the password", *error.args[:2])
    if isinstance(error, smtplib.SMTPDataError):
        return _words("The mail server refused the message", *error.args[:2])
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "The mail server did not answer in time."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "The mail server broke off the connection."
    return f"{type(error).__name__}: {error}"[:MAX_REASON_LENGTH]


def _words(words: str, code: int, said: bytes | str) -> str:
    if isinstance(said, bytes):
        said = said.decode(errors="replace")
    return f"{words}: {code} {' '.join(said.split())}"[:MAX_REASON_LENGTH]
