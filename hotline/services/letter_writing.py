"""A letter written: from its template, about the addresses it lists, as its recipient takes it, encrypted once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hotline import clock, jurisdiction
from hotline.config import settings
from hotline.errors import Refused
from hotline.gateways import encryption
from hotline.models.assessment import Verdict
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.recipient import Recipient, RecipientKey
from hotline.models.staff import Staff
from hotline.rules import addresses, confidential, letter_recipients, letter_texts, letters, web_forms, xarf
from hotline.rules.letter_texts import Text
from hotline.rules.letters import Letter
from hotline.services import assessments, hosting, items, letter_templates, reply_links, sightings
from hotline.vocabulary import (
    Channel,
    Delivery,
    InhopeClass,
    Language,
    LawVerdict,
    LetterKey,
    RecipientKind,
)

BUILT = confidential.BY_MAIL | confidential.BY_A_PERSON
NO_NUMBERS = ("reply_link", "key_link", "fingerprint")  # places whose digits are no telephone number
BELOW = {LetterKey.SUPPLEMENT, LetterKey.REMINDER, LetterKey.RETRACTION}  # shown with the letter that they follow


@dataclass(frozen=True, slots=True)
class Listed:
    """One address that a letter is about, with the verdict that lets it in."""

    item: Item
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Written:
    """A letter, how it goes, which version of which template it was written from, and to which key it is encrypted."""

    letter: Letter
    delivery: Delivery
    template_id: int | None
    key: RecipientKey | None


def write(
    template: LetterKey,
    listed: Sequence[Listed],
    recipient: Recipient,
    *,
    channel: Channel,
    language: Language,
    ref: str,
    message_id: str,
    by: Staff,
    follows: Notice | None = None,
    which: str = "",
    words: str = "",
    is_upstream: bool = False,
) -> Written:
    """Write one letter. `follows` is the notice that it reminds of, rises from, takes back or says more about.

    `which` says what of it is taken back, where that is not all of it; `words` are what a person typed who tells more:
    links in them leave defanged, and the letter keeps them as they were typed for whoever writes it anew.
    `is_upstream`: its recipient connects the network that the addresses stand in, and hosts none of it.

    Raises Refused: (`recipient`, `no_way`) for a way that is not built, (`recipient`, `no_key`) where it must be
    encrypted, (`recipient`, `key`) where the recipient's key has expired, (`also`, …) where the recipient's way takes
    only one address, or one host.
    """
    delivery = _delivery(recipient)
    exact = tuple(items.address_of(one.item) for one in listed)
    networks = [network_of(one.item, recipient) for one in listed]
    values = _values(listed, recipient, networks, exact, language=language, ref=ref, by=by, follows=follows)
    if channel is Channel.HOST:
        to = letter_recipients.addressed(recipient.kind, is_upstream=is_upstream)
        values |= letter_recipients.values(
            language, to, time=letter_templates.time_to_act(language), at_home=_are_at_home(listed)
        )
        values["reply_link"] = reply_links.make(ref, language)
    if is_reminded_of(template, delivery):
        values["remind"] = letter_recipients.remind(language, time=letter_templates.time_to_act(language))
    values |= {"which": which, "words": letter_texts.typed(language, addresses.defang_text(words))}
    link = tuple(one for one in map(values.get, NO_NUMBERS) if one)
    if template is LetterKey.RETRACTION and delivery in confidential.BY_A_PERSON:
        version = letter_templates.in_force(template, language)
        said = letter_texts.fill(version.text, values).body
        return Written(Letter(place_of(recipient, delivery), "", said, (), filled=link), delivery, version.row_id, None)
    if delivery in confidential.BY_A_PERSON:
        _refuse_several_hosts(exact, place_of(recipient, delivery), delivery)
        values |= {"law": letter_texts.unwrapped(values.get("law", ""))}  # it stands in a sentence there
        form = web_forms.MORE if template is LetterKey.SUPPLEMENT else web_forms.TEXT
        said = letter_texts.fill(Text("", form[language]), values).body
        typed_in = Letter(place_of(recipient, delivery), "", said, exact, filled=link, typed=words)
        return Written(typed_in, delivery, None, None)
    version = letter_templates.in_force(template, language)
    text = letter_texts.fill(version.text, values)
    is_new = channel is Channel.HOST and template is not LetterKey.SUPPLEMENT  # its programs have had the rest
    reports = _reports(listed, networks, exact, ref=ref) if is_new else ()
    if delivery is Delivery.XARF and not reports:
        delivery = Delivery.EMAIL  # its programs have no word for this; people read it
    if delivery is Delivery.XARF and len(exact) > 1:
        raise Refused(("also", "one_each"))
    letter = Letter(
        recipient.mailbox,
        text.subject,
        text.body,
        exact,
        reports=reports,
        for_programs=delivery is Delivery.XARF,
        filled=(*dict.fromkeys(one.ip for one in networks if one.ip), *link),
        answers=follows.message_id if follows is not None and template in BELOW else "",
        typed=words,
        is_upstream=is_upstream,
    )
    key = usable_key(recipient)
    if key is not None:
        letter = _encrypted(letter, key, language=language, ref=ref, message_id=message_id)
    elif confidential.must_be_encrypted(channel, delivery):
        raise Refused(("recipient", "no_key"))
    return Written(letter, delivery, version.row_id, key)


def is_reminded_of(template: LetterKey, delivery: Delivery) -> bool:
    """Whether a letter's recipient is reminded by the portal: of a first letter that went by mail, with a server."""
    is_first = template in {LetterKey.HOST, LetterKey.HOST_NO_LAW}
    return is_first and delivery in confidential.BY_MAIL and bool(settings().smtp_url)


