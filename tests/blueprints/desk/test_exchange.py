"""Between hotlines at the desk: lists by role, offers in two hands, partners' doors, and what ICCAM is told."""

import pytest
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from sqlalchemy import insert, select, update

from hotline.extensions import db
from hotline.models import AuditEntry, Exchange, ExchangePartner, IccamEntry, Item, Recipient
from hotline.rules import exchange as rule
from hotline.services import directory, exchange
from hotline.transactions import writing
from hotline.vocabulary import DeclineReason, ExchangeStatus, Language, RecipientKind
from tests import page
from tests.blueprints.desk.desk_site import Browser, DeskSite

URL = "https://img-board.example/t/1"
SHOWN = "hxxps://img-board[.]example/t/1"
KEYS = {
    "verify_key": bytes(SigningKey.generate().verify_key).hex(),
    "box_key": bytes(PrivateKey.generate().public_key).hex(),
}


@pytest.fixture
def hotline(desk: DeskSite) -> str:
    """The reference of a partner hotline of the directory."""
    with desk.context(), writing():
        added = directory.add(
            "Example Hotline", RecipientKind.PARTNER_HOTLINE, "desk@partner.example", "NL", Language.EN
        )
        return added.ref


@pytest.fixture
def drafted(desk: DeskSite, hotline: str) -> str:
    """The reference of an offer that sophea drafted, to be handed over by hand."""
    ref, sophea = desk.decided(URL), desk.sign_in("sophea")
    sophea.page(f"/desk/exchange/offer/{ref}")
    answer = sophea.post(f"/desk/exchange/offer/{ref}", partner=hotline, means="by_hand")
    assert answer.location == f"/desk/items/{ref}"
    return only(desk, Exchange.ref)


def only(desk: DeskSite, what):
    with desk.context():
        return db.session.scalars(select(what)).one()


def test_an_offer_goes_through_two_peoples_hands_to_its_end(desk: DeskSite, drafted: str) -> None:
    sophea, dara = desk.sign_in("sophea"), desk.sign_in("dara")
    assert "You drafted it yourself" in sophea.page(f"/desk/exchange/{drafted}").text
    answer = sophea.post(f"/desk/exchange/{drafted}/approve")
    assert answer.status_code == 422
    shown = dara.page(f"/desk/exchange/{drafted}")
    assert SHOWN in shown.text

    assert dara.post(f"/desk/exchange/{drafted}/approve").status_code == 303
    dara.page(f"/desk/exchange/{drafted}")
    dara.post(f"/desk/exchange/{drafted}/handed", reference="letter 7")
    shown = dara.page(f"/desk/exchange/{drafted}")
    assert "letter 7" in shown.text
    wrong = page.read_desk(dara.post(f"/desk/exchange/{drafted}/answer", status="declined", note="Kept."))
    assert set(wrong.errors) == {"reason"}
    assert wrong.by_id("note").text == "Kept."
    dara.post(f"/desk/exchange/{drafted}/answer", status="accepted", reference="NL-9")
    dara.post(f"/desk/exchange/{drafted}/answer", status="done", outcome="removed")

    shown = dara.page(f"/desk/exchange/{drafted}")
    assert "NL-9" in shown.text
    assert "Removed" in shown.text
    assert dara.post(f"/desk/exchange/{drafted}/withdraw").status_code == 409


