"""Personal data in alerts: export and deletion."""

from site_app.personal_data import register_personal_data

from .models import Alert
from .retention import delete_alerts_and_queued_mail


def alerts_of_address(email: str) -> list[dict]:
    wanted = (
        "email",
        "kind",
        "query",
        "note",
        "frequency",
        "status",
        "asked_at",
        "confirmed_at",
        "mailed_at",
    )
    return list(Alert.objects.filter(email=email).values(*wanted))


def delete_alerts_of_address(email: str) -> int:
    return delete_alerts_and_queued_mail(Alert.objects.filter(email=email))


register_personal_data("e-mail alerts", alerts_of_address, delete_alerts_of_address)
