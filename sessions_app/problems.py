"""Refusals that a program reads: application/problem+json. Source: RFC 9457."""

from django.http import JsonResponse


def problem(
    errors: dict, status: int = 400, title: str = "A parameter could not be used."
) -> JsonResponse:
    """Return a refusal that names each unusable parameter; `errors` is {parameter: [messages]}."""
    return JsonResponse(
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": "; ".join(
                f"{name}: {' '.join(map(str, messages))}" for name, messages in errors.items()
            ),
            "invalid_params": [
                {"name": name, "reason": " ".join(map(str, messages))}
                for name, messages in errors.items()
            ],
        },
        status=status,
        content_type="application/problem+json",
    )
