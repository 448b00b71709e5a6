"""A session that an alert has mailed is not new to it under the record that it was merged into."""

from desk_app.merging.journal import Journal
from desk_app.merging.rules import merge_rules
from sessions_app.models import Session

from .models import Alert, AlertResult


def copy_mailed_results_to_kept(journal: Journal, kept: Session, others: list[Session]) -> None:
    results = AlertResult.objects.filter(alert__kind=Alert.List.SESSIONS)
    known = set(results.filter(record_key=kept.pk).values_list("alert", flat=True))
    mailed = results.filter(record_key__in=[other.pk for other in others]).order_by("pk")
    for result in mailed:
        if result.alert_id not in known:
            known.add(result.alert_id)
            journal.create_record(
                AlertResult(
                    alert_id=result.alert_id,
                    record_key=kept.pk,
                    run=result.run,
                    chosen_at=result.chosen_at,
                )
            )


merge_rules(Session).prepare.append(copy_mailed_results_to_kept)
