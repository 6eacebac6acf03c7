"""Following a letter at the desk: what comes next and why, reminding, standing still, and writing to somebody else."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from hotline import clock
from hotline.extensions import db
from hotline.models import Notice
from hotline.models.clock import Clock
from hotline.rules.entries import Entry
from hotline.rules.hosting import Account, NetworkFacts
from hotline.rules.letter_texts import Text
from hotline.services import (
    appeal_cases,
    clock_rounds,
    directory,
    host_rules,
    hosting,
    letter_templates,
    notice_approval,
    notice_drafting,
    notice_sending,
    reminders,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Duty,
    HostRuleKind,
    Language,
    LetterKey,
    Mark,
    NoticeKind,
    NoticeStatus,
    RecipientKind,
)
from tests import page
from tests.blueprints.desk import letter_site
from tests.blueprints.desk.letter_site import LIVE, LetterSite

DAY = timedelta(days=1)


@pytest.fixture
def letters(desk_dir: Path) -> LetterSite:
    """A desk with a mail server that nobody asks: letters are recorded as sent by the tests."""
    return letter_site.with_mail(desk_dir, 9)


def sent(site: LetterSite) -> str:
    """Let a letter go, as the worker records it."""
    ref = site.approved()
    with site.context(), writing():
        notice_sending._record_sent(site.notice(ref).id)
    return ref


def run_out(site: LetterSite) -> None:
    """Let every recipient's time be over, and do what follows by itself."""
    with site.context():
        with writing():
            past = clock.now() - timedelta(hours=1)
            values = {"started_at": past - DAY, "due_at": past, "next_at": past}
            db.session.execute(update(Clock).where(Clock.duty == Duty.REMOVE, Clock.ended_at.is_(None)).values(values))
        clock_rounds.sweep_due()


def above(site: LetterSite) -> str:
    """Let the directory know somebody else who hosts the host of the letter; return the reference."""
    with site.context(), writing():
        by = site.person("dara")
        entry = Entry("Example Upstream", RecipientKind.HOSTING_PROVIDER, "abuse@upstream.example", "NL", Language.EN)
        upstream = directory.enter(entry, by=by)
        directory.verify(upstream, by=by)
        host_rules.add(
            "img-board.example",
            HostRuleKind.PROVIDER,
            whole_domain=False,
            recipient=upstream,
            note="They said so.",
            days=90,
            by=by,
        )
        return upstream.ref


def newest(site: LetterSite) -> Notice:
    return db.session.scalars(select(Notice).order_by(Notice.id.desc())).first()


def test_the_page_says_what_comes_next_and_when(letters: LetterSite) -> None:
    ref = sent(letters)

    shown = letters.sign_in("rith").page(f"/desk/notices/{ref}")

    card = shown.by_id(f"notice-next-{ref}").text
    assert "Their time runs until" in card
    assert "a reminder goes by itself at" in card


def test_before_approval_the_page_says_what_it_covers(letters: LetterSite) -> None:
    ref = letters.draft()

    shown = letters.sign_in("dara").page(f"/desk/notices/{ref}")

    assert "a reminder goes by itself, with your approval. Time to act: 24 hours." in shown.text


@pytest.mark.parametrize("htmx", [False, True])
def test_somebody_reminds_now(letters: LetterSite, htmx: bool) -> None:
    ref = sent(letters)
    run_out(letters)
    browser = letters.sign_in("rith")
    browser.page(f"/desk/notices/{ref}")

    answer = browser.post(f"/desk/notices/{ref}/remind", htmx=htmx)

    with letters.context():
        reminder = newest(letters)
        assert (reminder.kind, reminder.status) == (NoticeKind.REMINDER, NoticeStatus.QUEUED)
        to = f"/desk/notices/{reminder.ref}"
    assert (answer.headers.get("HX-Redirect") or answer.headers.get("HX-Location") or answer.location).endswith(to)
    chain = browser.page(to).by_id(f"notice-next-{to[-8:]}").text
    assert ref in chain


def test_within_the_time_of_the_host_a_reminder_is_a_draft_for_a_reviewer(letters: LetterSite) -> None:
    ref = sent(letters)
    browser = letters.sign_in("rith")
    assert "A reviewer reads and approves it." in browser.page(f"/desk/notices/{ref}").by_id(f"notice-next-{ref}").text

    assert browser.post(f"/desk/notices/{ref}/remind").status_code == 303

    with letters.context():
        assert (newest(letters).kind, newest(letters).status) == (NoticeKind.REMINDER, NoticeStatus.DRAFT)


