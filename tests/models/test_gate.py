"""Nothing leaves before two people agree: what the database itself refuses, whatever our code may do."""

import itertools

import pytest
from flask import Flask
from sqlalchemy import func, insert, literal, select, text, update
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.extensions import db
from hotline.models import Assessment, Item, Notice, NoticeItem, Verdict
from hotline.models.notice import GATE
from hotline.rules import gate
from hotline.services import notice_drafting
from hotline.transactions import writing
from hotline.vocabulary import Channel, InhopeClass, ItemStatus, Language, LawVerdict, NoticeStatus
from tests.services import steps

ILLEGAL = {"inhope_class": InhopeClass.BASELINE, "law": LawVerdict.ILLEGAL}
NATIONAL = {"inhope_class": InhopeClass.NATIONAL, "law": LawVerdict.NOT_ILLEGAL}
QUIET = {"inhope_class": InhopeClass.NOT_ILLEGAL, "law": LawVerdict.NOT_ILLEGAL}


def write(statement) -> int | None:
    with writing():
        result = db.session.execute(statement)
        return result.inserted_primary_key[0] if result.is_insert else None


def refused(statement, by: str) -> None:
    """Hold that the database refuses a statement, for the reason that is meant."""
    with pytest.raises(IntegrityError) as caught:
        write(statement)
    assert by in str(caught.value.orig)


def finding(item: Item, person_id: int, found: dict[str, object]) -> int:
    sealed = {"findings": b"sealed", "made_at": clock.now()}
    return write(insert(Assessment).values(item_id=item.id, assessor_id=person_id, **sealed, **found))


def verdict(item: Item, first: tuple[int, int], second: tuple[int, int], found: dict[str, object]):
    people = {"first_id": first[0], "first_by": first[1], "second_id": second[0], "second_by": second[1]}
    people["looks_until"] = max(first[0], second[0])
    return insert(Verdict).values(item_id=item.id, agreed_at=clock.now(), **people, **found)


def agreed(item: Item, found: dict[str, object]) -> int:
    """Let two people find the same, and leave the item to letters; return the verdict's id."""
    one, two, _ = (person.id for person in steps.team())
    said = write(verdict(item, (finding(item, one, found), one), (finding(item, two, found), two), found))
    decide(item)
    return said


def decide(item: Item) -> None:
    write(update(Item).where(Item.id == item.id).values(status=ItemStatus.DECIDED))


def notice(channel: Channel = Channel.HOST, **more: object) -> int:
    letter = {"template": "notice_host", "letter": b"sealed", "language": Language.EN, "attempts": 0}
    known = {"drafted_by_id": steps.team()[0].id, "drafted_at": clock.now(), "status": NoticeStatus.DRAFT} | more
    named = {"ref": f"N-{channel}", "message_id": f"<{channel}@hotline.example>", "recipient_id": steps.recipient().id}
    return write(insert(Notice).values(channel=channel, **letter, **named, **known))


def line(notice_id: int, item: Item, verdict_id: int, found: dict[str, object], channel: Channel = Channel.HOST):
    known = {"in_danger": item.in_danger, "channel": channel} | found
    return insert(NoticeItem).values(notice_id=notice_id, item_id=item.id, verdict_id=verdict_id, **known)


def broken_key(name: str) -> str:
    """Return how the database names a broken reference: SQLite does not say which."""
    return "FOREIGN KEY" if db.engine.dialect.name == "sqlite" else name


def test_two_agreeing_findings_make_a_verdict(office: Flask) -> None:
    item = steps.new_item()

    agreed(item, ILLEGAL)

    assert db.session.scalars(select(Verdict.law)).one() is LawVerdict.ILLEGAL


def test_one_person_is_no_verdict(office: Flask) -> None:
    item, one = steps.new_item(), steps.team()[0].id
    first, again = finding(item, one, ILLEGAL), finding(item, one, ILLEGAL)

    refused(verdict(item, (first, one), (again, one), ILLEGAL), "two_people")
    refused(verdict(item, (first, one), (first, one), ILLEGAL), "two_people")


def test_nobody_agrees_in_anothers_name(office: Flask) -> None:
    item, (one, two, _) = steps.new_item(), (person.id for person in steps.team())
    first, again = finding(item, one, ILLEGAL), finding(item, one, ILLEGAL)

    refused(verdict(item, (first, one), (again, two), ILLEGAL), broken_key("fk_verdicts_second"))
    refused(verdict(item, (first, two), (again, one), ILLEGAL), broken_key("fk_verdicts_first"))


