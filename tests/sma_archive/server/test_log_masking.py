import io
import logging

import pytest

from sma_archive.server.log_masking import MaskTokens, mask_tokens

TOKEN = "12-" + "0a" * 32


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
        ("/requests/link-sent/", "/requests/link-sent/"),
        ("/admin/set-password/MQ-c5x-0a/", "/admin/set-password/***/"),
        ("/Recordings/5-ff/", "/Recordings/***/"),
        ("//recordings//5-ff/", "//recordings//***/"),
        ("/%72ecordings/5-ff/audio", "/recordings/***/audio"),
        ("/%2572ecordings/5-ff/", "/recordings/***/"),
        ("/requests%2Fconfirm%2f5-ff/%0aevil", "/requests/confirm/***/%0Aevil"),
        (
            "/contact/?about=%2Frequests%2Freceived%2FIl%3Ax%3Ay%2F",
            "/contact/?about=/requests/received/***/",
        ),
        (f"/elsewhere/?next={TOKEN}", "/elsewhere/?next=***"),
        ("https://a.example/alerts/5-ff/?x=100%25", "https://a.example/alerts/***/?x=100%25"),
        ("100% of /sessions/?q=50%25", "100% of /sessions/?q=50%25"),
    ],
)
def test_tokens_are_masked_in_logs(path, masked):
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not Found: %s", (path,), None)

    MaskTokens().filter(record)

    assert record.getMessage() == f"Not Found: {masked}"


@pytest.mark.parametrize(
    "run", ["/", "//", "%2f", "%252F", "requests/", "/requests//", "12-", "a'"]
)
def test_masking_takes_linear_time(run):
    asked = run * (120_000 // len(run))  # in quadratic time this would take most of an hour

    assert "5-ff" not in mask_tokens(f"Not Found: {asked} /recordings/5-ff/")


def test_long_url_is_truncated_in_the_log():
    record = logging.LogRecord(
        "x", logging.WARNING, "", 0, "Not Found: %s", (f"/{TOKEN}{'x' * 50_000}",), None
    )

    MaskTokens().filter(record)

    line = record.getMessage()
    assert line == "Not Found: /" + TOKEN + "x" * 1921 + "… (50,079 characters)"


def test_referer_is_masked():
    line = f'"GET /about/ HTTP/1.1" 200 "https://a.example/%52ecordings/{TOKEN}/"'

    assert mask_tokens(line) == '"GET /about/ HTTP/1.1" 200 "https://a.example/%52ecordings/***/"'


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
