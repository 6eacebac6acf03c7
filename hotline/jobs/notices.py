"""Jobs about notices."""

from typing import cast

from flask import current_app

from hotline.gateways.mail import Mailer
from hotline.services import notices


def deliver_notice(notice_id: int) -> None:
    """Mail one queued notice."""
    notices.deliver(notice_id, mailer=cast(Mailer, current_app.extensions["hotline.mailer"]))
