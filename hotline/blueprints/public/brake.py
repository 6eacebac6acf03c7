"""The brake on the whole site: while far too much is sent, a form has to prove a little work or to have waited.

Limits by network come first (`limits.py`); what passes them is counted here, whoever sent it. As long as it is less
than `HOTLINE_BRAKE` in ten minutes nothing is asked of anybody, but of a network that has had its share. Beyond that a
good form is taken when its page's script found a proof (`rules/proof.py`), or when the form is a minute old and not too
many were taken that way in this minute. Nothing is taken away: what has to wait is drawn again with every word of it,
and with the same token, so that its age counts.

A view brakes in two lines, `count` as soon as it is a form that is sent (never a change of language, never a form that
another app fills in) and `hold` once nothing is wrong with it and before anything is stored:

    brake.posts().count(sent.fields.get("csrf_token", ""), pays=limits.pays())
    held = brake.posts().hold(sent.fields, nonce, pays=limits.pays())

`held` is None, or the answer is 429 with Retry-After, and the form again.

All of it is this process's memory: counts by the minute, and digests that nobody can turn back into a token or a word.
"""

import hashlib
import math
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple, cast

from flask import Flask, current_app

from hotline import clock
from hotline.blueprints.public import tokens
from hotline.rules import proof

BRAKES = "hotline.brakes"
WINDOW = 10  # minutes
PATIENCE = 60  # seconds after which a form is taken without a proof
WAITED_A_MINUTE = 30  # how many are taken like that
GUESSES = 2  # wrong receipt codes, for each form that is allowed
REMEMBERED = 30_000  # forms in each of two sets, at 5 MB a set


class Hold(NamedTuple):
    """A good form that has to wait: after how many seconds it may be sent again, and under which token.

    A page that draws it includes `public/_proof.html`; its script then finds a proof of `bits` for that token.
    """

    seconds: int
    token: str
    bits: int = proof.BITS


class Spent:
    """Which forms were taken, so that a token pays for one thing only. `now` is in seconds since 1970.

    Two sets, the older of which is thrown away when the younger is full or half a day old. A token from before both
    may be one that was forgotten, so it counts as spent.
    """

    def __init__(self, now: float, most: int = REMEMBERED) -> None:
        self._key = secrets.token_bytes(32)
        self._most = 2 * most
        self._older: set[bytes] = set()
        self._younger: set[bytes] = set()
        self._reaches_back_to = self._begun = now

    def add(self, nonce: str, said: str, now: float) -> None:
        """Remember that the form with that nonce was taken, and what it said."""
        if len(self._younger) >= self._most or now - self._begun > tokens.LIFETIME:
            self._older, self._younger = self._younger, set()
            self._reaches_back_to, self._begun = self._begun, now
        self._younger |= {self.digest(nonce), self.digest(nonce, said)}

    def has(self, nonce: str, made: float) -> bool:
        """Whether the form with that nonce, made at that second, was taken or may have been."""
        return made < math.floor(self._reaches_back_to) or self._knows(self.digest(nonce))

    def has_said(self, nonce: str, said: str) -> bool:
        """Whether this very form was taken, saying the same."""
        return self._knows(self.digest(nonce, said))

    def _knows(self, digest: bytes) -> bool:
        return digest in self._younger or digest in self._older

    def digest(self, *words: str) -> bytes:
        """Return what stands for words in this process, and for nobody else."""
        return hashlib.blake2b("\0".join(words).encode(), key=self._key, digest_size=16).digest()


class Brake:
    """Counts what is sent and holds back what has to wait. `limit` is how much ten minutes may bring; 0: never brakes.

    Once on, it stays on until ten minutes brought no more than half of that. `now` gives seconds since 1970.
    """

    def __init__(self, limit: int, now: Callable[[], float] = lambda: clock.now().timestamp()) -> None:
        self._limit = limit
        self._now = now
        self._lock = Lock()
        self._on = False
        self._sent: Counter[int] = Counter()  # by the minute
        self._waited: Counter[int] = Counter()
        self._spent = Spent(now())
        self._held: set[bytes] = set()  # digests of the tokens that wait

    def count(self, token: str = "", *, pays: bool = False) -> None:
        """Count one form, good or bad; one that was held, and comes again under its token, was counted already.

        One that `pays` since its network had its share is not counted: no network turns the brake on for all others.
        """
        if self._limit and not pays:
            with self._lock:
                if not self._returns(token):
                    self._sent[self._minute()] += 1
                self._turn()

    def is_on(self) -> bool:
        """Whether forms have to pay now."""
        with self._lock:
            self._turn()
            return self._on

    def hold(self, fields: Mapping[str, str], said: str, *, pays: bool = False) -> Hold | None:
        """Return None when a good form may be taken, else how long it has to wait.

        `pays`: also while the brake is off, since its network had its share (`limits.pays`). `fields` are what was
        sent: `csrf_token`, which must have been found good, and perhaps `proof`. `said` stands for everything the form
        says (its content, or a hash of it). The same token saying the same passes as often as it comes, so that a form
        sent twice finds its receipt twice; saying something else, it has to pay again.
        """
        if not self._limit:
            return None
        token = fields["csrf_token"]
        nonce, made = tokens.opened(token)
        with self._lock:
            self._turn()
            if (self._on or pays) and not self._spent.has_said(nonce, said):
                if self._spent.has(nonce, made):
                    return self._held_back(PATIENCE, tokens.fresh())
                if not proof.is_solved(token, fields.get("proof", "")) and (wait := self._wait(made)):
                    return self._held_back(wait, token)
            self._spent.add(nonce, said, self._now())
            return None

    def _held_back(self, seconds: int, token: str) -> Hold:
        if len(self._held) >= REMEMBERED:
            self._held.clear()  # then those that return are counted twice, which errs on the safe side
        self._held.add(self._spent.digest(token))
        return Hold(seconds, token)

    def _returns(self, token: str) -> bool:
        """Whether a form comes back that was held, for the first time since."""
        mark = self._spent.digest(token)
        returns = mark in self._held
        self._held.discard(mark)
        return returns

    def _wait(self, made: float) -> int:
        """Return how many seconds a form of that age still has to wait; 0 takes one of this minute's places."""
        young = PATIENCE - (self._now() - made)
        if young > 0:
            return min(PATIENCE, math.ceil(young))
        minute = self._minute()
        if self._waited[minute] >= WAITED_A_MINUTE:
            return math.ceil(60 * (minute + 1) - self._now())
        self._waited[minute] += 1
        return 0

    def _turn(self) -> None:
        """Forget minutes that are over, and turn the brake on or off."""
        if not self._sent and not self._on:
            return
        minute = self._minute()
        for counts in (self._sent, self._waited):
            for old in [one for one in counts if not 0 <= minute - one < WINDOW]:
                del counts[old]
        self._on = self._sent.total() > (self._limit // 2 if self._on else self._limit)

    def _minute(self) -> int:
        return int(self._now() // 60)


def install(app: Flask, limit: int) -> None:
    """Give `app` its brakes, both off and with nothing remembered."""
    app.extensions[BRAKES] = (Brake(limit), Brake(GUESSES * limit))


def posts() -> Brake:
    """Return the brake that everything shares by which somebody sends us something: reports, requests, messages."""
    return _brakes()[0]


def guesses() -> Brake:
    """Return the brake on receipt codes. Only wrong ones are counted; while it is on, each look-up has to pay."""
    return _brakes()[1]


def _brakes() -> tuple[Brake, Brake]:
    return cast(tuple[Brake, Brake], current_app.extensions[BRAKES])
