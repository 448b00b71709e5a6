"""Personal names as speaker lines print them, taken apart. One home for the whole archive.

nameparser was tried and left: it has no ranks with "(Ret.)", no inverted initials without a comma
list of its own, and it drops brackets (docs/decisions/). Nothing here raises on any text.
"""

import re
from dataclasses import dataclass

_TITLES = (
    "Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Prof", "Professor", "Hon", "Honorable", "Honourable",
    "Amb", "Ambassador", "Sir", "Dame", "Lord", "Lady", "Rev", "Fr", "Sen", "Senator", "Rep",
    "Judge", "Justice", "Minister", "President", "Sheikh", "Prince", "Princess",
)  # fmt: skip
# Ranks as services abbreviate and write them; compared without full stops, case-sensitively
# where a rank in capitals could be a word ("GEN", "MAJ").
_RANKS = (
    "General", "Lieutenant General", "Major General", "Brigadier General", "Brigadier", "Colonel",
    "Lieutenant Colonel", "Major", "Captain", "Lieutenant", "First Lieutenant", "Commander",
    "Lieutenant Commander", "Admiral", "Vice Admiral", "Rear Admiral", "Commodore", "Sergeant",
    "Master Sergeant", "Sergeant Major", "Command Sergeant Major", "Chief Warrant Officer",
    "Air Marshal", "Air Vice Marshal", "Air Commodore", "Group Captain", "Wing Commander",
    "Squadron Leader", "Flight Lieutenant", "Corporal", "Ensign", "Lt Gen", "Lt General",
    "Maj Gen", "Brig Gen", "Brig", "Gen", "Col", "Lt Col", "Maj", "Capt", "Lt", "1st Lt", "2nd Lt",
    "Cdr", "Cmdr", "Lt Cdr", "Adm", "VAdm", "RAdm", "Sgt", "MSgt", "CMSgt", "SMSgt", "TSgt", "SSgt",
    "GEN", "LTG", "MG", "BG", "COL", "LTC", "MAJ", "CPT", "1LT", "2LT", "CSM", "SGM", "MSG", "SFC",
    "SSG", "CW2", "CW3", "CW4", "CW5", "WO1", "ADM", "VADM", "RADM", "RDML", "CAPT", "CDR", "LCDR",
    "LT", "LTJG", "ENS", "MGySgt", "LtGen", "MajGen", "BGen", "BrigGen", "LtCol", "Wg Cdr",
    "Gp Capt", "Sqn Ldr", "ACM", "AVM", "CMDR", "BRIG", "LTCOL", "LTGEN", "MAJGEN",
)  # fmt: skip
_SUFFIXES = (
    "Jr", "Sr", "II", "III", "IV", "PhD", "DPhil", "MD", "JD", "Esq", "EdD", "ScD", "DSc", "MBA",
    "MPA", "MPH", "MA", "MSc", "MS", "CISSP", "PMP", "CFA", "CPA", "RN", "PE", "LLM", "OBE", "CBE",
    "MBE", "KBE", "USA", "USN", "USAF", "USMC", "USCG",
)  # fmt: skip
_PARTICLES = {
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "la",
    "le", "les", "lo", "el", "al", "bin", "bint", "ibn", "ben", "abu", "ter", "ten", "zu", "zum",
    "zur", "st.", "san", "santa", "mac", "'t", "’t", "y", "e", "af", "av", "til", "dal", "degli",
}  # fmt: skip
# A short list decides only together with a hyphenated given name ("Li Mei-hua").
_FAMILY_FIRST = {
    "Li",
    "Wang",
    "Zhang",
    "Liu",
    "Chen",
    "Yang",
    "Huang",
    "Zhao",
    "Wu",
    "Zhou",
    "Xu",
    "Sun",
    "Ma",
    "Zhu",
    "Hu",
    "Guo",
    "He",
    "Lin",
    "Gao",
    "Luo",
    "Zheng",
    "Liang",
    "Xie",
    "Song",
    "Tang",
    "Han",
    "Feng",
    "Deng",
    "Cao",
    "Peng",
    "Zeng",
    "Xiao",
    "Tian",
    "Dong",
    "Pan",
    "Yuan",
    "Cai",
    "Jiang",
    "Yu",
    "Du",
    "Ye",
    "Cheng",
    "Wei",
    "Su",
    "Lu",
    "Ding",
    "Ren",
    "Shen",
    "Yao",
    "Tsai",
    "Hsu",
    "Chang",
    "Chiang",
    "Lee",
    "Kim",
    "Park",
    "Choi",
    "Jung",
    "Jeong",
    "Kang",
    "Cho",
    "Yoon",
    "Lim",
    "Shin",
    "Seo",
    "Kwon",
    "Hwang",
    "Ahn",
    "Moon",
    "Bae",
    "Baek",
    "Ryu",
    "Noh",
    "Ko",
    "Oh",
    "Chung",
    "Nguyen",
    "Tran",
    "Le",
    "Pham",
    "Hoang",
    "Tsang",
    "Wong",
    "Chan",
    "Cheung",
    "Leung",
    "Ho",
    "Ng",
    "Tan",
}


def _pattern(words):
    """Match any of the words, each with optional full stops, longest first."""
    alternatives = sorted(words, key=len, reverse=True)
    return "|".join(
        r"\.?\s+".join(re.escape(part) for part in word.split()) for word in alternatives
    )


