"""Parser of personal names as printed in speaker lines, used by the whole archive.

nameparser was tried and left: it has no ranks with "(Ret.)", no inverted initials without a comma
list of its own, and it drops brackets (docs/decisions/). Nothing here raises on any text.
"""

import re
from dataclasses import dataclass

_TITLES = (
    "Mr", "Mrs", "Ms", "Miss", "Mx", "Messrs", "Dr", "Drs", "Prof", "Profs", "Professor",
    "Professors", "Associate Professor", "Assistant Professor", "Assoc Prof", "Asst Prof",
    "Adjunct Professor", "Professor Emeritus", "Professor Emerita", "Hon", "Honorable",
    "Honourable", "Rt Hon", "Right Honourable", "Amb", "Ambassador", "HRH", "H.E", "His Excellency",
    "Her Excellency", "Sir", "Dame", "Lord", "Lady", "Baroness", "Rev", "Reverend", "Fr", "Rabbi",
    "Imam", "Sen", "Senator", "Rep", "Representative", "Congressman", "Congresswoman", "Gov",
    "Governor", "Judge", "Justice", "Minister", "President", "Chancellor", "Sheikh", "Sheikha",
    "Shaykh", "Prince", "Princess", "Special Agent", "Mme", "Mlle", "Herr", "Frau", "Dott", "Dra",
    "Dña", "Sra", "Srta",
)  # fmt: skip
# Ranks as the armed services abbreviate and write them; compared without full stops, and
# case-sensitively where a rank in capitals could be a word ("GEN", "MAJ").
_RANKS_IN_WORDS = (
    "General", "Lieutenant General", "Major General", "Brigadier General", "Brigadier", "Colonel",
    "Lieutenant Colonel", "Major", "Captain", "Lieutenant", "First Lieutenant",
    "Second Lieutenant", "Commander", "Lieutenant Commander", "Admiral", "Vice Admiral",
    "Rear Admiral", "Commodore", "Sergeant", "Staff Sergeant", "Gunnery Sergeant",
    "Master Sergeant", "Sergeant Major", "Command Sergeant Major", "Chief Master Sergeant",
    "Chief Warrant Officer", "Warrant Officer", "Petty Officer", "Chief Petty Officer",
    "Master Chief", "Senior Chief", "Field Marshal", "Air Chief Marshal", "Air Marshal",
    "Air Vice Marshal", "Air Commodore", "Group Captain", "Wing Commander", "Squadron Leader",
    "Flight Lieutenant", "Flying Officer", "Corporal", "Lance Corporal", "Ensign", "Cadet",
    "Midshipman", "Oberst", "Oberstleutnant", "Brigadegeneral", "Generalmajor", "Generalleutnant",
    "Konteradmiral", "Flottillenadmiral", "Général", "Amiral", "Contre-amiral", "Commandant",
    "Coronel", "Almirante", "Capitán", "Generale", "Colonnello", "Ammiraglio",
)  # fmt: skip
_SHORT_RANKS = (
    "Lt Gen", "Lt General", "Maj Gen", "Maj General", "Brig Gen", "Brig General", "Brig", "Gen",
    "Col", "Lt Col", "Lt Colonel", "Maj", "Capt", "Lt", "1st Lt", "2nd Lt", "1Lt", "2Lt", "Cdr",
    "Cmdr", "Lt Cdr", "Lt Cmdr", "Adm", "VAdm", "RAdm", "Vice Adm", "Rear Adm", "Sgt", "Sgt Maj",
    "MSgt", "CMSgt", "SMSgt", "TSgt", "SSgt", "GySgt", "Cpl", "GEN", "LTG", "MG", "BG", "COL",
    "LTC", "MAJ", "CPT", "1LT", "2LT", "CSM", "SGM", "MSG", "SFC", "SSG", "SGT", "CW2", "CW3",
    "CW4", "CW5", "WO1", "ADM", "VADM", "RADM", "RDML", "CAPT", "CDR", "LCDR", "LT", "LTJG",
    "ENS", "MGySgt", "LtGen", "MajGen", "BGen", "BrigGen", "LtCol", "Wg Cdr", "Gp Capt",
    "Sqn Ldr", "Flt Lt", "Air Cdre", "ACM", "AVM", "CMDR", "CDRE", "Cdre", "BRIG", "LTCOL",
    "LTGEN", "MAJGEN",
)  # fmt: skip
GENERATIONS = ("Jr", "Sr", "Jnr", "Snr", "II", "III", "IV", "2nd", "3rd")
_DEGREES = (
    "PhD", "DPhil", "MD", "JD", "Esq", "EdD", "ScD", "DSc", "DBA", "PsyD", "DrPH", "MBA", "MPA",
    "MPP", "MPH", "MA", "MSc", "MS", "MPhil", "MEng", "BA", "BSc", "LLM", "LLB", "LLD", "CISSP",
    "CISM", "PMP", "CFA", "CPA", "RN", "PE", "DVM", "DDS", "OBE", "CBE", "MBE", "KBE", "DBE",
    "GBE", "CMG", "KCMG", "DCMG", "GCMG", "KCB", "GCB", "CVO", "KCVO", "LVO", "MVO", "DSO", "DFC",
    "FRS", "FBA", "FRSA", "FRGS", "FRUSI", "OAM", "ONZM", "MEP", "MP", "QC", "KC",
)  # fmt: skip
# Only after a comma: without one they are initials or names.
_DEGREES_AFTER_COMMA = (
    "CB",
    "MC",
    "AM",
    "AO",
    "AC",
    "CSC",
    "OC",
    "CM",
    "SC",
    "BS",
)
_SERVICE_ACRONYMS = (
    "USA", "USN", "USAF", "USMC", "USCG", "USSF", "USPHS", "USAR", "USNR", "USAFR", "USMCR",
    "ARNG", "ANG", "RAF", "RAN", "RAAF", "RCN", "RCAF", "RNZN", "RNLN",
)  # fmt: skip
# The search treats these as titles, too. In a line of people they may be a function or a name.
_TITLES_ONLY_FOR_SEARCH = (
    "Doctor", "Madam", "Madame", "Monsieur", "Signor", "Signora", "Señor", "Señora", "Doña", "Dom",
    "HM", "HE", "HIH", "Excellency", "Majesty", "Highness", "Honor", "Honour", "Chief", "Secretary",
    "Secretary General", "Undersecretary", "Under Secretary General", "Director",
    "Director General", "Commissioner", "Chair", "Chairman", "Chairwoman", "Chairperson",
    "Councillor", "Councilor", "Mayor", "Deputy", "Delegate", "Envoy", "Consul", "Consul General",
    "Attaché", "Sheriff", "Constable", "Inspector", "Superintendent", "Detective", "Marshal",
    "Attorney", "Atty", "Attorney General", "Solicitor General", "Magistrate", "Archbishop",
    "Bishop", "Cardinal", "Pastor", "Reverend Doctor", "Monsignor", "Msgr", "Ayatollah", "Mufti",
    "Mullah", "Lecturer", "Reader", "Dean", "Provost", "Rector", "Privatdozent", "PD", "Docent",
    "Engr", "Ing", "Dipl Ing", "Dr Ing", "Lic", "Mag", "Count", "Countess", "Baron", "Viscount",
    "Viscountess", "Duke", "Duchess", "Earl", "King", "Queen", "Emir", "Sultan", "Sayyid", "Haji",
    "Staff Sgt", "SPC", "PFC", "Cmdre", "Air Vice Marshal", "Kapitän zur See", "Kapitän",
    "Fregattenkapitän", "Hauptmann", "Général de brigade", "Général de division",
    "General de Brigada", "Colonel General", "Generaloberst", "Vizeadmiral",
)  # fmt: skip
_NATIONS = ("US", "UK", "Royal", "United States", "British", "Canadian", "Australian")
_SERVICES_IN_WORDS = (
    "Army",
    "Navy",
    "Air Force",
    "Marine Corps",
    "Marines",
    "Coast Guard",
    "Space Force",
    "National Guard",
    "Army Reserve",
    "Navy Reserve",
    "Air Force Reserve",
    "Marine Corps Reserve",
)
_NATIONAL_SERVICES = tuple(
    f"{nation} {service}" for nation in _NATIONS for service in _SERVICES_IN_WORDS
)
_RETIREMENTS = ("Ret", "Retd", "Retired")
# Titles for the search: before a name, after a name, in either position, and next to another title.
TITLES_BEFORE_NAMES = (*_TITLES, *_RANKS_IN_WORDS, *_SHORT_RANKS, *_TITLES_ONLY_FOR_SEARCH)
TITLES_AFTER_NAMES = (
    *GENERATIONS, "V", "VI", *_DEGREES, *_DEGREES_AFTER_COMMA,
    "Ph.D.", "D.Phil.", "Ed.D.", "Sc.D.", "D.Sc.", "M.Sc.", "B.Sc.", "M.Phil.", "M.Eng.", "Psy.D.",
    "Dr.P.H.", "LL.M.", "LL.B.", "LL.D.", "SJ", "OP", "OSB", "Bt", "Bart", "PC", "CD", "CMM", "GCVO",
)  # fmt: skip
TITLES_BESIDE_NAMES = (
    "Dr",
    "Prof",
    *_RETIREMENTS,
    *_SERVICE_ACRONYMS,
    *_NATIONAL_SERVICES,
    *(f"{service} {retired}" for service in _SERVICE_ACRONYMS for retired in _RETIREMENTS),
)
WORDS_BEFORE_TITLES = (
    "The", "Former", "Acting", "Interim", "Incoming", "Outgoing", "Then", "Late", "Her", "His",
    "Their", "Your", "Most", "Very", "Right", *_RETIREMENTS, "Vice", "Deputy", "Under", "Assistant",
    "Associate", "Asst", "Assoc", "Adjunct", "Distinguished", "Visiting", "Honorary", "Emeritus",
    "Emerita", "Full", "Senior", "Junior", "Chief", "Lead", "Principal", "Prime", "First", "Second",
    "Special", "Permanent", "Executive", "Foreign", "Defence", "Defense", "Attorney", "Staff",
)  # fmt: skip
WORDS_AFTER_TITLES = (
    "R", "P", "N", "Sel", "Select", "Promotable", "Res", "a.D.", "i.R.", "i.G.", "d.R.", "Lower Half",
    "Upper Half", "of the Army", "of the Navy", "of the Air Force", "of the Marine Corps",
    "Emeritus", "Emerita", "Designate", "Elect", "h.c.", "em", "med", "jur", "phil", "habil", "oec",
    "rer nat", "rer pol", *_SERVICES_IN_WORDS,
)  # fmt: skip
_NAME_PARTICLES = {
    "van", "von", "der", "den", "de", "del", "della", "delle", "dello", "di", "da", "do", "dos",
    "das", "des", "du", "la", "le", "les", "lo", "el", "al", "bin", "bint", "ibn", "ben", "bar",
    "abu", "abd", "ter", "ten", "te", "zu", "zum", "zur", "st.", "san", "santa", "mac", "'t", "’t",
    "‘t", "af", "av", "til", "dal", "degli", "vom", "vande", "vander", "بن", "ابن", "آل",
}  # fmt: skip
# With a capital letter they also begin a family name, unless they are the first word.
_CAPITAL_PARTICLES = {
    "Van", "Von", "Vander", "Vande", "Der", "Den", "De", "Del", "Della", "Delle", "Dello", "Di",
    "Da", "Dos", "Das", "Des", "Du", "La", "Le", "Les", "El", "Al", "Bin", "Bint", "Ibn", "Ben",
    "Bar", "Abu", "St.", "St", "Ste.", "Saint", "Mac", "Ter", "Zu", "Zur", "Ap", "Ní", "Nic", "Ó",
    "Uí",
}  # fmt: skip
# "in ’t Veld", "op den Camp": a preposition belongs to the following article.
_PREPOSITIONS_BEFORE_ARTICLE = {"in", "op", "aan", "onder", "uit", "over", "bij", "auf", "an"}
_DUTCH_ARTICLES = {"'t", "’t", "‘t", "de", "den", "der", "het"}
# Words that join two family names: "Ortega y Gasset", "Costa e Silva", "Pi i Margall".
_FAMILY_NAME_CONJUNCTIONS = {"y", "e", "i"}
# Used only together with a hyphenated given name ("Li Mei-hua").
_EAST_ASIAN_FAMILY_NAMES = frozenset(
    """Li Mei-hua Li Wang Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin
    Gao Luo Zheng Liang Xie Song Tang Han Feng Deng Cao Peng Zeng Xiao Tian Dong Pan Yuan
    Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Shen Yao Tsai Hsu Chang Chiang Lee Kim
    Park Choi Jung Jeong Kang Cho Yoon Lim Shin Seo Kwon Hwang Ahn Moon Bae Baek Ryu Noh
    Ko Oh Chung Nguyen Tran Le Pham Hoang Tsang Wong Chan Cheung Leung Ho Ng Tan""".split()  # noqa: SIM905 - a quoted list of them fills pages
)
_VIETNAMESE_FAMILY_NAMES = {
    "Nguyen", "Tran", "Le", "Pham", "Hoang", "Huynh", "Phan", "Vu", "Vo", "Dang", "Bui", "Do", "Ho",
    "Ngo", "Duong", "Ly",
}  # fmt: skip
_VIETNAMESE_MIDDLE_NAMES = {
    "Van",
    "Thi",
    "Duc",
    "Xuan",
    "Ngoc",
    "Minh",
    "Thanh",
    "Dinh",
    "Huu",
    "Chi",
}


