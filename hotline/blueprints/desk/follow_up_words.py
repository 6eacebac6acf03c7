"""What comes after a letter, in words: the next step and why, what keeps a reminder back, and who stands above."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import pgettext

from hotline import clock
from hotline.blueprints.desk import clock_words, notice_words, online_words, words
from hotline.blueprints.desk.histories import Line
from hotline.models.notice import Notice
from hotline.models.reply import Reply
from hotline.rules import confidential, follow_up
from hotline.rules.follow_up import Above, Hindrance, Next, Step, Why
from hotline.services import clock_rules, follow_ups, notice_timeline, reminders, supplements
from hotline.services.notice_timeline import Event
from hotline.services.reminders import Course
from hotline.vocabulary import Channel, CheckMeans, Duty, NoticeKind, Pace, PauseReason, ReplyKind


class Said(NamedTuple):
    """What comes next, in one sentence, and what follows then (may be empty)."""

    text: str
    then: str = ""


def card(notice: Notice, names: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that `desk/notices/_next.html` and the timeline need beside the notice."""
    found = reminders.course(notice)
    may_escalate = reminders.may_escalate(found)
    is_followed = notice.channel is Channel.HOST and notice.kind in follow_up.FOLLOWED
    runs = found.clock is not None and found.clock.ended_at is None
    return {
        "course": found if is_followed else None,
        "comes_next": said(found),
        "chain": found.letters if len(found.letters) > 1 else (),
        "above": reminders.above(found) if may_escalate else (),
        "may_escalate": may_escalate,
        "may_remind": may_remind(found),
        "goes_at_once": reminders.goes_at_once(found),
        "may_pause": runs and found.clock is not None and found.clock.paused_at is None,
        "may_go_on": runs and found.clock is not None and found.clock.paused_at is not None,
        "pause_reasons": tuple(PauseReason),
        "above_word": above,
        "question": _question(found),
        "lines": timeline(notice, found, names),
    }


def _question(found: Course) -> Reply | None:
    """Return the answer that people see to next, where it asks for more."""
    if found.next.why is not Why.NEEDS_MORE:
        return None
    return supplements.find_question(found.letters, found.head.recipient_id)


def may_remind(found: Course) -> bool:
    """Whether somebody may write the reminder of a letter now."""
    steps = {Step.WAIT, Step.REMIND, Step.PEOPLE}
    return found.is_with_first and found.next.step in steps and found.hindrance is not Hindrance.STOPPED


def promise(notice: Notice) -> str:
    """Say, before a letter is approved, what its approval covers: a reminder. Empty where none goes by itself."""
    if notice.channel is not Channel.HOST or notice.kind is not NoticeKind.FIRST:
        return ""
    if notice.delivery not in confidential.BY_MAIL:
        return ""
    limit = clock_rules.rule_for(Duty.REMOVE, None).limit
    return str(
        _(
            "If an address is still there after that, a reminder goes by itself, with your approval. Time to act: "
            "%(time)s.",
            time=clock_words.length(limit.length, limit.pace, clock_rules.day_of(Pace.WORKING)),
        )
    )


def said(found: Course) -> Said:
    """Say what comes next after a letter, and what follows then."""
    if found.next.step is Step.WAIT:
        return _waits(found)
    if found.next.step is Step.REMIND and found.at is not None and found.at > clock.now():
        return Said(str(_("A reminder goes by itself at %(when)s, after quiet hours.", when=words.moment(found.at))))
    reason = found.clock.pause_reason if found.clock is not None else None
    has_nobody = found.next.why is Why.STUCK and reminders.has_nobody_above(found)
    return Said(step(found.next, reason, has_nobody=has_nobody))


def step(found: Next, reason: PauseReason | None, *, has_nobody: bool = False) -> str:
    """Say one next step that waits for no time. `reason` is why the recipient's time stands still, if it does;
    `has_nobody` whether the directory names nobody further, where somebody else was written to."""
    if found.why is Why.STUCK and has_nobody:
        return str(
            _(
                "Somebody else was written to as well, and nothing happened. The directory names nobody further: "
                "decide together what else helps."
            )
        )
    if found.hindrance is not None:
        why = hindrance(found.hindrance)
        return str(_("No reminder goes by itself: %(why)s Remind them, or write to somebody else.", why=why))
    if found.why is Why.PAUSED and reason is not None:
        return str(_("Nobody reminds them: %(reason)s.", reason=words.of(reason)))
    return str(
        {
            Why.NOT_FOLLOWED: _("Nothing: this letter is not followed up."),
            Why.NOT_GONE: _("Nothing yet: it has not gone."),
            Why.NOTHING_LEFT: _("Nothing: no address of it is left that would have to go."),
            Why.NO_ANSWER: _("A reminder goes by itself in a moment."),
            Why.AGAIN_NO_ANSWER: _("They were reminded, and nothing happened. Write to somebody else."),
            Why.STUCK: _(
                "Somebody else was written to as well, and nothing happened. Write to the next one who can act."
            ),
            Why.WRITTEN: _("A letter that follows this one is written and has not gone yet."),
            Why.BOUNCED: _("The letter came back. Correct the mailbox, or write to somebody else."),
            Why.SAYS_GONE: _("They say that it is gone. Somebody looks whether it is."),
            Why.NOT_THEIRS: _("They say that it is not theirs. Write to somebody else."),
            Why.NEEDS_MORE: _("They ask for more. Tell them: when the letter has gone, their time runs anew."),
            Why.REFUSES: _("They refuse. Read why; then let somebody look, or write to somebody else."),
            Why.OBJECTS: _("They object. Somebody who was not involved decides."),
            Why.ANSWERED: _("They have answered. Read it, then let their time go on."),
            Why.UNREAD: _(
                "Something came back that nobody has read: it may be their answer. Sort it first: until then no "
                "reminder goes by itself."
            ),
            Why.PAUSED: _("Their time stands still. Let it go on once that is over."),
        }[found.why]
    )


