"""Jobs about referrals."""

from typing import cast

from flask import current_app

from hotline.gateways.mail import Mailer
from hotline.services import referral_sending


def deliver_referral(referral_id: int) -> None:
    """Mail one referral that was let go."""
    referral_sending.deliver(referral_id, mailer=cast(Mailer, current_app.extensions["hotline.mailer"]))
