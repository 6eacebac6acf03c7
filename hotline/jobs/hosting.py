"""Jobs about who hosts what."""

from typing import cast

from flask import current_app

from hotline.gateways.dns import Resolver
from hotline.gateways.rdap import Registries
from hotline.services import hosting


def look_up_waiting(_: int) -> None:
    """Look up the hosts that wait; one row of the outbox stands for all of them, so its number says nothing."""
    hosting.look_up_waiting(
        resolver=cast(Resolver, current_app.extensions["hotline.resolver"]),
        registries=cast(Registries, current_app.extensions["hotline.registries"]),
    )
