"""Letters at the desk: drafted, read, approved, and what became of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import AuditEntry, Notice, Recipient
from hotline.services import appeal_cases, directory, host_rules, notice_approval, notices
from hotline.transactions import writing
from hotline.vocabulary import HostRuleKind, InhopeClass, ItemStatus, LawVerdict, NoticeStatus, RecipientKind
from tests import page
from tests.blueprints.desk.desk_site import GONE, ILLEGAL
from tests.blueprints.desk.letter_site import DEFANGED, LIVE, LetterSite, with_mail
from tests.gateways.mail_server import HANG_UP, MailServer
from tests.page import Page

KEPT_DEEDS = ("/N-222222/download", "/N-222222/by-hand", "/N-222222/send-now")


@pytest.fixture
def desk(desk_app: Flask) -> LetterSite:
    return LetterSite(desk_app)


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
def mailing(desk_dir: Path, server: MailServer) -> LetterSite:
    return with_mail(desk_dir, server.port)


def refs(shown: Page) -> list[str]:
    return [link.text for link in shown.all("a") if re.fullmatch("/desk/notices/N-.{6}", link.get("href"))]


def status_of(shown: Page, ref: str) -> str:
    return shown.by_id(f"notice-status-{ref}").text


def audit_lines(desk: LetterSite, ref: str) -> list[tuple[str, str]]:
    with desk.context():
        query = select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.record == f"notice {ref}")
        return [(line.actor, line.action) for line in db.session.execute(query.order_by(AuditEntry.id))]


# --- The list


def test_an_empty_list_says_where_letters_come_from(desk: LetterSite) -> None:
    assert "There is no letter yet" in desk.sign_in("rith").page("/desk/notices").text


def test_drafts_come_first_then_the_newest(desk: LetterSite) -> None:
    gone_first = desk.approved("https://a.example/1")
    older_draft = desk.draft("https://b.example/1")
    gone_last = desk.approved("https://c.example/1")
    newer_draft = desk.draft("https://d.example/1")

    shown = desk.sign_in("rith").page("/desk/notices")

    assert refs(shown) == [older_draft, newer_draft, gone_last, gone_first]


def test_the_filter_is_in_the_address(desk: LetterSite) -> None:
    draft, queued = desk.draft("https://a.example/1"), desk.approved("https://b.example/1")
    rith = desk.sign_in("rith")

    assert refs(rith.page("/desk/notices?status=draft")) == [draft]
    assert refs(rith.page("/desk/notices?status=queued")) == [queued]
    assert "No letter is in this state" in rith.page("/desk/notices?status=failed").text
    assert rith.get("/desk/notices?status=lost").status_code == 422
    assert rith.get("/desk/notices?after=rubbish").status_code == 422
    assert rith.get("/desk/notices?after=d99999999999999999999").status_code == 422


def test_filtering_with_htmx_answers_with_the_rows_alone(desk: LetterSite) -> None:
    desk.draft()

    answer = desk.sign_in("rith").get("/desk/notices?status=draft", htmx=True)

    assert Page(answer.get_data(as_text=True)).elements[0]["id"] == "notices-rows"
    assert "HX-Request" in answer.headers["Vary"]


def test_pages_follow_each_other_without_gap_or_repetition(desk: LetterSite) -> None:
    every = [desk.draft(f"https://{letter}.example/1") for letter in "abcd"]
    with desk.context(), writing():
        for ref in every[:2]:
            notice_approval.withdraw(desk.notice(ref), by=desk.person("sophea"))

    with desk.context():
        first = notices.list_page(by=desk.person("rith"), limit=1)
        seen, after = [first.rows[0].ref], first.next
        while after:
            found = notices.list_page(by=desk.person("rith"), after=after, limit=1)
            seen, after = [*seen, found.rows[0].ref], found.next

    assert seen == [every[2], every[3], every[1], every[0]]


# --- A new letter


def test_a_letter_is_drafted_for_a_recipient_who_was_chosen(desk: LetterSite) -> None:
    item = desk.decided()
    rith = desk.sign_in("rith")
    form = rith.page(f"/desk/notices/new?item={item}")
    assert "Example Hosting B.V., NL, English Hosting provider. Mailbox never verified" in form.text

    answer = rith.post("/desk/notices/new", item=item, recipient=desk.recipient(), language="km")

    assert answer.status_code == 303
    shown = rith.page(answer.location)
    assert "abuse@hosting.example" in shown.text
    assert shown.one("div", role="document")["lang"] == "km"


def test_the_directory_names_the_language_where_nobody_chose_one(desk: LetterSite) -> None:
    item = desk.decided()
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/new?item={item}")

    answer = rith.post("/desk/notices/new", item=item, recipient=desk.recipient("abuse@telecom.example"), language="")

    assert rith.page(answer.location).one("div", role="document")["lang"] == "km"


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({}, {"recipient": "Choose who is to get the letter."}),
        ({"recipient": "D-222222"}, {"recipient": "Choose who is to get the letter."}),
        ({"recipient": "right", "language": "fr"}, {"language": "Choose one of the languages shown here."}),
    ],
)
def test_a_bad_form_is_drawn_again_with_what_was_chosen(
    desk: LetterSite, sent: dict[str, str], fault: dict[str, str]
) -> None:
    item, right = desk.decided(), desk.recipient()
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/new?item={item}")

    answer = rith.post("/desk/notices/new", item=item, **sent | ({"recipient": right} if "language" in sent else {}))

    shown = page.read_desk(answer)
    assert answer.status_code == 422
    assert shown.title.startswith("Error:")
    assert shown.errors == fault
    assert shown.value("recipient") == (right if "language" in sent else "")


def test_the_police_and_switched_off_entries_get_no_letter_to_a_host(desk: LetterSite) -> None:
    item, off = desk.decided(), desk.recipient()
    with desk.context(), writing():
        entries = {one.mailbox: one for one in db.session.scalars(select(Recipient))}
        entries["abuse@hosting.example"].active = False
        entries["abuse@cloud.example"].kind = RecipientKind.POLICE
    rith = desk.sign_in("rith")

    offered = [radio["value"] for radio in rith.page(f"/desk/notices/new?item={item}").all("input", name="recipient")]

    assert offered == [desk.recipient("abuse@telecom.example")]
    assert rith.post("/desk/notices/new", item=item, recipient=off).status_code == 422


def test_who_a_rule_says_hosts_it_is_chosen_already(desk: LetterSite) -> None:
    item, to = desk.decided(), desk.recipient("abuse@telecom.example")
    rith = desk.sign_in("rith")
    rith.page("/desk/hosts/new")
    settled = {"kind": "provider", "recipient": to, "note": "they answered twice", "days": "30"}
    assert rith.post("/desk/hosts/new", host="img-board.example", **settled).status_code == 303

    shown = rith.page(f"/desk/notices/new?item={item}")

    assert [one["value"] for one in shown.all("input", name="recipient") if "checked" in one.attrs] == [to]
    assert "A rule of your team says that they host it." in shown.text
    assert "Its provider is known" in rith.page(f"/desk/items/{item}").one("section", id=f"item-hosting-{item}").text


def test_an_empty_directory_leads_to_the_directory(desk: LetterSite) -> None:
    item = desk.decided()
    with desk.context(), writing():
        for one in db.session.scalars(select(Recipient)):
            one.active = False

    shown = desk.sign_in("rith").page(f"/desk/notices/new?item={item}")

    assert "Nobody in the directory can get this letter" in shown.text
    assert shown.one("a", href="/desk/directory/new")


def test_a_letter_that_stands_is_named_and_not_written_twice(desk: LetterSite) -> None:
    ref = desk.draft()
    with desk.context():
        item = desk.notice(ref).lines[0].item.ref
    rith = desk.sign_in("rith")

    shown = rith.page(f"/desk/notices/new?item={item}")
    answer = rith.post("/desk/notices/new", item=item, recipient=desk.recipient())

    assert refs(shown) == [ref]
    assert answer.status_code == 422
    assert "There is a letter about this item to this recipient already" in page.read_desk(answer).text


def test_after_a_withdrawal_the_same_recipient_may_get_another(desk: LetterSite) -> None:
    ref = desk.draft()
    with desk.context(), writing():
        item = desk.notice(ref).lines[0].item.ref
        notice_approval.withdraw(desk.notice(ref), by=desk.person("sophea"))
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/new?item={item}")

    assert rith.post("/desk/notices/new", item=item, recipient=desk.recipient()).status_code == 303


@pytest.mark.parametrize("looks", ["none", "one", "differ", "opens nothing", "held"])
def test_a_closed_gate_is_explained_and_stays_closed(desk: LetterSite, looks: str) -> None:
    item = desk.report(LIVE)[0]
    because = close_gate(desk, item, looks)
    rith = desk.sign_in("rith")

    answer = rith.get(f"/desk/notices/new?item={item}")
    sent = rith.post("/desk/notices/new", item=item, recipient=desk.recipient())

    assert answer.status_code == 409
    assert because in page.read_desk(answer).text
    assert sent.status_code == 409
    assert refs(rith.page("/desk/notices")) == []


def close_gate(desk: LetterSite, item: str, looks: str) -> str:
    """Bring an item to where no letter may leave; return what is said then."""
    if looks == "none":
        return "Two people have to look at it and agree first."
    if looks == "opens nothing":
        found = ILLEGAL.__class__(InhopeClass.INACCESSIBLE, LawVerdict.ADVISER, reason=GONE.reason, note="Which law?")
        desk.look(item, found, by="sophea")
        assert desk.look_again(item, found, by="dara")
        return "That opens no letter to a host."
    desk.look(item, ILLEGAL, by="sophea")
    if looks == "one":
        return "Only one person has looked."
    desk.look_again(item, GONE if looks == "differ" else ILLEGAL, by="dara")
    if looks == "differ":
        return "The two looks differ."
    with desk.context(), writing():
        desk.item(item).status = ItemStatus.HELD
    return "The police have asked to wait"


# --- One letter


def test_the_letter_is_shown_exactly_as_it_will_go(desk: LetterSite) -> None:
    ref = desk.draft()
    with desk.context():
        letter = notices.letter_of(desk.notice(ref))

    shown = desk.sign_in("dara").page(f"/desk/notices/{ref}")

    assert shown.one("div", role="document").raw_text == letter.text
    assert letter.subject in shown.text
    assert "Internet Hotline <notices@hotline.example>" in shown.text
    assert shown.all("pre")[0].text == DEFANGED


def test_no_page_of_a_letter_bears_its_live_address(desk: LetterSite) -> None:
    ref = desk.draft()
    dara = desk.sign_in("dara")

    for address in ("/desk/notices", f"/desk/notices/{ref}"):
        assert LIVE not in dara.get(address).get_data(as_text=True)


def test_what_was_checked_is_true(desk: LetterSite) -> None:
    ref = desk.draft(verified=False)
    dara = desk.sign_in("dara")
    before = dara.page(f"/desk/notices/{ref}").text
    assert f"Two people agree on {items_of(desk, ref)}: sophea, dara" in before
    assert "with the line about the national law" in before
    assert "The mailbox is the one in the directory" in before
    assert "Nobody has verified the mailbox yet" in before
    assert "No name, mailbox or telephone number of our staff in it" in before

    dara.page("/desk/directory")
    dara.post(f"/desk/directory/{desk.recipient()}/verify")
    with desk.context(), writing():
        desk.notice(ref).recipient.mailbox = "other@hosting.example"

    after = dara.page(f"/desk/notices/{ref}").text
    assert "Mailbox verified" in after
    assert "The mailbox is no longer the one in the directory" in after


def items_of(desk: LetterSite, ref: str) -> str:
    with desk.context():
        return ", ".join(line.item.ref for line in desk.notice(ref).lines)


def test_reading_a_letter_is_recorded_and_looking_how_it_fares_is_not(desk: LetterSite) -> None:
    ref = desk.approved()
    rith = desk.sign_in("rith")

    rith.page(f"/desk/notices/{ref}")
    rith.get(f"/desk/notices/{ref}", htmx=True)

    assert audit_lines(desk, ref) == [("A-01", "drafted"), ("A-02", "approved"), ("A-04", "read")]


def test_the_timeline_tells_who_did_what_but_not_who_read(desk: LetterSite) -> None:
    ref = desk.approved()
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/{ref}")

    told = status_of(rith.page(f"/desk/notices/{ref}"), ref)

    assert "dara read and approved it" in told
    assert "sophea drafted it" in told
    assert "rith" not in told


def test_a_letter_that_does_not_open_is_said_and_cannot_be_approved(desk: LetterSite) -> None:
    ref = desk.draft()
    with desk.context(), writing():
        desk.notice(ref).letter = b"\x01rubbish that no key opens"

    shown = desk.sign_in("dara").page(f"/desk/notices/{ref}")

    assert "The letter does not open" in shown.text
    assert not [form for form in shown.all("form") if form["action"].endswith("/approve")]


# --- Approving


def test_the_drafter_who_is_a_reviewer_may_approve(desk: LetterSite) -> None:
    ref = desk.draft(by="sophea")
    sophea = desk.sign_in("sophea")
    sophea.page(f"/desk/notices/{ref}")

    answer = sophea.post(f"/desk/notices/{ref}/approve", compared="yes")

    assert (answer.status_code, answer.location) == (303, f"/desk/notices/{ref}")
    assert "It goes in a moment" in status_of(sophea.page(f"/desk/notices/{ref}"), ref)


def test_with_htmx_the_browser_is_told_where_to_go(desk: LetterSite) -> None:
    ref = desk.draft()
    sophea = desk.sign_in("sophea")

    answer = sophea.post(f"/desk/notices/{ref}/approve", compared="yes", htmx=True)

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/desk/notices/{ref}")


def test_host_and_recipient_stand_beside_one_another_and_have_to_be_compared(desk: LetterSite) -> None:
    ref = desk.draft(by="sophea")
    sophea = desk.sign_in("sophea")
    shown = sophea.page(f"/desk/notices/{ref}")
    compared = [cell.text for cell in shown.all("td")]

    refused = sophea.post(f"/desk/notices/{ref}/approve")

    assert compared == ["img-board[.]example", "Example Hosting B.V. abuse@hosting.example"]
    assert "required" in shown.by_id("compared").attrs
    assert refused.status_code == 422
    assert page.read_desk(refused).errors == {"compared": "Compare host and recipient, and say here that you did."}
    assert "Nobody has approved it yet" in status_of(sophea.page(f"/desk/notices/{ref}"), ref)


def test_no_letter_goes_to_a_mailbox_that_nobody_has_verified(desk: LetterSite) -> None:
    ref = desk.draft(verified=False)
    sophea = desk.sign_in("sophea")
    shown = sophea.page(f"/desk/notices/{ref}")

    refused = sophea.post(f"/desk/notices/{ref}/approve", compared="yes")

    assert not [form for form in shown.all("form") if form["action"].endswith("/approve")]
    assert refused.status_code == 422
    assert page.read_desk(refused).errors["approve"].startswith("Nobody has verified this mailbox.")
    entry = f"directory-row-{desk.recipient()}"
    assert shown.one("a", href=f"/desk/directory#{entry}")
    directory = sophea.page("/desk/directory")
    assert directory.by_id(entry)

    sophea.post(f"/desk/directory/{desk.recipient()}/verify")
    sophea.page(f"/desk/notices/{ref}")
    assert sophea.post(f"/desk/notices/{ref}/approve", compared="yes").status_code == 303


def test_an_analyst_is_told_that_a_reviewer_approves(desk: LetterSite) -> None:
    ref = desk.draft()
    rith = desk.sign_in("rith")

    shown = rith.page(f"/desk/notices/{ref}")

    assert "A reviewer approves it." in shown.text
    assert rith.post(f"/desk/notices/{ref}/approve", compared="yes").status_code == 403


def test_a_letter_that_names_one_of_us_asks_for_somebody_who_did_not_draft_it(desk: LetterSite) -> None:
    ref = desk.draft("https://pics.example/vanna/1", by="sophea")
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")

    shown = sophea.page(f"/desk/notices/{ref}")
    refused = sophea.post(f"/desk/notices/{ref}/approve", compared="yes")

    assert "the name of vanna" in shown.text
    assert "another reviewer approves it" in shown.text
    assert refused.status_code == 422
    assert page.read_desk(refused).errors["approve"].startswith("The letter points at a member of staff")
    dara.page(f"/desk/notices/{ref}")
    assert dara.post(f"/desk/notices/{ref}/approve", compared="yes").status_code == 303


def test_what_is_approved_cannot_be_approved_again(desk: LetterSite) -> None:
    ref = desk.approved()

    assert desk.sign_in("sophea").post(f"/desk/notices/{ref}/approve", compared="yes").status_code == 409


def test_a_letter_to_an_entry_that_was_switched_off_meanwhile_does_not_go(desk: LetterSite) -> None:
    ref = desk.draft()
    with desk.context(), writing():
        db.session.scalars(select(Notice).where(Notice.ref == ref)).one().recipient.active = False
    sophea = desk.sign_in("sophea")
    sophea.page(f"/desk/notices/{ref}")

    refused = sophea.post(f"/desk/notices/{ref}/approve", compared="yes")

    assert refused.status_code == 422
    assert page.read_desk(refused).errors["approve"].startswith("The recipient’s entry has changed")


@pytest.mark.parametrize("status", [ItemStatus.HELD, ItemStatus.ASSESSING, ItemStatus.CLOSED])
def test_a_letter_whose_item_is_held_or_looked_at_anew_does_not_go(desk: LetterSite, status: ItemStatus) -> None:
    ref = desk.draft()
    with desk.context(), writing():
        db.session.scalars(select(Notice).where(Notice.ref == ref)).one().lines[0].item.status = status
    sophea = desk.sign_in("sophea")
    sophea.page(f"/desk/notices/{ref}")

    refused = sophea.post(f"/desk/notices/{ref}/approve", compared="yes")

    assert refused.status_code == 409
    assert "Nothing may leave yet" in page.read_desk(refused).text
    assert "Nobody has approved it yet" in status_of(sophea.page(f"/desk/notices/{ref}"), ref)


# --- What becomes of it


def test_a_letter_on_its_way_looks_by_itself_but_not_for_ever(desk: LetterSite) -> None:
    ref = desk.approved()
    rith = desk.sign_in("rith")

    part = Page(rith.get(f"/desk/notices/{ref}?looks=59", htmx=True).get_data(as_text=True)).elements[0]
    last = Page(rith.get(f"/desk/notices/{ref}?looks=60", htmx=True).get_data(as_text=True)).elements[0]

    assert part["id"] == f"notice-status-{ref}"
    assert (part["hx-get"], part["hx-trigger"]) == (f"/desk/notices/{ref}?looks=60", "every 5s")
    assert "hx-get" not in last.attrs
    assert "Load the page again" in last.text


def test_a_letter_that_was_sent_shows_its_message_id(mailing: LetterSite, server: MailServer) -> None:
    ref = mailing.approved()

    mailing.deliver(ref)

    shown = mailing.sign_in("rith").page(f"/desk/notices/{ref}")
    assert f"Message-ID {server.letters[0].message_id}" in status_of(shown, ref)
    assert "It was sent" in status_of(shown, ref)
    assert "every 5s" not in shown.html
    assert not [form for form in shown.all("form") if form["action"].endswith("/withdraw")]


def test_a_letter_that_was_only_kept_is_not_called_gone(desk: LetterSite) -> None:
    ref = desk.approved()

    desk.deliver(ref)

    shown = desk.sign_in("rith").page(f"/desk/notices/{ref}")
    told = status_of(shown, ref)
    assert "Kept, not sent" in told
    assert "Kept here since" in told
    assert "It has gone to nobody" in told
    assert "It was kept here" in told
    assert "every 5s" not in shown.html
    assert [link for link in shown.all("a") if link["href"].startswith("/desk/notices/kept/")]


def test_a_server_that_is_away_means_another_try(mailing: LetterSite, server: MailServer) -> None:
    ref = mailing.approved()
    server.stop()

    mailing.deliver(ref)

    told = status_of(mailing.sign_in("rith").page(f"/desk/notices/{ref}"), ref)
    assert re.search(r"On its way: tried 1 time, next try about \d\d:\d\d\.", told)
    assert "the mail server could not be reached" in told


def test_a_letter_the_server_refuses_can_be_tried_again(mailing: LetterSite, server: MailServer) -> None:
    ref = mailing.approved()
    server.replies["RCPT"] = "550 no such mailbox"
    mailing.deliver(ref)
    rith = mailing.sign_in("rith")
    told = status_of(rith.page(f"/desk/notices/{ref}"), ref)
    assert "Not sent: the mail server said 550." in told
    assert "Check the mailbox with the recipient" in told

    server.replies.clear()
    answer = rith.post(f"/desk/notices/{ref}/try-again")
    mailing.deliver(ref)

    assert answer.status_code == 303
    assert len(server.letters) == 1
    assert rith.post(f"/desk/notices/{ref}/try-again").status_code == 409


def test_a_letter_that_failed_is_not_tried_again_once_its_entry_has_changed(
    mailing: LetterSite, server: MailServer
) -> None:
    ref = mailing.approved()
    server.replies["RCPT"] = "550 no such mailbox"
    mailing.deliver(ref)
    with mailing.context(), writing():
        mailing.notice(ref).recipient.mailbox = "right@hosting.example"
    rith = mailing.sign_in("rith")
    rith.page(f"/desk/notices/{ref}")

    refused = rith.post(f"/desk/notices/{ref}/try-again")

    shown = page.read_desk(refused)
    assert refused.status_code == 422
    assert "The letter does not go again" in shown.text
    assert shown.errors["try-again"].startswith("The recipient’s entry has changed")
    assert shown.by_id("try-again")


@pytest.mark.parametrize("fallen", ["recipient", "item"])
def test_a_letter_that_may_not_go_any_more_says_why_and_what_to_do(
    mailing: LetterSite, server: MailServer, fallen: str
) -> None:
    ref = mailing.approved()
    with mailing.context(), writing():
        if fallen == "recipient":
            mailing.notice(ref).recipient.active = False
        else:
            mailing.notice(ref).lines[0].item.status = ItemStatus.HELD

    mailing.deliver(ref)

    told = status_of(mailing.sign_in("rith").page(f"/desk/notices/{ref}"), ref)
    assert server.letters == []
    assert {"recipient": "was switched off after it was approved", "item": "Look at the item."}[fallen] in told


def test_a_letter_nobody_confirmed_is_said_to_have_perhaps_arrived(mailing: LetterSite, server: MailServer) -> None:
    ref = mailing.approved()
    server.replies["DATA"] = HANG_UP

    mailing.deliver(ref)

    told = status_of(mailing.sign_in("rith").page(f"/desk/notices/{ref}"), ref)
    assert "tried 1 time" in told
    assert "It may have arrived." in told


def test_a_withdrawal_is_asked_about_first(desk: LetterSite) -> None:
    ref = desk.draft()

    shown = desk.sign_in("rith").page(f"/desk/notices/{ref}")

    form = shown.one("form", action=f"/desk/notices/{ref}/withdraw")
    asked = form.within("details")
    assert asked is not None
    assert "open" not in asked.attrs
    assert [button.text for button in shown.all("button") if button.within("form") is form] == ["Yes, withdraw it"]


def test_a_draft_can_be_withdrawn_and_then_never_goes(desk: LetterSite) -> None:
    ref = desk.draft()
    rith = desk.sign_in("rith")
    rith.page(f"/desk/notices/{ref}")

    answer = rith.post(f"/desk/notices/{ref}/withdraw")

    assert answer.status_code == 303
    assert "Withdrawn. It does not go." in rith.page(answer.location).text
    with desk.context():
        assert desk.notice(ref).status is NoticeStatus.WITHDRAWN
    assert rith.post(f"/desk/notices/{ref}/withdraw").status_code == 409


# --- Who gets in


@pytest.mark.parametrize("path", ["", "/new?item=I-222222", "/N-222222", "/kept", "/kept/n-222222.ab"])
def test_other_roles_and_strangers_stay_outside(desk: LetterSite, path: str) -> None:
    assert desk.sign_in("lina").get(f"/desk/notices{path}").status_code == 403
    assert desk.sign_in("admin").get(f"/desk/notices{path}").status_code == 403
    assert desk.browser().get(f"/desk/notices{path}").status_code == 303
    assert desk.browser().get(f"/desk/notices{path}", htmx=True).status_code == 401


@pytest.mark.parametrize(
    "path", ["/new", "/N-222222/approve", "/N-222222/withdraw", "/N-222222/try-again", *KEPT_DEEDS]
)
def test_deeds_are_shut_to_others_too(desk: LetterSite, path: str) -> None:
    assert desk.sign_in("lina").post(f"/desk/notices{path}").status_code == 403
    assert desk.browser().post(f"/desk/notices{path}").status_code == 303


def test_what_is_missing_is_not_found(desk: LetterSite) -> None:
    sophea = desk.sign_in("sophea")

    assert sophea.get("/desk/notices/N-222222").status_code == 404
    assert sophea.get("/desk/notices/new?item=I-222222").status_code == 404
    assert sophea.get("/desk/notices/new").status_code == 404
    for deed in ("approve", "withdraw", "try-again", "download", "by-hand", "send-now"):
        assert sophea.post(f"/desk/notices/N-222222/{deed}").status_code == 404


def test_that_a_letter_may_have_arrived_stays_said_while_it_is_tried_again(desk: LetterSite) -> None:
    ref = desk.approved()
    with desk.context(), writing():
        letter = desk.notice(ref)
        letter.status, letter.last_fault, letter.spent = NoticeStatus.FAILED, "unconfirmed", 19
    sophea = desk.sign_in("sophea")
    assert "it may have arrived already" not in sophea.page(f"/desk/notices/{ref}").text  # the fault itself says so

    assert sophea.post(f"/desk/notices/{ref}/try-again").status_code == 303

    shown = sophea.page(f"/desk/notices/{ref}").text
    assert "it may have arrived already" in shown
    assert "Nobody knows whether it has arrived" in shown


# --- Before it goes, and what was checked


def test_before_it_goes_the_page_says_whether_the_recipient_is_on_the_way_of_the_item(desk: LetterSite) -> None:
    ref = desk.draft()
    dara = desk.sign_in("dara")
    page = dara.page(f"/desk/notices/{ref}")
    assert "The recipient is not on the way of these items: look at who hosts them." in page.text
    assert page.all("form", action=f"/desk/notices/{ref}/approve")  # a warning: people may know better

    with desk.context(), writing():
        host_rules.add(
            "img-board.example",
            HostRuleKind.PROVIDER,
            whole_domain=False,
            recipient=desk.notice(ref).recipient,
            note="They say so.",
            days=host_rules.PERIODS[0],
            by=desk.person("dara"),
        )

    assert "The recipient is on the way of every host in it" in dara.page(f"/desk/notices/{ref}").text


def test_no_letter_about_an_onion_service_is_drafted_to_a_hosting_provider(desk: LetterSite) -> None:
    item = desk.decided("http://" + "a" * 56 + ".onion/t/1")
    sophea, to = desk.sign_in("sophea"), desk.recipient()
    sophea.page(f"/desk/notices/new?item={item}")

    answer = sophea.post("/desk/notices/new", item=item, recipient=to)

    assert answer.status_code == 422
    assert "An onion service hides where it stands" in answer.get_data(as_text=True)


def test_nobody_is_offered_an_approval_that_would_be_refused(desk: LetterSite) -> None:
    ref = desk.draft()
    with desk.context(), writing():
        item = desk.notice(ref).lines[0].item
        appeal_cases.open_on(item, "It is a drawing.", by=desk.person("dara"))

    page = desk.sign_in("dara").page(f"/desk/notices/{ref}")

    assert not page.all("form", action=f"/desk/notices/{ref}/approve")
    assert "Until that is decided nothing new about it leaves." in page.by_id("approve").text


def test_what_was_checked_is_told_as_it_was_when_the_letter_was_approved(mailing: LetterSite) -> None:
    ref = mailing.approved()
    mailing.deliver(ref)
    with mailing.context(), writing():
        directory.have_verified_anew(mailing.notice(ref).recipient)
        mailing.notice(ref).recipient.active = False

    shown = mailing.sign_in("dara").page(f"/desk/notices/{ref}").text

    assert "As it was when it was approved" in shown
    assert "Mailbox verified" in shown
    assert "Nobody has verified the mailbox yet" not in shown
    assert "The mailbox is the one in the directory" in shown