def _any_word_pattern(words):
    """Match any of the words, each with optional full stops and hyphens, longest first."""
    alternatives = sorted(words, key=len, reverse=True)
    return "|".join(
        r"(?:\.[\s-]*|[\s-]+)".join(re.escape(part) for part in word.split())
        for word in alternatives
    )


_NATION_PATTERN = r"(?:U\.?\s?S\.?\s+|U\.?\s?K\.?\s+|Royal\s+)?"
_SERVICE_PATTERN = (
    rf"(?:{'|'.join(_SERVICE_ACRONYMS)}|{_NATION_PATTERN}(?:Army|Navy|Air\s+Force|Marine\s+Corps|Marines|Coast\s+Guard|"
    r"Space\s+Force|National\s+Guard)(?:\s+Reserve)?)"
)
_SERVICE_ACRONYM_PATTERN = f"(?:{'|'.join(_SERVICE_ACRONYMS)})"
_RETIREMENT_PATTERN = r"(?:[Rr]et(?:['’]?d|ired)?|RET|[Rr]es|a\.\s?D|i\.\s?R)\.?"
# A rank in brackets: "(Ret.)", "(USAF, Ret.)", "(US Army Retired)", "(Ret. USN)".
_RETIREMENT_MARK_PATTERN = rf"(?:{_SERVICE_PATTERN}[,\s/-]*{_RETIREMENT_PATTERN}|{_RETIREMENT_PATTERN}(?:[,\s/-]*{_SERVICE_PATTERN})?)"
# Directly after a rank, a bracket may also contain only the service, or a promotion.
_RANK_MARK_PATTERN = (
    rf"(?:{_RETIREMENT_MARK_PATTERN}|{_SERVICE_PATTERN}|R|P|[Ss]el(?:ect)?\.?|[Pp]romotable)"
)
_IS_RETIREMENT_MARK = re.compile(_RETIREMENT_MARK_PATTERN)
_IS_RANK_MARK = re.compile(_RANK_MARK_PATTERN)
_IS_SERVICE = re.compile(_SERVICE_PATTERN)
_ENDS_IN_SERVICE = re.compile(rf",\s*{_SERVICE_PATTERN}$")
_ENDS_IN_RETIRED_SERVICE = re.compile(
    rf"(?<=\w)\s+({_SERVICE_ACRONYM_PATTERN})[\s,]+({_RETIREMENT_PATTERN})$"
)
_IS_SERVICE_OR_MARK = re.compile(
    rf"{_SERVICE_PATTERN}?[,\s]*\(?{_RETIREMENT_MARK_PATTERN}\)?|{_SERVICE_ACRONYM_PATTERN}"
)
# Short ones are names without a full stop: Ing Wei.
_TITLE_PATTERN = rf"(?:{_any_word_pattern(_TITLES + _RANKS_IN_WORDS + _SHORT_RANKS)}|(?:Dipl\.-)?Ing\.|Lic\.|Mag\.|HE(?=\s[A-Z][a-z]))"
_HONORIFIC_AT_START = re.compile(
    rf"^(?:the\s+)?((?:The\s+)?(?:(?:[Rr]et(?:ired)?|Former)\.?\s+)?{_TITLE_PATTERN}\.?"
    rf"(?:,?\s+{_SERVICE_ACRONYM_PATTERN}(?=[\s,(]))?(?:\s*\(\s*{_RANK_MARK_PATTERN}\s*\))*(?:,?\s+{_RETIREMENT_PATTERN}(?=[\s,]))?"
    rf"(?:(?<=[).])\s+{_SERVICE_ACRONYM_PATTERN}(?=\s))?)"
    r"(?=[\s,]+[^\s,]),?",
    re.U,
)
_IS_RANK = re.compile(rf"{_TITLE_PATTERN}\.?(?:\s*\(\s*{_RANK_MARK_PATTERN}\s*\))*")
_IS_SHORT_RANK = re.compile(
    rf"(?:{_any_word_pattern(_SHORT_RANKS)})\.?(?:\s*\(\s*{_RANK_MARK_PATTERN}\s*\))*"
)
_IS_RANK_AND_MARK = re.compile(
    rf"(?:{_any_word_pattern(_SHORT_RANKS + _RANKS_IN_WORDS)})\.?[,\s]+(?:{_RETIREMENT_MARK_PATTERN}|{_SERVICE_PATTERN},?\s+\(?{_RETIREMENT_MARK_PATTERN}\)?)"
)
_BEGINS_WITH_SERVICE = re.compile(
    rf"{_SERVICE_ACRONYM_PATTERN}\b|{_SERVICE_PATTERN}[,\s]*\(?{_RETIREMENT_PATTERN}"
)
_SUFFIX_PATTERNS = {
    "PhD": r"Ph\.?\s?D\.?", "DPhil": r"D\.?\s?Phil\.?", "MD": r"M\.?D\.?", "JD": r"J\.?D\.?",
    "MA": r"M\.?A\.?", "BA": r"B\.?A\.?", "MSc": r"M\.?Sc\.?", "BSc": r"B\.?Sc\.?", "MS": r"M\.?S\.?",
    "LLM": r"LL\.?M\.?", "LLB": r"LL\.?B\.?", "LLD": r"LL\.?D\.?", "EdD": r"Ed\.?D\.?",
    "ScD": r"Sc\.?D\.?", "DSc": r"D\.?Sc\.?", "PE": r"P\.?E\.?", "MPhil": r"M\.?Phil\.?",
    "MBA": r"M\.?B\.?A\.?", "MPA": r"M\.?P\.?A\.?", "MPH": r"M\.?P\.?H\.?", "Esq": r"Esq(?:uire)?",
}  # fmt: skip


