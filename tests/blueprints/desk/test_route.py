"""The way of an address, on its page and where a letter is begun."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from hotline import clock
from hotline.extensions import db
from hotline.models.clock import Clock
from hotline.rules.entries import Entry
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts
from hotline.services import directory, hosting, notice_approval, notice_drafting, notice_sending
from hotline.transactions import writing
from hotline.vocabulary import Channel, Duty, Language, Mark, Proxy, RecipientKind
from tests import page
from tests.blueprints.desk import letter_site
from tests.blueprints.desk.desk_site import DeskSite
from tests.blueprints.desk.letter_site import LetterSite

HOST = "img-board.example"


def decided(desk: DeskSite, *, country: str = "NL") -> tuple[str, str]:
    """Return an item whose host a registry places with the second recipient, and that recipient."""
    ref = desk.decided(f"https://{HOST}/t/1")
    facts = NetworkFacts(clock.now().isoformat(), "198.51.100.9", org="Example Cloud", country=country)
    with desk.context(), writing():
        hosting.keep(desk.item(ref), Account(networks=(facts,), proxy=Proxy.NONE))
        cloud = next(one for one in directory.list_entries() if one.mailbox == "abuse@cloud.example")
        directory.add_mark(cloud, Mark.NETWORK, "Example Cloud", by=desk.person("lina"))
        return ref, cloud.ref


def test_the_way_of_a_decided_item_stands_on_its_page_with_its_reasons(desk: DeskSite) -> None:
    ref, cloud = decided(desk)

    shown = desk.sign_in("sophea").page(f"/desk/items/{ref}")

    card = shown.by_id(f"item-route-{ref}")
    assert "It hosts the address, so it can take it down." in card.text
    assert "Example Cloud UAB" in card.text
    assert "Never the site’s owner" in card.text
    assert "no partner hotline" in card.text.casefold()
    assert [one["href"] for one in shown.all("a") if one.get("href").endswith(cloud)] == [f"/desk/directory/{cloud}"]


def test_while_people_still_look_nothing_is_said_of_a_way(desk: DeskSite) -> None:
    ref = desk.report(f"https://{HOST}/t/1")[-1]

    assert "To whom it goes" not in desk.sign_in("sophea").page(f"/desk/items/{ref}").text


def test_a_letter_begins_with_whom_the_way_leads_to(desk: DeskSite) -> None:
    ref, cloud = decided(desk)
    browser = desk.sign_in("sophea")

    shown = browser.page(f"/desk/notices/new?item={ref}")

    assert [one["value"] for one in shown.all("input", name="recipient") if "checked" in one.attrs] == [cloud]
    assert "To whom it goes" in shown.text
    refused = page.read_desk(browser.post(f"/desk/notices/new?item={ref}", item=ref, recipient="D-222222"))
    assert [one for one in refused.all("input", name="recipient") if "checked" in one.attrs] == []


def test_hosted_here_no_host_is_chosen_before_the_police(desk: DeskSite) -> None:
    ref, cloud = decided(desk, country="KH")

    shown = desk.sign_in("sophea").page(f"/desk/notices/new?item={ref}")

    checked = [one["value"] for one in shown.all("input", name="recipient") if "checked" in one.attrs]
    assert cloud not in checked
    assert "the police come first" in shown.text


def test_a_doubt_and_a_missing_verification_stand_beside_a_name(desk: DeskSite) -> None:
    ref, _cloud = decided(desk)
    with desk.context(), writing():
        unit = directory.add("Unit", RecipientKind.POLICE, "unit@police.example", "KH", Language.KM)
        unit.doubt = "To confirm: everything."

    card = desk.sign_in("sophea").page(f"/desk/items/{ref}").by_id(f"item-route-{ref}")

    assert "Not verified yet" in card.text
    assert "To confirm" in card.text


def test_once_the_registrar_was_written_to_the_way_says_so_and_leads_to_the_letter(desk_dir: Path) -> None:
    desk = letter_site.with_mail(desk_dir, 9)
    ref, _cloud = decided(desk)
    facts = NetworkFacts(clock.now().isoformat(), "198.51.100.9", org="Example Cloud", country="NL")
    with desk.context(), writing():
        name = DomainFacts(clock.now().isoformat(), HOST, registrar="Example Names")
        hosting.keep(desk.item(ref), Account(networks=(facts,), domain=name, proxy=Proxy.NONE))
        entry = Entry("Example Names", RecipientKind.REGISTRAR, "abuse@names.example", "NL", Language.EN)
        names = directory.enter(entry, by=desk.person("lina"))
        directory.verify(names, by=desk.person("lina"))
        directory.add_mark(names, Mark.NETWORK, "Example Names", by=desk.person("lina"))
    browser = desk.sign_in("sophea")
    later = "Not the registrar yet: only when nobody nearer acts."

    def card() -> str:
        return " ".join(browser.page(f"/desk/items/{ref}").by_id(f"item-route-{ref}").text.split())

    assert later in card()
    first = written(desk, ref, "abuse@cloud.example")
    assert later in card()

    with desk.context(), writing():
        past = clock.now() - timedelta(hours=1)
        db.session.execute(update(Clock).where(Clock.duty == Duty.REMOVE).values(due_at=past, breached_at=past))
        reminder = notice_drafting.draft_reminder(
            desk.notice(first), [desk.item(ref)], by=desk.person("sophea"), actor=desk.person("sophea")
        ).ref
    gone(desk, reminder)
    with desk.context(), writing():
        past = clock.now() - timedelta(hours=1)
        db.session.execute(update(Clock).where(Clock.duty == Duty.REMOVE).values(due_at=past, breached_at=past))
    assert f"The registrar may be written to now. What comes next: {reminder}" in card()
    assert later not in card()

    with desk.context(), writing():
        upward = notice_drafting.draft_escalation(
            desk.notice(first),
            directory.get(desk.recipient("abuse@names.example")),
            [desk.item(ref)],
            by=desk.person("sophea"),
        ).ref
    assert f"To the registrar a letter is written that has not gone yet: {upward} Example Names" in card()

    gone(desk, upward)
    assert f"The registrar was written to: {upward} Example Names" in card()
    assert later not in card()
    hrefs = {one.get("href") for one in browser.page(f"/desk/items/{ref}").all("a")}
    assert f"/desk/notices/{upward}" in hrefs


def written(desk: LetterSite, item: str, mailbox: str) -> str:
    """Let a letter about an item go, as the worker records it."""
    to = desk.recipient(mailbox)
    with desk.context(), writing():
        recipient = directory.get(to)
        directory.verify(recipient, by=desk.person("lina"))
        ref = notice_drafting.draft(
            desk.item(item), recipient, channel=Channel.HOST, language=Language.EN, by=desk.person("sophea")
        ).ref
    gone(desk, ref)
    return ref


def gone(desk: LetterSite, ref: str) -> None:
    with desk.context():
        with writing():
            notice_approval.approve(desk.notice(ref), by=desk.person("dara"))
        with writing():
            notice_sending._record_sent(desk.notice(ref).id)
