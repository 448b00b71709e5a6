from sessions_app.models import Appearance, Recommendation, Series, Session, Topic
from site_app.models import OldAddress
from speakers_app.models import Organisation, OrganisationAlias, Speaker, SpeakerAlias


def everything():
    """The state of the whole archive, for comparison before and after.

    Without the times of feed entries, which change even if a change is reverted.
    """
    links = (
        Session.topics.through,
        Recommendation.made_by.through,
        Recommendation.topics.through,
        Appearance.further_organisations.through,
    )
    models = (Speaker, Organisation, OrganisationAlias, Topic, Series, Appearance, OldAddress)
    models += (Recommendation, *links, SpeakerAlias)
    rows = {model: list(model.objects.order_by("pk").values()) for model in models}
    for row in rows[Recommendation]:
        del row["entry_changed_at"]
    return rows
