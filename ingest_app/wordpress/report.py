"""What is told of a run."""

from ..models import RunItem
from .importing import stored_mapping
from .mapping import needed
from .survey import Survey

STATUSES = tuple(str(status) for status in RunItem.Status.values)


def mapping_report(survey: Survey) -> list[dict]:
    """Return the rules in force for what an export holds, for the report."""
    mapping = stored_mapping()
    return [
        {
            "kind": rule.kind,
            "source": rule.source,
            "label": label,
            "becomes": mapping.target(rule.kind, rule.source),
            "occurs": occurs,
        }
        for rule, label, occurs in needed(survey)
    ]
