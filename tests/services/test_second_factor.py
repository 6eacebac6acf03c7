"""The second factor: each code once, also for two at once; what is kept tells nothing; everybody may need one."""

import dataclasses
import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from hotline import clock, vault
from hotline.errors import KeyMissing, Refused, Unreadable, WrongState
from hotline.extensions import Base, db
from hotline.models import AuditEntry, DeskSession, RecoveryCode, SecondFactor, SignInCount, Staff
from hotline.rules.second_factor import Proof
from hotline.services import factor_codes, second_factor, sessions, sign_ins, staff
from hotline.services.sign_ins import News
from hotline.transactions import writing
from hotline.vocabulary import Role
from tests.services import steps
from tests.services.clock_steps import At
from tests.services.factor_steps import NONE, PASSWORD, code, offered, person, turned_on

pytestmark = pytest.mark.usefixtures("support")


@pytest.fixture(autouse=True)
def nine(at: At) -> None:
    """It is nine in the morning, and stays so."""
    at(9)


def outcome(deed: Callable[[], object]) -> str:
    """Return what a person is told: `in`, or the fault."""
    db.session.rollback()
    try:
        deed()
    except Refused as refusal:
        return str(refusal)
    return "in"


def tries(one: Staff, *proofs: Proof) -> list[str]:
    return [outcome(partial(sign_ins.come_in, one, proof)) for proof in proofs]


def trail() -> list[tuple[str, str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(row.actor, row.action, row.record) for row in rows]


def held() -> int:
    """Return how many wrong tries are counted under any name."""
    db.session.rollback()
    return db.session.scalar(select(func.sum(SignInCount.failures))) or 0


def test_a_code_of_the_phone_lets_in_once() -> None:
    bopha = person()
    secret, _ = turned_on(bopha)

    assert tries(bopha, Proof(code(secret)), Proof(code(secret)), Proof(code(secret, 1))) == ["in", "code:wrong", "in"]


def test_an_older_code_than_the_one_taken_lets_nobody_in() -> None:
    bopha = person()
    secret, _ = turned_on(bopha)

    assert tries(bopha, Proof(code(secret, 1)), Proof(code(secret))) == ["in", "code:wrong"]


def test_the_code_that_turned_it_on_lets_nobody_in() -> None:
    bopha = person()
    secret, _ = turned_on(bopha)

    assert tries(bopha, Proof(code(secret, -1))) == ["code:wrong"]


def test_a_code_fits_its_own_person_only() -> None:
    bopha, rith = person(), person("rith")
    (secret, codes), _ = turned_on(bopha), turned_on(rith)

    assert tries(rith, Proof(code(secret)), Proof("", codes[0])) == ["code:wrong", "recovery:wrong"]
    assert tries(bopha, Proof(code(secret)), Proof("", codes[0])) == ["in", "in"]


def test_two_at_once_with_one_code_are_one(support: Flask) -> None:
    bopha = person()
    secret, codes = turned_on(bopha)
    number = bopha.number

    def enter(proof: Proof) -> News:
        return sign_ins.come_in(staff.get(number), proof)

    for proof in (Proof(code(secret)), Proof("", codes[3])):
        told = steps.together(support, [partial(enter, proof)] * 4)
        assert sum(isinstance(one, News) for one in told) == 1
        assert sum(isinstance(one, Refused) for one in told) == 3


def test_each_recovery_code_opens_once_and_only_by_its_hash() -> None:
    bopha = person()
    _, codes = turned_on(bopha)

    told = [sign_ins.come_in(bopha, Proof("", codes[0].upper().replace("-", " ")))]
    db.session.rollback()

    assert told == [News(codes_left=9)]
    assert tries(bopha, Proof("", codes[0]), Proof("", codes[1])) == ["recovery:wrong", "in"]
    hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(set(hashes)) == 10
    assert all(one.startswith("$argon2id$") for one in hashes)
    assert not [one for one in codes if one in "".join(hashes)]


def test_codes_that_were_printed_open_whatever_a_password_costs_by_now() -> None:
    asks = "from hotline.services import factor_codes; print(factor_codes._hash('ABCD-efgh jk', bytes(range(16))))"

    made = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True).stdout.strip()

    kept = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$hpMY955CiMos4AY5pmL8TBwWUhAWwtZDegSk4QKTAZ4"
    assert made == kept


