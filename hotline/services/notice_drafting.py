"""Letters are drafted behind the gate: to whom one may go, which items it may list, and the draft itself, sealed.

A letter that follows another (a reminder, an escalation, a retraction, a supplement) is drafted here too. None of it
goes before somebody approves it (`notice_approval`).
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from hotline import clock
from hotline.errors import GateClosed, KeyMissing, Refused, Unreadable
from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.notice import Notice, NoticeItem
from hotline.models.recipient import Recipient
from hotline.models.staff import Staff
from hotline.rules import confidential, gate
from hotline.services import (
    audit,
    follow_ups,
    hosting,
    letter_writing,
    mailing,
    notice_grounds,
    notices,
    references,
    secrecy,
)
from hotline.services.letter_writing import Listed, Written
from hotline.vocabulary import Channel, HostKind, Language, LetterKey, NoticeKind, NoticeStatus, RecipientKind

KINDS = {
    Channel.HOST: (
        RecipientKind.HOSTING_PROVIDER,
        RecipientKind.PLATFORM,
        RecipientKind.CDN,
        RecipientKind.REGISTRAR,
    ),
    Channel.PARTNER: (RecipientKind.PARTNER_HOTLINE,),
    Channel.POLICE: (RecipientKind.POLICE,),
}
FINDS_NO_ONION = (RecipientKind.HOSTING_PROVIDER, RecipientKind.CDN, RecipientKind.REGISTRAR)
NO_NUMBER_YET = "N-······"


def recipients(channel: Channel) -> list[Recipient]:
    """Return who may get letters through `channel`, by name."""
    in_use = (Recipient.active, Recipient.proposed_at.is_(None))
    query = select(Recipient).where(*in_use, Recipient.kind.in_(KINDS[channel]))
    return list(db.session.scalars(query.order_by(Recipient.name)))


def prepare(item: Item, *, by: Staff) -> None:
    """Have the host of an item looked up that two people have just agreed on, before anybody drafts a letter about it.

    A letter names an IP address only where a look has just found it.
    """
    if notice_grounds.ways(item):
        hosting.ask_before_letter(item, by=by)


def draft(
    item: Item, recipient: Recipient, *, channel: Channel, language: Language, by: Staff, also: Sequence[Item] = ()
) -> Notice:
    """Draft a letter about `item`, and about those `also` chosen that the same letter may be about.

    Raises GateClosed when two people have not agreed on what opens `channel` for each of them. Raises Refused for a
    recipient who gets no letters through `channel`, has one about one of the items already, or takes none this way; and
    (`also`, code) for an item that another letter has to be about.
    """
    template = notice_grounds.letter_about(item, channel) if channel in gate.DRAFTED else None
    if template is None:
        raise GateClosed(f"nothing about {item.ref} may leave through {channel}")
    for one in also:
        if notice_grounds.letter_about(one, channel) is not template:
            raise Refused(("also", "other_letter"))
    about = list(dict.fromkeys([item, *also]))
    for one in about:
        _refuse_wrong_recipient(one, recipient, channel)
    return _draft(about, recipient, channel=channel, language=language, template=template, by=by, actor=by)


def draft_offer(item: Item, recipient: Recipient, *, by: Staff) -> Notice:
    """Write the letter by which `item` is offered to a partner hotline, in the name of `by`, who drafted the offer.

    The trail names the portal, which writes it when another person lets the offer go. Raises as `draft`; Refused also
    where the partner takes no mail, or has no key that works: it goes encrypted or not at all.
    """
    template = notice_grounds.letter_about(item, Channel.PARTNER)
    if template is None:
        raise GateClosed(f"nothing about {item.ref} may go to a partner hotline")
    _refuse_wrong_recipient(item, recipient, Channel.PARTNER)
    refuse_without_mail(recipient)
    return _draft(
        [item],
        recipient,
        channel=Channel.PARTNER,
        language=recipient.language,
        template=template,
        by=by,
        actor=None,
    )


def preview_offer(item: Item, recipient: Recipient, *, by: Staff) -> Written:
    """Return what `draft_offer` would write, with no number of its own yet. Raises as that does."""
    refuse_without_mail(recipient)
    return letter_writing.write(
        LetterKey.PARTNER,
        [Listed(item, notice_grounds.agreed(item))],
        recipient,
        channel=Channel.PARTNER,
        language=recipient.language,
        ref=NO_NUMBER_YET,
        message_id=mailing.message_id("preview"),
        by=by,
    )


def refuse_without_mail(recipient: Recipient) -> None:
    """Raise Refused (`recipient`, code) unless encrypted mail reaches an entry of the directory: by its way and key."""
    if recipient.delivery not in confidential.BY_MAIL or not letter_writing.has_a_way(recipient):
        raise Refused(("recipient", "no_way"))
    if letter_writing.usable_key(recipient) is None:
        raise Refused(("recipient", "no_key"))


def draft_retraction(follows: Notice, *, which: str, by: Staff) -> Notice:
    """Draft a letter that takes back one that went; `which` of its addresses, in words, where it is not all of them.

    Raises Refused where its recipient cannot be reached any more.
    """
    return _draft(
        (),
        follows.recipient,
        channel=follows.channel,
        language=follows.language,
        template=LetterKey.RETRACTION,
        by=by,
        kind=NoticeKind.RETRACTION,
        follows=follows,
        which=which,
        actor=by,
    )


def draft_reminder(root: Notice, about: Sequence[Item], *, by: Staff, actor: Staff | None) -> Notice:
    """Draft a reminder of a letter about some of its items, in the name of `by`. Raises as `draft`.

    The trail names `actor`, who may be another; None is the portal itself.
    """
    letters_of_it = follow_ups.chain(root)
    if any(one.kind is NoticeKind.REMINDER for one in letters_of_it):
        raise Refused(("remind", "has_one"))
    _refuse_what_may_not_follow(about, root.recipient, root.channel, but=[letter.id for letter in letters_of_it])
    return _draft(
        about,
        root.recipient,
        channel=root.channel,
        language=root.language,
        template=LetterKey.REMINDER,
        by=by,
        kind=NoticeKind.REMINDER,
        follows=root,
        actor=actor,
    )


def draft_escalation(
    root: Notice, recipient: Recipient, about: Sequence[Item], *, by: Staff, is_upstream: bool = False
) -> Notice:
    """Draft a letter to somebody who stands above the recipient of another that nothing came of. Raises as `draft`.

    `is_upstream`: they connect the network that the addresses stand in, or gave that its addresses.
    """
    _refuse_what_may_not_follow(about, recipient, Channel.HOST)
    return _draft(
        about,
        recipient,
        channel=Channel.HOST,
        language=recipient.language,
        template=LetterKey.ESCALATION,
        by=by,
        kind=NoticeKind.ESCALATION,
        follows=root,
        actor=by,
        is_upstream=is_upstream,
    )


def draft_supplement(root: Notice, asked: Notice, about: Sequence[Item], words: str, *, by: Staff) -> Notice:
    """Draft a letter that tells the recipient of `asked`, a letter of the chain of `root`, more. Raises as `draft`."""
    letters_of_it = [letter.id for letter in follow_ups.chain(root)]
    _refuse_what_may_not_follow(about, asked.recipient, asked.channel, but=letters_of_it)
    return _draft(
        about,
        asked.recipient,
        channel=asked.channel,
        language=asked.language,
        template=LetterKey.SUPPLEMENT,
        by=by,
        kind=NoticeKind.SUPPLEMENT,
        follows=root,
        about_letter=asked,
        words=words,
        actor=by,
        is_upstream=_was_to_upstream(asked),
    )


def _draft(
    about: Sequence[Item],
    recipient: Recipient,
    *,
    channel: Channel,
    language: Language,
    template: LetterKey,
    by: Staff,
    kind: NoticeKind = NoticeKind.FIRST,
    follows: Notice | None = None,
    about_letter: Notice | None = None,
    actor: Staff | None,
    which: str = "",
    words: str = "",
    is_upstream: bool = False,
) -> Notice:
    """Write a letter, and list each address with the verdict that lets it go.

    The trail names `actor`, who may be another than its drafter; None is the portal itself. `about_letter` is the one
    that it names as the earlier, where that is another than it follows.
    """
    ref = references.draw(Notice.ref, "N")
    message_id = mailing.message_id(ref)
    listed = [Listed(one, notice_grounds.agreed(one)) for one in about]
    written = letter_writing.write(
        template,
        listed,
        recipient,
        channel=channel,
        language=language,
        ref=ref,
        message_id=message_id,
        by=by,
        follows=about_letter or follows,
        which=which,
        words=words,
        is_upstream=is_upstream,
    )
    notice = Notice(
        ref=ref,
        recipient=recipient,
        channel=channel,
        kind=kind,
        follows=follows,
        delivery=written.delivery,
        language=language,
        template=template,
        template_id=written.template_id,
        key=written.key,
        letter=notices.seal(written.letter),
        message_id=message_id,
        status=NoticeStatus.DRAFT,
        drafted_by=by,
        drafted_at=clock.now(),
    )
    db.session.add(notice)
    db.session.flush()
    for one in listed:
        hosting.ask_before_letter(one.item, by=by)
        db.session.add(
            NoticeItem(
                notice_id=notice.id,
                item_id=one.item.id,
                verdict_id=one.verdict.id,
                inhope_class=one.verdict.inhope_class,
                law=one.verdict.law,
                channel=channel,
                in_danger=one.item.in_danger,
            )
        )
        audit.record(actor, "drafted a notice", f"item {one.item.ref}", notice=ref)
    audit.record(actor, "drafted", f"notice {ref}")
    secrecy.check_letter(secrecy.BY_CHANNEL[channel], written.letter)
    return notice


def _was_to_upstream(notice: Notice) -> bool:
    """Whether a letter was written to who connects the network that its addresses stand in."""
    try:
        return notice.kind is not NoticeKind.FIRST and notices.letter_of(notice).is_upstream
    except (KeyMissing, Unreadable):
        return False


def _refuse_what_may_not_follow(
    about: Sequence[Item], recipient: Recipient, channel: Channel, *, but: Collection[int] = ()
) -> None:
    """Raise GateClosed or Refused unless a letter that follows another may go to `recipient` about all of these."""
    for one in about:
        if notice_grounds.letter_about(one, channel) is None:
            raise GateClosed(f"nothing about {one.ref} may leave")
        _refuse_wrong_recipient(one, recipient, channel, but=but)


def _refuse_wrong_recipient(item: Item, recipient: Recipient, channel: Channel, *, but: Collection[int] = ()) -> None:
    if not recipient.active or recipient.proposed_at is not None or recipient.kind not in KINDS[channel]:
        raise Refused(("recipient", "wrong"))
    if recipient.kind in FINDS_NO_ONION and hosting.kind_of(item) is HostKind.ONION:
        raise Refused(("recipient", "onion"))
    if notice_grounds.has_letter(item, recipient, channel, but=but):
        raise Refused(("recipient", "has_one"))