def test_nobody_is_reminded_twice(letters: LetterSite) -> None:
    ref = sent(letters)
    browser = letters.sign_in("rith")
    browser.page(f"/desk/notices/{ref}")
    browser.post(f"/desk/notices/{ref}/remind")

    refused = browser.post(f"/desk/notices/{ref}/remind")

    assert refused.status_code == 422
    assert page.read_desk(refused).errors["remind"] == "There is a reminder of this letter already."


def test_a_letter_that_has_not_gone_is_not_reminded_of(letters: LetterSite) -> None:
    ref = letters.draft()
    browser = letters.sign_in("rith")
    browser.page(f"/desk/notices/{ref}")

    assert browser.post(f"/desk/notices/{ref}/remind").status_code == 422


def test_somebody_lets_nobody_be_reminded_and_lets_it_go_on(letters: LetterSite) -> None:
    ref = sent(letters)
    browser = letters.sign_in("rith")
    browser.page(f"/desk/notices/{ref}")
    refused = browser.post(f"/desk/notices/{ref}/pause", reason="")
    assert refused.status_code == 422
    assert page.read_desk(refused).errors["reason"] == "Choose a reason: it stays on record."

    assert browser.post(f"/desk/notices/{ref}/pause", reason="police").status_code == 303
    assert "Nobody reminds them" in browser.page(f"/desk/notices/{ref}").by_id(f"notice-next-{ref}").text

    assert browser.post(f"/desk/notices/{ref}/go-on").status_code == 303
    assert "Their time runs until" in browser.page(f"/desk/notices/{ref}").by_id(f"notice-next-{ref}").text
    assert browser.post(f"/desk/notices/{ref}/go-on").status_code == 409


def test_after_a_reminder_in_vain_a_letter_to_somebody_else_is_one_button_away(letters: LetterSite) -> None:
    ref = sent(letters)
    upstream = above(letters)
    run_out(letters)
    with letters.context():
        with writing():
            reminder = reminders.remind_now(letters.notice(ref), by=letters.person("dara")).id
        with writing():
            notice_sending._record_sent(reminder)
    run_out(letters)
    browser = letters.sign_in("rith")
    shown = browser.page(f"/desk/notices/{ref}")
    assert "They were reminded, and nothing happened." in shown.text
    assert "Example Upstream" in shown.by_id(f"notice-next-{ref}").text

    wrong = browser.post(f"/desk/notices/{ref}/escalate", above="D-222222")
    assert (wrong.status_code, page.read_desk(wrong).errors) == (
        422,
        {"above": "Choose one of those who are shown here."},
    )
    assert browser.post(f"/desk/notices/{ref}/escalate", above=upstream).status_code == 303

    with letters.context():
        drafted = newest(letters)
        assert (drafted.kind, drafted.status, drafted.recipient.ref) == (
            NoticeKind.ESCALATION,
            NoticeStatus.DRAFT,
            upstream,
        )


def test_once_everybody_was_written_to_the_letter_and_the_list_say_the_same(letters: LetterSite) -> None:
    ref, upstream = sent(letters), above(letters)
    with letters.context():
        with writing():
            root = letters.notice(ref)
            raised = notice_drafting.draft_escalation(
                root, directory.get(upstream), [root.lines[0].item], by=letters.person("sophea")
            )
            notice_approval.approve(raised, by=letters.person("dara"))
            number, its_ref = raised.id, raised.ref
        with writing():
            notice_sending._record_sent(number)
    browser = letters.sign_in("rith")

    def said() -> tuple[str, str]:
        run_out(letters)
        with letters.context():
            reminders.follow(number)  # nothing goes by itself any more
        (row,) = [one for one in browser.page("/desk/stuck?part=unheard").all("tr") if its_ref in one.text]
        card = browser.page(f"/desk/notices/{its_ref}").by_id(f"notice-next-{its_ref}")
        return " ".join(card.text.split()), " ".join(row.text.split())

    nobody = (
        "Somebody else was written to as well, and nothing happened. The directory names nobody further: "
        "decide together what else helps."
    )
    on_page, in_list = said()
    assert nobody in on_page
    assert nobody in in_list
    assert f"Decide together what else helps {its_ref}" in in_list
    assert "Write to" not in on_page + in_list

    with letters.context(), writing():
        facts = NetworkFacts(clock.now().isoformat(), "198.51.100.9", org="Example Cloud", country="NL")
        hosting.keep(letters.notice(ref).lines[0].item, Account(networks=(facts,)))
        cloud = next(one for one in directory.list_entries() if one.mailbox == "abuse@cloud.example")
        directory.add_mark(cloud, Mark.NETWORK, "Example Cloud", by=letters.person("lina"))
    somebody = "Somebody else was written to as well, and nothing happened. Write to the next one who can act."
    on_page, in_list = said()
    assert somebody in on_page
    assert "Example Cloud UAB" in on_page
    assert somebody in in_list
    assert f"Write to somebody else {its_ref}" in in_list
    assert "Decide together" not in on_page + in_list


