"""The directory: entries and their history, keys, what registries propose, what it begins with, and how they answer."""

from dataclasses import replace
from datetime import timedelta

import pysequoia
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from hotline import clock, jurisdiction
from hotline.errors import NotFound, Overtaken, Refused, WrongState
from hotline.extensions import db
from hotline.models import AuditEntry, Recipient
from hotline.models.recipient import RecipientChange
from hotline.rules.entries import Entry
from hotline.rules.hosting import Account, DomainFacts, NetworkFacts
from hotline.services import (
    directory,
    directory_seed,
    letter_writing,
    notice_approval,
    notice_drafting,
    proposals,
    recipient_keys,
    responses,
)
from hotline.transactions import writing
from hotline.vocabulary import (
    Channel,
    Delivery,
    KeyKind,
    Language,
    Mark,
    NoticeStatus,
    Proxy,
    RecipientKind,
    RecipientSource,
)
from tests.services import steps

PLATFORM = Entry(
    "Example Platform",
    RecipientKind.PLATFORM,
    "",
    "IE",
    Language.EN,
    Delivery.WEB_FORM,
    form_url="https://help.platform.example/report",
)
FOUND = Account(
    networks=(
        NetworkFacts(
            "2026-11-26T03:00:00+00:00",
            "198.51.100.9",
            name="FRESH-NET",
            org="Fresh Hosting",
            country="NL",
            systems=(64511,),
            abuse=("Abuse@fresh.example",),
        ),
    ),
    domain=DomainFacts("2026-11-26T03:00:00+00:00", "x.example", registrar="Fresh Names", abuse=("a@names.example",)),
    proxy=Proxy.NONE,
)


def history(recipient: Recipient) -> list[tuple[str, str, str]]:
    return [(one.field, one.before, one.after) for one in directory.list_changes(recipient)][::-1]


def take_up(account: Account = FOUND) -> list[Recipient]:
    with writing():
        proposals.take_up(account, at=clock.this_hour())
    return proposals.list_open()


