"""The report of a run."""

from ..models import RunItem
from .importing import stored_mapping
from .inventory import ExportSurvey
from .mapping import proposed_rules

ITEM_STATUS_NAMES = tuple(str(status) for status in RunItem.Status.values)


def cut_off_report_entry(survey: ExportSurvey) -> dict[str, str]:
    """Return {"cut_off": what to say} of a file that ends before its end, {} of a whole one."""
    cut = survey.cut_off_piece
    if cut is None:
        return {}
    where = f"in the middle of “{cut.title}”" if cut.title else "before its end"
    came = "1 item" if survey.items == 1 else f"{survey.items} items"
    return {
        "cut_off": f"The file is cut off: it breaks off at line {cut.line}, {where}. Whatever came "
        f"after that is missing; {came} came before. Export the old site again, and "
        "import the whole file: what is in already is not doubled."
    }


def mapping_report(survey: ExportSurvey) -> list[dict]:
    """Return the rules applied to the content of an export, for the report."""
    mapping = stored_mapping(survey)
    return [
        {
            "kind": rule.kind,
            "source": rule.source,
            "label": label,
            "becomes": mapping.target_of_source(rule.kind, rule.source),
            "occurs": occurs,
        }
        for rule, label, occurs in proposed_rules(survey)
    ]
