"""One item at the desk: what it shows, and what each person can do with it."""

from dataclasses import replace

import pytest
from sqlalchemy import event, select, update

from hotline.extensions import db
from hotline.models import Assessment, AuditEntry, Item, Mention
from hotline.models.assessment import Verdict
from hotline.services import assessments, audit, claims, items, notes, notice_drafting, staff
from hotline.transactions import writing
from hotline.vocabulary import (
    Category,
    Channel,
    ContentType,
    Danger,
    Gender,
    InhopeClass,
    ItemOutcome,
    ItemStatus,
    Language,
    LawVerdict,
    Reason,
    TestAnswer,
)
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, Browser, DeskSite
from tests.blueprints.desk.looking import ADDRESS, HIDDEN, NATIONAL, SECRET, TO_ASK, filled
from tests.page import Page, read_desk


def item_url(ref: str, verb: str = "") -> str:
    return f"/desk/items/{ref}" + (f"/{verb}" if verb else "")


def in_hand(desk: DeskSite, name: str = "sophea") -> tuple[Browser, str]:
    """Return the browser of somebody who has claimed an item, open at it."""
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in(name)
    assert browser.post(item_url(ref, "claim")).location == item_url(ref)
    browser.page(item_url(ref))
    return browser, ref


def disputed(desk: DeskSite) -> str:
    """Return an item that sophea found baseline and dara national."""
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    assert not desk.look_again(ref, NATIONAL, by="dara")
    return ref


def to_ask(desk: DeskSite) -> str:
    """Return an item of which two people found that the adviser is to be asked."""
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, TO_ASK, by="sophea")
    assert desk.look_again(ref, TO_ASK, by="dara")
    return ref


def status_of(desk: DeskSite, ref: str) -> ItemStatus:
    with desk.context():
        return desk.item(ref).status


def actions(desk: DeskSite, ref: str) -> list[str]:
    with desk.context():
        query = select(AuditEntry.action).where(AuditEntry.record == f"item {ref}").order_by(AuditEntry.id)
        return list(db.session.scalars(query))


# ---- what is known of it


def test_the_address_is_defanged_with_its_host_in_bold_and_never_a_link(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]

    page = desk.sign_in("rith").page(item_url(ref))

    assert page.by_id("safe-address").text == "hxxps://img-board[.]example/t/1?page=2"
    assert [bold.text for bold in page.all("b") if bold.within("p") and "url" in bold.within("p").classes] == [
        "img-board[.]example"
    ]
    assert "img-board.example" not in page.html
    assert page.one("button", data_source="#safe-address")["data-copy"] == "hxxps://img-board[.]example/t/1?page=2"


def test_the_safe_link_can_only_be_copied_where_a_script_runs(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]

    button = desk.sign_in("rith").page(item_url(ref)).one("button", data_source="#safe-address")

    assert "hidden" in button.attrs
    assert "data-script" in button.attrs


def test_a_report_stands_with_what_it_said_and_without_its_words(desk: DeskSite) -> None:
    said = {"details": "ឃើញក្នុងក្រុម", "language": Language.KM, "contact": "me@mail.example", "in_danger": Danger.YES}
    ref = desk.report(ADDRESS, "just words", category=Category.GROOMING, **said)[-1]

    page = desk.sign_in("rith").page(item_url(ref))

    assert "Public form" in page.text
    assert "Khmer, can be reached" in page.text
    assert "Grooming" in page.text
    assert "Child in danger" in page.text
    for words in ("ឃើញក្នុងក្រុម", "just words", "me@mail.example"):
        assert words not in page.html


def test_opening_the_page_is_recorded_and_said(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]

    page = desk.sign_in("rith").page(item_url(ref))

    assert actions(desk, ref) == ["read"]
    assert "recorded as a read" in page.text


def words_link(page: Page) -> str:
    """Return where the words of the newest report are."""
    return next(link["href"] for link in page.all("a") if "/words/" in link["href"])


@pytest.mark.parametrize("htmx", [False, True])
def test_a_reporters_words_are_opened_one_at_a_time_each_on_record(desk: DeskSite, htmx: bool) -> None:
    ref = desk.report(ADDRESS, "just words", details="seen in a group", language=Language.EN)[-1]
    browser = desk.sign_in("rith")
    link = words_link(browser.page(item_url(ref)))

    answer = browser.get(link, htmx=htmx)

    page = Page(answer.get_data(as_text=True))
    assert page.by_id(f"item-words-{link.rpartition('/')[2]}").text.startswith("The reporter's words")
    assert [one.text for one in page.all("dd", lang="en")] == ["seen in a group", "just words"]
    assert [one.text for one in page.all("dd", class_="url")] == ["hxxps://img-board[.]example/t/1?page=2"]
    assert bool(page.all("html")) is not htmx
    assert actions(desk, ref) == ["read", "read words"]
    assert "rith read a reporter's words" in browser.page(item_url(ref)).text
    assert browser.get(item_url(ref, "words/R-222222")).status_code == 404