def _any_suffix_pattern(words):
    return "|".join(
        _SUFFIX_PATTERNS.get(word, re.escape(word))
        for word in sorted(words, key=len, reverse=True)
    )


_SUFFIX_AT_END = re.compile(
    rf"(?:,\s*|\s+)((?:{_any_suffix_pattern(GENERATIONS + _DEGREES + _SERVICE_ACRONYMS)})\.?)\s*$"
)
_ANY_SUFFIX_PATTERN = _any_suffix_pattern(
    GENERATIONS + _DEGREES + _DEGREES_AFTER_COMMA + _SERVICE_ACRONYMS
)
_IS_SUFFIX = re.compile(rf"(?:{_ANY_SUFFIX_PATTERN})\.?(?:[\s,]+(?:{_ANY_SUFFIX_PATTERN})\.?)*")
_IS_GENERATION = re.compile(rf"(?:{_any_suffix_pattern(GENERATIONS)})\.?")
# A curved single quotation mark closes only before a space: ’t Hooft and D’Souza contain no
# nickname.
_NICKNAME = re.compile(
    r"\s*(?:[“\"„«]([^“”\"„«»]+)[”\"“»]|(?<![^\s])[‘']([^‘’'\s][^‘’']{1,30})[’'](?=[\s,]|$))\s*"
)
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_PRONOUNS = re.compile(
    r"(?:pronouns:?\s*)?(?:she|he|they|ze|xe|hers?|him|his|them|theirs?|any|elle|il|ella|él)"
    r"(?:\s*[/,|]\s*(?:she|he|they|hers?|him|his|them|theirs?|elle|il|ella|él|hir|xem|pronouns|any))+",
    re.I,
)
_FORMER_NAME = re.compile(
    r"(?:née?|nee|born|geb(?:\.|oren)|formerly|f\.?k\.?a\.?|a\.?k\.?a\.?)\s+(.+)", re.I
)
_FORMER_NAME_WITHIN_NAME = re.compile(r",?\s+(?:née?|geb\.)\s+([^\s,]+)")
_FINAL_FULL_STOP = re.compile(r"(?<=\w{3})\.+$")  # of a sentence, not of an initial
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class PersonName:
    """A name in parts, as printed; family is empty only for a text without letters.

    `other` is a further family name: a maiden name, or a second one in brackets.
    """

    family: str = ""
    given: str = ""
    honorific: str = ""
    suffix: str = ""
    nickname: str = ""
    other: str = ""


