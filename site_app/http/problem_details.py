"""Problem details for programs: application/problem+json. Source: RFC 9457."""

from http import HTTPStatus

from django.http import JsonResponse

PROBLEM_CONTENT_TYPE = "application/problem+json"


def invalid_parameters_response(errors: dict, status: int = 400) -> JsonResponse:
    """Return a response that names each invalid parameter; `errors` is {parameter: [messages]}."""
    reasons = {name: " ".join(map(str, messages)) for name, messages in errors.items()}
    detail = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    return _problem_json_response(status, "A parameter could not be used.", detail, reasons)


def problem_response(status: int, detail: str) -> JsonResponse:
    """Return a response that concerns no parameter, with the HTTP name of its status as the title."""
    return _problem_json_response(status, HTTPStatus(status).phrase, detail, {})


def _problem_json_response(status, title, detail, reasons):
    return JsonResponse(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "invalid_params": [
                {"name": name, "reason": reason} for name, reason in reasons.items()
            ],
        },
        status=status,
        content_type=PROBLEM_CONTENT_TYPE,
    )
