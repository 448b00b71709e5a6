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

from .arguments import ProtocolError, as_datestamp, read_arguments, read_selection
from .metadata import FORMATS, XSI, add
from .records import Harvest, Record, earliest_datestamp, record_of
from .sets import UnknownSetError, listed_sets
from .tokens import list_token, read_list_token, read_sets_token, sets_token

OAI = "http://www.openarchives.org/OAI/2.0/"
RECORDS_PER_PAGE = 100
SETS_PER_PAGE = 500
_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_ADDRESS = re.compile(r"\S+@(\S+\.)+\S+")  # what the schema accepts as an e-mail address


# Requests change nothing, and harvesters have no CSRF token.
@method_decorator(csrf_exempt, name="dispatch")
class OAIView(View):
    """Six verbs, by GET and POST. Never cached, because each response contains its own time."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request):
        return self.answer(request.GET)

    def post(self, request):
        return self.answer(request.POST)

    def answer(self, given):
        root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
        root.set(f"{{{XSI}}}schemaLocation", f"{OAI} {OAI}OAI-PMH.xsd")
        add(root, "responseDate", as_datestamp(timezone.now()))
        echoed = add(root, "request", absolute_url(reverse("sessions:oai")))
        try:
            arguments = read_arguments(given.lists())
            ANSWERS[arguments["verb"]](root, arguments)
        except ProtocolError as error:
            arguments = {}
            if error.code not in ("badVerb", "badArgument"):
                arguments = {name: values[0] for name, values in given.lists()}
            add(root, "error", error.message, code=error.code)
        for name, value in arguments.items():
            if len(value) <= MAX_TOKEN_LENGTH:
                echoed.set(name, remove_invalid_xml_characters(value))
        content = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        headers = {"Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}
        return HttpResponse(content, content_type="text/xml; charset=utf-8", headers=headers)


def identify(root, arguments):
    site = SiteSettings.load()
    body = add(root, "Identify")
    add(body, "repositoryName", site.name)
    add(body, "baseURL", absolute_url(reverse("sessions:oai")))
    add(body, "protocolVersion", "2.0")
    add(body, "adminEmail", admin_address(site.contact_email))
    add(body, "earliestDatestamp", as_datestamp(earliest_datestamp() or timezone.now()))
    add(body, "deletedRecord", "persistent")
    add(body, "granularity", "YYYY-MM-DDThh:mm:ssZ")


def admin_address(contact: str) -> str:
    """Return the archive's address, which the protocol wants with a full host name."""
    if _ADDRESS.fullmatch(contact):
        return contact
    local, _, host = contact.partition("@")
    host = host or urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"{local or 'archive'}@{host if '.' in host else f'{host}.localdomain'}"


def list_metadata_formats(root, arguments):
    if "identifier" in arguments:
        find(arguments["identifier"])  # every record is available in every format
    body = add(root, "ListMetadataFormats")
    for prefix, chosen in FORMATS.items():
        element = add(body, "metadataFormat")
        add(element, "metadataPrefix", prefix)
        add(element, "schema", chosen.schema)
        add(element, "metadataNamespace", chosen.namespace)


def list_sets(root, arguments):
    token = arguments.get("resumptionToken")
    after = read_sets_token(token) if token is not None else ""
    sets = listed_sets(after, SETS_PER_PAGE + 1)
    if not sets:
        raise ProtocolError("badResumptionToken", "There are no more sets after this token.")
    body = add(root, "ListSets")
    for spec, name in sets[:SETS_PER_PAGE]:
        element = add(body, "set")
        add(element, "setSpec", spec)
        add(element, "setName", name)
    if len(sets) > SETS_PER_PAGE:
        add(body, "resumptionToken", sets_token(sets[SETS_PER_PAGE - 1][0]))
    elif token is not None:
        add(body, "resumptionToken", "")


def get_record(root, arguments):
    record = find(arguments["identifier"])
    body = add(root, "GetRecord")
    add_record(body, record, arguments["metadataPrefix"], SiteSettings.load())


def find(identifier: str) -> Record:
    """Return the record of an identifier. Raises ProtocolError."""
    record = None
    if _URN.fullmatch(identifier):
        record = record_of(uuid.UUID(identifier))
    if record is None:
        raise ProtocolError("idDoesNotExist", "There is no record with this identifier.")
    return record


def list_records(root, arguments):
    """Answer ListRecords and ListIdentifiers: a page of the list and its resumption token."""
    verb, after, given, total = arguments["verb"], None, 0, 0
    if "resumptionToken" in arguments:
        place = read_list_token(verb, arguments["resumptionToken"])
        arguments, selection = place.arguments, place.selection
        after, given, total = place.after, place.given, place.total
    else:
        selection = read_selection(arguments)
    is_whole = verb == "ListRecords"
    try:
        harvest = Harvest(selection)
        records, has_more = harvest.page(after, RECORDS_PER_PAGE, whole=is_whole)
    except UnknownSetError:
        records = []
    if not records:
        raise ProtocolError("noRecordsMatch", "No record is in this set and span of time.")
    body = add(root, verb)
    site = SiteSettings.load() if is_whole else None
    for record in records:
        if is_whole:
            add_record(body, record, arguments["metadataPrefix"], site)
        else:
            add_header(body, record)
    if has_more or after:
        total = total or harvest.count
        done = given + len(records)
        token = list_token(arguments, records[-1].place, done, total) if has_more else ""
        size = max(total, done)  # records that became public in the meantime come last
        add(body, "resumptionToken", token, completeListSize=str(size), cursor=str(given))


def add_record(body, record: Record, prefix: str, site: SiteSettings) -> None:
    element = add(body, "record")
    add_header(element, record)
    if record.session:
        add(element, "metadata").append(FORMATS[prefix].write(record.session, site))


def add_header(body, record: Record) -> None:
    header = add(body, "header", **({} if record.session else {"status": "deleted"}))
    add(header, "identifier", record.identifier)
    add(header, "datestamp", as_datestamp(record.datestamp))
    for spec in record.set_specs:
        add(header, "setSpec", spec)


ANSWERS = {
    "Identify": identify,
    "ListMetadataFormats": list_metadata_formats,
    "ListSets": list_sets,
    "GetRecord": get_record,
    "ListIdentifiers": list_records,
    "ListRecords": list_records,
}
