"""Is it still there? On the item's page and on the list: what people saw, closing, and coming back."""

import pytest

from hotline import clock, create_app, outbox
from hotline.extensions import db
from hotline.services import notice_approval, notice_drafting, notice_sending, online, staff, watch_rows, watches
from hotline.transactions import writing
from hotline.vocabulary import Channel, CheckResult, ItemStatus, Language, Role, Surface
from tests import page
from tests.blueprints.desk.desk_site import PASSWORD, DeskSite, environ
from tests.services.online_steps import Sink, waiting

LIVE, DEFANGED = "https://img-board.example/t/1", "hxxps://img-board[.]example/t/1"
DEEDS = ("look", "close", "back")
PROXY = "http://127.0.0.1:9"


def acted_on(desk: DeskSite, url: str = LIVE) -> str:
    """Return the reference of an item that a letter went about."""
    ref = desk.decided(url)
    with desk.context():
        with writing():
            to = notice_drafting.recipients(Channel.HOST)[0]
            to.verified_on = desk.item(ref).opened_at.date()
            sophea = desk.person("sophea")
            drafted = notice_drafting.draft(desk.item(ref), to, channel=Channel.HOST, language=Language.EN, by=sophea)
        with writing():
            notice_approval.approve(drafted, by=desk.person("dara"))
        notice_sending.deliver(drafted.id, mailer=Sink())
    return ref


def status(desk: DeskSite, ref: str) -> ItemStatus:
    with desk.context():
        return desk.item(ref).status


