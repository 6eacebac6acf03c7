"""Lists of addresses: stored once, worked off once, wherever somebody or something breaks in."""

import io
import itertools

import pytest
from flask import Flask
from sqlalchemy import func, select

from hotline import outbox
from hotline.errors import Refused, StorageFull, WrongState
from hotline.extensions import db
from hotline.jobs import rows
from hotline.models import Item, Mention, Report, Upload, UploadLine
from hotline.outbox import Task
from hotline.services import intake, uploads
from hotline.transactions import writing
from hotline.vocabulary import LineResult, ReportSource, UploadState
from tests.services import steps

LINES = [
    "https://a.example/1",
    "hxxps://b[.]example/2",
    "nothing here",
    "https://a.example/1#again",
    "https://known.example/",
    "",
    "=cmd https://formula.example/x",
    "x" * 9_000,
    "https://c.example/1 and https://c.example/2",
    "https://c.example/2",
]
RESULTS = ["new", "new", "no_address", "repeated", "known", "new", "too_long", "new", "repeated"]


def sent(text: str, **more: str) -> Upload:
    told = {"source": "partner", "category": "csam", "origin": "A partner, letter 7"} | more
    return uploads.take(io.BytesIO(text.encode()), **told, by=steps.team()[0]).upload


def results(upload: Upload) -> list[str]:
    lines = select(UploadLine.result).where(UploadLine.upload_id == upload.id).order_by(UploadLine.number)
    return [str(result) for result in db.session.scalars(lines)]


def end_state() -> tuple[object, ...]:
    """Return everything that must come out the same, however often the work was broken off."""
    db.session.rollback()
    upload = db.session.scalars(select(Upload)).one()
    items = sorted((item.address_index, item.report_count) for item in db.session.scalars(select(Item)))
    lines = db.session.execute(select(UploadLine.number, UploadLine.result).order_by(UploadLine.number)).all()
    reports = db.session.scalar(select(func.count()).select_from(Report))
    mentions = db.session.scalar(select(func.count()).select_from(Mention))
    left = db.session.scalars(select(Task.record_id).where(Task.job == uploads.WORK_OFF)).all()
    return upload.state, upload.done, upload.total, items, [tuple(line) for line in lines], reports, mentions, left


def test_each_line_is_worked_off_and_says_what_became_of_it(office: Flask) -> None:
    steps.new_item("https://known.example/")
    upload = sent("\n".join(LINES))
    assert (upload.state, upload.total, upload.done) == (UploadState.WAITING, 9, 1)

    uploads.work_off(upload.id)

    db.session.expire_all()
    assert (upload.state, upload.done) == (UploadState.DONE, 9)
    assert results(upload) == RESULTS
    report = db.session.scalars(select(Report).order_by(Report.id.desc())).first()
    assert (report.origin.source, report.origin.taken_by_id) == (ReportSource.PARTNER, steps.team()[0].id)
    assert [item.report_count for item in db.session.scalars(select(Item).order_by(Item.id))] == [2, 1, 1, 1, 1, 1]
    shown, more = uploads.list_outcomes(upload, LineResult.NO_ADDRESS, after=0, by=steps.team()[0])
    assert ([(one.number, one.typed) for one in shown], more) == ([(3, "nothing here")], False)


def test_a_list_of_many_lines_makes_one_report_of_twenty_and_counts_an_item_once(office: Flask) -> None:
    urls = [f"https://a.example/{number}" for number in range(45)]
    upload = sent("\n".join(urls + urls))

    uploads.work_off(upload.id)

    assert db.session.scalar(select(func.count()).select_from(Report)) == 3
    assert set(db.session.scalars(select(Item.report_count))) == {1}
    assert uploads.count_results(upload) == {LineResult.NEW: 45, LineResult.REPEATED: 45}


