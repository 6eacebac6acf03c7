"""What a person copies into a recipient's own form, field by field, as that form names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from hotline.vocabulary import Language

CLOUDFLARE = "cloudflare.com"
MOST_ADDRESSES = 250  # in one report of Cloudflare's
LONGEST_JUSTIFICATION = 5000
LONGEST_REFERENCE = 200
TEXT = {
    Language.EN: (
        "{finding} Two trained analysts looked separately and agree. {law}\n\n"
        "These pages are {where}. {please} Please keep the records your law lets you keep, and do not tell the site "
        "operator or the account holder who reported it. We keep no copy and attach none.\n\n"
        "To answer us: {reply_link}\n"
        "Our number: {ref}. Hotline analyst {staff}, {brand}, {country}. Telephone, day and night: {phone}\n"
    ),
    Language.KM: (
        "{finding} អ្នកវិភាគពីរនាក់បានពិនិត្យដាច់ដោយឡែកពីគ្នា ហើយយល់ស្របគ្នា។ {law}\n\n"
        "ទំព័រទាំងនេះស្ថិត{where}។ {please} "
        "សូមរក្សាទុកកំណត់ត្រាដែលច្បាប់របស់លោកអ្នកអនុញ្ញាត ហើយកុំប្រាប់អ្នកដំណើរការគេហទំព័រ "
        "ឬម្ចាស់គណនី ថាអ្នកណារាយការណ៍។ យើងមិនរក្សាទុកច្បាប់ចម្លង ហើយមិនភ្ជាប់វាទេ។\n\n"
        "ដើម្បីឆ្លើយមកយើង៖ {reply_link}\n"
        "លេខរបស់យើង៖ {ref}។ អ្នកវិភាគ {staff}, {brand} {country}។ ទូរស័ព្ទ ទាំងយប់ទាំងថ្ងៃ៖ {phone}\n"
    ),
}

MORE = {  # to a recipient that asked for more
    Language.EN: (
        "You asked us for more about our notice {earlier} of {earlier_sent}. This is our answer.\n\n"
        "{words}\n\n"
        "To answer us: {reply_link}\n"
        "Our number: {ref}. Hotline analyst {staff}, {brand}, {country}. Telephone, day and night: {phone}\n"
    ),
    Language.KM: (
        "លោកអ្នកបានសុំព័ត៌មានបន្ថែមអំពីលិខិត {earlier} ចុះ {earlier_sent}។ នេះជាចម្លើយរបស់យើង។\n\n"
        "{words}\n\n"
        "ដើម្បីឆ្លើយមកយើង៖ {reply_link}\n"
        "លេខរបស់យើង៖ {ref}។ អ្នកវិភាគ {staff}, {brand} {country}។ ទូរស័ព្ទ ទាំងយប់ទាំងថ្ងៃ៖ {phone}\n"
    ),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: as the form names it, and what to put there. `name` is empty where nobody knows its name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Contact:
    """What a form asks about whoever fills it in: never a person, always the hotline."""

    name: str
    mailbox: str
    country: str


def is_cloudflare(form_url: str) -> bool:
    """Whether a form is Cloudflare's, whose fields are known."""
    host = urlsplit(form_url).hostname or ""
    return host == CLOUDFLARE or host.endswith(f".{CLOUDFLARE}")


def takes_one_host(form_url: str) -> bool:
    """Whether a form takes addresses of one host only in one report."""
    return is_cloudflare(form_url)


def fields(form_url: str, *, addresses: Sequence[str], text: str, contact: Contact, ref: str) -> tuple[Field, ...]:
    """Return what goes into which field. The site's owner is never told: it may be whoever shares the material."""
    lines, why = "\n".join(addresses), text.strip()[:LONGEST_JUSTIFICATION]
    if not is_cloudflare(form_url):
        return (Field("", lines), Field("", why), Field("", contact.name), Field("", contact.mailbox), Field("", ref))
    return (
        Field("act", "abuse_children"),
        Field("urls", lines),
        Field("justification", why),
        Field("host_notification", "send"),
        Field("owner_notification", "none"),
        Field("ncmec_notification", "send"),  # it has to report to NCMEC itself: with our name, so that NCMEC can ask
        Field("reported_country", contact.country),
        Field("name", contact.name),
        Field("email", contact.mailbox),
        Field("email2", contact.mailbox),  # the same once more, against a slip of the hand
    )