def test_the_next_and_the_one_before_are_those_of_the_queue(desk: DeskSite) -> None:
    first, second, third = (desk.report(f"https://a.example/{n}", hours_ago=9 - n)[-1] for n in range(3))

    page = desk.sign_in("rith").page(item_url(second))

    assert "2 of 3" in page.text
    assert page.one("a", rel="prev")["href"] == item_url(first)
    assert page.one("a", rel="next")["href"] == item_url(third)


def table_rows(page: Page, caption: str) -> dict[str, str]:
    """Return the rows of one table by the reference they begin with; none where there is no such table."""
    tables = [one.within("table") for one in page.all("caption") if one.text.startswith(caption)]
    rows = [row for row in page.all("tr") if row.text.startswith("I-") and row.within("table") in tables]
    return {row.text.split()[0]: row.text for row in rows}


def test_what_was_decided_on_the_host_stands_first_and_nothing_of_what_is_still_open(desk: DeskSite) -> None:
    decided = desk.decided("https://img-board.example/t/5")
    near = desk.decided("https://img-board.example/t/1?page=9")
    waiting = desk.report("https://img-board.example/t/6")[-1]
    desk.look(waiting, NATIONAL, by="sophea")
    other = desk.report("https://elsewhere.example/t/6")[-1]
    ref = desk.report(ADDRESS)[-1]

    page = desk.sign_in("rith").page(item_url(ref))

    rows = table_rows(page, "What two people decided before")
    assert list(rows) == [near, decided]
    assert "Same page, another ending ?page=9" not in page.html
    assert "Same page, another ending" in rows[near]
    assert "Baseline" in rows[decided]
    assert "Law of Cambodia: Illegal" in rows[decided]
    assert "Same host" in rows[decided]
    assert page.one("a", href=f"/desk/items?host_of={ref}").text == "All 3 others on this host"
    assert page.html.index('id="earlier-h"') < page.html.index('id="url-h"')
    beside = table_rows(page, "Items that the same reports name")
    assert set(beside) == {waiting}
    assert "National" not in page.html
    assert other not in page.by_id(f"item-facts-{ref}").text


def test_what_was_decided_before_it_was_reported_again_stands_first_and_a_new_look_stays_hidden(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS, hours_ago=50)[-1]
    desk.look(ref, ILLEGAL, by="sophea")
    assert desk.look_again(ref, ILLEGAL, by="dara")
    with desk.context(), writing():
        items.close(desk.item(ref), ItemOutcome.REMOVED, by=desk.person("dara"))
    later = desk.report(ADDRESS, hours_ago=0)[-1]
    assert later == ref
    desk.look(ref, NATIONAL, by="sophea")

    page = desk.sign_in("vanna").page(item_url(ref))

    rows = table_rows(page, "What two people decided before")
    assert "This address" in rows[ref]
    assert "Baseline" in rows[ref]
    assert "Removed" in rows[ref]
    assert NATIONAL.note not in page.html
    assert "National" not in page.html