def test_who_has_to_wait_costs_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    bopha = person()
    _, codes = turned_on(bopha)
    hashed: list[str] = []
    own = factor_codes._hash
    monkeypatch.setattr(factor_codes, "_hash", lambda code, salt: hashed.append(code) or own(code, salt))

    told = tries(bopha, *[Proof("", "not a code")] * staff.FREE_TRIES, *[Proof("", codes[0])] * 3)

    assert told[-3:] == ["recovery:wait"] * 3
    assert len(hashed) == staff.FREE_TRIES


def test_new_recovery_codes_end_the_old_ones() -> None:
    bopha = person()
    secret, old = turned_on(bopha)

    new = second_factor.renew_codes(bopha, PASSWORD, Proof(code(secret)))

    assert not set(old) & set(new)
    assert tries(bopha, Proof("", old[0]), Proof("", new[0])) == ["recovery:wrong", "in"]


def test_wrong_codes_are_braked_with_wrong_passwords_and_the_right_password_forgets_nothing() -> None:
    bopha = person()
    secret, _ = turned_on(bopha)
    wrong = Proof("000000" if code(secret) != "000000" else "111111")

    for _ in range(staff.FREE_TRIES):
        assert staff.authenticate("bopha", PASSWORD).id == bopha.id
        assert tries(bopha, wrong) == ["code:wrong"]

    assert tries(bopha, Proof(code(secret))) == ["code:wait"]
    assert outcome(partial(staff.authenticate, "bopha", PASSWORD)) == "name:wait"
    assert held() == staff.FREE_TRIES


def test_many_wrong_codes_at_once_are_no_more_tries(support: Flask) -> None:
    bopha = person()
    turned_on(bopha)
    number = bopha.number

    def guess(at: int) -> None:
        sign_ins.come_in(staff.get(number), Proof("", f"guess {at}"))

    told = [str(one) for one in steps.together(support, [partial(guess, at) for at in range(12)])]

    assert told.count("recovery:wrong") == staff.FREE_TRIES
    assert told.count("recovery:wait") == 12 - staff.FREE_TRIES


def test_after_the_wait_a_right_code_lets_in_and_tells_what_happened(at: At) -> None:
    bopha = person()
    secret, _ = turned_on(bopha)
    tries(bopha, *[Proof("", "guess")] * staff.FREE_TRIES)

    at(10)
    told = sign_ins.come_in(bopha, Proof(code(secret)))
    db.session.rollback()

    assert told == News(misses=staff.FREE_TRIES)
    assert sign_ins.come_in(bopha, Proof(code(secret, 1))) == News()
    assert held() == 0


def test_a_half_sign_in_ends_by_itself(at: At) -> None:
    bopha = person()
    turned_on(bopha)
    half = sign_ins.begin_half(bopha)

    at(9, 10)
    found = sign_ins.find_half(half)
    at(9, 11)

    assert found is not None
    assert found.id == bopha.id
    assert sign_ins.find_half(half) is None
    assert sign_ins.find_half(None) is None


def another_password(one: Staff) -> None:
    staff.reset_password(one, "another long enough one", by=None)


def factor_away(one: Staff) -> None:
    second_factor.take_away(one, by=None)


def account_closed(one: Staff) -> None:
    staff.disable(one, by=None)


@pytest.mark.parametrize("change", [another_password, factor_away, account_closed])
def test_a_half_sign_in_ends_with_what_it_rests_on(change: Callable[[Staff], None]) -> None:
    bopha = person()
    turned_on(bopha)
    half = sign_ins.begin_half(bopha)
    with writing():
        change(staff.get(bopha.number))

    assert sign_ins.find_half(half) is None


@pytest.mark.parametrize(
    ("password", "proof", "fault"),
    [
        ("", NONE, "password:required, code:required"),
        ("not the password", Proof("123456"), "password:wrong"),
        (PASSWORD, Proof("not a code"), "code:wrong"),
        (PASSWORD, Proof("", "not a code"), "recovery:wrong"),
    ],
)
def test_nothing_is_changed_without_password_and_code(password: str, proof: Proof, fault: str) -> None:
    bopha = person()
    turned_on(bopha)
    before = second_factor.of(bopha)

    for deed in (second_factor.offer, second_factor.renew_codes, second_factor.turn_off):
        assert outcome(partial(deed, bopha, password, proof)) == fault

    assert second_factor.of(bopha) == before
    assert held() == (0 if fault.endswith("required") else 3)


