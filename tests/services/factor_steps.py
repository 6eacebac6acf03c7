"""Second factors for tests: people who have one, and the codes that their phones show."""

from datetime import datetime

import pyotp

from hotline import clock
from hotline.extensions import db
from hotline.models import Staff
from hotline.rules.second_factor import Proof
from hotline.services import second_factor, staff
from hotline.transactions import writing
from hotline.vocabulary import Language, Role

PASSWORD = "seven quiet lamps on a shelf"
NONE = Proof("")


def person(name: str = "bopha", *roles: Role) -> Staff:
    """Add somebody whose password is theirs."""
    with writing():
        staff.add(name, PASSWORD, roles or [Role.ANALYST], language=Language.EN, by=None, must_change=False)
    return staff.get_by_name(name)


def offered(one: Staff, password: str = PASSWORD) -> str:
    """Offer a person a secret; return it."""
    second_factor.offer(one, password, NONE)
    db.session.rollback()
    offer = second_factor.of(one).offer
    assert offer
    return offer.secret.replace(" ", "")


def turned_on(one: Staff, password: str = PASSWORD) -> tuple[str, tuple[str, ...]]:
    """Turn on a person's factor with a code of the step before this one; return the secret and the recovery codes."""
    secret = offered(one, password)
    codes = second_factor.confirm(one, code(secret, -1))
    db.session.rollback()
    return secret, codes


def code(secret: str, later: int = 0, *, at: datetime | None = None) -> str:
    """Return what a phone shows now, or so many steps of 30 seconds later."""
    totp = pyotp.TOTP(secret)
    return totp.generate_otp(totp.timecode(at or clock.now()) + later)
