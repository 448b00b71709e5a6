"""Reasons why a message was not sent, and their consequences."""

import smtplib
from enum import Enum

MAX_REASON_LENGTH = 1000


class MailServerNotReachedError(Exception):
    """No mail server answers, or it refuses the login."""


class FailureKind(Enum):
    UNREACHED = "no server answers, whatever the message: wait"
    SERVER = "the server broke off over this message: later, on a new connection"
    LATER = "not now"
    REFUSED = "never: the address or the message is refused for good"


def classify_failure(error: Exception) -> FailureKind:
    """Return what kind of failure this is. Source of the codes: RFC 5321, section 4.2.1."""
    if isinstance(error, MailServerNotReachedError | smtplib.SMTPAuthenticationError):
        return FailureKind.UNREACHED
    if isinstance(error, smtplib.SMTPSenderRefused):
        return FailureKind.UNREACHED  # the server rejects the archive, not the message
    code = smtp_reply_code(error)
    if code == 421:  # "service not available, closing"
        return FailureKind.SERVER
    if code and 500 <= code < 600:
        return FailureKind.REFUSED
    if code:
        return FailureKind.LATER
    if isinstance(error, OSError):  # including SMTPServerDisconnected and timeouts
        return FailureKind.SERVER
    return FailureKind.LATER


def smtp_reply_code(error: Exception) -> int | None:
    """Return the server's answer code, if it gave one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return getattr(error, "smtp_code", None)


def failure_reason_for_staff(error: Exception) -> str:
    """Return the text for staff in the queue, with the server's answer."""
    if isinstance(error, MailServerNotReachedError):
        return f"No mail server was reached. {error}"[:MAX_REASON_LENGTH]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return _words_with_smtp_reply("The mail server refused the address", code, said)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _words_with_smtp_reply(
            "The mail server refused the archive as sender", *error.args[:2]
        )
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _words_with_smtp_reply("The mail server refused the password", *error.args[:2])
    if isinstance(error, smtplib.SMTPDataError):
        return _words_with_smtp_reply("The mail server refused the message", *error.args[:2])
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "The mail server did not answer in time."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "The mail server broke off the connection."
    return f"{type(error).__name__}: {error}"[:MAX_REASON_LENGTH]


def _words_with_smtp_reply(words: str, code: int, said: bytes | str) -> str:
    if isinstance(said, bytes):
        said = said.decode(errors="replace")
    return f"{words}: {code} {' '.join(said.split())}"[:MAX_REASON_LENGTH]
