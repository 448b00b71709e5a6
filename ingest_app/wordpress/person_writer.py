"""Pages of people on the old site → biography and portrait of speakers."""

from django.core.exceptions import ValidationError

from ingest_app.matching.matcher import Matcher
from site_app.models import OldAddress
from site_app.permissions import require_may_change
from site_app.pictures.images import reencode_upload_as_webp
from site_app.redirects.addresses import store_old_site_redirects
from site_app.text.numbers import parse_whole_number
from speakers_app.models import Speaker
from speakers_app.people_line import parse_people_line

from ..models import RunItem
from .inventory import ExportSurvey
from .markup import read_post_content
from .media import MediaError, NoMedia
from .wxr import WxrAuthor, WxrItem


class PersonWriter:
    """Fills what is empty, so that nothing staff wrote is overwritten."""

    def __init__(self, survey: ExportSurvey, media: NoMedia, *, stores: bool, user=None):
        self.survey, self.media, self.stores, self.user = survey, media, stores, user

    def write(self, item: WxrItem, matcher: Matcher) -> RunItem:
        """Return what became of a person's page. Raises ValueError where it names nobody.

        Raises NotAllowedError where `user` may not change the speaker.
        """
        if item.status != "publish" or item.has_password:
            raise ValueError("Left out: it was not public on the old site.")
        people, _ = parse_people_line(item.title)
        if len(people) != 1 or people[0].doubt:
            raise ValueError(f"“{item.title}” is not the name of one person.")
        content = read_post_content(item.content)
        result = RunItem(
            ref=f"wordpress:post:{item.number}",
            title=item.title[:300],
            status=RunItem.Status.UNCHANGED,
            doubts=[*item.remarks, *content.remarks],
        )
        speaker = self._speaker_of_item(item)
        if speaker is None:
            match = matcher.match_speaker(people[0], [])
            speaker = match.record
            if match.certainty != "same":
                result.status = RunItem.Status.CREATED
            if match.remark:
                result.doubts.append(match.remark)
        if self._has_new_details(speaker, item, content):
            require_may_change(self.user, *([speaker] if speaker.pk and speaker.pk > 0 else []))
        filled = self._fill_empty_fields(speaker, item, content, result)
        if filled and result.status == RunItem.Status.UNCHANGED:
            result.status = RunItem.Status.CHANGED
        result.remarks += [f"Filled in: {name}" for name in filled]
        if filled and self.stores:
            speaker.save()
        result.address = speaker.get_absolute_url() if speaker.slug else ""
        if result.address:
            self._redirect_old_addresses(item, result.address)
        return result

    def _speaker_of_item(self, item):
        """Return whom an earlier import found for this page."""
        address = OldAddress.objects.filter(path=f"/?p={item.number}").first()
        if address is None or not address.leads_to.startswith("/speakers/"):
            return None
        return Speaker.objects.filter(slug=address.leads_to.split("/")[2]).first()

    def _has_new_details(self, speaker, item, content):
        """Tell whether the page may have what the record has not."""
        portrait = not speaker.photo and self._portrait_file(item, content) is not None
        return portrait or (not speaker.biography and bool(content.lines))

    def _fill_empty_fields(self, speaker, item, content, result):
        filled = []
        biography = "\n\n".join(line.text for line in content.lines)
        if biography and not speaker.biography:
            speaker.biography = biography
            filled.append("biography")
        portrait = self._portrait_file(item, content)
        if portrait is None or speaker.photo:
            return filled
        try:
            if self.media.size(portrait.path) is None:
                result.doubts.append(f"File not found: {portrait.path}")
                return filled
            with self.media.open(portrait.path) as file:
                picture = reencode_upload_as_webp(file)
        except (MediaError, OSError) as error:
            result.doubts.append(f"{portrait.path} was refused: {error}")
        except ValidationError as error:
            result.doubts.append(f"{portrait.path} was refused: {' '.join(error.messages)}")
        else:
            filled.append("portrait")
            words = portrait.alt or f"Portrait of {speaker.name}"
            speaker.picture_alt = speaker.picture_alt or words[:300]
            if self.stores:
                speaker.photo = picture
        return filled

    def _portrait_file(self, item, content):
        for number in item.meta.get("_thumbnail_id", []):
            if (key := parse_whole_number(number)) in self.survey.attachments:
                return self.survey.attachments[key]
        pictures = (picture for picture in content.references if picture.is_picture)
        return next(
            filter(None, (self.survey.attachment_at(picture.url) for picture in pictures)), None
        )

    def _redirect_old_addresses(self, item, here):
        addresses = {f"/?p={item.number}", *self.survey.old_addresses(item.link, item.guid)}
        for number in self.survey.by_parent.get(item.number, []):
            attachment = self.survey.attachments[number]
            addresses |= {
                f"/?p={number}",
                *self.survey.old_addresses(attachment.url, attachment.link),
            }
        store_old_site_redirects(dict.fromkeys(addresses, here), user=self.user)

    def redirect_author_address(self, author: WxrAuthor) -> None:
        """Lead the page of an author to the one speaker of that name."""
        people, _ = parse_people_line(author.name)
        if len(people) != 1 or people[0].doubt:
            return
        speakers = Speaker.objects.filter(
            family_name=people[0].family, given_name=people[0].given_or_initial
        )[:2]
        if len(speakers) == 1:
            store_old_site_redirects(
                dict.fromkeys(
                    self.survey.old_addresses(f"/author/{author.login}/"),
                    speakers[0].get_absolute_url(),
                ),
                user=self.user,
            )