def test_a_recipient_may_have_no_mailbox(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        one = directory.enter(PLATFORM, by=by)
        two = directory.enter(replace(PLATFORM, name="Another", delivery=Delivery.NONE, form_url=""), by=by)
        directory.verify(one, by=by)

    assert (one.mailbox, two.mailbox, one.verified_on is not None) == ("", "", True)
    assert [entry.name for entry in directory.list_entries(kind=RecipientKind.PLATFORM)] == [two.name, one.name]


def test_nobody_is_verified_whose_way_is_not_written_down(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        one = directory.enter(replace(PLATFORM, form_url=""), by=by)

    with pytest.raises(Refused) as refused, writing():
        directory.verify(one, by=by)

    assert refused.value.faults == (("verify", "no_way"),)


def test_every_change_is_kept_and_another_way_has_to_be_verified_anew(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        one = directory.enter(PLATFORM, by=by)
        directory.verify(one, by=by)
        today = str(one.verified_on)
        directory.change(one, replace(PLATFORM, name="Renamed"), by=by)
        assert one.verified_on is not None
        directory.change(one, replace(PLATFORM, name="Renamed", form_url="https://new.platform.example/"), by=by)

    assert one.verified_on is None
    assert history(one) == [
        ("added", "", "person"),
        ("verified_on", "", today),
        ("name", "Example Platform", "Renamed"),
        ("form_url", "https://help.platform.example/report", "https://new.platform.example/"),
        ("verified_on", today, ""),
    ]


def test_another_number_is_in_the_history_and_has_to_be_verified_anew(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        one = directory.enter(replace(PLATFORM, phone="+855 00 000 011"), by=by)
        directory.verify(one, by=by)
        today, seen = str(one.verified_on), directory.version(one)
        directory.change(one, replace(PLATFORM, phone="+855 00 000 012"), seen=seen, by=by)

    assert (one.phone, one.verified_on) == ("+855 00 000 012", None)
    assert history(one)[-2:] == [("phone", "+855 00 000 011", "+855 00 000 012"), ("verified_on", today, "")]
    with pytest.raises(Overtaken), writing():
        directory.verify(one, seen=seen, by=by)


def test_entries_are_found_by_their_marks_and_by_parts_of_words(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        one = directory.enter(PLATFORM, by=by)
        directory.add_mark(one, Mark.DOMAIN, "Platform.example", by=by)

    wanted = frozenset({(Mark.DOMAIN, "platform.example"), (Mark.ASN, "as64511")})
    assert directory.list_marked(wanted, RecipientKind.PLATFORM) == [one]
    assert directory.list_marked(frozenset({(Mark.NETWORK, "platform.example")}), RecipientKind.PLATFORM) == []
    assert directory.list_marked(frozenset(), RecipientKind.PLATFORM) == []
    own = frozenset({(Mark.MAILBOX, "abuse@hosting.example")})
    assert [each.name for each in directory.list_marked(own, RecipientKind.HOSTING_PROVIDER)] == [
        "Example Hosting B.V."
    ]
    assert directory.list_entries(like="PLATFORM.ex") == [one]
    assert directory.list_entries(like="100%_") == []


def test_a_mark_stands_once_and_is_removed(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        one = directory.enter(PLATFORM, by=by)
        mark = directory.add_mark(one, "asn", "64511", by=by)
    with pytest.raises(Refused) as refused, writing():
        directory.add_mark(one, "asn", "AS64511", by=by)
    assert refused.value.faults == (("value", "taken"),)

    with writing():
        directory.remove_mark(one, mark.id, by=by)

    assert one.marks == []
    assert history(one)[-2:] == [("mark", "", "as64511"), ("mark", "as64511", "")]
    with pytest.raises(NotFound), writing():
        directory.remove_mark(one, mark.id, by=by)


def test_a_key_is_added_once_withdrawn_and_never_comes_back(office: Flask) -> None:
    by, one = steps.team()[0], steps.recipient()
    armored = str(pysequoia.Tsk.generate("desk@hosting.example").extract_certificate())
    with writing():
        key = recipient_keys.add(one, KeyKind.OPENPGP, armored, by=by)

    assert (recipient_keys.names_of(key), letter_writing.may_use(key)) == (("desk@hosting.example",), True)
    for code in ("taken", "withdrawn"):
        with pytest.raises(Refused) as refused, writing():
            recipient_keys.add(one, KeyKind.OPENPGP, armored, by=by)
        assert refused.value.faults == (("material", code),)
        if code == "taken":
            with writing():
                recipient_keys.withdraw(one, key.id, by=by)
    assert (key.withdrawn_at is not None, letter_writing.may_use(key)) == (True, False)
    with pytest.raises(WrongState), writing():
        recipient_keys.withdraw(one, key.id, by=by)
    assert [field for field, _before, _after in history(one)][-2:] == ["key", "key"]


def test_what_a_registry_names_is_only_proposed(office: Flask) -> None:
    before = db.session.scalar(select(func.count()).select_from(AuditEntry))

    provider, registrar = take_up()

    assert (provider.name, provider.kind, provider.mailbox, provider.country, provider.source) == (
        "Fresh Hosting",
        RecipientKind.HOSTING_PROVIDER,
        "abuse@fresh.example",
        "NL",
        RecipientSource.RDAP,
    )
    assert {one.value for one in provider.marks} == {"fresh-net", "fresh hosting", "as64511", "abuse@fresh.example"}
    assert (registrar.name, registrar.kind) == ("Fresh Names", RecipientKind.REGISTRAR)
    assert proposals.count_open() == 2
    assert provider not in directory.list_entries()
    assert provider not in notice_drafting.recipients(Channel.HOST)
    assert directory.list_marked(frozenset({(Mark.ASN, "as64511")}), *RecipientKind) == []
    assert provider.proposed_at == clock.this_hour()
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_it_is_proposed_once_and_never_where_the_directory_knows_it(office: Flask) -> None:
    known = replace(FOUND.networks[0], abuse=("abuse@hosting.example",))

    take_up()
    take_up()
    take_up(replace(FOUND, networks=(known,), domain=None))

    assert [one.name for one in proposals.list_open()] == ["Fresh Hosting", "Fresh Names"]


def test_a_mailbox_of_the_reported_name_itself_is_not_proposed(office: Flask) -> None:
    owner = replace(FOUND.networks[0], abuse=("abuse@mail.x.example",))

    assert [one.name for one in take_up(replace(FOUND, networks=(owner,)))] == ["Fresh Names"]


def test_what_stands_before_a_host_is_proposed_as_that(office: Flask) -> None:
    [one] = take_up(replace(FOUND, proxy=Proxy.CDN, proxy_name="Fresh Shield", domain=None))

    assert (one.name, one.kind) == ("Fresh Shield", RecipientKind.CDN)


def test_no_more_wait_than_people_can_read(office: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "MOST_OPEN", 1)

    assert len(take_up()) == 1


def test_a_letter_to_a_proposal_is_refused(office: Flask) -> None:
    item = steps.looked_at_twice()
    proposed = take_up()[0]

    with pytest.raises(Refused) as refused, writing():
        notice_drafting.draft(item, proposed, channel=Channel.HOST, language=Language.EN, by=steps.team()[0])

    assert refused.value.faults == (("recipient", "wrong"),)


def test_the_database_holds_that_a_proposal_is_never_verified(office: Flask) -> None:
    proposed = take_up()[0]

    with pytest.raises(WrongState), writing():
        directory.verify(proposed, by=steps.team()[0])
    with pytest.raises(IntegrityError), writing():
        proposed.verified_on = clock.now().date()


def test_a_proposal_is_approved_and_still_to_be_verified(office: Flask) -> None:
    by, proposed = steps.team()[0], take_up()[0]

    with writing():
        proposals.approve(proposed, by=by)

    assert (proposed.proposed_at, proposed.verified_on, proposed in directory.list_entries()) == (None, None, True)
    with pytest.raises(WrongState), writing():
        proposals.approve(proposed, by=by)


def test_a_proposal_without_a_country_is_filled_in_first(office: Flask) -> None:
    registrar = take_up()[1]

    with pytest.raises(Refused) as refused, writing():
        proposals.approve(registrar, by=steps.team()[0])

    assert refused.value.faults == (("approve", "incomplete"),)


def test_a_dismissed_proposal_is_not_made_again(office: Flask) -> None:
    by, proposed = steps.team()[0], take_up()[0]
    with writing():
        proposals.dismiss(proposed, by=by)

    take_up()

    assert proposed not in proposals.list_open()
    assert proposals.list_dismissed()[0] == [proposed]
    with pytest.raises(WrongState), writing():
        proposals.dismiss(proposed, by=by)


def test_a_proposal_may_be_an_entry_under_another_mailbox(office: Flask) -> None:
    by, entry = steps.team()[0], steps.recipient()
    proposed = take_up()[0]

    with writing():
        proposals.join(proposed, entry.ref, by=by)

    assert entry.mailbox == "abuse@hosting.example"
    assert "abuse@fresh.example" in {one.value for one in entry.marks}
    assert directory.list_marked(frozenset({(Mark.ASN, "as64511")}), RecipientKind.HOSTING_PROVIDER) == [entry]
    assert proposed not in proposals.list_open()
    with pytest.raises(Refused), writing():
        proposals.join(proposed, "D-222222", by=by)


def test_the_seed_is_taken_in_once_and_nothing_of_it_is_verified(office: Flask) -> None:
    with writing():
        added = directory_seed.fill()

    assert len(added) == len(jurisdiction.current().directory)
    for one in added:
        assert (one.verified_on, one.source, one.mailbox, one.proposed_at) == (None, RecipientSource.SEED, "", None)
        assert one.doubt
        assert directory_seed.doubt_of(one, Language.KM) not in {"", one.doubt}
    with writing():
        assert directory_seed.fill() == []


def test_the_seed_leaves_what_people_made_of_it(office: Flask) -> None:
    by = steps.team()[0]
    with writing():
        first, second, *_ = directory_seed.fill()
        directory.switch(first, on=False, by=by)
        changed = replace(PLATFORM, name="Another name", kind=second.kind, doubt="")
        directory.change(second, changed, by=by)
        assert directory_seed.fill() == []

    assert (first.active, second.name, second.doubt) == (False, "Another name", "")
    assert directory_seed.doubt_of(second, Language.KM) == ""


def test_the_seed_leaves_out_whom_people_added_themselves(office: Flask) -> None:
    listed = jurisdiction.current().directory[-1]
    with writing():
        own = directory.add(listed.name.upper(), RecipientKind(listed.kind), "x@own.example", "NG", Language.EN)
        added = directory_seed.fill()

    assert own.name.lower() not in {one.name.lower() for one in added}


def test_no_letter_goes_to_a_seeded_entry(office: Flask) -> None:
    with writing():
        seeded = directory_seed.fill()

    for one in seeded:
        if one.delivery in {Delivery.WEB_FORM, Delivery.EMAIL}:
            with pytest.raises(Refused), writing():
                directory.verify(one, by=steps.team()[0])


def test_how_a_recipient_answers_is_counted_from_its_letters(office: Flask) -> None:
    entry, now = steps.recipient(), clock.now()
    assert responses.of(entry) == responses.Record(0, 0, 0, None, False)
    first, second, _third = steps.team()
    answers = {NoticeStatus.SENT: (None,), NoticeStatus.ANSWERED: (2, 6), NoticeStatus.BOUNCED: (None,)}
    for number, (status, hours) in enumerate((status, hours) for status, all_of in answers.items() for hours in all_of):
        item = steps.looked_at_twice(url=f"https://img-board.example/t/{number}")
        with writing():
            one = notice_drafting.draft(item, entry, channel=Channel.HOST, language=Language.EN, by=first)
            notice_approval.approve(one, by=second)
        with writing():
            one.status, one.sent_at = NoticeStatus.SENT, now
            one.answered_at = now + timedelta(hours=hours) if hours else None
        with writing():
            one.status = status

    assert responses.of(entry) == responses.Record(4, 2, 1, timedelta(hours=4), False)


def test_the_history_names_nobody_where_the_portal_itself_changed_something(office: Flask) -> None:
    proposed = take_up()[0]

    [only] = db.session.scalars(select(RecipientChange).where(RecipientChange.recipient_id == proposed.id))

    assert (only.staff_id, only.field, only.after, only.at) == (None, "added", "rdap", clock.this_hour())


def test_the_command_says_what_it_added_and_adds_it_once(office: Flask) -> None:
    count = len(jurisdiction.current().directory)
    runner = office.test_cli_runner()

    first, again = runner.invoke(args=["seed"]), runner.invoke(args=["seed"])

    assert (first.exit_code, first.output.split()[0]) == (0, str(count))
    assert (again.exit_code, again.output.split()[0]) == (0, "0")