def test_who_has_none_is_asked_for_the_password() -> None:
    bopha = person()

    assert outcome(partial(second_factor.offer, bopha, "not the password", NONE)) == "password:wrong"
    assert outcome(partial(second_factor.offer, bopha, "", NONE)) == "password:required"
    assert second_factor.of(bopha).offer is None


def test_what_is_offered_opens_nothing_and_does_not_last(at: At) -> None:
    bopha = person()
    secret = offered(bopha)

    assert not staff.has_factor(bopha)
    assert outcome(partial(second_factor.confirm, bopha, "000000")) == "code:unlike"
    at(9, 31)
    assert second_factor.of(bopha).offer is None
    assert outcome(partial(second_factor.confirm, bopha, code(secret))) == "password:over"


def test_what_is_offered_can_be_dropped() -> None:
    bopha = person()
    secret = offered(bopha)

    with writing():
        second_factor.drop_offer(bopha)

    assert second_factor.of(bopha).offer is None
    assert outcome(partial(second_factor.confirm, bopha, code(secret))) == "password:over"


def test_the_old_phone_works_until_the_new_one_does() -> None:
    bopha = person()
    old, _ = turned_on(bopha)

    second_factor.offer(bopha, PASSWORD, Proof(code(old)))
    db.session.rollback()
    offer = second_factor.of(bopha).offer
    assert offer
    new = offer.secret.replace(" ", "")
    assert tries(bopha, Proof(code(old, 1))) == ["in"]
    second_factor.confirm(bopha, code(new))

    assert tries(bopha, Proof(code(old, 1)), Proof(code(new, 1))) == ["code:wrong", "in"]


def test_a_picture_that_was_confirmed_is_not_confirmed_twice(support: Flask) -> None:
    bopha = person()
    secret, number = offered(bopha), bopha.number

    def confirm() -> tuple[str, ...]:
        return second_factor.confirm(staff.get(number), code(secret))

    told = steps.together(support, [confirm] * 3)

    assert sum(isinstance(one, tuple) for one in told) == 1
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 10


def test_turned_off_the_password_is_enough_and_nothing_is_left() -> None:
    bopha = person()
    secret, codes = turned_on(bopha)

    second_factor.turn_off(bopha, PASSWORD, Proof(code(secret)))
    db.session.rollback()

    assert not staff.has_factor(bopha)
    kept = db.session.scalars(select(SecondFactor)).one()
    assert (kept.secret, kept.offered, kept.confirmed_at) == (None, None, None)
    assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    assert tries(bopha, Proof(code(secret, 1)), Proof("", codes[0])) == ["code:wrong", "recovery:wrong"]


def test_every_change_ends_the_persons_sessions_and_nobody_elses() -> None:
    bopha, rith = person(), person("rith")
    sessions.begin({}, staff_id=rith.id)

    def open_sessions() -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).where(DeskSession.staff_id == bopha.id)) or 0

    counts = []
    secret = offered(bopha)
    for deed in (
        lambda: second_factor.confirm(bopha, code(secret, -1)),
        lambda: second_factor.renew_codes(bopha, PASSWORD, Proof(code(secret))),
        lambda: second_factor.turn_off(bopha, PASSWORD, Proof(code(secret, 1))),
    ):
        sessions.begin({}, staff_id=bopha.id)
        counts.append(open_sessions())
        deed()
        counts.append(open_sessions())

    assert counts == [1, 0] * 3
    assert db.session.scalar(select(func.count()).where(DeskSession.staff_id == rith.id)) == 1


def test_a_lost_phone_is_taken_away_on_record_and_the_person_is_told() -> None:
    bopha, admin = person(), person("head", Role.ADMIN)
    turned_on(bopha)
    sessions.begin({}, staff_id=bopha.id)

    with writing():
        second_factor.take_away(bopha, by=admin)

    assert not staff.has_factor(bopha)
    assert sessions.count_of(bopha.id) == 0
    assert trail()[-1] == (admin.number, "took away a second factor", f"staff {bopha.number}")
    assert sign_ins.come_in(bopha) == News(taken_away_at=clock.now())
    db.session.rollback()
    assert sign_ins.come_in(bopha) == News()


def test_nobody_takes_away_their_own_that_way_nor_one_that_is_not_there() -> None:
    bopha, admin = person(), person("head", Role.ADMIN)
    turned_on(admin)

    with pytest.raises(Refused, match="factor:yourself"), writing():
        second_factor.take_away(admin, by=admin)
    with pytest.raises(WrongState), writing():
        second_factor.take_away(bopha, by=admin)
    assert staff.has_factor(admin)