def test_after_a_reminder_an_objection_is_what_comes_next(letters: LetterSite) -> None:
    ref = sent(letters)
    run_out(letters)
    with letters.context():
        with writing():
            reminder = reminders.remind_now(letters.notice(ref), by=letters.person("dara"))
            number, its_ref, item = reminder.id, reminder.ref, reminder.lines[0].item
        with writing():
            notice_sending._record_sent(number)
    run_out(letters)
    browser = letters.sign_in("rith")
    assert "with the line about the national law" in browser.page(f"/desk/notices/{its_ref}").text

    with letters.context(), writing():
        appeal_cases.open_on(db.session.merge(item), "It is a drawing.", by=letters.person("dara"))

    told = browser.page(f"/desk/notices/{ref}").by_id(f"notice-next-{ref}").text
    assert "Somebody who was not involved decides." in told
    assert "Write to somebody else." not in told


def test_nobody_else_is_written_to_while_the_time_runs(letters: LetterSite) -> None:
    ref, upstream = sent(letters), above(letters)
    browser = letters.sign_in("rith")
    assert "Who else can act" not in browser.page(f"/desk/notices/{ref}").text

    assert browser.post(f"/desk/notices/{ref}/escalate", above=upstream).status_code == 422


@pytest.mark.parametrize("deed", ["remind", "pause", "go-on", "escalate"])
def test_a_liaison_follows_no_letter(letters: LetterSite, deed: str) -> None:
    ref = sent(letters)
    liaison = letters.sign_in("lina")
    liaison.page("/desk/")

    assert liaison.post(f"/desk/notices/{ref}/{deed}").status_code == 403
    assert letters.sign_in("rith").post(f"/desk/notices/N-222222/{deed}").status_code == 404


def test_the_approver_reads_the_report_that_programs_get(letters: LetterSite) -> None:
    ref = letters.draft()

    shown = letters.sign_in("dara").page(f"/desk/notices/{ref}").by_id("report-1").text

    assert '"classification": "baseline"' in shown
    assert "hxxps://img-board[.]example/t/1" in shown
    assert LIVE not in shown


def test_who_wrote_the_words_does_not_draft_and_approve_alone(letters: LetterSite) -> None:
    with letters.context():
        kept = letter_templates.in_force(LetterKey.HOST, Language.EN)
        with writing():
            words = Text(kept.text.subject, kept.text.body.replace("Dear abuse team", "Dear colleagues"))
            written = letter_templates.publish(
                LetterKey.HOST, Language.EN, words, "Warmer.", based_on=kept.version, by=letters.person("dara")
            )
            letter_templates.agree(written, by=letters.person("sophea"))
    ref = letters.draft(by="dara")
    author = letters.sign_in("dara")
    assert "You wrote the words" in author.page(f"/desk/notices/{ref}").text

    assert author.post(f"/desk/notices/{ref}/approve", compared="yes").status_code == 422

    other = letters.sign_in("sophea")
    other.page(f"/desk/notices/{ref}")
    assert other.post(f"/desk/notices/{ref}/approve", compared="yes").status_code == 303


def test_the_timeline_tells_of_the_letters_that_follow(letters: LetterSite) -> None:
    ref = sent(letters)
    run_out(letters)
    with letters.context(), writing():
        reminder = reminders.remind_now(letters.notice(ref), by=letters.person("dara")).ref

    shown = letters.sign_in("rith").page(f"/desk/notices/{ref}").by_id(f"notice-status-{ref}").text

    assert "dara let the reminder go, with the approval of the letter" in shown
    assert reminder in shown
