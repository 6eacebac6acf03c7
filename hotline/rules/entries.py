"""What an entry of the directory must say before it may get letters."""

import re
from dataclasses import dataclass

from babel import Locale

from hotline.vocabulary import Delivery, Language, RecipientKind

SHORTEST_NAME, LONGEST_NAME = 2, 120
MAILBOX = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])",
    re.ASCII,
)
PLACE = re.compile(r"https://(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}(?::\d{1,5})?(?:/[\x21-\x7e]*)?")
NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
"""Two-letter codes that Babel knows and ISO 3166-1 does not: unions, islands without a code, unknown, made up."""


PHONE = re.compile(r"\+\d(?: ?\d){6,14}|\d{3,5}", re.ASCII)  # what every phone dials, or a short number of one country
LONGEST_PHONE = 40
_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
BY_MAIL = (Delivery.EMAIL, Delivery.XARF)
SEATLESS = (RecipientKind.INHOPE,)  # belongs to no country that could be chosen wrongly
LONGEST_PLACE, LONGEST_DOUBT = 300, 1_000
MOST_HOTLINE = 9_999


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as typed, checked by `judge`. What there is none of is empty."""

    name: str
    kind: RecipientKind
    mailbox: str
    country: str
    language: Language
    delivery: Delivery = Delivery.EMAIL
    form_url: str = ""
    portal_url: str = ""
    iccam_hotline: int | None = None
    doubt: str = ""
    phone: str = ""


def judge(
    *,
    name: str,
    kind: str,
    mailbox: str,
    country: str,
    language: str,
    delivery: str = "",
    form_url: str = "",
    portal_url: str = "",
    iccam_hotline: str = "",
    doubt: str = "",
    phone: str = "",
) -> Entry | tuple[tuple[str, str], ...]:
    """Return the entry, or (field, code) for everything that is wrong with it. No `delivery` is taken as by e-mail."""
    name, mailbox, country = " ".join(name.split()), mailbox.strip(), country.strip().upper()
    form_url, portal_url, doubt, number = form_url.strip(), portal_url.strip(), doubt.strip(), iccam_hotline.strip()
    phone, way = " ".join(phone.translate(_DIGITS).split()), delivery or Delivery.EMAIL
    wrong = {
        ("name", "length"): not SHORTEST_NAME <= len(name) <= LONGEST_NAME,
        ("kind", "required"): kind not in set(RecipientKind),
        ("delivery", "required"): way not in set(Delivery),
        ("delivery", "not_partner"): way == Delivery.ICCAM and kind != RecipientKind.PARTNER_HOTLINE,
        ("mailbox", "not_plain"): (bool(mailbox) or way in BY_MAIL) and not MAILBOX.fullmatch(mailbox),
        ("form_url", "not_https"): (bool(form_url) or way == Delivery.WEB_FORM) and not _is_place(form_url),
        ("portal_url", "not_https"): (bool(portal_url) or way == Delivery.PORTAL) and not _is_place(portal_url),
        ("phone", "form"): bool(phone) and not _is_phone(phone),
        ("country", "required"): country not in countries(Language.EN) and (bool(country) or kind not in SEATLESS),
        ("language", "required"): language not in set(Language),
        ("iccam_hotline", "number"): bool(number) and not _is_hotline(number),
        ("doubt", "length"): len(doubt) > LONGEST_DOUBT,
    }
    if faults := tuple(fault for fault, is_wrong in wrong.items() if is_wrong):
        return faults
    return Entry(
        name,
        RecipientKind(kind),
        mailbox,
        country,
        Language(language),
        Delivery(way),
        form_url,
        portal_url,
        int(number) if number else None,
        doubt,
        phone,
    )


def _is_place(typed: str) -> bool:
    return len(typed) <= LONGEST_PLACE and bool(PLACE.fullmatch(typed))


def _is_phone(typed: str) -> bool:
    return len(typed) <= LONGEST_PHONE and bool(PHONE.fullmatch(typed))


def _is_hotline(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) < 5 and 0 < int(typed) <= MOST_HOTLINE


def countries(language: Language) -> dict[str, str]:
    """Return every country's code (ISO 3166-1 alpha-2) and its name in `language`, by name."""
    english, named = (_territories(one) for one in (Language.EN, language))
    codes = (code for code in english if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY)
    return dict(sorted(((code, named.get(code, english[code])) for code in codes), key=lambda pair: pair[1]))


def _territories(language: Language) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale(str(language)).territories.items()}
