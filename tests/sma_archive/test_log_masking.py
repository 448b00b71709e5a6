import io
import logging

import pytest

from sma_archive.log_masking import MaskTokens


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("/requests/12-abcdef/", "/requests/***/"),
        ("/requests/confirm/12-abc/", "/requests/confirm/***/"),
        ("/requests/received/IlItMjI:x:y/", "/requests/received/***/"),
        ("/recordings/5-ff/audio", "/recordings/***/audio"),
        ("/alerts/5-ff/", "/alerts/***/"),
        ("/alerts/5-ff/stop/", "/alerts/***/stop/"),
        ("/alerts/new/?q=x", "/alerts/new/?q=x"),
        ("/sessions/x/recordings/", "/sessions/x/recordings/"),
    ],
)
def test_tokens_are_masked_in_logs(path, masked):
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", (path,), None)

    MaskTokens().filter(record)

    assert record.getMessage() == f"Not Found: {masked}"


def test_traceback_is_masked_too():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskTokens())
    logger = logging.Logger("test")
    logger.addHandler(handler)

    try:
        raise ValueError("at /requests/confirm/12-secret/")
    except ValueError:
        logger.exception("Internal Server Error: %s", "/requests/12-secret/")

    assert "secret" not in stream.getvalue()
    assert "ValueError: at /requests/confirm/***/" in stream.getvalue()
