"""The answers of the repository, as XML."""

import re
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from lxml import etree

from sessions_app.catalogue.publication_order import MAX_TOKEN_LENGTH
from sessions_app.formats.json import absolute_url, remove_invalid_xml_characters
from site_app.models import SiteSettings

from .arguments import ProtocolError, as_datestamp, selection_of_arguments, validate_arguments
from .metadata import METADATA_FORMAT_BY_PREFIX, XSI_NAMESPACE, add_element
from .records import Harvest, HarvestedRecord, earliest_datestamp, find_record
from .sets import UnknownSetError, public_sets_after
from .tokens import decode_list_token, decode_sets_token, encode_list_token, encode_sets_token

OAI_PMH_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
RECORDS_PER_PAGE = 100
SETS_PER_PAGE = 500
_RECORD_URN_PATTERN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_EMAIL_PATTERN = re.compile(r"\S+@(\S+\.)+\S+")  # what the schema accepts as an e-mail address


# Requests change nothing, and harvesters have no CSRF token.
@method_decorator(csrf_exempt, name="dispatch")
class OAIView(View):
    """Six verbs, by GET and POST. Never cached, because each response contains its own time."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request):
        return self.build_response(request.GET)

    def post(self, request):
        return self.build_response(request.POST)

    def build_response(self, given):
        root = etree.Element(
            f"{{{OAI_PMH_NAMESPACE}}}OAI-PMH",
            nsmap={None: OAI_PMH_NAMESPACE, "xsi": XSI_NAMESPACE},
        )
        root.set(
            f"{{{XSI_NAMESPACE}}}schemaLocation",
            f"{OAI_PMH_NAMESPACE} {OAI_PMH_NAMESPACE}OAI-PMH.xsd",
        )
        add_element(root, "responseDate", as_datestamp(timezone.now()))
        echoed = add_element(root, "request", absolute_url(reverse("sessions:oai")))
        try:
            arguments = validate_arguments(given.lists())
            ANSWER_FUNCTION_BY_VERB[arguments["verb"]](root, arguments)
        except ProtocolError as error:
            arguments = {}
            if error.code not in ("badVerb", "badArgument"):
                arguments = {name: values[0] for name, values in given.lists()}
            add_element(root, "error", error.message, code=error.code)
        for name, value in arguments.items():
            if len(value) <= MAX_TOKEN_LENGTH:
                echoed.set(name, remove_invalid_xml_characters(value))
        content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        headers = {"Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}
        return HttpResponse(content, content_type="text/xml; charset=utf-8", headers=headers)


def answer_identify(root, arguments):
    site = SiteSettings.load()
    body = add_element(root, "Identify")
    add_element(body, "repositoryName", site.name)
    add_element(body, "baseURL", absolute_url(reverse("sessions:oai")))
    add_element(body, "protocolVersion", "2.0")
    add_element(body, "adminEmail", admin_email(site.contact_email))
    add_element(body, "earliestDatestamp", as_datestamp(earliest_datestamp() or timezone.now()))
    add_element(body, "deletedRecord", "persistent")
    add_element(body, "granularity", "YYYY-MM-DDThh:mm:ssZ")


def admin_email(contact: str) -> str:
    """Return the archive's address, which the protocol wants with a full host name."""
    if _EMAIL_PATTERN.fullmatch(contact):
        return contact
    local, _, host = contact.partition("@")
    host = host or urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"{local or 'archive'}@{host if '.' in host else f'{host}.localdomain'}"


def answer_list_metadata_formats(root, arguments):
    if "identifier" in arguments:
        find_record_or_error(arguments["identifier"])  # every record is available in every format
    body = add_element(root, "ListMetadataFormats")
    for prefix, chosen in METADATA_FORMAT_BY_PREFIX.items():
        element = add_element(body, "metadataFormat")
        add_element(element, "metadataPrefix", prefix)
        add_element(element, "schema", chosen.schema)
        add_element(element, "metadataNamespace", chosen.namespace)


def answer_list_sets(root, arguments):
    token = arguments.get("resumptionToken")
    after = decode_sets_token(token) if token is not None else ""
    sets = public_sets_after(after, SETS_PER_PAGE + 1)
    if not sets:
        raise ProtocolError("badResumptionToken", "There are no more sets after this token.")
    body = add_element(root, "ListSets")
    for spec, name in sets[:SETS_PER_PAGE]:
        element = add_element(body, "set")
        add_element(element, "setSpec", spec)
        add_element(element, "setName", name)
    if len(sets) > SETS_PER_PAGE:
        add_element(body, "resumptionToken", encode_sets_token(sets[SETS_PER_PAGE - 1][0]))
    elif token is not None:
        add_element(body, "resumptionToken", "")


def answer_get_record(root, arguments):
    record = find_record_or_error(arguments["identifier"])
    body = add_element(root, "GetRecord")
    add_record(body, record, arguments["metadataPrefix"], SiteSettings.load())


def find_record_or_error(identifier: str) -> HarvestedRecord:
    """Return the record of an identifier. Raises ProtocolError."""
    record = None
    if _RECORD_URN_PATTERN.fullmatch(identifier):
        record = find_record(uuid.UUID(identifier))
    if record is None:
        raise ProtocolError("idDoesNotExist", "There is no record with this identifier.")
    return record


def answer_list_records(root, arguments):
    """Answer ListRecords and ListIdentifiers: a page of the list and its resumption token."""
    verb, after, given, total = arguments["verb"], None, 0, 0
    if "resumptionToken" in arguments:
        place = decode_list_token(verb, arguments["resumptionToken"])
        arguments, selection = place.arguments, place.selection
        after, given, total = place.after, place.given, place.total
    else:
        selection = selection_of_arguments(arguments)
    is_whole = verb == "ListRecords"
    try:
        harvest = Harvest(selection)
        records, has_more = harvest.page(after, RECORDS_PER_PAGE, whole=is_whole)
    except UnknownSetError:
        records = []
    if not records:
        raise ProtocolError("noRecordsMatch", "No record is in this set and span of time.")
    body = add_element(root, verb)
    site = SiteSettings.load() if is_whole else None
    for record in records:
        if is_whole:
            add_record(body, record, arguments["metadataPrefix"], site)
        else:
            add_header(body, record)
    if has_more or after:
        total = total or harvest.count
        done = given + len(records)
        token = encode_list_token(arguments, records[-1].place, done, total) if has_more else ""
        size = max(total, done)  # records that became public in the meantime come last
        add_element(body, "resumptionToken", token, completeListSize=str(size), cursor=str(given))


def add_record(body, record: HarvestedRecord, prefix: str, site: SiteSettings) -> None:
    element = add_element(body, "record")
    add_header(element, record)
    if record.session:
        add_element(element, "metadata").append(
            METADATA_FORMAT_BY_PREFIX[prefix].write(record.session, site)
        )


def add_header(body, record: HarvestedRecord) -> None:
    header = add_element(body, "header", **({} if record.session else {"status": "deleted"}))
    add_element(header, "identifier", record.identifier)
    add_element(header, "datestamp", as_datestamp(record.datestamp))
    for spec in record.set_specs:
        add_element(header, "setSpec", spec)


ANSWER_FUNCTION_BY_VERB = {
    "Identify": answer_identify,
    "ListMetadataFormats": answer_list_metadata_formats,
    "ListSets": answer_list_sets,
    "GetRecord": answer_get_record,
    "ListIdentifiers": answer_list_records,
    "ListRecords": answer_list_records,
}
