"""Bounces: read a delivery report and mark the message in the queue.

Source: RFC 3464 (multipart/report; report-type=delivery-status) and RFC 3462.
"""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from site_app.models import MailMessage

from .errors import MAX_REASON_LENGTH


class NotADeliveryFailureReportError(ValueError):
    """The text is not a report of a permanent delivery failure."""


def mark_bounced_message(report: bytes) -> MailMessage | None:
    """Mark the message of a delivery report; return it, or None if the archive did not send it.

    Raises NoReportError for anything but a report of a permanent failure.
    """
    message = message_from_bytes(report, policy=policy.default)
    status = original = None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = status or _failure_of_first_recipient(part)
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            original = original or _message_id_of_original(part)
    if status is None or original is None:
        raise NotADeliveryFailureReportError(
            "This is not a report of a permanent delivery failure."
        )
    marked = MailMessage.objects.filter(
        message_id=original, state__in=(MailMessage.State.SENT, MailMessage.State.BOUNCED)
    )
    marked.update(state=MailMessage.State.BOUNCED, last_error=status[:MAX_REASON_LENGTH])
    return marked.first()


def _parts_of_multipart(part: EmailMessage) -> list[Message]:
    payload = part.get_payload()
    return (
        [inner for inner in payload if isinstance(inner, Message)] if part.is_multipart() else []
    )


def _failure_of_first_recipient(part: EmailMessage) -> str | None:
    """Return what the report says about the first failed recipient."""
    for fields in _parts_of_multipart(part):
        if str(fields.get("Action", "")).strip().lower() == "failed":
            code = str(fields.get("Status", "")).strip()
            said = str(fields.get("Diagnostic-Code", "")).partition(";")[2]
            return " ".join(f"The message came back: {code} {said}".split())
    return None


def _message_id_of_original(part: EmailMessage) -> str | None:
    if part.get_content_type() == "message/rfc822":
        message_id = _parts_of_multipart(part)[0].get("Message-ID")
    else:
        content = part.get_payload(decode=True)
        headers = message_from_bytes(content if isinstance(content, bytes) else b"")
        message_id = headers.get("Message-ID")
    return str(message_id).strip() if message_id else None