def test_what_a_partner_says_against_what_counts_is_shown_with_its_number(desk: DeskSite, drafted: str) -> None:
    dara = desk.sign_in("dara")
    dara.page(f"/desk/exchange/{drafted}")
    dara.post(f"/desk/exchange/{drafted}/approve")
    dara.post(f"/desk/exchange/{drafted}/handed", reference="letter 7")
    dara.post(f"/desk/exchange/{drafted}/answer", status="done", outcome="removed")
    assert "The partner has said otherwise since" not in dara.page(f"/desk/exchange/{drafted}").text
    with desk.context(), writing():
        db.session.execute(update(Recipient).values(phone="+31 00 000 0001"))
        found = db.session.scalars(select(Exchange)).one()
        said = rule.Answer(ExchangeStatus.DECLINED, "", DeclineReason.NOT_REACHABLE, None, "Never saw it.")
        exchange.record_contradiction(found, said)

    shown = dara.page(f"/desk/exchange/{drafted}")

    told = shown.by_id("contradictions").text
    assert "Declined, It cannot be reached" in told
    assert "Ask the partner in person" in told
    assert "Never saw it." in shown.text
    assert shown.by_id("call")["href"] == "tel:+31000000001"
    assert "Partner said otherwise" in dara.page("/desk/exchange").text
    item = only(desk, Item.ref)
    assert "A partner hotline said otherwise" in dara.page(f"/desk/items/{item}/timeline").text


def test_the_list_shows_addresses_to_reviewers_and_counts_to_a_liaison(desk: DeskSite, drafted: str) -> None:
    assert SHOWN in desk.sign_in("dara").page("/desk/exchange").text

    shown = desk.sign_in("lina").page("/desk/exchange").text
    assert "Example HotlineTo themDraft1" in shown
    assert "img-board" not in shown
    assert drafted not in shown


def test_the_items_page_says_what_goes_on_and_leads_on(desk: DeskSite, hotline: str) -> None:
    ref, fresh = desk.decided(URL), desk.report("https://store-7.example/g/2")[-1]
    dara = desk.sign_in("dara")

    shown = dara.page(f"/desk/items/{ref}")
    assert shown.one("a", href=f"/desk/exchange/offer/{ref}")
    assert shown.one("a", href=f"/desk/items/{ref}/iccam")
    assert "hidden" in dara.page(f"/desk/items/{fresh}").by_id(f"exchange-item-{fresh}").attrs


def test_what_may_not_leave_is_not_offered(desk: DeskSite, hotline: str) -> None:
    fresh = desk.report(URL)[-1]
    dara = desk.sign_in("dara")

    assert "Two people have not agreed" in dara.page(f"/desk/exchange/offer/{fresh}").text
    assert dara.post(f"/desk/exchange/offer/{fresh}", partner=hotline, means="by_hand").status_code == 409


def test_a_wrong_offer_is_drawn_again(desk: DeskSite, hotline: str) -> None:
    ref, dara = desk.decided(URL), desk.sign_in("dara")
    dara.page(f"/desk/exchange/offer/{ref}")

    shown = page.read_desk(dara.post(f"/desk/exchange/offer/{ref}", partner="D-222222", means=""))
    no_door = page.read_desk(dara.post(f"/desk/exchange/offer/{ref}", partner=hotline, means="interface"))

    assert set(shown.errors) == {"partner", "means"}
    assert "does not use the interface" in no_door.errors["means"]


def test_an_offer_by_mail_is_written_down_and_answered(desk: DeskSite, hotline: str) -> None:
    dara = desk.sign_in("dara")
    shown = dara.page("/desk/exchange/new")
    nonce = shown.value("nonce")
    wrong = page.read_desk(dara.post("/desk/exchange/new", partner=hotline, address="nothing", nonce=nonce))
    assert set(wrong.errors) == {"means", "reference", "address"}
    assert wrong.value("address") == "nothing"

    form = {"partner": hotline, "means": "encrypted_mail", "reference": "NL-3", "address": URL, "nonce": nonce}
    answer = dara.post("/desk/exchange/new", **form)
    ref = only(desk, Exchange.ref)
    assert answer.location == f"/desk/exchange/{ref}"
    assert dara.post("/desk/exchange/new", **form).location == answer.location
    assert SHOWN in dara.page(answer.location).text
    dara.post(f"/desk/exchange/{ref}/answer", status="accepted", note="With us.")
    assert only(desk, Exchange.status) == "accepted"


