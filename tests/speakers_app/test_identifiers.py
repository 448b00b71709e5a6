import pytest

from speakers_app.identifiers import normalise_orcid, normalise_ror_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        (" https://orcid.org/0000-0002-1694-233x ", "0000-0002-1694-233X"),
        ("0000000218250097", "0000-0002-1825-0097"),
    ],
)
def test_orcid_is_normalised(text, expected):
    assert normalise_orcid(text) == expected


@pytest.mark.parametrize("text", ["0000-0002-1825-0098", "0000-0002-1825", "Ada Lovelace"])
def test_orcid_with_a_wrong_check_digit_is_rejected(text):
    with pytest.raises(ValueError, match="ORCID"):
        normalise_orcid(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("", ""), ("https://ror.org/02MHBDP94/", "02mhbdp94")]
)
def test_ror_id_is_normalised(text, expected):
    assert normalise_ror_id(text) == expected


@pytest.mark.parametrize("text", ["12mhbdp94", "02mhbdp9", "a university"])
def test_invalid_ror_id_is_rejected(text):
    with pytest.raises(ValueError, match="ROR"):
        normalise_ror_id(text)
