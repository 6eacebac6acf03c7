"""Versions of what letters say: written by reviewers and managers, tried on invented addresses, kept for ever."""

import pytest
from flask import Flask

from hotline.errors import Forbidden, NotFound, Overtaken, Refused
from hotline.extensions import db
from hotline.gateways.mail import Handed, MailFault
from hotline.models import Notice, Staff
from hotline.rules.letter_texts import Text
from hotline.services import audit, letter_templates, notices, staff
from hotline.transactions import writing
from hotline.vocabulary import Channel, Language, LetterKey, Role
from tests.services import steps

HOST, EN = LetterKey.HOST, Language.EN
NEW = Text("Please act [{ref}]", "Dear team,\n\n{addresses}\n\n{finding}\n{law}\n\nNo. {ref}\n")


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


def publish(text: Text = NEW, reason: str = "shorter", *, based_on: int = 1):
    with writing():
        return letter_templates.publish(HOST, EN, text, reason, based_on=based_on, by=writer())


def test_the_first_version_came_with_the_portal(office: Flask) -> None:
    found = letter_templates.in_force(HOST, EN)

    assert (found.version, found.row_id) == (1, None)
    assert len(letter_templates.list_in_force()) == len(LetterKey) * len(Language)


def test_a_new_version_counts_for_letters_that_are_drafted_from_then_on(office: Flask) -> None:
    item, other = steps.looked_at_twice(), steps.looked_at_twice(url="https://store-7.example/g/2")
    with writing():
        before = notices.draft(item, steps.recipient(), channel=Channel.HOST, language=EN, by=writer())
    said = notices.letter_of(before).text

    published = publish()
    with writing():
        after = notices.draft(other, steps.recipient(), channel=Channel.HOST, language=EN, by=writer())

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


def test_only_reviewers_and_managers_write_letters(office: Flask) -> None:
    other = next(one for one in staff.list_staff() if one.has(Role.VICTIM_SUPPORT))

    with pytest.raises(Forbidden), writing():
        letter_templates.publish(HOST, EN, NEW, "why", based_on=1, by=other)
    with pytest.raises(Forbidden):
        letter_templates.preview(HOST, EN, NEW, by=other)


def test_a_version_that_nobody_has_written_is_not_there(office: Flask) -> None:
    with pytest.raises(NotFound):
        letter_templates.get(HOST, EN, 7)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("letter", LetterKey)
def test_every_letter_can_be_looked_at_before_it_is_used(office: Flask, letter: LetterKey, language: Language) -> None:
    shown = letter_templates.preview(letter, language, letter_templates.in_force(letter, language).text, by=writer())

    assert "{" not in shown.subject + shown.text
    assert "N-EXAMPLE" in shown.subject
    assert ("img-board[.]example" in shown.text) == (letter is not LetterKey.RETRACTION)


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