def test_a_door_is_opened_and_its_token_shown_once(desk: DeskSite, hotline: str) -> None:
    lina = desk.sign_in("lina")
    lina.page("/desk/exchange-partners/new")
    wrong = page.read_desk(
        lina.post("/desk/exchange-partners/new", partner=hotline, verify_key="x", box_key=KEYS["box_key"])
    )
    assert set(wrong.errors) == {"verify_key"}

    shown = page.read_desk(lina.post("/desk/exchange-partners/new", partner=hotline, **KEYS))
    token = shown.by_id("new-token").text
    assert len(token) >= 43
    again = lina.page(f"/desk/exchange-partners/{hotline}")
    assert token not in again.text
    assert "Open" in again.one("h1").text
    with desk.context():
        assert token not in repr(db.session.scalars(select(AuditEntry.details)).all())

    other = page.read_desk(lina.post(f"/desk/exchange-partners/{hotline}/token")).by_id("new-token").text
    assert other != token
    lina.page(f"/desk/exchange-partners/{hotline}")
    assert lina.post(f"/desk/exchange-partners/{hotline}/keys", verify_key="", box_key="").status_code == 422
    fresh = {name: bytes(PrivateKey.generate().public_key).hex() for name in ("box_key",)}
    assert lina.post(f"/desk/exchange-partners/{hotline}/keys", **KEYS | fresh).status_code == 303
    assert only(desk, ExchangePartner.box_key).hex() == fresh["box_key"]
    assert lina.post(f"/desk/exchange-partners/{hotline}/revoke").status_code == 303
    assert lina.post(f"/desk/exchange-partners/{hotline}/revoke").status_code == 409
    assert "Shut" in lina.page(f"/desk/exchange-partners/{hotline}").one("h1").text


def test_a_reviewer_confirms_the_keys_that_another_entered(desk: DeskSite, hotline: str) -> None:
    lina, dara = desk.sign_in("lina"), desk.sign_in("dara")
    lina.page("/desk/exchange-partners/new")
    lina.post("/desk/exchange-partners/new", partner=hotline, **KEYS)
    there = f"/desk/exchange-partners/{hotline}/confirm"
    assert not lina.page("/desk/exchange").all("form", action=there)
    shown = dara.page("/desk/exchange")
    assert "Nobody has confirmed its keys" in shown.text

    assert dara.post(there, read_out=shown.value("read_out")).status_code == 303

    assert "Nobody has confirmed its keys" not in dara.page("/desk/exchange").text
    assert only(desk, ExchangePartner.confirmed_by_id) is not None


def test_iccams_list_is_begun_and_typed_in(desk: DeskSite) -> None:
    ref, rith = desk.decided(URL), desk.sign_in("rith")
    here = f"/desk/items/{ref}/iccam"
    rith.page(here)
    wrong = page.read_desk(rith.post(here, report_no="abc", content_no=""))
    assert set(wrong.errors) == {"report_no", "content_no"}

    assert rith.post(here).location == here
    shown = rith.page(here)
    assert "has not been verified against the real service" in shown.text
    assert URL not in shown.text
    first = shown.all("form", action=f"{here}/steps/1")
    assert len(first) == 1
    assert not shown.all("form", action=f"{here}/steps/2")
    assert set(page.read_desk(rith.post(f"{here}/steps/1")).errors) == {"report_no"}
    rith.post(f"{here}/steps/1", report_no="4711", content_no="47110")
    assert "4711#47110 (ICCAM)" in rith.page(here).text
    assert rith.post(f"{here}/steps/1", report_no="1", content_no="2").status_code == 409
    assert rith.post(f"{here}/steps/999").status_code == 404

    block = page.read_desk(rith.post(f"{here}/block"))
    assert "classification: 1" in block.by_id("iccam-block").text
    with desk.context():
        assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "copied live address")).all()
    assert not rith.page(here).all("form", action=here)
    choices = [one.get("value") for one in rith.page(here).all("option")]
    assert "reported_to_isp" in choices
    assert "reported_to_lea" not in choices
    assert (
        "hand a police report over first" in page.read_desk(rith.post(f"{here}/actions", action="reported_to_lea")).text
    )
    assert rith.post(f"{here}/actions", action="unavailable:link_expired").status_code == 303
    assert set(page.read_desk(rith.post(f"{here}/actions", action="unavailable:link_expired")).errors) == {"action"}
    assert rith.post(f"{here}/send").status_code == 403
    assert desk.sign_in("dara").post(f"{here}/send").status_code in {400, 409}
    with desk.context():
        assert db.session.scalars(select(IccamEntry.field).order_by(IccamEntry.id)).all()[-1] == "Unavailable"


