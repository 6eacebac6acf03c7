"""Notices in words: what became of a letter, why it did not go and what to do, and what is said about a form."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _later
from flask_babel import ngettext

from hotline import clock
from hotline.blueprints.desk import words
from hotline.blueprints.desk.histories import Line
from hotline.config import settings
from hotline.gateways import mail
from hotline.models.audit import AuditEntry
from hotline.models.item import Item
from hotline.models.notice import Notice
from hotline.models.staff import Staff
from hotline.rules import web_forms
from hotline.rules.anonymity import Leak, LeakKind
from hotline.services import (
    assessments,
    audit,
    follow_ups,
    kept_letters,
    mail_answers,
    notice_grounds,
    notices,
    reminders,
)
from hotline.vocabulary import ItemStatus, NoticeStatus

READS = {"read", "read kept letter", "read an answer"}
SENTENCES = {
    "drafted": _later("%(name)s drafted it"),
    "approved": _later("%(name)s read and approved it"),
    "withdrew": _later("%(name)s withdrew it"),
    notices.DOUBTED: _later("Nobody knows whether it has arrived"),
    "queued again": _later("%(name)s let it be tried again"),
    "sent": _later("It was sent"),
    "kept": _later("It was kept here"),
    "downloaded": _later("%(name)s downloaded it"),
    "sent by hand": _later("%(name)s sent it by hand"),
    "was shown what to type in": _later("%(name)s was shown what to type in, with the live addresses"),
    "typed in": _later("%(name)s typed it in and noted the answer"),
    "released": _later("%(name)s let it go by mail"),
    "failed": _later("It could not be sent"),
    "let a reminder go": _later("%(name)s let the reminder go, with the approval of the letter"),
    reminders.KEPT_BACK: _later("No reminder went by itself: it needs a person’s eyes"),
    reminders.PAUSED: _later("%(name)s let nobody be reminded"),
    reminders.WENT_ON: _later("%(name)s let their time go on"),
    follow_ups.OUTDATED: _later("It was withdrawn: an address in it is gone"),
    follow_ups.NOT_NOW: _later("It was withdrawn: nobody is to be reminded now"),
    "came back": _later("Something came back"),
    mail_answers.HELD: _later("So much came by mail that the rest stays in the folder “Answers” of the mailbox"),
    "noted an answer": _later("%(name)s noted what they were told"),
    "sorted an answer": _later("%(name)s said what a mail answers"),
    "saw to an answer": _later("%(name)s saw to an answer"),
}


SAME = dict.fromkeys(
    ("try-again", "release", "download", "copy"), "approve"
)  # what keeps a draft from going keeps others too
OWN = {("release", "no_server"), ("download", "gone")}


class Fate(NamedTuple):
    """What became of a letter: one sentence, what to do next (may be empty), and the kept letter it became, if any.

    `may_go` is false for a kept letter that nobody may send any more.
    """

    text: str
    advice: str = ""
    kept: str = ""
    may_go: bool = True


def fate(notice: Notice) -> Fate:
    """Return what became of a letter. What an earlier try left in doubt stays said until the letter is called sent."""
    found = _fate(notice)
    if notice.status not in notices.NOT_CALLED_SENT or notices.is_being_sent(notice):
        return found
    if not notices.may_have_arrived(notice):
        return found
    if notice.status is NoticeStatus.WITHDRAWN:
        return found._replace(
            advice=_("It may have arrived before that: ask the recipient, and tell them where it no longer holds.")
        )
    if notice.last_fault == mail.UNCONFIRMED:  # that says so itself
        return found
    doubt = _("At an earlier try nobody said whether it was taken, so it may have arrived already.")
    return found._replace(advice=f"{found.advice} {doubt}".strip())


def _fate(notice: Notice) -> Fate:
    if notice.status is NoticeStatus.SENT and notice.sent_at:
        return _sent(notice, notice.sent_at)
    if notice.is_kept and notice.is_typed_in:
        return _to_type_in(notice)
    if notice.kept_at and notice.is_kept:
        return _kept(notice, notice.kept_at)
    if notice.status is NoticeStatus.QUEUED:
        return _on_its_way(notice)
    if notice.status is NoticeStatus.FAILED:
        why, advice = _fault(notice.last_fault or "")
        return Fate(_("Not sent: %(why)s", why=why), advice)
    return {
        NoticeStatus.DRAFT: Fate(_("Nobody has approved it yet. Nothing has left.")),
        NoticeStatus.APPROVED: Fate(_("Approved. It goes in a moment.")),
        NoticeStatus.ANSWERED: Fate(_("The recipient has answered.")),
        NoticeStatus.BOUNCED: Fate(
            _("It came back."),
            _("Check the mailbox with the recipient, correct it in the directory, and draft a new letter at the item."),
        ),
        NoticeStatus.WITHDRAWN: Fate(_("Withdrawn. It does not go.")),
    }[notice.status]


def approved(notice: Notice) -> str:
    """Say what happens to a letter that was just approved."""
    if notice.is_typed_in:
        return _("Approved. Now somebody types it into the recipient’s form or portal.")
    if settings().smtp_url:
        return _("Approved. It goes in a moment.")
    return _("Approved. No mail server is set, so it is kept here until somebody sends it by hand.")


def why_closed(item: Item) -> str:
    """Say why no letter about `item` may leave."""
    if item.status is ItemStatus.HELD:
        return _("The police have asked to wait: while an item is held, no letter about it goes.")
    if item.status is ItemStatus.DISPUTED:
        return _("The two looks differ. They have to agree first.")
    if item.status is ItemStatus.IN_REVIEW:
        return _("Only one person has looked. A second person has to look and agree first.")
    verdict = assessments.verdict_of(item)
    if verdict is not None and item.status is not ItemStatus.ASSESSING:
        return _(
            "Two people agree on: %(class_)s; national law: %(law)s. That opens no letter to a host.",
            class_=words.of(verdict.inhope_class),
            law=words.of(verdict.law),
        )
    return _("Two people have to look at it and agree first.")


def say(field: str, code: str) -> str:
    """Return what to do about a fault of a form. What keeps a draft from going keeps one that failed too."""
    return {
        ("recipient", "required"): _("Choose who is to get the letter."),
        ("recipient", "wrong"): _(
            "This entry of the directory gets no such letters, or is switched off. Choose another."
        ),
        ("recipient", "onion"): _(
            "An onion service hides where it stands: nobody can know that this recipient has it. Its way goes over the "
            "police."
        ),
        ("recipient", "has_one"): _("There is a letter about this item to this recipient already. Choose another."),
        ("recipient", "no_way"): _(
            "The directory names no way that the portal can go for this entry. Correct its entry, or choose another."
        ),
        ("recipient", "no_key"): _(
            "What police and partner hotlines get goes encrypted only, and this entry has no key. "
            "Add one in the directory."
        ),
        ("recipient", "key"): _(
            "The key in this entry has expired or does not work. Ask the recipient for a new one, or withdraw the old "
            "one in the directory: a letter to a host goes unencrypted then."
        ),
        ("also", "other_letter"): _("One of these needs another letter, or may not leave any more. Take it out."),
        ("also", "one_each"): _("This recipient’s programs take one address in one letter. Draft a letter for each."),
        ("also", "one_host"): _("This form takes addresses of one host only. Draft a notice for each host."),
        ("also", "too_many"): _("This form takes no more than %(num)s addresses.", num=web_forms.MOST_ADDRESSES),
        ("reference", "required"): _("Write the number or word that the form or portal answered."),
        ("reference", "too_long"): _(
            "This is too long: at most %(num)s characters fit.", num=web_forms.LONGEST_REFERENCE
        ),
        ("at", "required"): _("Say on which day and at what time it was sent, such as 2026-11-24T09:30."),
        ("at", "later"): _("This time has not come yet. Check it."),
        ("at", "earlier"): _("This time lies before the notice was approved. Check it."),
        ("language", "unknown"): _("Choose one of the languages shown here."),
        ("compared", "required"): _("Compare host and recipient, and say here that you did."),
        ("release", "no_server"): _("No mail server is set, so it cannot go by mail. Send it by hand."),
        ("download", "gone"): _("The kept file is gone. Tell the admin, or withdraw this letter and draft it anew."),
        ("approve", "unverified"): _(
            "Nobody has verified this mailbox. Find out first that it is the recipient’s, and note it in the directory."
        ),
        ("approve", "second_person"): _(
            "The letter points at a member of staff, or whoever drafted it wrote its words too. Somebody who did not "
            "draft it has to approve it."
        ),
        ("approve", "mailbox"): _(
            "The recipient’s entry has changed or is switched off. Withdraw this letter and draft it anew."
        ),
        ("approve", "addresses"): _(
            "The attached addresses differ from the reported ones. Withdraw this letter and draft it anew."
        ),
        ("approve", "host"): _(
            "Somebody else hosts the address now than when the letter was drafted. Withdraw it, look at the item's "
            "hosting, and draft a letter to whoever hosts it."
        ),
        ("approve", "letter"): _("The letter does not open with the keys on this computer. Tell the admin."),
        ("approve", "key"): _(
            "The key that this letter is encrypted to has expired or was withdrawn. Withdraw the letter and draft it "
            "anew."
        ),
        ("approve", "appeal"): _(
            "Somebody objects to letters about one of these items. Until that is decided nothing new about it leaves."
        ),
        ("approve", "police_first"): _(
            "The police come first: an address of this letter is hosted in this country, or a child may be in danger. "
            "Hand a police report over and note that, or place a hold and let two people end it. Then approve this."
        ),
        ("approve", "overtaken"): _(
            "This letter answers a question, and since then something else came from its recipient. Read that first. "
            "Withdraw this letter if they do not ask any more."
        ),
        ("approve", "verdict"): _(
            "What two people agreed on no longer stands, or an item is held. Look at the item, or withdraw this letter."
        ),
        ("approve", "no_key"): _(
            "What police and partner hotlines get goes encrypted only, and this letter is not. Withdraw it."
        ),
        ("approve", "has_one"): _(
            "There is another letter about this item to this recipient already. Withdraw this one."
        ),
    }[field if (field, code) in OWN else SAME.get(field, field), code]


def field(name: str, place: int) -> str:
    """Return how a field of a form is called: by its own name where that is known, else by what goes into it."""
    if name:
        return name
    return (
        _("The addresses"),
        _("What it is about"),
        _("Who reports it"),
        _("Our mailbox"),
        _("Our number of this notice"),
    )[place]


def leak(one: Leak) -> str:
    """Say what in a letter points at a member of staff."""
    return {
        LeakKind.NAME: _("the name of %(found)s", found=one.found),
        LeakKind.OUR_MAILBOX: _("the mailbox %(found)s of one of us", found=one.found),
        LeakKind.OUR_PHONE: _("the telephone number %(found)s of one of us", found=one.found),
        LeakKind.MAILBOX: _("the mailbox %(found)s, which is not ours", found=one.found),
        LeakKind.PHONE: _("the telephone number %(found)s, which is not ours", found=one.found),
    }[one.kind]


def names(everybody: Iterable[Staff]) -> dict[str, str]:
    """Return people's names by their numbers."""
    return {one.number: one.name for one in everybody}


