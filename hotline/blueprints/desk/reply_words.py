"""What came back on notices, in words: what somebody can do about an answer, and what is said about a form."""

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext as _

from hotline.models.notice import Notice
from hotline.models.reply import Reply
from hotline.rules.follow_up import FOLLOWED
from hotline.rules.replies import MOST_WORDS
from hotline.vocabulary import Answer, Channel, ReplyKind


class Advice(NamedTuple):
    """What an answer asks for next: a sentence, and where that is done (empty where nowhere)."""

    text: str
    label: str = ""
    href: str = ""


def advice(reply: Reply, notice: Notice) -> Advice:
    """Say what to do about an answer. Nothing is done by itself: people look, write or decide."""
    if reply.kind is ReplyKind.BOUNCE:
        return Advice(_("The letter came back. Check the mailbox with the recipient."))
    if reply.kind is ReplyKind.OUT_OF_OFFICE:
        return Advice(_("A program answered that nobody is there. No person has said anything yet."))
    if reply.answer is None:
        return Advice(_("Read it, and say below what it answers."))
    item = notice.lines[0].item.ref if notice.lines else ""
    look = url_for("desk.items.show_item", ref=item) if item else ""
    write = url_for("desk.notices.new_notice", item=item) if item else ""
    appeal = url_for("desk.appeals.new_appeal", notice=notice.ref, reply=reply.id)
    who_else = _("Let somebody look who was not involved.")
    return {
        Answer.REMOVED: Advice(
            _("Look whether it is gone. What somebody says closes nothing."), _("Go to the item"), look
        ),
        Answer.NOT_OURS: Advice(_("Find out who hosts it, and write to them."), _("Write another letter"), write),
        Answer.NEED_MORE: _tell_more(reply, notice),
        Answer.REFUSED: Advice(who_else, _("Open an appeal"), appeal),
        Answer.APPEAL: Advice(who_else, _("Open an appeal"), appeal),
        Answer.OTHER: Advice(_("Read it, and decide what follows.")),
    }[reply.answer]


def _tell_more(reply: Reply, notice: Notice) -> Advice:
    if notice.channel is not Channel.HOST or notice.kind not in FOLLOWED:
        return Advice(_("Write to them, by mail and with our number. Never send the material."))
    here = url_for("desk.supplements.new_supplement", ref=notice.ref, number=reply.id)
    text = _("Tell them more in a letter, which somebody else approves. Never send the material.")
    return Advice(text, _("Answer them"), here)


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form."""
    return {
        ("answer", "required"): _("Choose what they answer."),
        ("sort", "required"): _("Choose what they answer."),
        ("words", "missing"): _("Write what they said, in a few words."),
        ("words", "too_long"): _("This is too long: at most %(num)s characters fit.", num=MOST_WORDS),
        ("words", "picture"): _("This holds a file. Write words only."),
    }[field, code]