def test_a_step_of_a_number_beyond_all_is_missing(desk: DeskSite) -> None:
    here = f"/desk/items/{desk.decided(URL)}/iccam"
    rith = desk.sign_in("rith")
    rith.page(here)
    rith.post(here)

    for deed in (f"{here}/steps/{2**70}", f"{here}/steps/{2**31}"):
        assert rith.post(deed).status_code == 404


def test_codes_are_closed_while_the_item_is_being_corrected(desk: DeskSite) -> None:
    ref, dara = desk.decided(URL), desk.sign_in("dara")
    here = f"/desk/items/{ref}/iccam"
    dara.page(here)
    dara.post(here)
    assert "classification: 1" in dara.page(here).text
    dara.page(f"/desk/items/{ref}")
    dara.post(f"/desk/items/{ref}/correct", why="mistake")

    shown = dara.page(here)

    assert "classification" not in shown.text
    assert "Closed while the item is being corrected." in shown.text
    assert not shown.all("form", action=f"{here}/block")
    assert dara.post(f"{here}/block").status_code == 409
    assert shown.all("form", action=f"{here}/steps/1")


CASE, REVIEWERS, LIAISON = {"dara", "rith"}, {"dara"}, {"lina"}
PLACES = {
    "/desk/exchange": REVIEWERS | LIAISON,
    "/desk/exchange/new": REVIEWERS,
    "/desk/exchange/X-222222": REVIEWERS,
    "/desk/exchange/offer/I-222222": CASE,
    "/desk/exchange-partners/new": LIAISON,
    "/desk/exchange-partners/D-222222": LIAISON,
    "/desk/items/I-222222/iccam": CASE,
}
DEEDS = {
    "/desk/exchange/new": REVIEWERS,
    "/desk/exchange/offer/I-222222": CASE,
    "/desk/exchange/X-222222/approve": REVIEWERS,
    "/desk/exchange/X-222222/handed": REVIEWERS,
    "/desk/exchange/X-222222/answer": REVIEWERS,
    "/desk/exchange/X-222222/withdraw": REVIEWERS,
    "/desk/exchange-partners/new": LIAISON,
    "/desk/exchange-partners/D-222222/token": LIAISON,
    "/desk/exchange-partners/D-222222/keys": LIAISON,
    "/desk/exchange-partners/D-222222/confirm": REVIEWERS,
    "/desk/exchange-partners/D-222222/revoke": LIAISON,
    "/desk/items/I-222222/iccam": CASE,
    "/desk/items/I-222222/iccam/block": CASE,
    "/desk/items/I-222222/iccam/actions": CASE,
    "/desk/items/I-222222/iccam/steps/1": CASE,
    "/desk/items/I-222222/iccam/steps/1/again": REVIEWERS,
    "/desk/items/I-222222/iccam/send": REVIEWERS,
}


