"""Versions of what letters say: written by reviewers and managers, tried on invented addresses, kept for ever."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.errors import Forbidden, NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault
from hotline.models import Notice, Recipient, Staff
from hotline.models.letter_template import LetterTemplate
from hotline.rules import letter_recipients, letter_texts
from hotline.rules.letter_recipients import Addressed
from hotline.rules.letter_texts import Text
from hotline.rules.reach import Reach
from hotline.services import (
    audit,
    directory,
    exchange,
    letter_templates,
    notice_approval,
    notice_drafting,
    notice_sending,
    notices,
    recipient_keys,
    staff,
    staff_reach,
)
from hotline.transactions import writing
from hotline.vocabulary import Channel, KeyKind, Language, LetterKey, RecipientKind, Role
from tests.gateways import locksmith
from tests.services import steps
from tests.services.test_letter_writing import LEGAL_HERE

HOST, EN = LetterKey.HOST, Language.EN
TO_HOSTS = {HOST, LetterKey.HOST_NO_LAW, LetterKey.REMINDER, LetterKey.ESCALATION, LetterKey.SUPPLEMENT}
LISTED = f"{letter_texts.BEGIN}\n{{addresses}}\n{letter_texts.END}"
NEW = Text("Please act [{ref}]", f"Dear team,\n\n{LISTED}\n\n{{finding}}\n{{law}}\n\nNo. {{ref}}\n")


class Post:
    """A mailer that keeps what it is given, or refuses it."""

    def __init__(self, fault: MailFault | None = None) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.fault = fault

    def send(self, _sender: str, mailbox: str, _message_id: str, message: bytes) -> Handed:
        if self.fault:
            raise self.fault
        self.sent.append((mailbox, message))
        return Handed.ON


def writer() -> Staff:
    return steps.team()[0]


def hand_in(text: Text = NEW, reason: str = "shorter", *, based_on: int = 1):
    with writing():
        return letter_templates.publish(HOST, EN, text, reason, based_on=based_on, by=writer())


def publish(text: Text = NEW, reason: str = "shorter", *, based_on: int = 1):
    """Put a version in force: one person writes it, another agrees."""
    written = hand_in(text, reason, based_on=based_on)
    with writing():
        letter_templates.agree(written, by=steps.team()[1])
    return letter_templates.in_force(HOST, EN)


def test_the_first_version_came_with_the_portal(office: Flask) -> None:
    found = letter_templates.in_force(HOST, EN)

    assert (found.version, found.row_id) == (1, None)
    assert len(letter_templates.list_in_force()) == len(letter_texts.WRITTEN) * len(Language)


def test_a_new_version_counts_for_letters_that_are_drafted_from_then_on(office: Flask) -> None:
    item, other = steps.looked_at_twice(), steps.looked_at_twice(url="https://store-7.example/g/2")
    with writing():
        before = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=EN, by=writer())
    said = notices.letter_of(before).text

    published = publish()
    with writing():
        after = notice_drafting.draft(other, steps.recipient(), channel=Channel.HOST, language=EN, by=writer())

    assert (before.template_id, after.template_id) == (None, published.row_id)
    assert notices.letter_of(db.session.get_one(Notice, before.id)).text == said
    assert notices.letter_of(after).subject == f"Please act [{after.ref}]"
    assert "hxxps://store-7[.]example/g/2" in notices.letter_of(after).text
    assert [one.version for one in letter_templates.history(HOST, EN)] == [2, 1]
    assert letter_templates.get(HOST, EN, 1).text != letter_templates.get(HOST, EN, 2).text
    assert letter_templates.in_force(HOST, Language.KM).version == 1


@pytest.mark.parametrize(
    ("text", "reason", "fault"),
    [
        (Text("x", NEW.body), "why", "subject:missing:ref"),
        (Text(NEW.subject, NEW.body + "{nonsense}"), "why", "body:unknown:nonsense"),
        (NEW, "", "reason:required"),
        (Text(NEW.subject, NEW.body + "Yours, Sophea\n"), "why", "body:names_us"),
    ],
)
def test_a_text_that_cannot_be_taken_is_refused_with_its_fault(office: Flask, text, reason, fault) -> None:
    with pytest.raises(Refused, match=fault):
        publish(text, reason)


def test_a_version_that_changes_nothing_is_refused(office: Flask) -> None:
    with pytest.raises(Refused, match="body:nothing_new"):
        publish(letter_templates.in_force(HOST, EN).text)


def test_a_version_that_was_written_beside_a_newer_one_overwrites_nothing(office: Flask) -> None:
    publish()

    with pytest.raises(Overtaken):
        publish(Text(NEW.subject, NEW.body + "More.\n"))
    assert letter_templates.in_force(HOST, EN).version == 2


def test_a_version_counts_once_another_person_has_agreed_and_nobody_agrees_alone(office: Flask) -> None:
    waits = hand_in()
    assert waits.waits
    assert letter_templates.in_force(HOST, EN).version == 1
    assert [one.version for one in letter_templates.list_waiting()] == [2]
    assert not letter_templates.may_agree(waits, by=writer())
    with pytest.raises(Refused, match="agree:second_person"), writing():
        letter_templates.agree(waits, by=writer())

    with writing():
        letter_templates.agree(waits, by=steps.team()[1])

    found = letter_templates.in_force(HOST, EN)
    assert (found.version, found.agreed_by, letter_templates.list_waiting()) == (2, steps.team()[1].number, [])
    assert found.counts_from > found.made_at
    with pytest.raises(WrongState), writing():
        letter_templates.agree(found, by=steps.team()[1])


def test_what_was_handed_in_before_something_newer_counts_for_nothing(office: Flask) -> None:
    older = hand_in()
    newer = hand_in(Text(NEW.subject, NEW.body + "More.\n"), based_on=2)

    with pytest.raises(Overtaken), writing():
        letter_templates.agree(older, by=steps.team()[1])
    with writing():
        letter_templates.agree(newer, by=steps.team()[1])

    assert letter_templates.in_force(HOST, EN).version == 3


def test_a_name_that_is_one_of_ours_by_now_is_agreed_to_by_nobody(office: Flask) -> None:
    waits = hand_in()
    with writing():
        staff_reach.enter(steps.team()[2], Reach(("Dear Team",), (), ()), wants_mail=False)

    with pytest.raises(Refused, match="agree:names_us"), writing():
        letter_templates.agree(waits, by=steps.team()[1])


def test_a_version_from_before_two_were_asked_for_counts_on(office: Flask) -> None:
    with writing():
        known = {"letter": HOST, "language": EN, "version": 2, "subject": NEW.subject, "body": NEW.body}
        db.session.add(LetterTemplate(**known, reason="why", made_by=writer(), made_at=clock.now()))
        audit.record(writer(), "wrote a letter anew", f"letter {HOST}.{EN}", version=2)

    found = letter_templates.in_force(HOST, EN)

    assert (found.version, found.waits, found.counts_from) == (2, False, found.made_at)


def test_only_reviewers_and_managers_write_letters(office: Flask) -> None:
    other = next(one for one in staff.list_staff() if one.has(Role.VICTIM_SUPPORT))

    with pytest.raises(Forbidden), writing():
        letter_templates.publish(HOST, EN, NEW, "why", based_on=1, by=other)
    with pytest.raises(Forbidden):
        letter_templates.preview(HOST, EN, NEW, by=other)
    waits = hand_in()
    with pytest.raises(Forbidden), writing():
        letter_templates.agree(waits, by=other)


def test_a_version_that_nobody_has_written_is_not_there(office: Flask) -> None:
    with pytest.raises(NotFound):
        letter_templates.get(HOST, EN, 7)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("letter", LetterKey)
def test_every_letter_can_be_looked_at_before_it_is_used(office: Flask, letter: LetterKey, language: Language) -> None:
    shown = letter_templates.preview(letter, language, letter_templates.in_force(letter, language).text, by=writer())

    assert len(shown) == (len(letter_recipients.of(letter)) if letter in TO_HOSTS else 1)
    for one in shown:
        assert "{" not in one.letter.subject + one.letter.text
        assert "N-EXAMPLE" in one.letter.subject
        assert ("img-board[.]example" in one.letter.text) == (letter is not LetterKey.RETRACTION)


def test_a_preview_shows_what_each_sort_of_recipient_reads(office: Flask) -> None:
    text = letter_templates.in_force(HOST, EN).text

    said = {one.to: one.letter.text for one in letter_templates.preview(HOST, EN, text, by=writer())}

    assert "Pages on your network\nshow" in said[Addressed.HOST]
    assert "Pages under names registered through you\nshow" in said[Addressed.REGISTRAR]
    assert "Please tell us who hosts them" in said[Addressed.CDN]
    assert len(set(said.values())) == len(said) == 4
    assert Addressed.UPSTREAM not in said


def test_a_text_that_people_wrote_before_is_previewed_once_and_goes_to_all_alike(office: Flask) -> None:
    [shown] = letter_templates.preview(HOST, EN, NEW, by=writer())

    assert (shown.to, shown.letter.subject) == (None, "Please act [N-EXAMPLE]")


def test_a_test_goes_to_the_mailbox_that_was_typed_in_and_the_trail_tells_it_without_the_mailbox(office: Flask) -> None:
    post = Post()

    letter_templates.send_test(HOST, EN, NEW, mailbox=" me@hotline.example ", by=writer(), mailer=post)

    [(mailbox, message)] = post.sent
    assert mailbox == "me@hotline.example"
    assert b"Subject: TEST: Please act [N-EXAMPLE]" in message
    db.session.rollback()  # the line was written in a transaction of its own
    [line] = audit.of_action(f"letter {HOST}.{EN}", "sent a test")
    assert "me@" not in (line.details or "")


@pytest.mark.parametrize(
    ("mailbox", "mailer", "code"),
    [
        ("one@x.example, two@y.example", Post(), "wrong"),
        ("me@hotline.example\r\nBcc: x@y.example", Post(), "wrong"),
        ("", Post(), "wrong"),
        ("me@elsewhere.example", Post(), "not_ours"),
        ("me@hotline.example", None, "no_server"),
        ("me@hotline.example", Post(MailFault("550", permanent=True)), "not_taken"),
    ],
)
def test_a_test_that_cannot_go_says_why(office: Flask, mailbox, mailer, code) -> None:
    with pytest.raises(Refused, match=f"mailbox:{code}"):
        letter_templates.send_test(HOST, EN, NEW, mailbox=mailbox, by=writer(), mailer=mailer)


def test_every_letter_that_is_listed_is_written_from_by_some_path(office: Flask, tmp_path: Path) -> None:
    """A letter that nobody gets must not be offered to be written anew; and a new path has to list its own."""
    first, second, _ = steps.team()
    illegal, legal = steps.looked_at_twice(), steps.looked_at_twice(LEGAL_HERE, url="https://store-7.example/g/2")
    to, above, hotline = steps.recipient(), add("cloud", RecipientKind.CDN), add("nl", RecipientKind.PARTNER_HOTLINE)
    with writing():
        recipient_keys.add(hotline, KeyKind.SMIME, locksmith.openssl(tmp_path).public, by=first)
        hotline.verified_on = clock.now().date()
        root = notice_drafting.draft(illegal, to, channel=Channel.HOST, language=EN, by=first)
        notice_drafting.draft(legal, to, channel=Channel.HOST, language=EN, by=first)
        notice_approval.approve(root, by=second)
    notice_sending.deliver(root.id, mailer=Post())
    with writing():
        db.session.refresh(root)
        notice_drafting.draft_reminder(root, [illegal], by=first, actor=first)
        notice_drafting.draft_escalation(root, above, [illegal], by=first)
        notice_drafting.draft_retraction(root, which="", by=first)
        notice_drafting.draft_supplement(root, root, [illegal], "It is the third picture.", by=first)
        offer = exchange.draft(illegal, hotline.ref, "encrypted_mail", by=first)
        exchange.approve(offer, by=second)

    written = set(db.session.scalars(select(Notice.template)))

    assert written == set(letter_texts.WRITTEN)
    assert {one.letter for one in letter_templates.list_in_force()} == written


def add(name: str, kind: RecipientKind) -> Recipient:
    with writing():
        return directory.add(name, kind, f"desk@{name}.example", "NL", EN)