def is_only_suffixes(text: str) -> bool:
    """Tell whether a text is nothing but suffixes: "Jr.", "PhD", "III, MD"."""
    return bool(_IS_SUFFIX.fullmatch(text.strip()))


def continues_name_after_comma(text: str, following: str = "") -> bool:
    """Return whether a text after a comma continues the name: a suffix, rank, service, "Ret.".

    A rank in words is a position ("Commander, 16th Air Force") unless a service follows it.
    """
    text = text.strip()
    return bool(
        _IS_SUFFIX.fullmatch(text)
        or _IS_SHORT_RANK.fullmatch(text)
        or (_IS_RANK.fullmatch(text) and _BEGINS_WITH_SERVICE.match(following.strip()))
        or _IS_SERVICE_OR_MARK.fullmatch(text)
        or (_IS_SERVICE.fullmatch(text) and _IS_RETIREMENT_MARK.match(following.strip(" (")))
    )


def is_rank_mark_in_brackets(text: str, *, follows_rank: bool) -> bool:
    """Tell whether a bracket's content belongs to a rank: "Ret.", "USAF, Ret."; "P" behind one."""
    patterns = [
        _IS_RETIREMENT_MARK,
        _IS_RANK_AND_MARK,
        *([_IS_RANK_MARK, _IS_RANK] if follows_rank else []),
    ]
    return any(pattern.fullmatch(text.strip()) for pattern in patterns)


