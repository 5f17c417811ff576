"""Names that are adverts: they contain a link, an address or a phone number.

A name appears in emails to an address that its writer need not own. Names of people pass, with and without a space
after a dot; a space is also how a false alarm is corrected.
"""

import re
import unicodedata

LINK = re.compile(r"@|://|\bmailto:|\bwww\.|\bxn--|[^\s.]\.(?:[\w-]{2,}|\d)/", re.IGNORECASE)
PHONE = re.compile(r"(?:\d[\s().+/_-]*){7}")
DOTTED = re.compile(r"([^\s.]+)\.([\w-]+)(?![\w-]|\.\w)")
"""The last two labels of a possible domain."""

TITLES = frozenset({"dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "д-р", "проф", "г-н", "г-жа"})
UNLIKE_NAMES = frozenset({"com", "net", "org", "info", "biz", "рф", "рус"})
ENDINGS = UNLIKE_NAMES | frozenset(
    """
    agency app art asia bar bet bid bio blog bond buzz cam car cards care cash casino cat cfd chat cheap city click
    clinic cloud club coach codes coffee company cool coop credit cyou date dating day deals delivery dental design dev
    digital direct download earth education email energy events example exchange expert express fail family fans farm
    fashion film finance fit fund fun fyi gallery game games gift gives global gmbh gold golf group guide guru health
    help holdings host hosting house icu immo inc invalid jobs lat legal life link live llc loan loans lol lottery love
    ltd market marketing media mobi mobile mom money monster movie museum name network news ninja one onion online ooo
    page partners party pharmacy photo photos pics pink pizza plus poker porn press pro promo pub quest racing realty
    red ren rent report rest review reviews rip rocks run sale sbs school science sex sexy shop shopping show site
    skin social software solutions space store stream studio study style support surf systems tax team tech tel tips
    today tokyo tools top tours toys trade trading training travel tube vegas ventures vet video vip vodka vote wang
    watch webcam website wiki win wine work works world wtf xin xxx xyz yoga zip zone
    бг бел дети ею каз ком москва мкд онлайн орг сайт срб укр қаз
    """.split()  # noqa: SIM905 - a list of words, not two hundred literals
)
"""Ends of domains of three letters and more, and those that are not Latin; any two Latin letters may be one."""

_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_LOOKALIKES = str.maketrans({"。": ".", "∕": "/", "⁄": "/", "⧸": "/"})


def is_advert(name: str) -> bool:
    """Return whether a name, of bounded length and normalized, contains a link, an email address or a phone number."""
    text = unicodedata.normalize("NFKC", _JOINERS.sub("", name)).translate(_LOOKALIKES)
    return bool(LINK.search(text) or PHONE.search(text)) or any(_is_domain(*domain) for domain in DOTTED.findall(text))


def _is_domain(before: str, ending: str) -> bool:
    if not (ending.lower() in ENDINGS or (len(ending) == 2 and ending.isascii() and ending.isalpha())):
        return False
    # "Dr.Li" and "A.Love" are names, though both end like a domain.
    is_person = ending.istitle() and (len(before) == 1 or before.lower() in TITLES)
    return ending.lower() in UNLIKE_NAMES or not is_person