def _sent(notice: Notice, at: datetime) -> Fate:
    if notice.is_typed_in:
        return Fate(_("Typed into the recipient’s form or portal %(when)s", when=words.full_moment(at)))
    if notice.went_by_hand:
        return Fate(_("Sent by hand, noted %(when)s", when=words.full_moment(at)), kept=kept_letters.find_of(notice))
    return Fate(_("Sent %(when)s, Message-ID %(id)s", when=words.moment(at), id=notice.message_id))


def _kept(notice: Notice, at: datetime) -> Fate:
    text = _("Kept here since %(when)s, because no mail server was set.", when=words.full_moment(at))
    kept, code = kept_letters.find_of(notice), notice_grounds.fallen(notice)
    if code:
        why, advice = _fault(code)
        return Fate(text, _("It must not go: %(why)s", why=why) + " " + advice, kept, may_go=False)
    if settings().smtp_url:
        return Fate(text, _("It has gone to nobody. There is a mail server now: let it go, if nobody sent it."), kept)
    return Fate(
        text,
        _(
            "It has gone to nobody. Download it, send it by hand from another computer, and note that here. "
            "The file holds live addresses: delete it when it is sent."
        ),
        kept,
    )


def _to_type_in(notice: Notice) -> Fate:
    text = _("Approved. A person types it into the recipient’s own form or portal: no mail goes.")
    if code := notice_grounds.fallen(notice):
        why, advice = _fault(code)
        return Fate(text, _("It must not go: %(why)s", why=why) + " " + advice, may_go=False)
    return Fate(text, _("Nothing has left yet. Note here what the form or portal answers."))