@pytest.mark.parametrize(
    "said",
    [
        NATIONAL,
        ILLEGAL | {"law": LawVerdict.NOT_ILLEGAL},
        ILLEGAL | {"inhope_class": InhopeClass.NATIONAL},
    ],
)
def test_a_verdict_says_what_both_findings_say(office: Flask, said: dict[str, object]) -> None:
    item, (one, two, _) = steps.new_item(), (person.id for person in steps.team())
    first, second = (finding(item, one, ILLEGAL), one), (finding(item, two, said), two)

    for words, name in ((ILLEGAL, "fk_verdicts_second"), (said, "fk_verdicts_first")):
        refused(verdict(item, first, second, words), broken_key(name))


def test_findings_about_one_item_are_no_verdict_on_another(office: Flask) -> None:
    item, other = steps.new_item(), steps.new_item("https://b.example/2", "two")
    one, two, _ = (person.id for person in steps.team())
    first, second = (finding(item, one, ILLEGAL), one), (finding(item, two, ILLEGAL), two)

    refused(verdict(other, first, second, ILLEGAL), broken_key("fk_verdicts_"))


def test_an_item_has_one_verdict(office: Flask) -> None:
    item = steps.new_item()
    agreed(item, ILLEGAL)

    with pytest.raises(IntegrityError):
        agreed(item, ILLEGAL)


def test_an_address_is_listed_only_with_a_verdict_on_it(office: Flask) -> None:
    item, other = steps.new_item(), steps.new_item("https://b.example/2", "two")
    known, letter = agreed(item, ILLEGAL), notice()
    decide(other)
    reason = broken_key("fk_notice_items_verdict")

    refused(line(letter, other, known, ILLEGAL), reason)
    refused(line(letter, item, known + 1, ILLEGAL), reason)
    refused(line(letter, item, known, ILLEGAL | {"inhope_class": InhopeClass.NATIONAL}), reason)
    write(line(letter, item, known, ILLEGAL))


def test_an_address_goes_only_where_its_notice_goes(office: Flask) -> None:
    item = steps.new_item()
    known, letter = agreed(item, ILLEGAL), notice(Channel.HOST)

    for channel in (Channel.POLICE, Channel.PARTNER):
        refused(line(letter, item, known, ILLEGAL, channel), broken_key("fk_notice_items_notice"))


@pytest.mark.parametrize(("found", "channel"), [(QUIET, one) for one in Channel] + [(NATIONAL, Channel.HOST)])
def test_a_verdict_that_does_not_open_a_channel_lists_nothing_there(office: Flask, found, channel: Channel) -> None:
    item = steps.new_item()
    known, letter = agreed(item, found), notice(channel)

    refused(line(letter, item, known, found, channel), "gate")


def test_the_database_and_the_rule_open_the_same_channels(office: Flask) -> None:
    for found, law, channel, in_danger in itertools.product(InhopeClass, LawVerdict, Channel, (True, False)):
        words = {"inhope_class": str(found), "law": str(law), "channel": str(channel), "in_danger": in_danger}
        row = select(*(literal(value).label(name) for name, value in words.items())).subquery()
        opened = db.session.scalar(select(func.count()).select_from(row).where(text(GATE)))

        assert bool(opened) is (channel in gate.channels(found, law, in_danger=in_danger)), words


def test_a_child_in_danger_opens_the_police_alone_and_only_where_the_item_says_so(office: Flask) -> None:
    item, other = steps.new_item(), steps.new_item("https://b.example/2", "two")
    write(update(Item).where(Item.id == item.id).values(in_danger=True))
    known, unsaid = agreed(item, QUIET), agreed(other, QUIET)
    police, host = notice(Channel.POLICE), notice(Channel.HOST)

    refused(line(host, item, known, QUIET), "gate")
    refused(line(police, other, unsaid, QUIET | {"in_danger": True}, Channel.POLICE), "may not go")
    write(line(police, item, known, QUIET, Channel.POLICE))


def test_a_verdict_that_a_letter_rests_on_cannot_be_taken_away(office: Flask) -> None:
    item = steps.new_item()
    known = agreed(item, ILLEGAL)
    write(line(notice(), item, known, ILLEGAL))

    refused(text("DELETE FROM verdicts"), broken_key("fk_notice_items_verdict"))
    refused(text("DELETE FROM assessments"), broken_key("fk_verdicts_"))


def test_a_notice_keeps_its_channel_once_it_lists_an_address(office: Flask) -> None:
    item = steps.new_item()
    known = agreed(item, ILLEGAL)
    write(line(notice(), item, known, ILLEGAL))

    refused(update(Notice).values(channel=Channel.PARTNER), broken_key("fk_notice_items_notice"))


def test_words_outside_the_vocabulary_are_refused(office: Flask) -> None:
    steps.new_item()

    refused(text("UPDATE items SET status = 'approved'"), "itemstatus")
    assert db.session.scalars(select(Item.status)).one() is ItemStatus.NEW


def test_the_services_pass_the_same_gate(office: Flask) -> None:
    item = steps.looked_at_twice()
    with writing():
        notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=steps.team()[0])

    assert db.session.scalars(select(NoticeItem.channel)).one() is Channel.HOST