def test_lines_of_many_addresses_hold_nobody_up_for_long(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of too many is not worked off; of the others no transaction and no report takes more than its share."""
    monkeypatch.setattr(uploads, "BATCH", 40)
    many = " ".join(f"https://many.example/{number}" for number in range(uploads.MOST_IN_LINE + 1))
    fifteen = [" ".join(f"https://a.example/{line}/{number}" for number in range(15)) for line in range(5)]
    upload = sent("\n".join([many, *fifteen]))

    uploads.work_off(upload.id, seconds=-1)
    db.session.expire_all()
    assert (upload.done, db.session.scalar(select(func.count()).select_from(Item))) == (3, 30)

    uploads.work_off(upload.id)
    db.session.expire_all()
    assert results(upload) == ["too_many", *["new"] * 5]
    assert (upload.done, upload.total) == (6, 6)
    of_each = select(func.count()).select_from(Mention).group_by(Mention.report_id)
    assert db.session.scalars(of_each).all() == [15] * 5
    shown, _more = uploads.list_outcomes(upload, LineResult.TOO_MANY, after=0, by=steps.team()[0])
    assert [one.typed for one in shown] == [many]


def test_a_line_that_breaks_a_rule_of_ours_holds_up_no_other(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    file_report = intake.file_report

    def stumble(said, **more):
        if "breaks" in said.urls:
            raise ZeroDivisionError
        return file_report(said, **more)

    monkeypatch.setattr(intake, "file_report", stumble)
    urls = [f"https://a.example/{number}" for number in range(5)]
    upload = sent("\n".join([*urls[:3], "https://a.example/breaks", *urls[3:]]))

    uploads.work_off(upload.id)

    db.session.expire_all()
    assert (upload.state, upload.done) == (UploadState.DONE, 6)
    assert results(upload) == ["new", "new", "new", "unreadable", "new", "new"]
    assert set(db.session.scalars(select(Item.report_count))) == {1}
    assert db.session.scalars(select(Task).where(Task.job == uploads.WORK_OFF)).all() == []


def test_a_store_that_is_full_makes_no_line_unreadable(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageFull("no space left")

    upload = sent("https://a.example/1\nhttps://a.example/2")
    with monkeypatch.context() as broken:
        broken.setattr(intake, "file_report", full)
        with pytest.raises(StorageFull):
            uploads.work_off(upload.id)

    uploads.work_off(upload.id)
    assert results(upload) == ["new", "new"]


def test_the_same_file_is_taken_once(office: Flask) -> None:
    first = sent("https://a.example/1")
    again = uploads.take(io.BytesIO(b"https://a.example/1"), "police", "other", "Somebody else", by=steps.team()[1])

    assert (again.upload.ref, again.is_new, again.upload.source) == (first.ref, False, ReportSource.PARTNER)
    assert db.session.scalar(select(func.count()).select_from(Upload)) == 1


def test_everything_that_is_wrong_is_said_at_once(office: Flask) -> None:
    with pytest.raises(Refused) as refusal:
        uploads.take(io.BytesIO(b""), "telephone", "", " ", by=steps.team()[0])

    assert refusal.value.faults == (
        ("file", "empty"),
        ("source", "required"),
        ("category", "required"),
        ("origin", "length"),
    )


def test_a_stopped_list_is_left_alone_until_it_goes_on(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BATCH", 2)
    upload = sent("\n".join(f"https://a.example/{number}" for number in range(5)))
    uploads.work_off(upload.id, seconds=-1)
    with writing():
        uploads.stop(uploads.get(upload.ref), by=steps.team()[0])

    uploads.work_off(upload.id)

    db.session.expire_all()
    assert (upload.state, upload.done) == (UploadState.STOPPED, 2)
    assert db.session.scalars(select(Task).where(Task.job == uploads.WORK_OFF)).all() == []
    with pytest.raises(WrongState), writing():
        uploads.stop(uploads.get(upload.ref), by=steps.team()[0])
    with writing():
        uploads.go_on(uploads.get(upload.ref), by=steps.team()[0])
    ref = upload.ref
    rows.work_off()
    assert uploads.get(ref).state is UploadState.DONE


def test_a_long_list_lets_other_work_have_its_turn(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BATCH", 2)
    upload = sent("\n".join(f"https://a.example/{number}" for number in range(5)))

    uploads.work_off(upload.id, seconds=-1)

    with writing():
        assert outbox.take_due(db.session(), most=5)[0] == (uploads.WORK_OFF, upload.id)
    assert uploads.get(upload.ref).done == 2


class Killed(BaseException):
    """What a process that is killed does: nothing more."""


@pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
def test_killed_anywhere_a_list_comes_to_the_same_end(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every commit, and every statement that writes a report, is a place to be killed at; each is tried in turn."""
    monkeypatch.setattr(uploads, "BATCH", 3)
    monkeypatch.setattr(uploads, "PER_REPORT", 2)
    monkeypatch.setattr(uploads, "STORED", 3)
    file_report, commit = intake.file_report, db.session().commit
    text = "\n".join(LINES)
    ends = set()
    for place in itertools.count():
        left = [place]

        def deadly(deed, left=left):
            def wrapper(*args, **kwargs):
                left[0] -= 1
                if left[0] == -1:
                    raise Killed
                done = deed(*args, **kwargs)
                left[0] -= 1
                if left[0] == -1:
                    raise Killed
                return done

            return wrapper

        monkeypatch.setattr(intake, "file_report", deadly(file_report))
        monkeypatch.setattr(db.session(), "commit", deadly(commit))
        try:
            upload = sent(text)
            uploads.work_off(upload.id)
        except Killed:
            pass
        monkeypatch.setattr(intake, "file_report", file_report)
        monkeypatch.setattr(db.session(), "commit", commit)
        survived = left[0] >= 0
        db.session.rollback()
        if (killed := db.session.scalar(select(Upload))) is None or killed.state is UploadState.ARRIVING:
            sent(text)  # whoever sent it sees that it is not all there, and sends it again
        for _ in range(2):
            uploads.work_off(db.session.scalars(select(Upload.id)).one())
        state = end_state()
        ends.add(repr([part if not isinstance(part, list) else len(part) for part in state]) + repr(state[4]))
        _empty()
        if survived:
            break
    assert place > 20
    assert len(ends) == 1, ends


def _empty() -> None:
    with writing():
        for model in (UploadLine, Upload, Mention, Task):
            db.session.query(model).delete()
        for report in db.session.scalars(select(Report)):
            db.session.delete(report)
        db.session.query(Item).delete()


def test_a_store_that_fills_up_half_way_leaves_a_list_that_can_be_sent_again(office: Flask, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "STORED", 2)
    add, calls = uploads._add_missing, []

    def full(*args: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise StorageFull("no space left")
        add(*args)

    monkeypatch.setattr(uploads, "_add_missing", full)
    text = "\n".join(f"https://a.example/{number}" for number in range(5))
    with pytest.raises(StorageFull):
        sent(text)
    assert db.session.scalars(select(Upload)).one().state is UploadState.ARRIVING

    upload = sent(text)

    assert (upload.state, upload.total) == (UploadState.WAITING, 5)


def test_two_people_sending_one_file_store_it_once(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "STORED", 2)
    text = "\n".join(f"https://a.example/{number}" for number in range(9))

    done = steps.together(office, [lambda: sent(text).total] * 2)

    upload = db.session.scalars(select(Upload)).one()
    assert not [one for one in done if isinstance(one, Exception)], done
    assert (upload.state, upload.total) == (UploadState.WAITING, 9)
    assert db.session.scalar(select(func.count()).select_from(UploadLine)) == 9
