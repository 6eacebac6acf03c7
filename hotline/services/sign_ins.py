"""Coming in, in one step or in two: between password and code a browser has a half sign-in, which opens nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline import clock
from hotline.extensions import db
from hotline.models.second_factor import SecondFactor
from hotline.models.staff import Staff
from hotline.rules.second_factor import Proof
from hotline.services import factor_codes, staff
from hotline.transactions import apart, desk_engine

HALF_LIVES = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class News:
    """What a person is told on coming in: wrong codes since they last did, a factor that was taken away, codes left.

    `codes_left` is None unless a recovery code brought them in.
    """

    misses: int = 0
    taken_away_at: datetime | None = None
    codes_left: int | None = None


def begin_half(person: Staff) -> dict[str, str]:
    """Return what a browser's session keeps of somebody whose password fits, until the code comes."""
    until = clock.now() + HALF_LIVES
    return {"staff": str(person.id), "until": until.isoformat(), "mark": _mark(person)}


def find_half(kept: Mapping[str, str] | None) -> Staff | None:
    """Return whose half sign-in a session keeps; None once it is over, or password or factor are not what they were."""
    if not kept or datetime.fromisoformat(kept["until"]) < clock.now():
        return None
    person = staff.find_open(int(kept["staff"]))
    return person if person and kept["mark"] == _mark(person) else None


def come_in(person: Staff, proof: Proof | None = None) -> News:
    """Let somebody in whose password fits, with a code where they have a factor. Raises as `factor_codes.take` does."""
    how = {"by": proof.field} if proof else {}
    if proof:
        factor_codes.take(person, proof, at_door=True)
    with apart(desk_engine()) as session:
        staff.let_in(session, person, **how)
        found = session.get(SecondFactor, person.id)
        misses, taken_away_at = (found.misses, found.taken_away_at) if found else (0, None)
        if found and (misses or taken_away_at):
            found.misses, found.taken_away_at = 0, None
        left = factor_codes.count_left(session, person) if proof and proof.field == "recovery" else None
    return News(misses, taken_away_at, left)


def _mark(person: Staff) -> str:
    """Return what changes whenever the person's password or factor does."""
    found = db.session.get(SecondFactor, person.id)
    facts = f"{person.password_hash} {found.confirmed_at if found else None}"
    return hashlib.blake2b(facts.encode(), digest_size=16).hexdigest()