def test_everybody_needs_one_once_an_admin_who_has_one_says_so() -> None:
    bopha, admin = person(), person("head", Role.ADMIN)
    with pytest.raises(Refused, match="factor:own_first"), writing():
        second_factor.require(True, by=admin)
    secret, _ = turned_on(admin)

    with writing():
        second_factor.require(True, by=admin)

    assert (second_factor.is_wanting(bopha), second_factor.is_wanting(admin)) == (True, False)
    assert trail()[-1] == (admin.number, "required second factors", "second factors")
    assert outcome(partial(second_factor.turn_off, admin, PASSWORD, Proof(code(secret)))) == "deed:needed"
    turned_on(bopha)
    assert not second_factor.is_wanting(bopha)
    with writing():
        second_factor.require(False, by=admin)
    assert not second_factor.is_required()


def test_saying_it_again_writes_nothing() -> None:
    admin = person("head", Role.ADMIN)
    turned_on(admin)
    for _ in range(2):
        with writing():
            second_factor.require(True, by=admin)

    assert [action for _, action, _ in trail()].count("required second factors") == 1


def everything() -> bytes:
    """Return every value of every column of the desk's store."""
    db.session.rollback()
    tables = [table for table in Base.metadata.tables.values() if "front" not in str(table.info.get("bind_key"))]
    rows = itertools.chain.from_iterable(db.session.execute(select(table)) for table in tables)
    return b"\n".join(one if isinstance(one, bytes) else str(one).encode() for row in rows for one in row)


def test_neither_secret_nor_code_stands_anywhere_in_clear() -> None:
    bopha = person()
    secret, codes = turned_on(bopha)
    other = offered(person("rith"))
    used = code(secret)
    tries(bopha, Proof(used), Proof("", codes[0]), Proof("", codes[0]), Proof("424242"))

    kept = everything()

    assert b"turned on a second factor" in kept
    signs = [secret, other, *codes, *(one.replace("-", "") for one in codes)]
    assert [one for one in signs if one.encode() in kept] == []
    trailed = " ".join(db.session.scalars(select(AuditEntry.details)).all())
    assert not re.search(rf"{used}|424242|\b\d{{6}}\b", trailed)


def test_only_who_holds_the_key_of_the_desk_can_open_a_secret(support: Flask) -> None:
    bopha = person()
    turned_on(bopha)
    sealed = db.session.scalars(select(SecondFactor.secret)).one()
    assert sealed
    ring = vault.keyring()

    with pytest.raises(Unreadable):
        ring.open("case.note", sealed, lock=vault.Lock.CARE)
    worker = dataclasses.replace(ring, halves={key: half for key, half in ring.halves.items() if key[0] != "care"})
    with pytest.raises(KeyMissing):
        worker.open(factor_codes.PURPOSE, sealed, lock=vault.Lock.CARE)


def test_a_recovery_code_opens_also_where_the_key_is_lost(support: Flask) -> None:
    bopha = person()
    secret, codes = turned_on(bopha)
    ring = support.extensions["hotline.keyring"]
    ring.halves = {key: half for key, half in ring.halves.items() if key[0] != "care"}

    with pytest.raises(KeyMissing):
        sign_ins.come_in(bopha, Proof(code(secret)))

    assert tries(bopha, Proof("", codes[0])) == ["in"]


def test_a_secret_and_its_day_stand_together() -> None:
    bopha = person()
    turned_on(bopha)

    with pytest.raises(Exception, match=r"(?i)check"), writing():
        db.session.execute(update(SecondFactor).values(confirmed_at=None))


def test_a_lone_admin_is_helped_by_the_command(support: Flask) -> None:
    admin = person("head", Role.ADMIN)
    turned_on(admin)
    with writing():
        second_factor.require(True, by=admin)
    run = support.test_cli_runner().invoke

    without = run(args=["staff", "reset", "head", "--own", "--password", "another long enough one"])
    still = staff.has_factor(admin)
    db.session.rollback()
    cleared = run(args=["staff", "reset", "head", "--own", "--factor", "--password", "and one more that is long"])
    db.session.rollback()

    assert (without.exit_code, still, cleared.exit_code) == (0, True, 0), cleared.output
    assert not staff.has_factor(admin)
    assert staff.authenticate("head", "and one more that is long").id == admin.id
    assert second_factor.is_wanting(admin)
    assert ("system", "took away a second factor", f"staff {admin.number}") in trail()
