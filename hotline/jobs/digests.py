"""Jobs about mail to our own people."""

from typing import cast

from flask import current_app

from hotline.gateways.mail import Mailer
from hotline.services import duty_digests


def deliver_digest(digest_id: int) -> None:
    """Mail one person what they answer for."""
    duty_digests.deliver(digest_id, mailer=cast(Mailer, current_app.extensions["hotline.mailer"]))
