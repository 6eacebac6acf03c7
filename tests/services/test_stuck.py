"""What is stuck: each part is found, the longest first, page by page, and off its small index."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from hotline import clock
from hotline.errors import Refused
from hotline.extensions import db
from hotline.models import Exchange, Item, Notice, Recipient, Staff
from hotline.models.clock import Clock
from hotline.rules.entries import Entry
from hotline.rules.follow_up import Why
from hotline.services import (
    assessments,
    clock_rounds,
    clocks,
    demo,
    directory,
    exchange,
    holds,
    host_rules,
    iccam,
    notice_approval,
    notice_drafting,
    notice_sending,
    notices,
    replies,
    staff,
    stuck,
)
from hotline.services.stuck import Part
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    CorrectionReason,
    Delivery,
    Duty,
    ExchangeMeans,
    HostRuleKind,
    ItemStatus,
    Language,
    PauseReason,
    RecipientKind,
    ReplyKind,
)
from tests.services import police_steps, steps
from tests.services.partner import hotline

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MAIL, OUT = ReplyKind.MAIL, ReplyKind.OUT_OF_OFFICE
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
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
    with writing():
        notice_sending._record_sent(notice.id)
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


def test_what_the_police_or_a_partner_were_told_says_so(office: Flask) -> None:
    by_police, by_others, by_nobody = (steps.looked_at_twice(url=url) for url in URLS)
    police_steps.handed_over(by_police)
    with writing():
        for one in (by_police, by_others):
            db.session.get_one(Item, one.id).status = ItemStatus.ACTING
            clocks.start(one, Duty.NOTIFY)
    run_out(Duty.NOTIFY)

    lines = stuck.list_part(Part.UNWRITTEN, by=steps.team()[0]).lines

    told = {one.place.ref: one.told for one in lines}
    assert told == {by_police.ref: stuck.POLICE, by_others.ref: stuck.OTHERS, by_nobody.ref: ""}


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
    clock_rounds.sweep_due()
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
        raised = notice_drafting.draft_escalation(root, above, [root.lines[0].item], by=first)
        notice_approval.approve(raised, by=second)
    with writing():
        notice_sending._record_sent(raised.id)
    db.session.expire_all()
    run_out(Duty.REMOVE)
    assert (refs(Part.UNHEARD), stuck.counts()[Part.UNHEARD]) == ([raised.ref], 1)

    with writing():
        notice_drafting.draft_escalation(root, further, [root.lines[0].item], by=first)

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
        notice = notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
        notice_approval.approve(notice, by=second)
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
            notice = notice_drafting.draft(
                item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first
            )
            notice_approval.approve(notice, by=second)
        with writing():
            notice_sending.fail(notice, "550")
        failed.append(notice.ref)

    page = stuck.list_part(Part.LETTERS, by=steps.team()[0], most=2)

    assert [one.place.ref for one in page.lines] == failed[:2]
    assert refs(Part.LETTERS, most=2, after=page.next) == failed[2:]


def test_what_nobody_has_read_is_listed_after_a_day(office: Flask) -> None:
    notice = sent()
    with writing():
        for place, (kind, age) in enumerate([(MAIL, 2 * DAY), (MAIL, 3 * DAY), (MAIL, HOUR), (OUT, 2 * DAY)]):
            replies.record(notice, kind, key=bytes([place]) * 16, came_at=clock.now() - age)

    page = stuck.list_part(Part.UNREAD, by=steps.team()[0], most=1)
    (next_one,) = stuck.list_part(Part.UNREAD, by=steps.team()[0], most=1, after=page.next).lines

    assert (page.lines[0].place.ref, stuck.counts()[Part.UNREAD]) == (notice.ref, 2)
    assert page.lines[0].since < next_one.since < clock.now() - DAY


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
            made.append(
                notice_drafting.draft(item, steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first)
            )
    with writing():
        for one in made[:2]:
            notice_approval.approve(one, by=second)

    seen, after = [], ""
    while True:
        page = notices.list_page(by=first, after=after, limit=1)
        seen += [one.ref for one in page.rows]
        after = page.next
        if not after:
            break

    assert seen == [made[2].ref, made[3].ref, made[1].ref, made[0].ref]


def offer(url: str = URLS[0]) -> Exchange:
    """Let two people offer an address to a partner by hand; it is not handed over."""
    item, partner, (first, second, _) = steps.looked_at_twice(url=url), hotline(), steps.team()
    with writing():
        drafted = exchange.draft(item, partner.ref, ExchangeMeans.BY_HAND, by=first)
    with writing():
        exchange.approve(drafted, by=second)
    return drafted


def test_an_offer_that_nobody_handed_over_is_listed_after_a_day(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = offer(URLS[0]), offer(URLS[1])
    assert refs(Part.OFFERS) == []

    later(monkeypatch, 2 * DAY)
    assert (refs(Part.OFFERS), stuck.counts()[Part.OFFERS]) == ([here.ref, there.ref], 2)
    with writing():
        exchange.record_handed(here, "by courier", by=steps.team()[0])

    page = stuck.list_part(Part.OFFERS, by=steps.team()[0])
    assert [one.place.ref for one in page.lines] == [there.ref]


def test_of_what_iccam_was_not_told_each_items_next_step_is_listed_after_a_day(
    office: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, other = (steps.looked_at_twice(url=url) for url in URLS[:2])
    first = steps.team()[0]
    with writing():
        for one in (item, other):
            iccam.begin(one, "", "", by=first)
    assert stuck.counts()[Part.ICCAM] == 0

    later(monkeypatch, 2 * DAY)
    assert (refs(Part.ICCAM), stuck.counts()[Part.ICCAM]) == ([item.ref, other.ref], 2)
    with writing():
        iccam.record_typed(item, iccam.get(item).entries[0], "4711", "47110", by=first)
    assert refs(Part.ICCAM) == [item.ref, other.ref]
    with writing():
        for number in (item.id, other.id):
            db.session.execute(update(Item).where(Item.id == number).values(status=ItemStatus.CLOSED))
    db.session.expire_all()
    assert refs(Part.ICCAM) == []


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    moment = clock.now() + by
    monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.mark.parametrize(
    ("part", "index"),
    [
        (Part.UNREAD, "ix_replies_unread"),
        (Part.OFFERS, "ix_exchanges_"),
        (Part.ICCAM, "ix_iccam_entries_state"),
    ],
)
def test_what_has_no_clock_is_read_off_an_index_too(office: Flask, part: Part, index: str) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds, which is little here")
    asked = stuck._ids(part).limit(10).compile(db.engine)
    told = asked.construct_expanded_state()

    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {told.statement}", told.positional_parameters)

    lines = " ".join(row[3] for row in plan)
    assert index in lines
    assert not [line for line in lines.split("SCAN ")[1:] if "USING" not in line]


def test_once_somebody_above_does_nothing_the_line_says_whether_anybody_is_left(office: Flask) -> None:
    root = sent()
    first, second, third = steps.team()
    above = entry("Upstream", by=third)
    with writing():
        raised = notice_drafting.draft_escalation(root, above, [root.lines[0].item], by=first)
        notice_approval.approve(raised, by=second)
    with writing():
        notice_sending._record_sent(raised.id)
    db.session.expire_all()
    run_out(Duty.REMOVE)

    (line,) = stuck.list_part(Part.UNHEARD, by=first).lines
    assert (line.next.why, line.has_nobody) == (Why.STUCK, True)

    further = entry("Registry", by=third)
    with writing():
        host_rules.add(
            "img-board.example",
            HostRuleKind.PROVIDER,
            whole_domain=False,
            recipient=further,
            note="They said so.",
            days=90,
            by=third,
        )

    (line,) = stuck.list_part(Part.UNHEARD, by=first).lines
    assert (line.next.why, line.has_nobody) == (Why.STUCK, False)