def ends_in_rank(text: str) -> bool:
    """Tell whether a text ends in a title or rank, its marks in brackets included."""
    words = text[-80:].split()
    return any(_IS_RANK.fullmatch(" ".join(words[-count:])) for count in range(1, 5))


def is_pronouns(text: str) -> bool:
    """Tell whether a text is how somebody wishes to be spoken of: "she/her"."""
    return bool(_PRONOUNS.fullmatch(text.strip()))


def former_name_in(text: str) -> str:
    """Return the name in "née Smith", "born Smith", "formerly Smith", or nothing."""
    match = _FORMER_NAME.fullmatch(text.strip())
    return match[1] if match else ""


def has_title(text: str) -> bool:
    """Tell whether a text begins with a title or rank: "Dr. Roe"."""
    return bool(_HONORIFIC_AT_START.match(text.strip()))


def without_title(text: str) -> str:
    """Return a name without the titles and ranks in front of it."""
    return _split_off_titles(text.strip())[1]


def generation_in_suffix(suffix: str) -> str:
    """Return the part of a suffix that distinguishes father and son: "Jr." of "Jr., PhD"."""
    generations = (part for part in re.split(r"[\s,]+", suffix) if _IS_GENERATION.fullmatch(part))
    return " ".join(generations)


def is_initials(text: str) -> bool:
    """Tell whether a text is initials only: "S.", "J.-P.", "E. B."."""
    text = text.strip()
    return bool(text) and all(
        len(part) == 1 or (len(part) <= 2 and part.endswith("."))
        for part in re.split(r"[\s-]+", text.replace(".", ". ").strip())
        if part
    )