def test_the_page_stays_short_and_asks_the_database_as_often_however_much_there_is(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in("sophea")
    few, _ = asked_for(desk, browser, ref)
    for number in range(12):
        desk.report(ADDRESS, f"https://img-board.example/t/1?page={number + 10}", details="w" * 900)
        desk.decided(f"https://img-board.example/o/{number}") if number < 8 else None
    with desk.context(), writing():
        item = desk.item(ref)
        for number in range(70):
            notes.add(item, f"{number} " + "n" * 3900, by=desk.person("sophea"))
            items.live_address(item, by=desk.person(("sophea", "dara")[number % 2]))

    many, page = asked_for(desk, browser, ref)

    assert len(page.html.encode()) <= 60 * 1024
    assert len(table_rows(page, "What two people decided before")) == 6
    assert len(page.all("tr", class_="peek")) == 10
    assert "Live address shown 70 times" in page.text
    assert page.all("a", href=f"/desk/items/{ref}/notes")
    assert [link for link in page.all("a") if link["href"].startswith(f"/desk/items/{ref}/timeline?before=")]
    assert [link for link in page.all("a") if link["href"].startswith(f"/desk/items/{ref}/reports?before=")]
    assert many <= few + 16, (few, many)


def asked_for(desk: DeskSite, browser: Browser, ref: str) -> tuple[int, Page]:
    """Return how many statements an item's page takes, and the page."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with desk.context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        page = browser.page(item_url(ref))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(statements), page


def test_an_item_that_was_closed_and_reported_again_says_so_until_it_is_closed(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS, hours_ago=50)[-1]
    with desk.context(), writing():
        items.close(desk.item(ref), ItemOutcome.REMOVED, by=desk.person("dara"))
    sophea = desk.sign_in("sophea")
    assert "reported it again" not in sophea.page(item_url(ref)).text
    desk.report(ADDRESS, details="it is back")

    page = sophea.page(item_url(ref))

    assert "Somebody reported it again" in page.text
    assert "Closed by dara" in page.text
    assert "Closed by dara: Removed" not in page.text
    assert "Nobody has this item" in page.text


def test_an_address_that_does_not_open_says_so_beside_what_does(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS, details="words that open")[-1]
    with desk.context(), writing():
        db.session.execute(update(Item).values(address=b"\x01damaged"))
        db.session.execute(update(Mention).values(typed=b"\x01damaged"))

    page = desk.sign_in("rith").page(item_url(ref))

    assert "The address does not open here" in page.text
    words = desk.sign_in("rith").page(words_link(page))
    assert "Some of it does not open here" in words.text
    assert "words that open" in words.text
    assert "Show the live address" not in page.text


def test_the_timeline_tells_who_did_what_newest_first(desk: DeskSite) -> None:
    ref = desk.decided()
    browser = desk.sign_in("rith")
    browser.page(item_url(ref))
    browser.page(item_url(ref))

    told = [line.text for line in browser.page(item_url(ref)).all("span") if line.within("ol") and line.within("li")]

    assert told[:5] == [
        "Two people agree",
        "dara gave the second look",
        "dara took the second look",
        "sophea gave the first look",
        "sophea took it",
    ]


def test_what_two_people_agreed_on_stands_in_iccams_codes(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, ILLEGAL, by="sophea")
    browser = desk.sign_in("sophea")
    assert "ICCAM" not in browser.page(item_url(ref)).text
    assert desk.look_again(ref, replace(ILLEGAL, gender=Gender.BOTH, content_type=ContentType.MEDIA), by="dara")

    page = browser.page(item_url(ref))

    codes = [
        row.text for row in page.all("tr") if row.within("details") and ("Categori" in row.text or "class" in row.text)
    ]
    assert "INHOPE classificationclassification Baseline 1" in codes
    assert [row for row in codes if "genderCategorization" in row and "The two looks differ here" in row]
    assert "INHOPE has yet to confirm them" in page.text


def test_reads_are_folded_away_behind_their_number(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in("rith")
    with desk.context():
        for number in range(80):
            items.read(desk.item(ref), by=desk.person(("sophea", "dara")[number % 2]))
    with desk.context(), writing():
        claims.claim(desk.item(ref), by=desk.person("sophea"))

    page = browser.page(item_url(ref))

    fold = next(one for one in page.all("details") if "Read 80 times" in one.text)
    assert "open" not in fold.attrs
    told = [line.text for line in page.all("span") if line.within("ol") and line.within("li")]
    assert told[0] == "sophea took it"
    assert len([line for line in told if " read it" in line]) == 30
    older = browser.page(next(link["href"] for link in page.all("a") if "reads=1" in link["href"]))
    assert "dara read it" in older.text
    assert "sophea took it" not in older.text


def test_every_deed_on_an_item_has_its_words_in_the_timeline(desk: DeskSite) -> None:
    ref = to_ask(desk)
    with desk.context(), writing():
        sophea, dara, vanna, item = (*map(desk.person, ("sophea", "dara", "vanna")), desk.item(ref))
        items.live_address(item, by=sophea)
        assessments.adviser_answered(item, by=dara)
        claims.pass_on(item, by=sophea)
        claims.claim(item, by=sophea)
        assessments.first_look(item, ILLEGAL, by=sophea)
        assessments.withdraw_first_look(item, by=sophea)
        claims.take_over(item, held_by=sophea.number, by=vanna)
        claims.take_over(item, held_by=vanna.number, by=sophea)
        assessments.first_look(item, ILLEGAL, by=sophea)
        assessments.take_review(item, by=dara)
        assessments.pass_review_on(item, by=dara)
        assessments.take_review(item, by=vanna)
        assessments.take_review_over(item, held_by=vanna.number, by=dara)
        assessments.second_look(item, NATIONAL, by=dara)
        assessments.reconsider(item, ILLEGAL, by=dara)
        notice_drafting.draft(item, directory_of(Channel.HOST), channel=Channel.HOST, language=Language.EN, by=sophea)

    page = desk.sign_in("rith").page(item_url(ref))

    done = set(actions(desk, ref)) - {"read"}
    told = [line.text for line in page.all("span") if line.within("ol") and line.within("li")]
    assert len(done) == 14
    assert not [line for line in told if any(f": {action}" in line for action in done)]
    assert len(told) >= len(done)


def directory_of(channel: Channel) -> object:
    return notice_drafting.recipients(channel)[0]


# ---- the live address


def test_the_live_address_is_not_on_the_page_before_it_is_asked_for(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]

    page = desk.sign_in("rith").page(item_url(ref))

    ask = next(form for form in page.all("form") if form["action"] == item_url(ref, "live-address"))
    assert ask.within("details")
    assert "Live address shown 0 times" in page.text
    assert ADDRESS not in page.html


def test_the_live_address_comes_as_plain_text_and_is_counted(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in("rith")
    browser.page(item_url(ref))

    answer = browser.post(item_url(ref, "live-address"))

    page = read_desk(answer)
    assert answer.status_code == 200
    assert page.by_id("live-address").text == ADDRESS
    assert not [link for link in page.all("a") if "img-board" in link.get("href")]
    assert "Live address shown 1 time" in page.text
    assert actions(desk, ref)[-1] == "copied live address"
    assert "Live address shown 1 time" in browser.page(item_url(ref)).text


def test_the_live_address_comes_in_place_with_htmx(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in("rith")
    browser.page(item_url(ref))

    part = Page(browser.post(item_url(ref, "live-address"), htmx=True).get_data(as_text=True))

    assert part.elements[0]["id"] == f"item-live-{ref}"
    assert part.by_id("live-address").text == ADDRESS
    assert not part.all("html")


def test_the_page_of_the_live_address_leads_back_to_the_second_look_one_is_at(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    browser = desk.sign_in("dara")
    browser.page(f"/desk/reviews/{ref}")
    browser.post(f"/desk/reviews/{ref}/take")

    page = read_desk(browser.post(item_url(ref, "live-address")))

    assert page.all("a", href=f"/desk/reviews/{ref}")
    assert not page.all("a", href=item_url(ref))


# ---- claiming, passing on


def test_a_new_item_can_be_claimed_from_its_page(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in("rith")
    page = browser.page(item_url(ref))
    assert [form for form in page.all("form") if form["action"] == item_url(ref, "claim")]
    assert not page.all("textarea", name="note")

    assert browser.post(item_url(ref, "claim")).location == item_url(ref)

    assert browser.page(item_url(ref)).all("textarea", name="note")


@pytest.mark.parametrize("name", ["rith", ""], ids=["signed in", "signed out"])
def test_what_is_asked_in_an_address_takes_nobodys_way_back(desk: DeskSite, name: str) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in(name) if name else desk.browser()

    for _again in range(2):  # the second one comes too late, and leads back
        assert browser.post(item_url(ref, "claim") + "?endpoint=x").status_code < 500


def test_an_item_in_somebody_elses_hands_says_whose_and_offers_no_form(desk: DeskSite) -> None:
    _browser, ref = in_hand(desk)

    page = desk.sign_in("dara").page(item_url(ref))

    assert "sophea claimed this item" in page.text
    assert not page.all("textarea", name="note")


def test_passing_on_asks_no_reason_and_puts_the_item_back(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    page = browser.page(item_url(ref))
    assert {button.text for button in page.all("button", form="pass-on")} == {"Pass it on"}
    assert page.by_id("pass-on")["action"] == item_url(ref, "pass-on")

    answer = browser.post(item_url(ref, "pass-on"))

    assert (answer.status_code, answer.location) == (303, "/desk/items")
    assert status_of(desk, ref) is ItemStatus.NEW
    assert f"{ref} is back in the queue" in browser.page("/desk/items").text


def test_nobody_passes_on_what_another_holds(desk: DeskSite) -> None:
    _browser, ref = in_hand(desk)
    other = desk.sign_in("dara")
    other.page(item_url(ref))

    assert other.post(item_url(ref, "pass-on")).status_code == 409
    assert status_of(desk, ref) is ItemStatus.ASSESSING


# ---- the first look


def test_a_first_look_is_kept_and_waits_for_a_second(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)

    answer = browser.post(item_url(ref, "assess"), **filled(HIDDEN))

    assert (answer.status_code, answer.location) == (303, item_url(ref))
    with desk.context():
        kept = db.session.scalars(select(Assessment)).one()
        assert assessments.findings_of(kept) == HIDDEN
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW
    page = browser.page(item_url(ref))
    assert "Now it waits for a second look" in page.text
    assert "What you found" in page.text
    assert SECRET in page.text
    assert not page.all("textarea", name="note")


def test_a_first_look_with_htmx_moves_on_to_the_whole_page(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)

    answer = browser.post(item_url(ref, "assess"), htmx=True, **filled(HIDDEN))

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, item_url(ref))


def test_what_cannot_leave_and_is_not_in_the_sample_is_closed_after_one_look(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _most: 1)
    browser, ref = in_hand(desk)

    browser.post(item_url(ref, "assess"), **filled(GONE))

    page = browser.page(item_url(ref))
    assert status_of(desk, ref) is ItemStatus.CLOSED
    assert "Closed after one look" in page.text
    assert "Content not found" in page.text
    assert not [link for link in page.all("a") if "notices/new" in link["href"]]


def test_the_form_shows_the_law_with_its_version_and_its_doubt(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)

    note = browser.page(item_url(ref)).by_id("law-note").text

    assert "article 40" in note
    assert "2026-11" in note
    assert "has yet to confirm" in note


def test_the_form_is_empty_and_saves_with_the_keyboard(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)

    page = browser.page(item_url(ref))

    assert not [box for box in page.all("input") if "checked" in box.attrs]
    form = page.one("textarea", name="note").within("form")
    assert "data-ctrl-enter" in form.attrs


def test_what_no_answer_needs_is_folded_away_and_nothing_that_was_answered(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    folds = {
        one.within("details").text[:6]: one.within("details") for one in browser.page(item_url(ref)).all("summary")
    }
    assert all("open" not in folds[name].attrs for name in ("Reason", "The te", "Age, g", "More a"))

    page = read_desk(browser.post(item_url(ref, "assess"), **(filled(HIDDEN) | {"law": "", "payment": ["visa"]})))

    answered = [box for box in page.all("input") if "checked" in box.attrs]
    assert {box["name"] for box in answered} >= {"payment", "visible", "age"}
    assert not [box["name"] for box in answered if box.within("details") and "open" not in box.within("details").attrs]
    assert [one for one in page.all("details") if "inhope_class=not_illegal" in one.get("data-opens")]


def test_the_page_says_what_opens_after_the_second_look_and_whose_turn_it_is(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)

    page = browser.page(item_url(ref))

    assert "Opens after the second look" in page.text
    assert [one.text for one in page.all("li", class_="now")] == ["First lookYou, now"]
    head = next(one for one in page.all("div", class_="head"))
    assert "First look" in head.text
    assert "left" in head.text
    assert page.one("button", **{"data-press": "y"}).text.startswith("Copy safe link")


def test_a_rule_that_a_host_is_not_ours_suggests_and_decides_nothing(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    browser.page("/desk/hosts/new")
    settled = {"kind": "not_ours", "note": "their own team takes reports", "days": "30"}
    assert browser.post("/desk/hosts/new", host="img-board.example", **settled).status_code == 303

    page = browser.page(item_url(ref))

    assert "“Outside our remit” may fit" in page.text
    assert not [box for box in page.all("input") if "checked" in box.attrs]
    assert "open" in page.by_id("reason").within("details").attrs
    assert status_of(desk, ref) is ItemStatus.ASSESSING


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"inhope_class": ""}, {"inhope_class"}),
        ({"law": ""}, {"law"}),
        ({"visible": ""}, {"visible"}),
        ({"sexual": "no"}, {"sexual", "law", "doubt"}),
        ({"sexual": "unsure", "law": "adviser", "note": " "}, {"note"}),
        ({"inhope_class": "inaccessible", "law": "not_illegal", "visible": "no"}, {"reason"}),
        ({"doubt": "x" * 4001}, {"doubt"}),
        ({"reason": "other"}, {"reason"}),
        ({"age": "", "media": ""}, {"age", "media"}),
        ({"site_type": ""}, {"site_type"}),
        ({"note": "x" * 4001}, {"note"}),
        ({"gender": "something"}, {"gender"}),
        ({"conduct": ["sold"]}, {"conduct"}),
    ],
)
def test_a_form_with_a_fault_names_the_field_in_summary_and_place(
    desk: DeskSite, change: dict[str, object], fields: set[str]
) -> None:
    browser, ref = in_hand(desk)

    answer = browser.post(item_url(ref, "assess"), **(filled(HIDDEN) | change))

    page = read_desk(answer)
    assert answer.status_code == 422
    assert page.title.startswith("Error:")
    assert set(page.errors) == fields
    for field in fields:
        assert page.by_id(f"{field}-err").text == page.errors[field]
        assert f"{field}-err" in page.by_id(field)["aria-describedby"]
    assert status_of(desk, ref) is ItemStatus.ASSESSING


def test_a_form_with_a_fault_keeps_everything_that_was_typed(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    sent = filled(replace(HIDDEN, note="two\n lines", conduct=tuple(ILLEGAL.conduct))) | {"age": ""}

    page = read_desk(browser.post(item_url(ref, "assess"), **sent))

    assert page.value("note") == "two\n lines"
    chosen = {(box["name"], box["value"]) for box in page.all("input") if "checked" in box.attrs}
    expected = {(name, value) for name, value in sent.items() if isinstance(value, str) and value}
    assert chosen >= expected - {("note", "two\n lines"), ("site_type", "image_board")}
    assert ("conduct", "distributed") in chosen
    assert [one["value"] for one in page.all("option") if "selected" in one.attrs] == ["image_board"]


def test_a_form_with_a_fault_comes_back_in_place_with_htmx(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)

    answer = browser.post(item_url(ref, "assess"), htmx=True, **(filled(HIDDEN) | {"age": ""}))

    part = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert part.elements[0]["id"] == f"item-work-{ref}"
    assert set(part.errors) == {"age"}
    assert part.value("note") == SECRET
    assert not part.all("html")


def test_nobody_hands_in_a_first_look_at_what_another_holds(desk: DeskSite) -> None:
    _browser, ref = in_hand(desk)
    other = desk.sign_in("dara")
    other.page(item_url(ref))

    assert other.post(item_url(ref, "assess"), **filled(HIDDEN)).status_code == 409
    assert other.post(item_url(ref, "assess")).status_code == 409
    with desk.context():
        assert not db.session.scalars(select(Assessment)).all()


def test_a_first_look_handed_in_twice_is_kept_once(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    browser.post(item_url(ref, "assess"), **filled(HIDDEN))

    assert browser.post(item_url(ref, "assess"), **filled(NATIONAL)).status_code == 409
    with desk.context():
        assert db.session.scalars(select(Assessment.inhope_class)).all() == [InhopeClass.BASELINE]


# ---- waiting for the second look


def test_a_reviewer_is_led_to_the_second_look_and_told_nothing_of_the_first(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")

    page = desk.sign_in("dara").page(item_url(ref))

    assert page.all("a", href=f"/desk/reviews/{ref}")
    assert not page.all("textarea", name="note")
    assert_blind(page)


def test_an_analyst_reads_that_it_waits_and_nothing_of_the_first_look(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    desk.look(ref, HIDDEN, by="sophea")

    page = desk.sign_in("rith").page(item_url(ref))

    assert "It waits for a second look by a reviewer" in page.text
    assert not page.all("a", href=f"/desk/reviews/{ref}")
    assert_blind(page)


def assert_blind(page: Page) -> None:
    """Hold a page to saying nothing of what the first person found, whether in words or in attributes."""
    for told in (SECRET, "Baseline", "baseline", "Illegal", "illegal", "3–13", "pre_pubescent", "Image board"):
        assert told not in page.html, f"the page says {told}"


# ---- the looks differ


@pytest.mark.parametrize("name", ["sophea", "dara"])
def test_the_two_who_differ_see_both_findings(desk: DeskSite, name: str) -> None:
    page = desk.sign_in(name).page(item_url(disputed(desk)))

    looks = [one.text for one in page.all("li", class_="past")]
    assert len(looks) == 2
    assert "Baseline differs" in looks[0]
    assert SECRET in looks[0]
    assert "National differs" in looks[1]


def test_who_looks_again_and_agrees_settles_it(desk: DeskSite) -> None:
    ref = disputed(desk)
    browser = desk.sign_in("dara")
    browser.page(item_url(ref))

    answer = browser.post(item_url(ref, "look-again"), **filled(ILLEGAL))

    assert (answer.status_code, answer.location) == (303, item_url(ref))
    assert status_of(desk, ref) is ItemStatus.DECIDED
    page = browser.page(item_url(ref))
    assert "Two people agree now" in page.text
    assert len(page.all("li", class_="past")) == 3


def test_who_looks_again_with_a_fault_gets_the_form_back_open(desk: DeskSite) -> None:
    ref = disputed(desk)
    browser = desk.sign_in("dara")
    browser.page(item_url(ref))

    answer = browser.post(item_url(ref, "look-again"), **(filled(ILLEGAL) | {"law": ""}))

    page = read_desk(answer)
    assert answer.status_code == 422
    assert set(page.errors) == {"law"}
    assert "open" in page.by_id("law").within("details").attrs


def test_a_third_reviewer_chooses_blind_and_sees_the_others_afterwards(desk: DeskSite) -> None:
    ref = disputed(desk)
    desk.third_in_hand(ref, by="vanna")
    browser = desk.sign_in("vanna")
    before = browser.page(item_url(ref))
    assert before.all("textarea", name="note")
    assert not before.all("li", class_="past")
    for told in (SECRET, NATIONAL.note):
        assert told not in before.html
    assert not [box for box in before.all("input") if "checked" in box.attrs]

    browser.post(item_url(ref, "look-again"), **filled(replace(GONE, note="gone by now")))

    after = browser.page(item_url(ref))
    assert status_of(desk, ref) is ItemStatus.DISPUTED
    assert "The looks still differ" in after.text
    assert SECRET in after.text
    assert len(after.all("li", class_="past")) == 3


def test_a_third_reviewer_who_agrees_with_one_of_them_decides_it(desk: DeskSite) -> None:
    ref = disputed(desk)
    desk.third_in_hand(ref, by="vanna")
    browser = desk.sign_in("vanna")
    browser.page(item_url(ref))

    browser.post(item_url(ref, "look-again"), **filled(NATIONAL))

    with desk.context():
        verdict = db.session.scalars(select(Verdict)).one()
        people = {desk.person("dara").id, desk.person("vanna").id}
        assert verdict.inhope_class is InhopeClass.NATIONAL
        assert {verdict.first_by, verdict.second_by} == people


def test_an_analyst_neither_sees_nor_settles_a_dispute_of_others(desk: DeskSite) -> None:
    ref = disputed(desk)
    browser = desk.sign_in("rith")

    page = browser.page(item_url(ref))

    assert SECRET not in page.html
    assert not page.all("textarea", name="note")
    assert browser.post(item_url(ref, "look-again"), **filled(NATIONAL)).status_code == 403
    assert status_of(desk, ref) is ItemStatus.DISPUTED


def test_nobody_looks_again_at_what_is_not_disputed(desk: DeskSite) -> None:
    ref = desk.decided()
    browser = desk.sign_in("vanna")
    browser.page(item_url(ref))

    assert browser.post(item_url(ref, "look-again"), **filled(NATIONAL)).status_code == 409


# ---- decided


def test_a_decided_item_shows_the_verdict_both_looks_and_what_it_opens(desk: DeskSite) -> None:
    ref = desk.decided()

    page = desk.sign_in("rith").page(item_url(ref))

    assert "Decided by two people" in page.text
    assert len(page.all("li", class_="past")) == 2
    assert page.all("a", href=f"/desk/notices/new?item={ref}")
    assert "Partner hotline" in page.text
    assert "Police" in page.text


def test_a_letter_is_offered_only_where_the_verdict_opens_that_way(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    partner_only = replace(NATIONAL, law=LawVerdict.NOT_ILLEGAL, naked=TestAnswer.NO)
    desk.look(ref, partner_only, by="sophea")
    assert desk.look_again(ref, partner_only, by="dara")

    page = desk.sign_in("rith").page(item_url(ref))

    assert "What this opens" in page.text
    assert not [link for link in page.all("a") if "notices/new" in link["href"]]


def test_what_two_people_found_not_illegal_is_closed_and_opens_nothing(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]
    with desk.context(), writing():
        quiet, item = replace(GONE, reason=Reason.SITE_DOWN), desk.item(ref)
        claims.claim(item, by=desk.person("sophea"))
        item.status = ItemStatus.IN_REVIEW  # as when it falls into the sample
        assessments._write(item, quiet, by=desk.person("sophea"))
    assert desk.look_again(ref, quiet, by="dara")

    page = desk.sign_in("rith").page(item_url(ref))

    assert "Decided by two people" in page.text
    assert "What this opens" not in page.text


# ---- the adviser


def test_an_item_for_the_adviser_says_whom_to_ask_and_how_it_goes_on(desk: DeskSite) -> None:
    ref = to_ask(desk)

    page = desk.sign_in("dara").page(item_url(ref))

    assert "Ask the legal adviser of APLE" in page.text
    assert [form for form in page.all("form") if form["action"] == item_url(ref, "adviser-answered")]


def test_an_analyst_reads_of_the_adviser_but_records_no_answer(desk: DeskSite) -> None:
    ref = to_ask(desk)
    browser = desk.sign_in("rith")

    page = browser.page(item_url(ref))

    assert "Ask the legal adviser of APLE" in page.text
    assert not [form for form in page.all("form") if form["action"] == item_url(ref, "adviser-answered")]
    assert browser.post(item_url(ref, "adviser-answered")).status_code == 403


def test_after_the_advisers_answer_people_look_anew_and_the_second_is_blind_again(desk: DeskSite) -> None:
    ref = to_ask(desk)
    browser = desk.sign_in("dara")
    browser.page(item_url(ref))
    assert browser.post(item_url(ref, "adviser-answered")).location == item_url(ref)
    assert status_of(desk, ref) is ItemStatus.ASSESSING

    first = desk.sign_in("sophea")
    assert "The legal adviser has answered" in first.page(item_url(ref)).text
    first.post(item_url(ref, "assess"), **filled(HIDDEN))

    browser.page(f"/desk/reviews/{ref}")
    browser.post(f"/desk/reviews/{ref}/take")
    blind = browser.page(f"/desk/reviews/{ref}")
    assert SECRET not in blind.html
    assert not [box for box in blind.all("input") if "checked" in box.attrs]
    browser.post(f"/desk/reviews/{ref}", **filled(ILLEGAL))

    with desk.context():
        before, after = db.session.scalars(select(Verdict).order_by(Verdict.id))
        assert (before.law, after.law) == (LawVerdict.ADVISER, LawVerdict.ILLEGAL)
        assert after.supersedes_id == before.id
        assert assessments.verdict_of(desk.item(ref)).id == after.id
        assert audit.verify()[1] is None
    assert browser.page(item_url(ref)).all("a", href=f"/desk/notices/new?item={ref}")


def test_after_the_advisers_answer_an_item_whose_first_person_is_gone_is_free(desk: DeskSite) -> None:
    ref = to_ask(desk)
    with desk.context(), writing():
        staff.disable(desk.person("sophea"), by=None)
    vanna = desk.sign_in("vanna")
    vanna.page(item_url(ref))

    answer = vanna.post(item_url(ref, "adviser-answered"))

    assert answer.location == item_url(ref)
    page = vanna.page(item_url(ref))
    assert "no longer here" in page.text
    assert "Nobody has this item" in page.text


def test_a_finding_from_before_the_advisers_answer_settles_nothing_after_it(desk: DeskSite) -> None:
    ref = to_ask(desk)
    with desk.context(), writing():
        assessments.adviser_answered(desk.item(ref), by=desk.person("dara"))
        assessments.first_look(desk.item(ref), ILLEGAL, by=desk.person("sophea"))

    agreed = desk.look_again(ref, TO_ASK, by="vanna")

    assert not agreed
    with desk.context():
        assert assessments.verdict_of(desk.item(ref)) is None
        assert len(assessments.shown(desk.item(ref), by=desk.person("vanna"))) == 2
        assert not assessments.shown(desk.item(ref), by=desk.person("dara"))


def test_a_letter_that_stands_on_the_verdict_is_withdrawn_before_people_look_anew(desk: DeskSite) -> None:
    ref = to_ask(desk)
    with desk.context(), writing():
        to = notice_drafting.recipients(Channel.HOST)[0]
        letter = notice_drafting.draft(
            desk.item(ref), to, channel=Channel.HOST, language=Language.EN, by=desk.person("sophea")
        ).ref
    browser = desk.sign_in("dara")

    page = browser.page(item_url(ref))

    assert page.all("a", href=f"/desk/notices/{letter}")
    assert browser.post(item_url(ref, "adviser-answered")).status_code == 409
    assert status_of(desk, ref) is ItemStatus.DECIDED


def test_no_answer_is_recorded_where_no_adviser_was_asked(desk: DeskSite) -> None:
    ref = desk.decided()
    browser = desk.sign_in("dara")
    browser.page(item_url(ref))

    assert browser.post(item_url(ref, "adviser-answered")).status_code == 409


# ---- doors


VERBS = (
    "notes",
    "merge",
    "assess",
    "look-again",
    "pass-on",
    "take-over",
    "withdraw",
    "live-address",
    "adviser-answered",
    "claim",
)


def test_an_item_that_is_not_there_is_not_found(desk: DeskSite) -> None:
    browser = desk.sign_in("sophea")

    assert browser.get(item_url("I-222222")).status_code == 404
    assert [browser.post(item_url("I-222222", verb)).status_code for verb in VERBS] == [404] * len(VERBS)


@pytest.mark.parametrize("name", ["kunthea", "lina", "admin", "audit"])
def test_who_sees_no_addresses_is_refused_whether_it_exists_or_not(desk: DeskSite, name: str) -> None:
    ref = desk.report(ADDRESS)[-1]
    browser = desk.sign_in(name)

    for page in ("", "notes", "merge", "reports", "timeline", "words/R-222222"):
        assert [browser.get(item_url(one, page)).status_code for one in (ref, "I-222222")] == [403, 403]
    assert browser.post(item_url(ref, "undo-merge")).status_code == 403
    assert [browser.post(item_url(ref, verb)).status_code for verb in VERBS] == [403] * len(VERBS)
    assert actions(desk, ref) == []


def test_signed_out_nobody_gets_in(desk: DeskSite) -> None:
    ref = desk.report(ADDRESS)[-1]

    assert desk.browser().get(item_url(ref)).status_code == 303
    assert desk.browser().get(item_url(ref), htmx=True).status_code == 401
    assert [desk.browser().post(item_url(ref, verb)).status_code for verb in VERBS] == [303] * len(VERBS)
    with desk.context():
        assert db.session.scalars(select(Item.status)).all() == [ItemStatus.NEW]


def test_a_form_without_its_token_changes_nothing(desk: DeskSite) -> None:
    browser, ref = in_hand(desk)
    browser.token = "none"

    assert browser.post(item_url(ref, "assess"), **filled(HIDDEN)).status_code == 400
    assert status_of(desk, ref) is ItemStatus.ASSESSING
