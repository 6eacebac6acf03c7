"""Jobs about whether addresses are gone."""

from typing import cast

from flask import current_app

from hotline.gateways.dns import Resolver
from hotline.gateways.probe import Probe
from hotline.services import watches


def look_at_due(_: int) -> None:
    """Look at what is due; one row of the outbox stands for all of it, so its number says nothing."""
    watches.look_at_due(
        resolver=cast(Resolver, current_app.extensions["hotline.resolver"]),
        probe=cast(Probe | None, current_app.extensions.get("hotline.probe")),
    )