def hindrance(found: Hindrance) -> str:
    """Say what keeps a reminder from going by itself."""
    return str(
        {
            Hindrance.STOPPED: _("an address of this letter is held for the police, or looked at anew."),
            Hindrance.OBJECTS: _("somebody objects to letters about one of its items."),
            Hindrance.BY_HAND: _("the letter went by a person’s hand."),
            Hindrance.MAILBOX: _("the mailbox for answers cannot be read: theirs may lie there."),
            Hindrance.NO_SERVER: _("no mail server is set."),
            Hindrance.RECIPIENT: _("the recipient’s entry has changed, is switched off, or is not verified."),
            Hindrance.KEY: _("the recipient has another key now, or its key has expired."),
            Hindrance.MOVED: _("somebody else hosts an address now."),
            Hindrance.WORDS: _("what reminders say was written anew after this letter was approved."),
            Hindrance.APPROVER: _("whoever approved this letter is no reviewer here any more."),
            Hindrance.UNFIT: _("as it would be written it needs a person’s eyes."),
        }[found]
    )


def above(found: Above) -> str:
    """Say why a letter to somebody else may help."""
    return str(
        {
            Above.SETTLED: _("Your team has settled that it hosts this host."),
            Above.PLATFORM: _("The address is on its platform, and who runs a platform acts soonest."),
            Above.NETWORK: _("The address stands in its network."),
            Above.UPSTREAM: _("It gave this network its addresses, or connects it, and can reach whoever runs it."),
            Above.PROXY: _("It stands before the host and cannot remove anything. It can say who the host is."),
            Above.REGISTRAR: _("The domain is registered through it: it can switch off the name."),
            Above.PARTNER: _("The hotline of that country tells its host and its police."),
        }[found]
    )


def say(field: str, code: str) -> str:
    """Return what to do about a fault of the forms below a letter."""
    known = {
        ("remind", "has_one"): _("There is a reminder of this letter already."),
        ("remind", "stopped"): _(
            "An address of this letter is held for the police, or looked at anew. Nobody reminds."
        ),
        ("above", "unknown"): _("Choose one of those who are shown here."),
        ("above", "not_now"): _("Nobody else is written to yet: see what comes next."),
        ("reason", "required"): _("Choose a reason: it stays on record."),
    }
    if (field, code) in known:
        return str(known[field, code])
    if field == "remind":
        return str(_("Nobody has to be reminded of this letter now: see what comes next."))
    return notice_words.say(field, code)


def timeline(notice: Notice, found: Course, names: Mapping[str, str]) -> list[Line]:
    """Return what happened to a letter and to those that belong to it, newest first."""
    letters = found.letters if notice in found.letters else [notice]
    return [_line(event, notice, names) for event in notice_timeline.of(letters)]


def _waits(found: Course) -> Said:
    text = (
        _("Their time runs until %(when)s.", when=words.moment(found.at)) if found.at else _("Nothing: no time runs.")
    )
    if found.then is None or found.at is None:
        return Said(str(text))
    if found.then.step is Step.REMIND:
        quiet_until = follow_up.may_go_at(
            found.at, follow_ups.quiet(), in_danger=any(one.in_danger for one in found.left)
        )
        when = words.moment(quiet_until)
        return Said(str(text), str(_("If nothing happens, a reminder goes by itself at %(when)s.", when=when)))
    if found.then.why is Why.UNREAD:
        return Said(str(text), step(found.then, None))
    if found.then.hindrance is not None:
        why = hindrance(found.then.hindrance)
        return Said(str(text), str(_("Then a person has to see to it. No reminder goes by itself: %(why)s", why=why)))
    if found.then.step is Step.ESCALATE:
        return Said(str(text), str(_("If nothing happens, a person writes to somebody else.")))
    return Said(str(text), str(_("If nothing happens, people decide what else helps.")))


def _line(event: Event, notice: Notice, names: Mapping[str, str]) -> Line:
    about = event.notice.ref if event.notice is not None and event.notice.id != notice.id else ""
    if event.deed is not None:
        return notice_words.line(event.deed, names)._replace(notice=about)
    if event.reply is not None:
        return Line(event.at, _came(event.reply), notice=about)
    if event.look is not None:
        what = online_words.saw(event.look)
        by_person = event.look.means is CheckMeans.PERSON
        text = _("Somebody looked: %(what)s", what=what) if by_person else _("A program looked: %(what)s", what=what)
        return Line(event.at, str(text), item=event.look.item.ref)
    return Line(event.at, str(_("Their time ran out")), notice=about)


def _came(reply: Reply) -> str:
    """Say what came back, without its words."""
    if reply.kind is ReplyKind.BOUNCE:
        return str(_("It came back: %(code)s", code=reply.code or pgettext("bounce", "no reason given")))
    if reply.kind is ReplyKind.OUT_OF_OFFICE:
        return str(_("A program answered that nobody is there"))
    if reply.answer is None:
        return str(_("An answer came by mail. Nobody has sorted it yet"))
    return str(_("Answer: %(answer)s", answer=words.of(reply.answer)))