@pytest.mark.parametrize("name", ["dara", "lina", "rith", "kunthea", "admin", "audit", ""])
def test_every_page_has_its_doors(desk: DeskSite, name: str) -> None:
    browser: Browser = desk.sign_in(name) if name else desk.browser()
    if name == "kunthea" or not name:
        browser.get("/desk/")
    for path, people in PLACES.items():
        answer = browser.get(path)
        allowed = {200, 404} if name in people else {403} if name else {303}
        assert answer.status_code in allowed, (path, answer.status_code)
        if not name:
            assert browser.get(path, htmx=True).status_code == 401
    for path, people in DEEDS.items():
        answer = browser.post(path)
        allowed = {404, 422} if name in people else {403} if name else {303}
        assert answer.status_code in allowed, (path, answer.status_code)


def test_words_that_name_one_of_us_do_not_leave(desk: DeskSite, hotline: str) -> None:
    dara = desk.sign_in("dara")
    nonce = dara.page("/desk/exchange/new").value("nonce")
    dara.post("/desk/exchange/new", partner=hotline, means="by_hand", reference="NL-3", address=URL, nonce=nonce)
    ref = only(desk, Exchange.ref)
    dara.page(f"/desk/exchange/{ref}")

    shown = page.read_desk(dara.post(f"/desk/exchange/{ref}/answer", status="accepted", note="Ask Sophea about it."))

    assert set(shown.errors) == {"note"}
    with desk.context():
        assert db.session.scalars(select(Recipient.name).where(Recipient.ref == hotline)).one() == "Example Hotline"


def test_whoever_looks_anew_is_not_told_what_was_found(desk: DeskSite, drafted: str) -> None:
    dara = desk.sign_in("dara")
    dara.page(f"/desk/exchange/{drafted}")
    dara.post(f"/desk/exchange/{drafted}/approve")
    with desk.context():
        ref = db.session.scalars(select(Exchange)).one().item.ref
    assert "drafted an offer" in dara.page(f"/desk/items/{ref}").text
    dara.post(f"/desk/items/{ref}/correct", why="mistake")

    shown = dara.page(f"/desk/items/{ref}").text
    assert drafted not in shown
    assert "drafted an offer" not in shown
    assert "Baseline" not in dara.page(f"/desk/exchange/{drafted}").text


def test_what_was_handed_over_before_it_fell_is_noted(desk: DeskSite, drafted: str) -> None:
    dara = desk.sign_in("dara")
    dara.page(f"/desk/exchange/{drafted}")
    dara.post(f"/desk/exchange/{drafted}/approve")
    with desk.context(), writing():
        db.session.execute(update(Item).values(status="held"))

    shown = dara.page(f"/desk/exchange/{drafted}")
    assert "It may not leave any more." in shown.text
    refused = page.read_desk(dara.post(f"/desk/exchange/{drafted}/handed", reference="letter 7"))
    assert set(refused.errors) == {"though"}
    assert dara.post(f"/desk/exchange/{drafted}/handed", reference="letter 7", though="yes").status_code == 303

    shown = dara.page(f"/desk/exchange/{drafted}")
    assert "letter 7" in shown.text
    assert "take it back, and ask the partner in person" in shown.text


def test_the_list_goes_on(desk: DeskSite, drafted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dara = desk.sign_in("dara")
    with desk.context(), writing():
        known = dict(db.session.execute(select(Exchange.__table__)).one()._mapping)
        other = {"ref": "X-ZZZZZZ", "id": known["id"] + 1, "status": "withdrawn"}
        db.session.execute(insert(Exchange.__table__).values(known | other | {"direction": "in"}))
        other = {"ref": "X-YYYYYY", "id": known["id"] + 2, "status": "declined"}
        db.session.execute(insert(Exchange.__table__).values(known | other | {"direction": "in"}))
    pages = exchange.list_ended
    monkeypatch.setattr(exchange, "list_ended", lambda **asked: pages(**asked, limit=1))

    first = dara.page("/desk/exchange")
    onward = next(one["href"] for one in first.all("a") if one.text.startswith("Next page"))

    assert "X-YYYYYY" in first.text
    assert "X-ZZZZZZ" not in first.text
    assert "X-ZZZZZZ" in dara.page(onward).text
    assert dara.get("/desk/exchange?open=x").status_code == 422
