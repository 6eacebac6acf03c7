"""What is stuck: each part is found, the longest first, page by page, and off its small index."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import Notice, Recipient, Staff
from hotline.models.clock import Clock
from hotline.rules.entries import Entry
from hotline.rules.follow_up import Why
from hotline.services import assessments, clocks, demo, directory, holds, notices, staff, stuck
from hotline.services.stuck import Part
from hotline.transactions import writing
from hotline.vocabulary import Channel, CorrectionReason, Delivery, Duty, Language, PauseReason, RecipientKind
from tests.services import steps

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
URLS = tuple(f"https://img-board.example/t/{number}" for number in (1, 2, 3))


def run_out(duty: Duty) -> None:
    """Let every clock of a duty have run out, the later begun the later."""
    with writing():
        for place, one in enumerate(db.session.scalars(select(Clock).where(Clock.duty == duty).order_by(Clock.id))):
            one.due_at = one.breached_at = clock.now() - DAY + place * HOUR
            one.next_at = None
    db.session.expire_all()


def sent(url: str = URLS[0]) -> Notice:
    item, (first, second, _) = steps.looked_at_twice(url=url), steps.team()
    with writing():
        notice = notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notices.approve(notice, by=second)
    with writing():
        notices._record_sent(notice.id)
    db.session.expire_all()
    return notice


def refs(part: Part, **told: object) -> list[str]:
    return [one.place.ref for one in stuck.list_part(part, by=steps.team()[0], **told).lines]


def test_nothing_is_stuck_at_first(office: Flask) -> None:
    steps.looked_at_twice()

    assert not any(stuck.counts().values())


def test_what_nobody_has_written_about_is_listed_the_longest_first_and_page_by_page(office: Flask) -> None:
    items = [steps.looked_at_twice(url=url).ref for url in URLS]
    run_out(Duty.NOTIFY)

    page = stuck.list_part(Part.UNWRITTEN, by=steps.team()[0], most=2)

    assert ([one.place.ref for one in page.lines], page.lines[0].has_nobody) == (items[:2], True)
    assert refs(Part.UNWRITTEN, most=2, after=page.next) == items[2:]
    assert stuck.counts()[Part.UNWRITTEN] == 3


def test_what_is_held_is_not_stuck(office: Flask) -> None:
    item, unit = steps.looked_at_twice(), police_unit()
    with writing():
        day = (clock.now() + 5 * DAY).date()
        holds.place(item, unit, "police_ask", reference="", review_on=day, by=steps.team()[0])
    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.NOTIFY).values(due_at=clock.now() - DAY))

    assert refs(Part.UNWRITTEN) == []


def police_unit() -> Recipient:
    with writing():
        db.session.execute(update(Recipient).where(Recipient.id == steps.recipient().id).values(kind="police"))
    db.session.expire_all()
    return steps.recipient()


def test_a_letter_without_an_answer_is_listed_once_no_reminder_goes_by_itself(office: Flask) -> None:
    notice = sent()
    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.REMOVE).values(next_at=clock.now() - HOUR))
        db.session.execute(update(Clock).where(Clock.duty == Duty.REMOVE).values(due_at=clock.now() - HOUR))
    clocks.sweep_due()
    db.session.expire_all()
    assert refs(Part.UNHEARD) == []  # word is left: what follows by itself is not decided yet

    with writing():
        db.session.execute(text("DELETE FROM outbox"))

    (line,) = stuck.list_part(Part.UNHEARD, by=steps.team()[0]).lines
    assert (line.place.ref, line.next.why) == (notice.ref, Why.KEPT_BACK)  # no mail server is set


def test_after_a_correction_a_letter_on_the_old_verdict_is_neither_counted_nor_listed(office: Flask) -> None:
    notice = sent()
    run_out(Duty.REMOVE)
    assert (refs(Part.UNHEARD), stuck.counts()[Part.UNHEARD]) == ([notice.ref], 1)
    item, (first, second, third) = notice.lines[0].item, steps.team()
    with writing():
        assessments.correct(item, CorrectionReason.MISTAKE, by=third)
    with writing():
        assessments.first_look(item, demo.ILLEGAL, by=first)
        assessments.take_review(item, by=second)
        assessments.second_look(item, demo.ILLEGAL, by=second)

    assert (refs(Part.UNHEARD), stuck.counts()[Part.UNHEARD]) == ([], 0)


def test_a_letter_above_is_left_out_while_another_of_its_chain_is_written(office: Flask) -> None:
    root = sent()
    first, second, third = steps.team()
    above, further = (entry(name, by=third) for name in ("Upstream", "Registry"))
    with writing():
        raised = notices.draft_escalation(root, above, [root.lines[0].item], by=first)
        notices.approve(raised, by=second)
    with writing():
        notices._record_sent(raised.id)
    db.session.expire_all()
    run_out(Duty.REMOVE)
    assert (refs(Part.UNHEARD), stuck.counts()[Part.UNHEARD]) == ([raised.ref], 1)

    with writing():
        notices.draft_escalation(root, further, [root.lines[0].item], by=first)

    assert (refs(Part.UNHEARD), stuck.counts()[Part.UNHEARD]) == ([], 0)


def entry(name: str, *, by: Staff) -> Recipient:
    with writing():
        facts = Entry(
            f"Example {name}", RecipientKind.HOSTING_PROVIDER, f"abuse@{name.lower()}.example", "NL", Language.EN
        )
        made = directory.enter(facts, by=by)
        directory.verify(made, by=by)
        return made


def test_a_pause_by_a_person_is_told_once_it_may_be_forgotten(office: Flask) -> None:
    notice = sent()
    with writing():
        clocks.stand_still(notice, Duty.REMOVE, PauseReason.PARTNER, by=steps.team()[0])
    assert refs(Part.UNHEARD) == []

    with writing():
        db.session.execute(update(Clock).where(Clock.duty == Duty.REMOVE).values(paused_at=clock.now() - 4 * DAY))
    db.session.expire_all()

    assert refs(Part.UNHEARD) == [notice.ref]


def test_letters_that_wait_for_a_persons_hand_are_listed_after_a_while(office: Flask) -> None:
    item, (first, second, _) = steps.looked_at_twice(), steps.team()
    with writing():
        facts = {"delivery": Delivery.WEB_FORM, "form_url": "https://forms.example/report"}
        db.session.execute(update(Recipient).where(Recipient.id == steps.recipient().id).values(**facts))
    db.session.expire_all()
    with writing():
        notice = notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notices.approve(notice, by=second)
    assert refs(Part.BY_HAND) == []
    with writing():
        db.session.execute(update(Notice).values(kept_at=clock.now() - DAY))

    assert refs(Part.BY_HAND) == [notice.ref]
    assert stuck.counts()[Part.BY_HAND] == 1


def test_letters_that_failed_are_listed_page_by_page(office: Flask) -> None:
    failed = []
    for url in URLS:
        item, (first, second, _) = steps.looked_at_twice(url=url), steps.team()
        with writing():
            notice = notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
            notices.approve(notice, by=second)
        with writing():
            notices._fail(notice, "550")
        failed.append(notice.ref)

    page = stuck.list_part(Part.LETTERS, by=steps.team()[0], most=2)

    assert [one.place.ref for one in page.lines] == failed[:2]
    assert refs(Part.LETTERS, most=2, after=page.next) == failed[2:]


@pytest.mark.parametrize("cursor", ["x", "1", "1.x", "1.1.1", "-1.2", "9" * 20 + ".1"])
def test_a_cursor_that_is_none_is_refused(office: Flask, cursor: str) -> None:
    with pytest.raises(Refused):
        stuck.list_part(Part.UNWRITTEN, by=steps.team()[0], after=cursor)


def test_nobody_but_who_works_on_cases_sees_a_line(office: Flask) -> None:
    steps.looked_at_twice()
    run_out(Duty.NOTIFY)

    assert stuck.list_part(Part.UNWRITTEN, by=staff.get_by_name("kunthea")).lines == []


@pytest.mark.parametrize("part", [part for part in Part if part in stuck.DUTIES])
def test_clocks_are_read_off_their_small_index(office: Flask, part: Part) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    query = select(Clock).where(*stuck._stuck(part)).order_by(Clock.due_at, Clock.id).limit(10)
    sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))

    plan = " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))

    assert "ix_clocks_stuck" in plan
    assert "TEMP B-TREE" not in plan


def test_the_list_of_letters_is_read_in_two_parts_without_sorting(office: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    drafts = select(Notice.id).where(Notice.status == "draft", Notice.id > 0).order_by(Notice.id).limit(10)
    rest = select(Notice.id).where(Notice.status != "draft").order_by(Notice.id.desc()).limit(10)

    for query in (drafts, rest):
        sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = " ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
        assert "TEMP B-TREE" not in plan


def test_pages_of_letters_follow_each_other(office: Flask) -> None:
    first, second, _ = steps.team()
    made = []
    for item in [steps.looked_at_twice(url=url) for url in (*URLS, "https://img-board.example/t/4")]:
        with writing():
            made.append(notices.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first))
    with writing():
        for one in made[:2]:
            notices.approve(one, by=second)

    seen, after = [], ""
    while True:
        page = notices.list_page(by=first, after=after, limit=1)
        seen += [one.ref for one in page.rows]
        after = page.next
        if not after:
            break

    assert seen == [made[2].ref, made[3].ref, made[1].ref, made[0].ref]
