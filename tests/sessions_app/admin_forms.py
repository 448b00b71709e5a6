"""Fill in the admin's session form as a browser does: load the form, change values, post it."""

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localtime

ADD = "admin:sessions_app_session_add"
CHANGE = "admin:sessions_app_session_change"


def shown_values(response):
    """Return what a browser would post if nothing was changed on the page of `response`."""
    forms = [response.context["adminform"].form]
    for wrapped in response.context["inline_admin_formsets"]:
        forms += [wrapped.formset.management_form, *wrapped.formset.forms]
    values = {}
    for form in forms:
        for field in form:
            values.update(_posted(field.html_name, field.value()))
    return values


def _posted(name, value):
    if isinstance(value, datetime):
        local = localtime(value)
        return {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S.%f}"}
    if isinstance(value, list | tuple):
        return {name: [str(getattr(each, "pk", each)) for each in value]}
    if value is None or value is False or value == "" or hasattr(value, "storage"):
        return {}
    return {name: "on" if value is True else str(value)}


def row(prefix, index, **values):
    """Return the posted values of one row of an inline."""
    return {f"{prefix}-{index}-{name}": value for name, value in values.items()}


def rows(prefix, *of_rows):
    """Return the posted values of an inline with these new rows."""
    values = {f"{prefix}-TOTAL_FORMS": len(of_rows), f"{prefix}-INITIAL_FORMS": 0}
    for index, each in enumerate(of_rows):
        values |= row(prefix, index, **each)
    return values


def post_new(client, **values):
    """Post a new session; parts are given with `rows`. Return the response."""
    parts = ("appearances", "recommendations", "documents", "recordings")
    empty = {name: value for part in parts for name, value in rows(part).items()}
    given = {"status": "draft", "language": "en", "commenting": "open"}
    return client.post(reverse(ADD), empty | given | values)


def post_change(client, session, changes=(), **fields):
    """Open the form of a session, change these values, save. Return the response."""
    address = reverse(CHANGE, args=[session.pk])
    return client.post(address, shown_values(client.get(address)) | dict(changes) | fields)


def errors(response):
    """Return every error shown on the page, as texts."""
    found = list(response.context["adminform"].form.errors.values())
    for wrapped in response.context["inline_admin_formsets"]:
        found += [each for form in wrapped.formset.forms for each in form.errors.values()]
        found.append(wrapped.formset.non_form_errors())
    return [str(text) for of_field in found for text in of_field]