_RETIRED = r"\(\s*(?:[A-Z]{2,5},?\s+)?(?:Ret(?:'d|’d|ired)?\.?)\s*\)|,?\s*(?:USA|USN|USAF|USMC|USCG)?,?\s*Ret\.?(?=\s|$)"
_HONORIFIC = re.compile(
    rf"^(?:the\s+)?((?:{_pattern(_TITLES + _RANKS)})\.?(?:\s*(?:{_RETIRED}))?)(?=\s+\S)", re.U
)
_RETIRED_AT_END = re.compile(
    r"\s*(\(\s*(?:[A-Z]{2,5},?\s+)?Ret(?:'d|’d|ired)?\.?\s*\)|\(Ret\.?\))\s*$"
)
_DOTTED = {"PhD": r"Ph\.?\s?D\.?", "DPhil": r"D\.?Phil\.?", "MD": r"M\.?D\.?", "JD": r"J\.?D\.?"}
_SUFFIX = re.compile(
    r"(?:,\s*|\s+)((?:"
    + "|".join(_DOTTED.get(word, re.escape(word)) for word in _SUFFIXES)
    + r")\.?)\s*$"
)
_IS_SUFFIX = re.compile(
    "(?:" + "|".join(_DOTTED.get(word, re.escape(word)) for word in _SUFFIXES) + r")\.?"
)
_NICKNAME = re.compile(r"\s*[“\"„‘]([^“”\"„‘’]+)[”\"“’]\s*")
_INITIALS = re.compile(r"(?:[^\W\d_]\.?(?:\s|-|(?=\w\.))?)+\.?")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class PersonName:
    """A name in parts, as printed; family is empty only for a text without letters."""

    family: str = ""
    given: str = ""
    honorific: str = ""
    suffix: str = ""
    nickname: str = ""


def is_suffix(text: str) -> bool:
    """Tell whether a text is nothing but a suffix: "Jr.", "PhD"."""
    return bool(_IS_SUFFIX.fullmatch(text.strip()))


def is_initials(text: str) -> bool:
    """Tell whether a text is initials only: "S.", "J.-P.", "E. B."."""
    text = text.strip()
    return bool(text) and all(
        len(part) == 1 or (len(part) <= 2 and part.endswith("."))
        for part in re.split(r"[\s-]+", text.replace(".", ". ").strip())
        if part
    )


def is_family_name(text: str) -> bool:
    """Tell whether a text could be a family name alone: one word, or particles before one."""
    words = _strip_suffixes(text)[0].split()
    return bool(words) and all(word.casefold() in _PARTICLES for word in words[:-1])


def parse_person(text: str, *, is_inverted: bool = False) -> PersonName:
    """Return the parts of one name.

    `is_inverted`: the family name stands before the first comma ("Bendett, S."). Otherwise the
    family name is what is written in capitals, begins with a particle, or is the last word.
    """
    text = " ".join(text.split())
    nickname = ""
    if match := _NICKNAME.search(text):
        nickname = match[1].strip()
        text = f"{text[: match.start()]} {text[match.end() :]}".strip()
    honorific, text = _honorific(text)
    if match := _RETIRED_AT_END.search(text):
        honorific = f"{honorific} {match[1]}".strip()
        text = text[: match.start()]
    if is_inverted and "," in text:
        family, _, rest = text.partition(",")
        family, suffix = _strip_suffixes(family)
        given, more = _strip_suffixes(" " + rest.strip())
        # A rank may stand alone after the comma; the pattern wants a word after it.
        more_honorific, given = _honorific(given.strip() + " .")
        given = given[:-1]
        honorific = " ".join(part for part in (honorific, more_honorific) if part)
        return PersonName(
            family.strip(),
            given.strip(" ,"),
            honorific,
            ", ".join(part for part in (suffix, more) if part),
            nickname,
        )
    text, suffix = _strip_suffixes(text)
    family, given = _split(text.strip(" ,").split())
    return PersonName(family, given, honorific, suffix, nickname)


def _honorific(text):
    found = []
    while match := _HONORIFIC.match(text):
        found.append(match[1].strip())
        text = text[match.end() :].lstrip()
    return " ".join(found), text


def _strip_suffixes(text):
    suffixes = []
    while match := _SUFFIX.search(text):
        if not _LETTER.search(text[: match.start()]):
            break
        suffixes.insert(0, match[1])
        text = text[: match.start()]
    return text, ", ".join(suffixes)


def _split(words):
    """Return (family, given) of a name in reading order."""
    if len(words) < 2:
        return " ".join(words), ""
    capitals = [word for word in words if len(word) > 1 and word.isupper() and "." not in word]
    if capitals and len(capitals) < len(words):
        return " ".join(capitals), " ".join(word for word in words if word not in capitals)
    for place, word in enumerate(words[:-1]):
        if place and word.casefold() in _PARTICLES and word[0].islower():
            return " ".join(words[place:]), " ".join(words[:place])
    if words[0].casefold() in _PARTICLES and words[0][0].islower():
        return " ".join(words), ""
    if len(words) == 2 and words[0] in _FAMILY_FIRST and re.fullmatch(r"\w+-[a-z]\w*", words[1]):
        return words[0], words[1]
    return words[-1], " ".join(words[:-1])


# What the search takes for a title: before a name, after one, and with either.
TITLES_BEFORE_NAMES = (*_TITLES, *_RANKS)
TITLES_AFTER_NAMES = _SUFFIXES
RETIREMENT_AND_SERVICES = ("Ret", "Retd", "Retired", "USA", "USN", "USAF", "USMC", "USCG")