def test_the_whole_way_on_an_items_page(desk: DeskSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ref, rith = acted_on(desk), desk.sign_in("rith")
    wait = waiting(monkeypatch)
    shown = rith.page(f"/desk/items/{ref}")
    assert "Is it still there?" in shown.text
    assert "under 1 hour since the first notice" in shown.text

    answer = rith.post(f"/desk/items/{ref}/online/look", result="gone")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/items/{ref}")
    assert status(desk, ref) is ItemStatus.MONITORING
    assert "Close it earlier" in rith.page(f"/desk/items/{ref}").text

    wait(hours=8)
    rith = desk.sign_in("rith")
    rith.page(f"/desk/items/{ref}")
    rith.post(f"/desk/items/{ref}/online/look", result="moved")
    shown = rith.page(f"/desk/items/{ref}")
    assert "Close it: it was seen gone more than once" in shown.text
    chosen = [one["value"] for one in shown.all("input") if one.get("name") == "ending" and "checked" in one.attrs]
    assert chosen == ["moved"]

    answer = rith.post(f"/desk/items/{ref}/online/close", ending="moved")
    assert answer.status_code == 303
    assert status(desk, ref) is ItemStatus.CLOSED
    shown = rith.page(f"/desk/items/{ref}")
    assert "Gone under 1 hour after the first notice" in shown.text
    assert "Closed by rith: Moved elsewhere" in shown.text

    answer = rith.post(f"/desk/items/{ref}/online/back", what="same")
    assert status(desk, ref) is ItemStatus.ACTING
    assert "It is open again" in rith.page(f"/desk/items/{ref}").text


def test_closing_early_without_a_reason_comes_back_with_what_was_chosen(desk: DeskSite) -> None:
    ref, rith = acted_on(desk), desk.sign_in("rith")
    desk.report("https://other.example/1")  # so that the page leads on to another
    rith.page(f"/desk/items/{ref}")

    answer = rith.post(f"/desk/items/{ref}/online/close", ending="unavailable", ending_reason="  ")

    assert answer.status_code == 422
    shown = page.read_desk(answer)
    assert "ending_reason" in shown.errors
    chosen = [one["value"] for one in shown.all("input") if one.get("name") == "ending" and "checked" in one.attrs]
    assert chosen == ["unavailable"]
    answer = rith.post(f"/desk/items/{ref}/online/close", ending="", ending_reason="It is gone.")
    assert "ending" in page.read_desk(answer).errors
    assert status(desk, ref) is ItemStatus.ACTING
    rith.post(f"/desk/items/{ref}/online/close", ending="removed", ending_reason="It is gone.")
    assert status(desk, ref) is ItemStatus.CLOSED
    assert "It is gone." in rith.page(f"/desk/items/{ref}").text  # a note


@pytest.mark.parametrize("result", ["", "nonsense", "404"])
def test_a_look_that_says_nothing_is_refused(desk: DeskSite, result: str) -> None:
    ref, rith = acted_on(desk), desk.sign_in("rith")
    rith.page(f"/desk/items/{ref}")

    assert rith.post(f"/desk/items/{ref}/online/look", result=result).status_code == 422
    assert status(desk, ref) is ItemStatus.ACTING


def test_the_list_shows_defanged_addresses_and_takes_looks(desk: DeskSite) -> None:
    ref, vanna = acted_on(desk), desk.sign_in("vanna")
    shown = vanna.page("/desk/online")
    assert DEFANGED in shown.text
    assert LIVE not in vanna.get("/desk/online").get_data(as_text=True)

    answer = vanna.post(f"/desk/items/{ref}/online/look", result="gone", **{"from": "list"})

    assert answer.headers["Location"] == "/desk/online"
    shown = vanna.page("/desk/online")
    assert "Nothing was acted on that is not known to be gone." in shown.text
    assert DEFANGED in shown.text


def test_an_empty_list_says_so_and_counts_nothing(desk: DeskSite) -> None:
    shown = desk.sign_in("rith").page("/desk/online")

    assert "Nothing waits for another look." in shown.text
    assert "Nothing was acted on that is not known to be gone." in shown.text
    assert "Seen gone more than once" not in shown.text
    assert shown.all("table") == []


def test_a_look_without_an_answer_from_the_list_says_what_is_missing(desk: DeskSite) -> None:
    ref, rith = acted_on(desk), desk.sign_in("rith")
    rith.page("/desk/online")

    answer = rith.post(f"/desk/items/{ref}/online/look", result="", **{"from": "list"})

    assert answer.status_code == 422
    assert status(desk, ref) is ItemStatus.ACTING


def test_with_htmx_a_look_leads_to_the_page(desk: DeskSite) -> None:
    ref, rith = acted_on(desk), desk.sign_in("rith")
    rith.page(f"/desk/items/{ref}")

    answer = rith.post(f"/desk/items/{ref}/online/look", htmx=True, result="up")

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/desk/items/{ref}")


@pytest.mark.parametrize("deed", DEEDS)
def test_strangers_and_what_is_not_there(desk: DeskSite, deed: str) -> None:
    ref = desk.decided(LIVE)
    lina, rith = desk.sign_in("lina"), desk.sign_in("rith")
    lina.page("/desk/")
    rith.page("/desk/")

    assert lina.post(f"/desk/items/{ref}/online/{deed}").status_code == 403
    assert rith.post(f"/desk/items/I-222222/online/{deed}").status_code == 404


def test_nothing_is_told_while_people_look_anew(desk: DeskSite) -> None:
    ref = acted_on(desk)
    with desk.context(), writing():
        online.seen(desk.item(ref), CheckResult.GONE, by=desk.person("sophea"))
        online.close(desk.item(ref), "removed", "Gone.", by=desk.person("sophea"))
    desk.report(LIVE)

    shown = desk.sign_in("rith").page(f"/desk/items/{ref}")

    assert "Is it still there?" not in shown.text
    assert "saw that it is gone" not in shown.text


def test_no_proxy_no_switch(desk: DeskSite) -> None:
    vanna = desk.sign_in("vanna")

    assert "No proxy is set" in vanna.page("/desk/online/watch").text
    assert vanna.post("/desk/online/watch", on="yes").status_code == 409


def test_a_reviewer_or_manager_switches_it_and_it_says_who(desk_dir, desk: DeskSite) -> None:
    with desk.context(), writing():
        staff.add("boss", PASSWORD, (Role.MANAGER,), language=Language.EN, by=None, must_change=False)
    site = DeskSite(create_app(Surface.DESK, environ(desk_dir, HOTLINE_CHECK_PROXY=PROXY)))
    boss = site.sign_in("boss")
    boss.page("/desk/online/watch")

    assert boss.post("/desk/online/watch", on="yes").status_code == 303

    assert "boss" in boss.page("/desk/online/watch").text
    with site.context():
        assert watch_rows.state().is_on
    boss.post("/desk/online/watch", on="no")
    with site.context():
        assert not watch_rows.state().is_on
    rith = site.sign_in("rith")
    rith.page("/desk/")
    assert rith.get("/desk/online/watch").status_code == 403
    assert rith.post("/desk/online/watch", on="yes").status_code == 403


def test_a_proxy_that_does_not_answer_is_told_where_it_is_switched(desk_dir, desk: DeskSite) -> None:
    site = DeskSite(create_app(Surface.DESK, environ(desk_dir, HOTLINE_CHECK_PROXY=PROXY)))
    acted_on(site)
    vanna = site.sign_in("vanna")
    vanna.page("/desk/online/watch")
    vanna.post("/desk/online/watch", on="yes")
    assert "The proxy does not answer" not in vanna.page("/desk/online/watch").text
    with site.context(), writing():
        outbox.put(db.session(), watches.LOOK, watches.ALL, due_at=clock.now() + watches.AWAY)

    assert "The proxy does not answer" in vanna.page("/desk/online/watch").text


@pytest.mark.parametrize(
    ("set_up", "is_said"),
    [
        ({"HOTLINE_CHECK_PROXY": PROXY}, False),
        ({"HOTLINE_CHECK_PROXY": PROXY, "HOTLINE_DNS_SERVERS": "192.0.2.53"}, True),
        ({"HOTLINE_DNS_SERVERS": "192.0.2.53"}, False),  # without a proxy no program looks
    ],
)
def test_that_resolvers_are_asked_first_is_said_where_it_is_so(
    desk_dir, desk: DeskSite, set_up: dict[str, str], is_said: bool
) -> None:
    site = DeskSite(create_app(Surface.DESK, environ(desk_dir, **set_up)))

    told = site.sign_in("vanna").page("/desk/online/watch").text

    assert ("First it asks the hotline’s resolvers whether the name still exists." in told) is is_said
