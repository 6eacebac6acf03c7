"""Jobs about notices."""

from collections.abc import Iterable
from typing import cast

from flask import current_app

from hotline.gateways.mail import Mailer
from hotline.services import notice_sending


def deliver_notices(notice_ids: Iterable[int]) -> None:
    """Mail queued notices, one after the other."""
    notice_sending.deliver_in_turn(notice_ids, mailer=cast(Mailer, current_app.extensions["hotline.mailer"]))
