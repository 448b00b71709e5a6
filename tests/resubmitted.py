"""What a user does with a page that offers to submit a form again."""

from lxml import html


def form_on(response, path):
    """Return (action, {name: [values]}) of the form at this XPath, as a browser would post it."""
    [form] = html.document_fromstring(response.content.decode()).xpath(path)
    values = {}
    for name, value in form.form_values():
        # Browsers send CRLF, whatever the page contains.
        values.setdefault(name, []).append("\r\n".join(value.splitlines()))
    return form.get("action"), values


def send_again(client, response):
    """Press the button that restores the submitted form; return the next page."""
    action, values = form_on(response, "//form[.//button[contains(., 'what I entered')]]")
    return client.post(action, values)


def log_in_again(client, response, **credentials):
    """Log in on the page shown when the login has expired; return the next page."""
    action, values = form_on(response, "//form[@id='login-form']")
    return client.post(action, values | credentials)
