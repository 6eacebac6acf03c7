"""Invented letters: one written anew, one about several addresses, one that is typed into a form."""

from sqlalchemy import select

from hotline.extensions import db
from hotline.models.item import Item
from hotline.models.staff import Staff
from hotline.rules.entries import Entry
from hotline.rules.letter_texts import Text
from hotline.services import (
    assessments,
    directory,
    letter_templates,
    notice_approval,
    notice_drafting,
    notice_grounds,
    notice_grouping,
)
from hotline.vocabulary import Channel, Delivery, ItemStatus, Language, LetterKey, RecipientKind

FORM = Entry(
    "Example Pictures Inc.",
    RecipientKind.PLATFORM,
    "",
    "US",
    Language.EN,
    delivery=Delivery.WEB_FORM,
    form_url="https://forms.example/report",
)


def fill(first: Staff, second: Staff) -> None:
    """Let `first` draft and `second` approve. Inside a transaction that writes; nothing where no item is left."""
    kept = letter_templates.in_force(LetterKey.RETRACTION, Language.EN)
    words = Text(kept.text.subject, kept.text.body.replace("Dear team,", "Dear colleagues,"))
    if words == kept.text:
        return  # a demo before has done all of it
    written = letter_templates.publish(
        LetterKey.RETRACTION, Language.EN, words, "A warmer beginning.", based_on=kept.version, by=first
    )
    letter_templates.agree(written, by=second)
    free = [one for one in _decided() if not assessments.letters_about(one)]
    if not free:
        return
    form = directory.enter(FORM, by=first)
    directory.verify(form, by=first)
    typed_in = notice_drafting.draft(free[0], form, channel=Channel.HOST, language=Language.EN, by=first)
    notice_approval.approve(typed_in, by=second)
    mailed = next((one for one in notice_drafting.recipients(Channel.HOST) if one.delivery is Delivery.EMAIL), None)
    for item in free[1:]:
        also = [one for one in notice_grouping.candidates(item, channel=Channel.HOST, by=first) if one in free[1:]]
        if mailed is not None and also:
            notice_drafting.draft(item, mailed, channel=Channel.HOST, language=Language.EN, by=first, also=also[:3])
            return


def _decided() -> list[Item]:
    query = select(Item).where(Item.status == ItemStatus.DECIDED).order_by(Item.id)
    return [one for one in db.session.scalars(query) if Channel.HOST in notice_grounds.ways(one)]