def is_name_particle(word: str) -> bool:
    return word.casefold() in _NAME_PARTICLES


def is_lowercase_name_word(word: str) -> bool:
    """Return whether a lower-case word may be part of a name: "de", "y", "al-Rashid", "née"."""
    word = word.casefold()
    return (
        word
        in _NAME_PARTICLES
        | _PREPOSITIONS_BEFORE_ARTICLE
        | _FAMILY_NAME_CONJUNCTIONS
        | {"née", "né", "geb."}
        or re.match(r"[\w]{1,3}[-’'‘]\w", word) is not None
    )


def may_be_family_name(text: str) -> bool:
    """Tell whether a text could be a family name alone: one word, or particles before one."""
    words = _split_off_suffixes(text)[0].split()
    if len(words) > 2 and words[-2] in _FAMILY_NAME_CONJUNCTIONS:  # "Ortega y Gasset"
        words = words[:-2]
    return bool(words) and all(word.casefold() in _NAME_PARTICLES for word in words[:-1])


def parse_person_name(text: str, *, is_inverted: bool = False) -> PersonName:
    """Return the parts of one name.

    `is_inverted`: the family name comes before the first comma ("Bendett, S."). Otherwise the family name is
    the part in capitals, the part that begins with a particle, or the last word. Suffixes, ranks and services
    may come after any comma.
    """
    text = " ".join(text.split())
    nickname = ""
    if match := _NICKNAME.search(text):
        nickname = (match[1] or match[2]).strip()
        text = f"{text[: match.start()]} {text[match.end() :]}".strip(" ")
    honorifics, text = _split_off_titles(text)
    honorifics = [honorifics]
    marks, others = [], []
    while match := _BRACKET.search(text):
        content, before = match[1].strip(), text[: match.start()]
        if _ENDS_IN_SERVICE.search(before) and _IS_RETIREMENT_MARK.fullmatch(content):
            text = f"{before}, {content}{text[match.end() :]}"  # parsed like the other pieces
            continue
        if former_name_in(content):
            others.append(former_name_in(content))
        elif is_rank_mark_in_brackets(
            content, follows_rank=ends_in_rank(before) if before else bool(honorifics[0])
        ):
            marks.append(f"({content})")
        elif not is_pronouns(content) and content:
            nickname = ", ".join(part for part in (nickname, content) if part)
        text = f"{text[: match.start()]} {text[match.end() :]}".strip()
    if match := _FORMER_NAME_WITHIN_NAME.search(text):
        others.append(match[1])
        text = text[: match.start()] + text[match.end() :]
    text = _ENDS_IN_RETIRED_SERVICE.sub(r", \1, \2", text)
    pieces = [piece.strip() for piece in text.split(",")]
    names: list[str] = []
    suffixes: list[str] = []
    ranks: list[str] = []
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        is_given = is_inverted and len(names) == 1 and is_initials(piece)  # "Doe, J.D."
        if not names or is_given or not continues_name_after_comma(piece, following):
            if piece:
                names.append(piece)
        elif _IS_SUFFIX.fullmatch(piece) and not _IS_RETIREMENT_MARK.fullmatch(piece):
            suffixes.append(piece)
        elif _IS_RANK.fullmatch(piece):
            ranks.append(piece)
        else:
            if service := _IS_SERVICE.match(piece):
                suffixes.append(service[0])
                piece = piece[service.end() :].strip(" ,")
            if piece:
                marks.append(f"({piece.strip('()')})")
    if is_inverted and len(names) > 1:
        family, more = _split_off_suffixes(names[0])
        given, further = _split_off_suffixes(" " + " ".join(names[1:]))
        suffixes = [more, further, *suffixes]
        # A rank may stand alone after the comma; the pattern requires a word after it.
        rank, given = _split_off_titles(given.strip() + " .")
        honorifics.append(rank)
        family, given = family.strip(), given.removesuffix(".").strip() if rank else given[:-2]
    else:
        name, more = _split_off_suffixes(", ".join(names))
        suffixes = [more, *suffixes]
        family, given = _split_family_and_given(name.strip(" ,").split())
    family = _FINAL_FULL_STOP.sub("", family)
    if not _LETTER.search(family):
        family, given = (given, "") if _LETTER.search(given) else ("", "")
    return PersonName(
        family,
        given.strip(" ,"),
        " ".join(part for part in (*honorifics, *ranks, *marks) if part),
        ", ".join(part for part in suffixes if part),
        nickname,
        ", ".join(others),
    )