def usable_key(recipient: Recipient) -> RecipientKey | None:
    """Return the key that a letter is encrypted to; None where the recipient has none.

    Raises Refused (`recipient`, `key`) where all that are not withdrawn have expired: then a person finds out, rather
    than a letter going plain that its recipient wanted encrypted.
    """
    kept = [one for one in recipient.keys if one.withdrawn_at is None]
    usable = [one for one in kept if may_use(one)]
    if kept and not usable:
        raise Refused(("recipient", "key"))
    return usable[-1] if usable else None


def may_use(key: RecipientKey) -> bool:
    """Whether a letter may be encrypted to `key` now, and one that was may go."""
    return confidential.is_usable(expires_at=key.expires_at, withdrawn_at=key.withdrawn_at, now=clock.now())


def place_of(recipient: Recipient, delivery: Delivery) -> str:
    """Return where a letter goes: a mailbox, or the address of a form or portal that a person opens."""
    return {Delivery.WEB_FORM: recipient.form_url, Delivery.PORTAL: recipient.portal_url}.get(
        delivery, recipient.mailbox
    )


def network_of(item: Item, recipient: Recipient) -> xarf.Network:
    """Return where an item's host stands, as far as it was found out: for a CDN, where that stands itself.

    What stands behind a CDN is told to others only where somebody has found it out. An IP address is named only where
    a look has just found it: one that is older may be another's by now.
    """
    known = hosting.known(item)
    lookup = known.front or known.host if recipient.kind is RecipientKind.CDN else known.host
    account = hosting.account_of(lookup) if lookup is not None else None
    facts = account.first if account is not None else None
    if lookup is None or account is None:
        return xarf.Network()
    if facts is None:
        return xarf.Network(name=account.provider or lookup.network or "", country=lookup.country or "")
    return xarf.Network(
        ip=hosting.ip_of(lookup, facts),
        system=facts.systems[0] if facts.systems else None,
        name=facts.name or facts.org,
        country=facts.country,
    )


def _are_at_home(listed: Sequence[Listed]) -> bool:
    """Whether all addresses of a letter are known to be hosted in our own country."""
    hosts = [hosting.known(one.item).host for one in listed]
    return bool(hosts) and all(one is not None and one.country == jurisdiction.current().country for one in hosts)


