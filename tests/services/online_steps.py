"""Time that a test sets, and items that a letter went about."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hotline import clock
from hotline.gateways.mail import Handed
from hotline.models import Item, Notice
from hotline.services import notice_approval, notice_drafting, notice_sending
from hotline.transactions import writing
from hotline.vocabulary import Channel, Language
from tests.services import police_steps, steps

Wait = Callable[..., None]


class Sink:
    """A mail server that takes everything."""

    def send(self, *_letter: object) -> Handed:
        """Take one letter."""
        return Handed.ON


def waiting(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Return what lets time pass: `wait(hours=7)`."""
    real, passed = clock.now, [timedelta()]
    monkeypatch.setattr(clock, "now", lambda: real() + passed[0])

    def wait(**span: float) -> None:
        passed[0] += timedelta(**span)

    return wait


def letter(*about: Item) -> Notice:
    """Draft a letter to a host and let another approve it."""
    first, second, _ = steps.team()
    with writing():
        drafted = notice_drafting.draft(
            about[0], steps.recipient(), channel=Channel.HOST, language=Language.EN, by=first, also=about[1:]
        )
    with writing():
        notice_approval.approve(drafted, by=second)
    return drafted


def sent(*about: Item) -> Notice:
    """Send a letter about items to a host."""
    drafted = letter(*about)
    notice_sending.deliver(drafted.id, mailer=Sink())
    return drafted


def told(url: str) -> Item:
    """Report an address, let two people agree, and tell the police: of some no host can be told."""
    item = steps.looked_at_twice(url=url)
    police_steps.handed_over(item)
    return item


def acted_on(url: str = "https://img-board.example/t/1") -> Item:
    """Report an address, let two people agree, and send a letter about it."""
    item = steps.looked_at_twice(url=url)
    sent(item)
    return item