def _split_off_titles(text):
    honorifics = []
    while match := _HONORIFIC_AT_START.match(text):
        honorifics.append(match[1].strip())
        text = text[match.end() :].lstrip()
    return " ".join(honorifics), text


def _split_off_suffixes(text):
    suffixes: list[str] = []
    while match := _SUFFIX_AT_END.search(text):
        if not _LETTER.search(text[: match.start()]):
            break
        suffixes.insert(0, match[1])
        text = text[: match.start()]
    return text, ", ".join(suffixes)


def _split_family_and_given(words):
    """Return (family, given) of a name in reading order."""
    if len(words) < 2:
        return " ".join(words), ""
    capitals = [word for word in words if len(word) > 1 and word.isupper() and "." not in word]
    if capitals and len(capitals) < len(words):
        return " ".join(capitals), " ".join(word for word in words if word not in capitals)
    if (
        len(words) > 2
        and words[0] in _VIETNAMESE_FAMILY_NAMES
        and words[1] in _VIETNAMESE_MIDDLE_NAMES
    ):
        return words[0], " ".join(words[1:])
    if "of" in words[1:-1]:  # "Lord Robertson of Port Ellen"
        place = words.index("of", 1) - 1
        return " ".join(words[place:]), " ".join(words[:place])
    place = _start_of_family_name(words)
    if place is None and words[0].casefold() in _NAME_PARTICLES and words[0][0].islower():
        return " ".join(words), ""
    if place is not None:
        return " ".join(words[place:]), " ".join(words[:place])
    if (
        len(words) == 2
        and words[0] in _EAST_ASIAN_FAMILY_NAMES
        and re.fullmatch(r"\w+-[a-z]\w*", words[1])
    ):
        return words[0], words[1]
    return words[-1], " ".join(words[:-1])


def _start_of_family_name(words):
    """Return the place of the word that a family name of several begins with, None if of one."""
    # "Sang Bin Moon", "Tan Le Xuan": Asian names whose parts only look like particles.
    is_asian = bool({words[0], words[-1]} & (_EAST_ASIAN_FAMILY_NAMES | _VIETNAMESE_FAMILY_NAMES))
    for place in range(1, len(words) - 1):
        word = words[place]
        is_before_article = words[place + 1].casefold() in _DUTCH_ARTICLES and place + 2 < len(
            words
        )
        if (
            (word.casefold() in _NAME_PARTICLES and not word[0].isupper())
            or (word in _CAPITAL_PARTICLES and not is_asian)
            or (word in _PREPOSITIONS_BEFORE_ARTICLE and is_before_article)
        ):
            return place
        # The word before "y" belongs to the family name if another is left for the given name.
        if place > 1 and word in _FAMILY_NAME_CONJUNCTIONS:
            return place - 1
    return None
