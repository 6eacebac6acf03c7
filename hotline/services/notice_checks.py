"""What a reviewer should know before a letter goes: each line is looked up, none is taken for granted."""

from dataclasses import dataclass, replace
from datetime import date

from hotline.extensions import db
from hotline.models.assessment import Verdict
from hotline.models.item import Item
from hotline.models.letter_template import LetterTemplate
from hotline.models.notice import Notice, NoticeItem
from hotline.models.staff import Staff
from hotline.rules.anonymity import Leak
from hotline.rules.letters import Letter
from hotline.services import audit, directory, items, letter_writing, police_first, routing, secrecy
from hotline.vocabulary import LawVerdict, NoticeKind

MOST_HOSTS = 20  # of one letter, of whose ways its page tells
QUEUED_AGAIN, RELEASED = "queued again", "released"  # in a letter's trail: somebody looked through it anew


@dataclass(frozen=True, slots=True)
class Agreement:
    """Who agreed on one of the notice's items; `second` is None where the other is an outside adviser."""

    item: Item
    verdict: Verdict
    first: Staff
    second: Staff | None


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one letter."""

    agreements: tuple[Agreement, ...]
    mailbox_is_current: bool
    mailbox_is_verified: bool
    verified_on: date | None
    addresses_are_exact: bool
    police_come_first: bool  # they are to have one of its addresses before its recipient hears of it
    leaks: tuple[Leak, ...]
    wrote_its_words: bool  # whoever asks typed them, or wrote the version of the template that it was written from
    needs_another: bool  # one of these two, and nobody but its drafter, who asks, stands for it; or found since then

    @property
    def names_law(self) -> bool:
        """Whether the letter says that it is illegal here: all that it lists was found so (`letter_writing`)."""
        return bool(self.agreements) and all(one.verdict.law is LawVerdict.ILLEGAL for one in self.agreements)


def of(notice: Notice, letter: Letter, *, by: Staff) -> Checks:
    """Look up everything that must be true before `letter` goes, for `by`, who may be about to approve it."""
    leaks = secrecy.leaks_in(letter)
    recipient = notice.recipient
    is_its_drafter = notice.drafted_by_id == by.id
    typed_them = is_its_drafter and notice.kind is NoticeKind.SUPPLEMENT
    wrote_its_words = typed_them or _author_of_words(notice) == by.id
    stands_alone = is_its_drafter and notice.approved_by_id in {None, by.id}
    return Checks(
        agreements=tuple(_agreement(line) for line in notice.lines),
        mailbox_is_current=recipient.active and letter_writing.place_of(recipient, notice.delivery) == letter.mailbox,
        mailbox_is_verified=recipient.verified_on is not None,
        verified_on=recipient.verified_on,
        addresses_are_exact=letter.addresses == tuple(items.address_of(line.item) for line in notice.lines),
        police_come_first=police_first.letter_waits(notice),
        leaks=leaks,
        wrote_its_words=wrote_its_words,
        needs_another=(stands_alone and (bool(leaks) or wrote_its_words))
        or (is_its_drafter and bool(leaks) and bool(found_late(notice, letter))),
    )


def when_approved(notice: Notice, letter: Letter, *, by: Staff) -> Checks:
    """Return the checks of a letter as they stood when it was approved, not as they stand today.

    Nothing is approved whose mailbox is not the directory's and verified, or whose addresses are not exact. Whoever is
    known since was not found in it then.
    """
    now = of(notice, letter, by=by)
    if notice.approved_at is None:
        return now
    since = secrecy.come_since(notice.approved_at, letter.subject, letter.text, letter.told, *letter.filled)
    verified_on = directory.verified_on_at(notice.recipient, notice.approved_at)
    return replace(
        now,
        mailbox_is_current=True,
        mailbox_is_verified=verified_on is not None,
        verified_on=verified_on,
        addresses_are_exact=True,
        police_come_first=False,
        leaks=tuple(one for one in now.leaks if one not in since),
    )


def off_route(notice: Notice) -> list[Item] | None:
    """Return items on whose way a draft's recipient does not stand; None where nobody has to be on their way.

    One item of each host is asked, for some of them. Whoever stands above a recipient may be a registrar, too.
    """
    if notice.kind not in police_first.NEW_TO_IT:
        return None
    one_of_each = {line.item.host_index: line.item for line in reversed(notice.lines)}
    return [item for item in list(one_of_each.values())[:MOST_HOSTS] if not _is_on_route(notice, item)]


def _is_on_route(notice: Notice, item: Item) -> bool:
    """Whether a letter's recipient stands on the way of an item; also where no way can be told of it now."""
    guide = routing.guide(item)
    if guide is None:
        return True
    named = {ref for step in guide.route.steps if step.channel is notice.channel for ref in step.candidates}
    if notice.kind is NoticeKind.ESCALATION:
        named |= {*guide.facts.hosts, *guide.facts.upstreams, *guide.facts.proxies, *guide.facts.registrars}
    return notice.recipient.ref in named


def found_late(notice: Notice, letter: Letter) -> tuple[Leak, ...]:
    """Return what in an approved letter points at one of us who was not known when people last looked through it."""
    if notice.approved_at is None:
        return ()
    again = audit.last_of(f"notice {notice.ref}", QUEUED_AGAIN, RELEASED)
    looked_through_at = max(notice.approved_at, again.at) if again else notice.approved_at
    return secrecy.come_since(looked_through_at, letter.subject, letter.text, letter.told, *letter.filled)


def _author_of_words(notice: Notice) -> int | None:
    """Return who wrote the version of the template that a letter was written from; None for the portal's own."""
    version = db.session.get(LetterTemplate, notice.template_id) if notice.template_id is not None else None
    return version.made_by_id if version is not None else None


def _agreement(line: NoticeItem) -> Agreement:
    verdict = db.session.get_one(Verdict, line.verdict_id)
    second = db.session.get_one(Staff, verdict.second_by) if verdict.second_by is not None else None
    return Agreement(line.item, verdict, db.session.get_one(Staff, verdict.first_by), second)