def _on_its_way(notice: Notice) -> Fate:
    if notices.is_being_sent(notice):
        return Fate(_("It is being handed to the mail server now."))
    if notice.not_before is not None and notice.not_before > clock.now():
        return Fate(_("Approved. It goes at %(when)s, after quiet hours.", when=words.moment(notice.not_before)))
    if not notice.attempts:
        return Fate(_("Approved. It goes in a moment."))
    due = notices.next_try_at(notice) or clock.now()
    text = ngettext(
        "On its way: tried %(num)s time, next try about %(time)s.",
        "On its way: tried %(num)s times, next try about %(time)s.",
        notice.attempts,
        time=words.moment(due),
    )
    return Fate(text, _("Last time: %(why)s", why=_fault(notice.last_fault or "")[0]) if notice.last_fault else "")


def _fault(code: str) -> tuple[str, str]:
    """Return why a letter did not go, and what to do."""
    mend = _("Tell the admin. Once it is mended, let it be tried again.")
    known = {
        "connect": (_("the mail server could not be reached."), mend),
        "sign-in": (_("the mail server did not accept our name and password."), mend),
        "certificate": (
            _("the mail server showed a certificate that is not its own, or that nobody vouches for: it got nothing."),
            mend,
        ),
        "full": (
            _("their mailbox is full."),
            _("Ask them by telephone to make room, or for another mailbox. Then let it be tried again."),
        ),
        "no encryption": (_("the mail server offers no encryption, and without it nothing leaves."), mend),
        "disk": (_("it could not be written to the disk."), mend),
        "letter": (_("the letter does not open with the keys on this computer."), mend),
        "mailbox": (_("the mailbox is not one plain address."), _check_mailbox()),
        "552": (
            _("it is larger than the mail server takes."),
            _("Withdraw it, and write several letters about fewer addresses each."),
        ),
        "unwanted": (
            _("their mail server does not want it, perhaps as unwanted mail (554)."),
            _("Ask them by telephone to let our letters in, or for another way. Then let it be tried again."),
        ),
        "unconfirmed": (
            _("the mail server was given the letter and did not say whether it took it. It may have arrived."),
            _("Ask the recipient whether it arrived. If it did not, let it be tried again."),
        ),
        "recipient": (
            _("the recipient’s entry has changed or was switched off after it was approved."),
            _("Withdraw this letter and draft it anew."),
        ),
        "verdict": (
            _("its item was held, closed or taken up again after it was approved."),
            _("Look at the item. If letters about it may go again, let it be tried again; otherwise withdraw it."),
        ),
        "key": (
            _("the key it is encrypted to has expired or was withdrawn."),
            _("Withdraw this letter and draft it anew, once the directory has the recipient’s new key."),
        ),
        "appeal": (
            _("somebody objects to letters about one of its items."),
            _("Once the objection is decided, let it be tried again, or withdraw it."),
        ),
        "police_first": (
            _("the police have to have one of its addresses first."),
            _("Hand a police report over and note that. Then let it be tried again."),
        ),
        "overtaken": (
            _("it answers a question, and since then something else came from its recipient."),
            _("Read that first. Then let it be tried again, or withdraw it if they do not ask any more."),
        ),
        "names_us": (
            _("it holds a name, mailbox or number of one of us that was not known when it was approved."),
            _("Withdraw it and draft it anew; or somebody who did not draft it lets it be tried again as it is."),
        ),
        "host": (
            _("somebody else hosts the address now than when the letter was drafted."),
            _("Withdraw it, look at the item's hosting, and draft a letter to whoever hosts it."),
        ),
    }
    if code in known:
        return known[code]
    if code.isdecimal():
        return _("the mail server said %(code)s.", code=code), _check_mailbox()
    return _("the cause was not noted."), mend


def _check_mailbox() -> str:
    return _(
        "Check the mailbox with the recipient and correct it in the directory. This letter keeps the old mailbox: "
        "withdraw it and draft a new one. If the mailbox is right, let it be tried again."
    )


def line(entry: AuditEntry, names: Mapping[str, str]) -> Line:
    """Return one deed about a letter, as its timeline tells it."""
    name = _("the portal") if entry.actor == audit.SYSTEM else names.get(entry.actor, entry.actor)
    sentence = SENTENCES.get(entry.action)
    text = str(sentence) % {"name": name} if sentence else f"{name}: {entry.action}"
    fault = json.loads(entry.details or "{}").get("fault")
    return Line(entry.at, f"{text}: {_fault(fault)[0]}" if fault else text)
