"""Jobs about incidents."""

from typing import cast

from flask import current_app

from hotline.gateways.mail import Mailer
from hotline.services import incident_letters


def deliver_incident_letter(letter_id: int) -> None:
    """Mail one letter about an incident."""
    incident_letters.deliver(letter_id, mailer=cast(Mailer, current_app.extensions["hotline.mailer"]))