def has_a_way(recipient: Recipient) -> bool:
    """Whether the portal can go the way a recipient is reached, and knows where it leads."""
    return recipient.delivery in BUILT and bool(place_of(recipient, recipient.delivery))


def _delivery(recipient: Recipient) -> Delivery:
    if not has_a_way(recipient):
        raise Refused(("recipient", "no_way"))
    return recipient.delivery


def _values(
    listed: Sequence[Listed],
    recipient: Recipient,
    networks: Sequence[xarf.Network],
    exact: Sequence[str],
    *,
    language: Language,
    ref: str,
    by: Staff,
    follows: Notice | None,
) -> dict[str, str]:
    place = jurisdiction.current()
    verdicts = [one.verdict for one in listed]
    values = {
        "ref": ref,
        "recipient": recipient.name,
        "brand": place.brand(language),
        "country": place.country_name(language),
        "phone": place.hotline_phone.international,
        "staff": by.number,
        **letter_templates.our_key(),
        "addresses": "\n".join(addresses.defang(address) for address in exact),
        "count": str(len(exact)),
        "network": "\n".join(dict.fromkeys(words for one in networks if (words := _words(one)))),
    }
    if verdicts:
        baseline = all(one.inhope_class is InhopeClass.BASELINE for one in verdicts)
        values["finding"] = letter_texts.finding(language, baseline=baseline)
        values["seen"] = letter_texts.seen(language, _seen(listed))
    if verdicts and all(one.law is LawVerdict.ILLEGAL for one in verdicts):
        title = place.law_title(language)
        values["law"] = letter_texts.law(language, country=place.country_name(language), title=title)
    if follows is not None:
        values["earlier"] = follows.ref
        values["earlier_sent"] = follows.sent_at.strftime("%Y-%m-%d") if follows.sent_at else ""
        values["earlier_recipient"] = follows.recipient.name
    return values


def _seen(listed: Sequence[Listed]) -> list[datetime]:
    return sightings.newest([(one.item.id, one.verdict.agreed_at) for one in listed])


def _words(network: xarf.Network) -> str:
    named = " ".join(part for part in (f"AS{network.system}" if network.system else "", network.name) if part)
    return ", ".join(part for part in (network.ip, named, network.country) if part)


def _reports(
    listed: Sequence[Listed], networks: Sequence[xarf.Network], exact: Sequence[str], *, ref: str
) -> tuple[str, ...]:
    """Write the XARF reports there are, in the order of the addresses."""
    us = xarf.Sender(jurisdiction.current().brand(Language.EN), settings().mail_from)
    agreed, seen = assessments.agreed_by(*(one.verdict for one in listed)), _seen(listed)
    made = (
        xarf.report(
            xarf.Agreed(address, one.verdict.inhope_class, looks, seen_at),
            sender=us,
            network=network,
            number=str(uuid.uuid4()),
            ref=ref,
        )
        for one, looks, seen_at, network, address in zip(listed, agreed, seen, networks, exact, strict=True)
    )
    return tuple(one for one in made if one is not None)


def _encrypted(letter: Letter, key: RecipientKey, *, language: Language, ref: str, message_id: str) -> Letter:
    """Encrypt a letter, once: what is kept is what goes, each time it is tried."""
    try:
        encrypted = encryption.encrypt(key.kind, key.material, letters.inside(letter, message_id=message_id))
    except encryption.CannotEncrypt as exc:
        raise Refused(("recipient", "key")) from exc
    outside = letter_texts.neutral_subject(language, ref)
    return replace(letter, kind=key.kind, encrypted=encrypted, outside=outside)


def _refuse_several_hosts(exact: Sequence[str], form_url: str, delivery: Delivery) -> None:
    if delivery is not Delivery.WEB_FORM or not web_forms.takes_one_host(form_url):
        return
    hosts = {parsed.host for one in exact if isinstance(parsed := addresses.parse(one), addresses.Address)}
    if len(hosts) > 1:
        raise Refused(("also", "one_host"))
    if len(exact) > web_forms.MOST_ADDRESSES:
        raise Refused(("also", "too_many"))
