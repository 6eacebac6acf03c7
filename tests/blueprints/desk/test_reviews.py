"""The second look: by somebody else, and blind until that person has chosen."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from hotline.extensions import db
from hotline.models import Assessment, AuditEntry
from hotline.models.assessment import Verdict
from hotline.services import queue
from hotline.vocabulary import (
    AgeGroup,
    Asked,
    Confidence,
    ContactPlace,
    ContentType,
    Extent,
    Gender,
    InhopeClass,
    ItemStatus,
    Media,
    Payment,
    Reason,
    SiteType,
    Theme,
    YesNo,
)
from tests.blueprints.desk.desk_site import GONE, ILLEGAL, Browser, DeskSite
from tests.blueprints.desk.looking import ADDRESS, HIDDEN, NATIONAL, SECRET, filled
from tests.page import Page, read_desk

REVIEWS = "/desk/reviews"
VARIES = re.compile(  # an item's own marks, and its neighbours in the queue
    r'name="(csrf_token|window)" value="[^"]*"|R-[2-9A-Z]{6}|clocks/\d+|pause-\d+|\d+ of \d+<'
    r'|<a class="btn" rel="(prev|next)".*?</a>|<time.*?</time>'
)
WHOLE = replace(  # every field filled in, so that none of them can slip through
    HIDDEN,
    age=AgeGroup.INFANT,
    gender=Gender.BOTH,
    media=Media.LIVE,
    site_type=SiteType.REDIRECTOR,
    ai=Extent.ALTERED,
    self_generated=YesNo.YES,
    commercial=YesNo.YES,
    confidence=Confidence.LOW,
    content_type=ContentType.MEDIA,
    child_modelling=YesNo.YES,
    payment=(Payment.BITCOIN,),
    themes=(Theme.SEXTORTION,),
    asked_for=(Asked.MONEY,),
    goes_on=YesNo.YES,
    contact_place=ContactPlace.GAME,
    threatened=YesNo.YES,
)
EXPLAINED = replace(GONE, reason=Reason.PREMIUM_ACCOUNT_NECESSARY, note=SECRET)


def review_url(ref: str, verb: str = "") -> str:
    return f"{REVIEWS}/{ref}" + (f"/{verb}" if verb else "")


def waiting(desk: DeskSite, url: str = ADDRESS) -> str:
    """Return an item that sophea has looked at."""
    ref = desk.report(url)[-1]
    desk.look(ref, HIDDEN, by="sophea")
    return ref


def taken(desk: DeskSite, ref: str, name: str = "dara") -> Browser:
    """Return the browser of somebody who has taken the second look, open at it."""
    browser = desk.sign_in(name)
    browser.page(review_url(ref))
    answer = browser.post(review_url(ref, "take"))
    assert (answer.status_code, answer.location) == (303, review_url(ref))
    browser.page(review_url(ref))
    return browser


def status_of(desk: DeskSite, ref: str) -> ItemStatus:
    with desk.context():
        return desk.item(ref).status


# ---- blindness


@pytest.mark.parametrize("found", [WHOLE, NATIONAL, EXPLAINED], ids=["baseline", "national", "gone"])
def test_no_page_before_choosing_differs_by_what_the_first_person_found(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch, found: object
) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _most: 0)  # everything falls into the sample
    one, other = desk.report(ADDRESS)[-1], desk.report("https://other-board.example/t/1?page=2")[-1]
    desk.look(one, ILLEGAL, by="sophea")
    desk.look(other, found, by="sophea")

    pages = {ref: everything_before_choosing(desk, ref) for ref in (one, other)}

    alike = [alike_but_for_its_names(pages[ref], ref, host) for ref, host in ((one, "img"), (other, "other"))]
    assert alike[0] == alike[1]
    assert SECRET not in pages[other]


def everything_before_choosing(desk: DeskSite, ref: str) -> str:
    """Return what a reviewer is sent about one item until they choose: its pages, its row in the lists."""
    browser = taken(desk, ref, "vanna")
    parts = [browser.get(path).get_data(as_text=True) for path in (review_url(ref), f"/desk/items/{ref}")]
    parts.append(browser.post(review_url(ref)).get_data(as_text=True))
    for path in ("/desk/reviews", "/desk/items", "/desk/"):
        page = browser.page(path)
        parts += [row.text + str(row.attrs) for row in page.all("tr") + page.all("li") if ref in row.text]
    browser.post(review_url(ref, "pass-on"))
    return "\n".join(parts)


def alike_but_for_its_names(html: str, ref: str, host: str) -> str:
    """Take out what tells two items apart anyway: reference, host, report, tokens, times."""
    return VARIES.sub("·", html.replace(ref, "·").replace(f"{host}-board", "·"))


def test_the_form_of_the_second_look_is_empty(desk: DeskSite) -> None:
    ref = waiting(desk)

    page = taken(desk, ref).page(review_url(ref))

    assert not [box for box in page.all("input") if "checked" in box.attrs]
    assert not [one for one in page.all("option") if "selected" in one.attrs]
    assert page.value("note") == ""


def test_the_list_says_what_waits_and_who_looked_first_but_nothing_of_what_they_found(desk: DeskSite) -> None:
    ref = waiting(desk)

    page = desk.sign_in("dara").page(REVIEWS)

    row = next(row for row in page.all("tr") if ref in row.text)
    assert "img-board[.]example" in row.text
    assert "sophea" in row.text
    for told in (SECRET, "Baseline", "baseline", "llegal", "3–13"):
        assert told not in page.html


def test_the_facts_stand_before_the_second_look_is_taken(desk: DeskSite) -> None:
    ref = waiting(desk)

    page = desk.sign_in("dara").page(review_url(ref))

    assert page.by_id("safe-address").text == "hxxps://img-board[.]example/t/1?page=2"
    assert not page.all("textarea", name="note")
    assert [form for form in page.all("form") if form["action"] == review_url(ref, "take")]


# ---- choosing


def test_two_who_agree_decide_and_see_it_on_the_items_page(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = taken(desk, ref)

    answer = browser.post(review_url(ref), **filled(ILLEGAL))

    assert (answer.status_code, answer.location) == (303, f"/desk/items/{ref}")
    assert status_of(desk, ref) is ItemStatus.DECIDED
    page = browser.page(answer.location)
    assert "Second look done. You both found the same." in page.text
    assert SECRET in page.text
    with desk.context():
        verdict = db.session.scalars(select(Verdict)).one()
        assert verdict.first_by != verdict.second_by


def test_two_who_differ_see_both_findings_and_nothing_is_decided(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = taken(desk, ref)

    answer = browser.post(review_url(ref), **filled(NATIONAL))

    page = browser.page(answer.location)
    assert status_of(desk, ref) is ItemStatus.DISPUTED
    assert "The two looks differ" in page.text
    assert len(page.all("li", class_="past")) == 2
    with desk.context():
        assert not db.session.scalars(select(Verdict)).all()


def test_choosing_with_htmx_moves_on_to_the_whole_page(desk: DeskSite) -> None:
    ref = waiting(desk)

    answer = taken(desk, ref).post(review_url(ref), htmx=True, **filled(ILLEGAL))

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/desk/items/{ref}")


def test_a_form_with_a_fault_comes_back_as_typed_and_still_blind(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = taken(desk, ref)

    answer = browser.post(review_url(ref), **(filled(NATIONAL) | {"age": ""}))

    page = read_desk(answer)
    assert answer.status_code == 422
    assert page.title.startswith("Error:")
    assert set(page.errors) == {"age"}
    assert page.value("note") == NATIONAL.note
    assert page.value("inhope_class") == "national"
    assert SECRET not in page.html
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW


def test_a_form_with_a_fault_comes_back_in_place_with_htmx(desk: DeskSite) -> None:
    ref = waiting(desk)

    answer = taken(desk, ref).post(review_url(ref), htmx=True)

    part = Page(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert part.elements[0]["id"] == f"review-work-{ref}"
    assert set(part.errors) == {"inhope_class", "law"}


# ---- two people


def test_nobody_gives_the_second_look_at_their_own_first(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = desk.sign_in("sophea")

    assert ref not in browser.page(REVIEWS).text
    assert browser.get(review_url(ref)).status_code == 404
    assert browser.post(review_url(ref, "take")).status_code == 404
    assert browser.post(review_url(ref), **filled(ILLEGAL)).status_code == 404
    with desk.context():
        assert len(db.session.scalars(select(Assessment)).all()) == 1


def test_a_second_look_that_another_has_is_not_offered_nor_accepted(desk: DeskSite) -> None:
    ref = waiting(desk)
    taken(desk, ref)
    other = desk.sign_in("vanna")

    assert ref not in other.page(REVIEWS).text
    page = other.page(review_url(ref))
    assert "dara has the second look" in page.text
    assert not page.all("textarea", name="note")
    assert other.post(review_url(ref, "take")).status_code == 409
    assert other.post(review_url(ref), **filled(ILLEGAL)).status_code == 409
    assert other.post(review_url(ref)).status_code == 409
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW


def test_nobody_chooses_without_having_taken_the_second_look(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = desk.sign_in("dara")
    browser.page(review_url(ref))

    assert browser.post(review_url(ref), **filled(ILLEGAL)).status_code == 409
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW


def test_a_second_look_that_is_passed_on_waits_for_another_reviewer(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = taken(desk, ref)
    assert browser.page(review_url(ref)).by_id("pass-on")["action"] == review_url(ref, "pass-on")

    answer = browser.post(review_url(ref, "pass-on"))

    assert (answer.status_code, answer.location) == (303, REVIEWS)
    taken(desk, ref, "vanna").post(review_url(ref), **filled(ILLEGAL))
    assert status_of(desk, ref) is ItemStatus.DECIDED


def test_nobody_passes_on_a_second_look_that_another_has(desk: DeskSite) -> None:
    ref = waiting(desk)
    taken(desk, ref)
    other = desk.sign_in("vanna")
    other.page(review_url(ref))

    assert other.post(review_url(ref, "pass-on")).status_code == 409


def test_a_second_look_handed_in_twice_counts_once(desk: DeskSite) -> None:
    ref = waiting(desk)
    browser = taken(desk, ref)
    browser.post(review_url(ref), **filled(NATIONAL))

    assert browser.post(review_url(ref), **filled(ILLEGAL)).status_code == 409
    with desk.context():
        classes = db.session.scalars(select(Assessment.inhope_class).order_by(Assessment.id)).all()
        assert classes == [InhopeClass.BASELINE, InhopeClass.NATIONAL]


def test_what_is_past_the_second_look_leads_to_the_item(desk: DeskSite) -> None:
    ref = desk.decided()

    answer = desk.sign_in("vanna").get(review_url(ref))

    assert (answer.status_code, answer.location) == (303, f"/desk/items/{ref}")


# ---- doors


VERBS = ("", "take", "take-over", "pass-on")


def test_an_empty_list_says_what_else_to_do(desk: DeskSite) -> None:
    page = desk.sign_in("dara").page(REVIEWS)

    assert "Nobody waits for a second look from you" in page.text
    assert page.all("a", href="/desk/items?whose=nobody")


def test_an_item_that_is_not_there_is_not_found(desk: DeskSite) -> None:
    browser = desk.sign_in("dara")

    assert browser.get(review_url("I-222222")).status_code == 404
    assert [browser.post(review_url("I-222222", verb)).status_code for verb in VERBS] == [404] * len(VERBS)


@pytest.mark.parametrize("name", ["rith", "kunthea", "lina", "admin", "audit"])
def test_who_is_no_reviewer_is_refused_whether_it_exists_or_not(desk: DeskSite, name: str) -> None:
    ref = waiting(desk)
    browser = desk.sign_in(name)

    assert [browser.get(path).status_code for path in (REVIEWS, review_url(ref), review_url("I-222222"))] == [403] * 3
    assert [browser.post(review_url(ref, verb)).status_code for verb in VERBS] == [403] * len(VERBS)
    with desk.context():
        read = select(AuditEntry).where(AuditEntry.record == f"item {ref}", AuditEntry.action == "read")
        assert not db.session.scalars(read).all()


def test_signed_out_nobody_gets_in(desk: DeskSite) -> None:
    ref = waiting(desk)

    assert [desk.browser().get(path).status_code for path in (REVIEWS, review_url(ref))] == [303, 303]
    assert desk.browser().get(review_url(ref), htmx=True).status_code == 401
    assert [desk.browser().post(review_url(ref, verb)).status_code for verb in VERBS] == [303] * len(VERBS)
    assert status_of(desk, ref) is ItemStatus.IN_REVIEW


def test_pages_of_second_looks_follow_each_other_without_gap_or_repetition(
    desk: DeskSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue.list_reviews, "__kwdefaults__", {"after": "", "limit": 2})
    every = desk.report(*(f"https://a.example/{number}" for number in range(5)))
    for ref in every:
        desk.look(ref, ILLEGAL, by="sophea")
    dara = desk.sign_in("dara")

    found, onward = [], REVIEWS
    while onward:
        shown = dara.page(onward)
        found.append([link.text for link in shown.all("a") if link.get("href").startswith(f"{REVIEWS}/I-")])
        onward = next((link["href"] for link in shown.all("a") if link.text == "Next page"), "")

    assert [len(one) for one in found] == [2, 2, 1]
    assert sorted(ref for page in found for ref in page) == sorted(every)
    assert dara.get(f"{REVIEWS}?after=rubbish").status_code == 422
